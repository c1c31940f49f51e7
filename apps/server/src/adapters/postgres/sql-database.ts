import { checkParameters, type AtomicResult, type SqlDatabase, type Step } from '../../accounts/sql-database.ts'
import { POSTGRES_BOUNDS } from './bounds.ts'
import type { Connection } from './connection.ts'
import { LOCKS } from './migrate.ts'
import { DatabaseFault, isUniqueViolation, lostAgainst } from './postgres-faults.ts'

/** A job of a connection that does nothing else meanwhile. */
export type Job = (connection: Connection) => Promise<unknown>
export type Ask = <Answer>(job: (connection: Connection) => Promise<Answer>) => Promise<Answer>

/** @param read asks a reading connection. @param write asks the connection of these transactions. */
export function postgresDatabase(read: Ask, write: Ask): SqlDatabase {
  return {
    dialect: 'postgres',
    read: async <Row>(statement: { readonly sql: string; readonly parameters: readonly unknown[] }) => {
      checkParameters(statement)
      return read(async (connection) => (await connection.query<Row & object>(statement.sql, statement.parameters)).rows)
    },
    atomic: async (steps) => {
      steps.forEach(checkParameters)
      return steps.length === 0 ? { ok: true, rows: [] } : write((connection) => atomic(connection, steps))
    },
  }
}

async function atomic(connection: Connection, steps: readonly Step[]): Promise<AtomicResult> {
  for (let tries = 1; ; tries++) {
    try {
      return await once(connection, steps)
    } catch (error) {
      if (connection.isOpen) await connection.run('ROLLBACK')
      if (isUniqueViolation(error)) return { ok: false, failed: 'unique' }
      if (!lostAgainst(error) || tries === POSTGRES_BOUNDS.triesMax) throw error
    }
  }
}

/**
 * These transactions run one at a time, over all processes: a step may count rows before another one adds one, and what was counted must not change in
 * between. They are as frequent as people sign in, and not as they write.
 */
async function once(connection: Connection, steps: readonly Step[]): Promise<AtomicResult> {
  const begun = [connection.run('BEGIN'), connection.query('SELECT pg_advisory_xact_lock($1, $2)', [LOCKS.space, LOCKS.sql])]
  const [results] = await Promise.all([
    Promise.all(steps.map(({ sql, parameters }) => connection.query<Record<string, unknown>>(sql, parameters))),
    ...begun,
  ])
  const failed = steps.find(({ rows }, index) => rows !== undefined && results[index]?.rowCount !== rows)
  if (failed !== undefined) {
    await connection.run('ROLLBACK')
    return { ok: false, failed: failed.otherwise ?? 'rows' }
  }
  await connection.commit()
  return { ok: true, rows: results.map(({ rows }) => rows) }
}

/** For statements that fail by a fault of their own: the others of a lane go on. */
export async function settle(connection: Connection, jobs: readonly Job[]): Promise<readonly PromiseSettledResult<unknown>[]> {
  const settled = await Promise.allSettled(jobs.map((job) => job(connection)))
  const broken = settled.find((one) => one.status === 'rejected' && !connection.isOpen)
  if (broken?.status === 'rejected') throw broken.reason instanceof Error ? broken.reason : new DatabaseFault('the connection broke', null)
  return settled
}
