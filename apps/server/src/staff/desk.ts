import type { StaffParts } from '../accounts/parts.ts'
import type { LogStore } from '../conversation/log-store.ts'

/** What a command of the operator works with. The server finds what was written within a heartbeat. */
export interface Desk extends StaffParts {
  readonly log: Pick<LogStore, 'append' | 'set'>
  readonly out: (line: string) => void
}
