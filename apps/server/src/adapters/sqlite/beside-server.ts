import type { SqlDatabase, Statement } from '../../accounts/sql-database.ts'
import { canonicalBody } from '@bongsu/protocol'
import type { LogStore, SetResult } from '../../conversation/log-store.ts'
import { checkParameters } from '../../accounts/sql-database.ts'
import { Unusable } from './check-file.ts'
import { cutLog, openConnection } from './connection.ts'
import { checkMigrations, needsMigration } from './migrate.ts'
import { loadMigrations } from './migrations.ts'
import { refuseMarked } from './move-marks.ts'
import { prepareRunner, runSteps } from './run-statements.ts'
import { resultOf } from './log-store.ts'
import { prepareAppend } from './write-append.ts'
import { prepareEntries } from './write-entries.ts'
import { prepareItems } from './write-items.ts'
import { prepareMembers } from './write-members.ts'
import { prepareSet } from './write-set.ts'

/** One connection to the database of a server that runs, for a command of its operator. The server finds what was written within a heartbeat [D6]. */
export function openBesideServer(file: string): {
  readonly sql: SqlDatabase
  readonly log: Pick<LogStore, 'append' | 'set'>
  close(): Promise<void>
} {
  const db = openConnection(file, 'write')
  try {
    checkMigrations(db, loadMigrations())
    if (needsMigration(db, loadMigrations()))
      throw new Unusable('The running server is older than this program. Replace it first; nothing was changed.')
    refuseMarked(db)
  } catch (error) {
    db.close()
    throw error
  }
  const run = prepareRunner(db)
  const [entries, putItem] = [prepareEntries(db), prepareItems(db)]
  const set = prepareSet(db, entries, putItem)
  const append = prepareAppend(db, entries, prepareMembers(db, putItem))
  function write<Result>(act: () => Result): Result {
    db.exec('BEGIN IMMEDIATE')
    try {
      const result = act()
      db.exec('COMMIT')
      return result
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
  return {
    sql: {
      dialect: 'sqlite',
      async read<Row>(statement: Statement) {
        checkParameters(statement)
        return run(statement).rows as readonly Row[]
      },
      async atomic(steps) {
        steps.forEach(checkParameters)
        return write(() => runSteps(db, run, steps))
      },
    },
    log: {
      append: async (batch, now) =>
        write(() => batch.map((request) => resultOf(request, append({ ...request, body: canonicalBody(request.body) }, now), now))),
      async set(batch, now) {
        const answers = write(() => batch.map((request) => set(request, now)))
        // [I6] The server would wait for an erasure of its own.
        cutLog(db)
        return answers.map((answer): SetResult => (typeof answer === 'string' ? { ok: false, code: answer } : { ok: true, ...answer }))
      },
    },
    close: async () => db.close(),
  }
}
