/** The sentinel's own log, for its operator. It never contains keys, passwords or people's addresses. */
export interface Log {
  readonly note: (sentence: string, details?: Readonly<Record<string, unknown>>) => void
  readonly warn: (sentence: string, cause?: unknown) => void
}
