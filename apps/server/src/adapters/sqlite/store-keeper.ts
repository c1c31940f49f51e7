import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { StoreKeeper } from '../../store/store-keeper.ts'
import { backupDatabase } from './backup.ts'
import { Unusable } from './check-file.ts'
import { restoreDatabase } from './restore.ts'
import { verifyDatabase } from './verify.ts'

/** SQLITE_FULL. */
const FULL = 13

/** The operator's commands for a data directory with an SQLite database. */
export const sqliteKeeper: StoreKeeper = {
  fileIn(directory) {
    const file = join(directory, 'bongsu.db')
    if (!existsSync(file) && !existsSync(`${file}-wal`))
      throw new Unusable(`There is no database in ${directory}. Give its folder with --data or BONGSU_DATA.`)
    return file
  },
  verify: verifyDatabase,
  backup: backupDatabase,
  restore: restoreDatabase,
  isFull: (cause) => (cause as { errcode?: number }).errcode === FULL,
}
