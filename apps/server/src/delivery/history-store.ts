/** One start of a server on a store, as far as it has written. Several may write at a time, each of another process. */
export interface Start {
  /** Its number in this store. */
  readonly start: number
  /** Its name: another start with the same number, of another copy of the store, has another one. */
  readonly id: string
  /** Transactions that are durable so far. */
  readonly written: number
}

/** Starts that a store remembers. A device that was away for longer proves nothing. */
export const STARTS_KEPT = 64
/** Bytes of a start's name. */
export const START_ID_BYTES = 6

/** The name of the history, and how far it has come. */
export interface HistoryStore {
  /**
   * The present name of this history. A store that has gone back to an older state gets a new one, because devices may hold entries that it lacks [D7, A7].
   */
  readonly epoch: string
  /** The newest starts, the newest first, at most `STARTS_KEPT`. */
  readonly starts: () => readonly Start[]
  /** The start that this process writes as; of a process that has not written, the newest it knows. */
  readonly current: () => Start | undefined
  /**
   * Ends the epoch `ended`, and begins a new one: the store has lost what came after the start `lastCommonStart` had written; null when nobody knows since
   * when. Records where each conversation stood then [A7]. Nothing is written when `ended` is not the present epoch: another process, or an earlier try
   * without an answer, has ended it. Afterwards `epoch` is the present one. @param now epoch ms.
   */
  beginEpoch(ended: string, lastCommonStart: number | null, now: number): Promise<void>
  /** Learns what other processes have done since: their starts, and an epoch that one of them began [D12]. */
  look(): Promise<void>
}
