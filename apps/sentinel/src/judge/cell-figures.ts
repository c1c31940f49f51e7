import type { FiguresSample } from '../record/observation.ts'

export const CELL_BOUNDS = {
  /** A process without a sample for this long is left out of the sum. */
  staleMs: 5_000,
  processesMax: 64,
} as const

export type Total = Pick<FiguresSample, 'activeUsers' | 'affectedUsers' | 'signInsTried' | 'signInsFailed'> & { readonly process: string }

/** Adds up the samples of all server processes. */
export class CellFigures {
  readonly #processes = new Map<string, { readonly at: number; readonly sample: FiguresSample }>()
  #heardAt = Number.NEGATIVE_INFINITY
  /** Name of the newest process, and the processes it was derived from. */
  #newest = { cell: '', process: '', key: '' }

  get heardAt(): number {
    return this.#heardAt
  }

  /** @returns the sum of the fresh samples; `process` names the processes in it. Null when the sample holds no figures. */
  hear(at: number, sample: FiguresSample): Total | null {
    if (sample.process === null) return null
    this.#heardAt = at
    if (this.#newest.process !== sample.process || this.#newest.cell !== sample.cell)
      this.#newest = { cell: sample.cell, process: sample.process, key: `${sample.cell}/${sample.process}` }
    const { key } = this.#newest
    // Deleted and inserted again, so that the first one is always the one heard longest ago.
    this.#processes.delete(key)
    this.#processes.set(key, { at, sample })
    for (const [other, { at: heardAt }] of this.#processes) {
      if (at - heardAt <= CELL_BOUNDS.staleMs && this.#processes.size <= CELL_BOUNDS.processesMax) break
      this.#processes.delete(other)
    }
    if (this.#processes.size === 1) return { ...sample, process: key }
    const all = [...this.#processes].toSorted(([one], [other]) => (one < other ? -1 : 1))
    const sum = (count: (each: FiguresSample) => number): number => all.reduce((total, [, each]) => total + count(each.sample), 0)
    return {
      process: all.map(([name]) => name).join(' '),
      activeUsers: sum((each) => each.activeUsers),
      affectedUsers: sum((each) => each.affectedUsers),
      signInsTried: sum((each) => each.signInsTried),
      signInsFailed: sum((each) => each.signInsFailed),
    }
  }
}
