import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { AtomicResult, Statement, Step } from '../../accounts/sql-database.ts'
import { all } from './connection.ts'
import { isUniqueViolation } from './sqlite-faults.ts'

type Row = Record<string, unknown>

/** Prepared statements that are cached. The program has about fifty, and lists of different lengths add a few. */
const preparedMax = 200

export interface Ran {
  readonly rows: readonly Row[]
  /** Rows returned or, for a statement without rows, changed. */
  readonly count: number
}

/** Runs statements given as text, each prepared once. */
export function prepareRunner(db: DatabaseSync): (statement: Statement) => Ran {
  const prepared = new Map<string, { readonly statement: StatementSync; readonly returns: boolean }>()

  function prepare(sql: string): { readonly statement: StatementSync; readonly returns: boolean } {
    let found = prepared.get(sql)
    if (found) prepared.delete(sql)
    else {
      const statement = db.prepare(sql)
      found = { statement, returns: statement.columns().length > 0 }
    }
    prepared.set(sql, found)
    if (prepared.size > preparedMax) for (const oldest of prepared.keys()) return (prepared.delete(oldest), found)
    return found
  }

  return ({ sql, parameters }) => {
    const { statement, returns } = prepare(sql)
    // A JavaScript number would be bound as a float, and `1.0` would appear in JSON and in division.
    const values = parameters.map((value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value)) as SQLInputValue[]
    if (!returns) return { rows: [], count: Number(statement.run(...values).changes) }
    const rows = all<Row>(statement, ...values)
    return { rows, count: rows.length }
  }
}

/** Runs the steps in a savepoint of the writer's transaction, so that undoing them does not affect its other jobs. */
export function runSteps(db: DatabaseSync, run: (statement: Statement) => Ran, steps: readonly Step[]): AtomicResult {
  db.exec('SAVEPOINT job')
  try {
    const rows: (readonly Row[])[] = []
    for (const step of steps) {
      const ran = run(step)
      if (step.rows !== undefined && ran.count !== step.rows) {
        db.exec('ROLLBACK TO job; RELEASE job')
        return { ok: false, failed: step.otherwise ?? 'rows' }
      }
      rows.push(ran.rows)
    }
    db.exec('RELEASE job')
    return { ok: true, rows }
  } catch (error) {
    // After some disk failures SQLite has already undone the whole transaction, including the savepoint.
    if (db.isTransaction) db.exec('ROLLBACK TO job; RELEASE job')
    if (isUniqueViolation(error)) return { ok: false, failed: 'unique' }
    throw error
  }
}
