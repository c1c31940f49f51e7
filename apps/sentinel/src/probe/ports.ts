/** Chance, as a port. Tests and replays bring their own. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** A UUID in lower case. */
  uuid(): string
}

/** Tells the operator. @param details never hold keys, tokens or passwords. */
export type Log = (sentence: string, details?: Readonly<Record<string, unknown>>) => void
