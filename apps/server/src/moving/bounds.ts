/** The bounds of a move. */
export const MOVING_BOUNDS = {
  /** Rows read and written at once. */
  rowsPerPage: 1_000,
  /** Conversations or accounts whose changes are copied together. */
  ownersAtOnce: 200,
  /** Longest time without writes. When it is not enough, the server goes on, and the move tries again later. */
  readOnlyMsMax: 10_000,
  /** The writes are held after a round that took at most this long. */
  calmRoundMs: 2_000,
  /** Rounds beside a running server. After so many, the writes are held all the same. */
  roundsMax: 8,
  /** Tries to finish within `readOnlyMsMax`. */
  triesMax: 3,
  /** Longest wait for the writes of a busy server. */
  holdMsMax: 30_000,
  /** Longest wait for the servers of the old database to end: each looks at it once in a heartbeat, and ends then. */
  endMsMax: 90_000,
} as const

export type MovingBounds = { readonly [Name in keyof typeof MOVING_BOUNDS]: number }
