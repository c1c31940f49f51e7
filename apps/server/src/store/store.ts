import type { SqlDatabase } from '../accounts/sql-database.ts'
import type { AuditStore } from '../conversation/audit-store.ts'
import type { LogStore } from '../conversation/log-store.ts'
import type { HistoryStore } from '../delivery/history-store.ts'
import type { ResumeStore } from '../delivery/resume-store.ts'
import type { Logger } from '../ops/logger.ts'
import type { QueueStats } from '../ops/overload.ts'
import type { ReceiptStore } from '../receipts/receipt-store.ts'

/** Secrets of 32 random bytes that all server processes share, made at the first use. */
export interface KeyStore {
  /** `token`: signs tokens and tides. `sentinel`: the sentinel asks for figures with it, unless the operator has set another. */
  load(name: 'token' | 'sentinel'): Promise<Uint8Array>
}

/** Everything durable, behind one port. The server opens one store and knows no database by name. */
export interface Store extends HistoryStore {
  readonly log: LogStore
  readonly resume: ResumeStore
  readonly receipts: ReceiptStore
  readonly audit: AuditStore
  readonly sql: SqlDatabase
  readonly keys: KeyStore
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
  /** What the operator has allowed although entries could be lost by it [O12]. */
  readonly unsafe?: readonly UnsafeSetting[]
}

/** A setting of the database by which entries could be lost that were confirmed. */
export interface UnsafeSetting {
  /** As the database calls it, such as `fsync`. */
  readonly setting: string
  /** What it is, and what could be lost. */
  readonly risk: string
}

export interface StoreOptions {
  /** Data directory of this process. */
  readonly directory: string
  /** Address of a database server; null: the database is a file in the data directory. */
  readonly database?: string | null
  /** Whether a database server that could lose what it confirms is refused. */
  readonly unsafe?: 'refuse' | 'allow'
  readonly logger?: Logger
  /** The store died by a bug: it rejected every waiting request and cannot be used any more. Without this callback the process ends. */
  readonly onFatal?: (error: Error) => void
}
