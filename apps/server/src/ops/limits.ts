/** Limits how often something may be done, for one process or for all processes. */
export interface Limits {
  /**
   * Uses one point of a key's allowance for a window. The window starts with the first used point.
   * @param key begins with the name of the limit, such as `name:`.
   * @param used points used at once. Those beyond the allowance are used as well.
   */
  spend(key: string, points: number, windowMs: number, used?: number): Promise<Spent>
  /** The answer that the next use would get, and the points left, without using a point. */
  look(key: string, points: number): Promise<Left>
  /** Resets the key to its full allowance. */
  forget(key: string): Promise<void>
}

export type Spent = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number }

export interface Left {
  readonly points: number
  /** Time until the window ends; 0 when no window has started. */
  readonly windowMs: number
}
