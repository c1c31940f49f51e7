/** Counts what may be done only so often, for one process or for all of them. */
export interface Limits {
  /**
   * Takes one of the points that a key has for a window. The window begins with the first point that is taken.
   * @param key begins with what is counted, such as `name:`.
   */
  take(key: string, points: number, windowMs: number): Promise<Taken>
  /** What `take` would answer, without taking anything, and how many points are left. */
  look(key: string, points: number): Promise<Left>
  /** Gives the key all of its points back. */
  forget(key: string): Promise<void>
}

export type Taken = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number }

export interface Left {
  readonly points: number
  /** Until the window ends; 0 when no window has begun. */
  readonly windowMs: number
}
