import type { AtomicResult, SqlDatabase, Statement, Step } from '../../accounts/sql-database.ts'
import type { ReadJob } from './reader-thread.ts'
import type { ThreadLane } from './thread-lane.ts'
import type { WriteJob } from './writer-thread.ts'

export function sqliteDatabase(writer: ThreadLane<WriteJob>, reader: ThreadLane<ReadJob>): SqlDatabase {
  return {
    dialect: 'sqlite',
    read: <Row>({ sql, parameters }: Statement) => reader.ask<readonly Row[]>({ t: 'sql', statement: { sql, parameters } }, 1, sql.length),
    atomic: async (steps) => {
      if (steps.length === 0) return { ok: true, rows: [] }
      return writer.ask<AtomicResult>({ t: 'atomic', steps: steps.map(plain) }, steps.length, 0)
    },
  }
}

/** Only the named fields cross to the thread: what Kysely compiles carries its syntax tree along. */
function plain(step: Step): Step {
  const { sql, parameters, rows, otherwise } = step
  return { sql, parameters, ...(rows === undefined ? {} : { rows }), ...(otherwise === undefined ? {} : { otherwise }) }
}
