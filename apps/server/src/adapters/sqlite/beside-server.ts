import type { SqlDatabase, Statement } from '../../accounts/sql-database.ts'
import { checkParameters } from '../../accounts/sql-database.ts'
import { Unusable } from './check-file.ts'
import { openConnection } from './connection.ts'
import { checkMigrations, needsMigration } from './migrate.ts'
import { loadMigrations } from './migrations.ts'
import { refuseMarked } from './move-marks.ts'
import { prepareRunner, runSteps } from './run-statements.ts'

/** One connection to the database of a server that runs, for a command of its operator. The server finds what was written within a heartbeat [D6]. */
export function openBesideServer(file: string): { readonly sql: SqlDatabase; close(): Promise<void> } {
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
  return {
    sql: {
      dialect: 'sqlite',
      async read<Row>(statement: Statement) {
        checkParameters(statement)
        return run(statement).rows as readonly Row[]
      },
      async atomic(steps) {
        steps.forEach(checkParameters)
        db.exec('BEGIN IMMEDIATE')
        try {
          const result = runSteps(db, run, steps)
          db.exec('COMMIT')
          return result
        } catch (error) {
          if (db.isTransaction) db.exec('ROLLBACK')
          throw error
        }
      },
    },
    close: async () => db.close(),
  }
}
