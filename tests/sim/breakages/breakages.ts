import { OF_THE_DEVICE } from './of-the-device.ts'
import { OF_THE_SERVER } from './of-the-server.ts'
import type { Change } from './substitute.ts'

/** A small, plausible fault in the real code; a few are in the fake of the store, where the real one is a database that the contract tests break and mend. */
export interface Breakage {
  readonly name: string
  /** The promises of which at least one must be seen broken. */
  readonly promises: readonly string[]
  readonly changes: readonly Change[]
}

export const BREAKAGES: readonly Breakage[] = [...OF_THE_SERVER, ...OF_THE_DEVICE]
