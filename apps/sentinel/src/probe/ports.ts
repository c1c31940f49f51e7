/** Chance, as a port: tests and replays have their own. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** A UUID in lower case. */
  uuid(): string
}

/** What an operator should hear of. @param details never hold keys, tokens or passwords. */
export type Log = (sentence: string, details?: Readonly<Record<string, unknown>>) => void
