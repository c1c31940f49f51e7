import assert from 'node:assert/strict'

/** One compiled SQL statement, as Kysely makes it. Parameters are text, numbers, null or bytes. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** A statement in a transaction with a condition. If the condition fails, everything is rolled back. */
export interface Step extends Statement {
  /** Exact number of rows it must change or return. */
  readonly rows?: number
  /** Name of the failure when the number differs. */
  readonly otherwise?: string
}

export type AtomicResult =
  | { readonly ok: true; readonly rows: readonly (readonly Record<string, unknown>[])[] }
  | { readonly ok: false; readonly failed: string }

/**
 * Everything but the hot path (accounts, devices, invites, friends) is written once, with Kysely, for every engine behind this port. A transaction is
 * a list instead of a callback: SQLite answers at once, PostgreSQL does not, and a caller must not hold either open.
 */
export interface SqlDatabase {
  readonly dialect: 'sqlite' | 'postgres'
  /** Runs one reading statement. It sees everything committed before the call. */
  read<Row>(statement: Statement): Promise<readonly Row[]>
  /**
   * Runs the steps in order in one transaction. A step whose row count differs from `rows` undoes all steps and is named in `failed`. A violated
   * unique constraint fails as 'unique'.
   */
  atomic(steps: readonly Step[]): Promise<AtomicResult>
}

/** A value that cannot be stored is refused before it goes out: it would fail its neighbours too. */
export function checkParameters({ parameters }: Statement): void {
  for (const value of parameters) {
    const storable = value === null || typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array
    assert(storable, 'a parameter is text, a number, null or bytes')
  }
}
