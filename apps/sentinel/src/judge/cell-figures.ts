import type { FiguresSample } from '../vocabulary/observation.ts'

export const CELL_BOUNDS = {
  /** A process without a sample for this long is left out of the sum. */
  staleMs: 5_000,
  processesMax: 64,
  /** Width of a slice of silent people in the figures. */
  sliceMs: 2_000,
} as const

/** People whose last sign of life was at about this time. */
export interface Silent {
  readonly at: number
  readonly users: number
}

/** The sum of all server processes. */
export interface Total extends Pick<FiguresSample, 'connectedUsers' | 'failedUsers' | 'signInsTried' | 'signInsFailed'> {
  /** Names the processes in it. */
  readonly process: string
  readonly silent: readonly Silent[]
}

/** People active now, or not heard from. Whoever was failed may be among either. */
export function activeIn({ connectedUsers, failedUsers, silent }: Total): number {
  return Math.max(
    failedUsers,
    silent.reduce((sum, { users }) => sum + users, connectedUsers),
  )
}

/** Adds up the samples of all server processes. */
export class CellFigures {
  readonly #processes = new Map<string, { readonly at: number; readonly sample: FiguresSample }>()
  #heardAt = Number.NEGATIVE_INFINITY

  get heardAt(): number {
    return this.#heardAt
  }

  /** @returns the sum of the fresh samples. Null when the sample holds no figures, or impossible ones. */
  hear(at: number, sample: FiguresSample): Total | null {
    const { process, cell, connectedUsers, failedUsers, signInsTried, signInsFailed, silent } = sample
    // Samples of earlier records lack the silent people.
    if (process === null || !Array.isArray(silent)) return null
    const counts = [connectedUsers, failedUsers, signInsTried, signInsFailed, ...silent.flatMap(({ agoMs, users }) => [agoMs, users])]
    if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return null
    this.#heardAt = at
    const key = `${cell}/${process}`
    // Deleted and inserted again, so that the first one is always the one heard longest ago.
    this.#processes.delete(key)
    this.#processes.set(key, { at, sample })
    for (const [other, { at: heardAt }] of this.#processes) {
      if (at - heardAt <= CELL_BOUNDS.staleMs && this.#processes.size <= CELL_BOUNDS.processesMax) break
      this.#processes.delete(other)
    }
    const all = [...this.#processes]
    const sum = (count: (each: FiguresSample) => number): number => all.reduce((total, [, each]) => total + count(each.sample), 0)
    return {
      process: all
        .map(([name]) => name)
        .toSorted()
        .join(' '),
      connectedUsers: sum((each) => each.connectedUsers),
      failedUsers: sum((each) => each.failedUsers),
      signInsTried: sum((each) => each.signInsTried),
      signInsFailed: sum((each) => each.signInsFailed),
      silent: all.flatMap(([, each]) => each.sample.silent.map(({ agoMs, users }) => ({ at: each.at - agoMs - CELL_BOUNDS.sliceMs / 2, users }))),
    }
  }
}
