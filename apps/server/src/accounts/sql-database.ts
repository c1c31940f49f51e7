/** One compiled SQL statement, as Kysely makes it. Parameters are text, numbers, null or bytes. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** A statement in a transaction, with what must be true of it; otherwise all is rolled back. */
export interface Step extends Statement {
  /** Rows it must change or return, exactly. */
  readonly rows?: number
  /** Name for the failure when it is not so. */
  readonly otherwise?: string
}

export type AtomicResult =
  | { readonly ok: true; readonly rows: readonly (readonly Record<string, unknown>[])[] }
  | { readonly ok: false; readonly failed: string }

/**
 * Everything but the hot path (accounts, devices, invites, friends) is written once, with Kysely as the builder, for every engine
 * behind this port. A transaction is a list, not a callback: SQLite answers at once, PostgreSQL does not, and neither may be held open.
 */
export interface SqlDatabase {
  readonly dialect: 'sqlite' | 'postgres'
  /** Runs one reading statement. Sees everything committed before the call. */
  read<Row>(statement: Statement): Promise<readonly Row[]>
  /** Runs the steps in order in one transaction; a step whose row count differs from `rows` undoes all and is named by `failed`. A violated unique constraint fails as 'unique'. */
  atomic(steps: readonly Step[]): Promise<AtomicResult>
}
