import { checkParameters, type AtomicResult, type SqlDatabase, type Statement, type Step } from '../../accounts/sql-database.ts'
import type { ReadJob } from './reader-thread.ts'
import type { Lane } from '../../store/job-queue.ts'
import type { WriteJob } from './writer-thread.ts'

export function sqliteDatabase(writer: Lane<WriteJob>, reader: Lane<ReadJob>): SqlDatabase {
  return {
    dialect: 'sqlite',
    read: async <Row>(statement: Statement) => reader.ask<readonly Row[]>({ t: 'sql', statement: plain(statement) }, 1, 0),
    atomic: async (steps) => {
      if (steps.length === 0) return { ok: true, rows: [] }
      return writer.ask<AtomicResult>({ t: 'atomic', steps: steps.map(plain) }, steps.length, 0)
    },
  }
}

/** Only the named fields are sent to the thread. */
function plain(step: Step): Step {
  checkParameters(step)
  const { sql, parameters, rows, otherwise } = step
  return { sql, parameters, ...(rows === undefined ? {} : { rows }), ...(otherwise === undefined ? {} : { otherwise }) }
}
