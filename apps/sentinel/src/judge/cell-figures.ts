import type { FiguresSample } from '../record/observation.ts'

export const CELL_BOUNDS = {
  /** A process of which nothing was read for so long is not added any more. */
  staleMs: 5_000,
  processesMax: 64,
} as const

export type Total = Pick<FiguresSample, 'activeUsers' | 'affectedUsers' | 'signInsTried' | 'signInsFailed'> & { readonly process: string }

/** Adds up what the processes of a server say of their own people. */
export class CellFigures {
  readonly #processes = new Map<string, { readonly at: number; readonly sample: FiguresSample }>()
  #heardAt = Number.NEGATIVE_INFINITY
  /** Name of the newest process that was heard, and of what it was made. */
  #newest = { cell: '', process: '', key: '' }

  get heardAt(): number {
    return this.#heardAt
  }

  /** @returns the sum of what is fresh; `process` names those that are in it. Null where the sample says nothing. */
  hear(at: number, sample: FiguresSample): Total | null {
    if (sample.process === null) return null
    this.#heardAt = at
    if (this.#newest.process !== sample.process || this.#newest.cell !== sample.cell)
      this.#newest = { cell: sample.cell, process: sample.process, key: `${sample.cell}/${sample.process}` }
    const { key } = this.#newest
    // Taken out and put in again, so that the first is the one that was heard longest ago.
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
