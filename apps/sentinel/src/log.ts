/** What an operator should see, in the sentinel's own log. Never with keys, passwords or people's addresses in it. */
export interface Log {
  readonly note: (sentence: string, details?: Readonly<Record<string, unknown>>) => void
  readonly warn: (sentence: string, cause?: unknown) => void
}
