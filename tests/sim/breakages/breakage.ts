import type { Change } from '../../seams/replace-at-seams.ts'

/** A small, plausible fault in the real code; a few are in the fake of the store, where the real one is a database that the contract tests break and mend. */
export interface Breakage {
  readonly name: string
  /** The promises of which at least one must be seen broken. */
  readonly promises: readonly string[]
  readonly changes: readonly Change[]
}
