import type { SqlDatabase } from '../accounts/sql-database.ts'
import type { AuditStore } from '../conversation/audit-store.ts'
import type { LogStore } from '../conversation/log-store.ts'
import type { HistoryStore } from '../delivery/history-store.ts'
import type { ResumeStore } from '../delivery/resume-store.ts'
import type { Logger } from '../ops/logger.ts'
import type { QueueStats } from '../ops/overload.ts'
import type { ReceiptStore } from '../receipts/receipt-store.ts'

/** Everything durable, behind one port. The server opens one store and knows no database by name. */
export interface Store extends HistoryStore {
  readonly log: LogStore
  readonly resume: ResumeStore
  readonly receipts: ReceiptStore
  readonly audit: AuditStore
  readonly sql: SqlDatabase
  /** The queues of requests that wait for the store. Sends wait in the first one. */
  readonly load: readonly (() => QueueStats)[]
  health(): StoreHealth
  /** Writes a small value and resolves when it is durable. Shows that a full disk has room again while nobody sends. */
  probe(): Promise<void>
  /** Finishes the waiting requests, then closes. */
  close(): Promise<void>
}

export interface StoreHealth {
  readonly writable: boolean
  /** Why the last transaction failed. */
  readonly fault: string | null
}

export interface StoreOptions {
  readonly directory: string
  readonly logger?: Logger
  /** The store died by a bug: it rejected every waiting request and cannot be used any more. Without this callback the process ends. */
  readonly onFatal?: (error: Error) => void
}
