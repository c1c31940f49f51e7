/** Structured log lines. Fields never contain the contents of conversations, tokens, codes or passwords. Ids are allowed. */
export interface Logger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}
