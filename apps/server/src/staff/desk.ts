import type { StaffParts } from '../accounts/parts.ts'

/** What a command of the operator works with. The server finds what was written within a heartbeat. */
export interface Desk extends StaffParts {
  readonly out: (line: string) => void
}
