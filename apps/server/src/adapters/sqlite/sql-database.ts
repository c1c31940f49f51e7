import assert from 'node:assert/strict'
import type { AtomicResult, SqlDatabase, Statement, Step } from '../../accounts/sql-database.ts'
import type { ReadJob } from './reader-thread.ts'
import type { Lane } from './thread-lane.ts'
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

/** Only the named fields are sent to the thread, and only storable values: a value that cannot be cloned would fail its neighbours too. */
function plain({ sql, parameters, rows, otherwise }: Step): Step {
  for (const value of parameters) {
    const storable = value === null || typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array
    assert(storable, 'a parameter is text, a number, null or bytes')
  }
  return { sql, parameters, ...(rows === undefined ? {} : { rows }), ...(otherwise === undefined ? {} : { otherwise }) }
}
