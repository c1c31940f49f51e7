import { accessSync, constants, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { applicationId, openToRead } from './connection.ts'
import { checkMigrations, type Migration } from './migrations.ts'
import { faultOf, RecordUnusable, unavailable } from './unavailable.ts'

const UNTOUCHED = 'nothing was changed'
const REMEDY =
  `Move the files record.db* to a safe place, then start a new record (a person can publish at once: ` +
  `"npx bongsu incident open --new"); ${UNTOUCHED}.`

/** SQLITE_NOTADB, and SQLITE_IOERR_SHORT_READ */
const [NO_DATABASE, SHORT_READ] = [26, 522]

/**
 * Checks the files before SQLite opens them to write, and changes nothing. SQLite takes an empty file for a new database and would silently begin a new
 * record over the old one. A file that is shorter than its header says is found by SQLite itself.
 *
 * @param open opens the file for reading.
 */
export function checkRecordFile(file: string, migrations: readonly Migration[], open: (file: string) => DatabaseSync = openToRead): void {
  const size = sizeOf(file)
  if (size === null) {
    if ((sizeOf(`${file}-wal`) ?? 0) > 0) throw new RecordUnusable(`${file} is missing, but ${file}-wal is there. Put it back; ${UNTOUCHED}.`)
    return
  }
  if (size === 0) throw new RecordUnusable(`${file} is empty: it was cut short or never copied. ${REMEDY}`)
  try {
    accessSync(file, constants.R_OK)
  } catch (cause) {
    throw new RecordUnusable(`${file} cannot be read (${messageOf(cause)}). Does this user own it? ${UNTOUCHED}.`, { cause })
  }
  try {
    lookInside(file, migrations, open)
  } catch (cause) {
    if (cause instanceof RecordUnusable || faultOf(cause) === 'locked') throw cause
    // A full or failing disk is not a damaged file, and an operator told otherwise would move a good file aside and lose it. A read that ends early
    // is damage.
    const fault = faultOf(cause)
    const { errcode } = cause as { errcode?: number }
    if (fault !== null && fault !== 'damaged' && errcode !== SHORT_READ) throw unavailable(fault, cause)
    const what = errcode === NO_DATABASE ? 'is not a record, or its beginning is damaged' : `is damaged or cut short (${messageOf(cause)})`
    throw new RecordUnusable(`${file} ${what}. ${REMEDY}`, { cause })
  }
}

/** Reads both ends and the small tables: the time of a start must not grow with the record. `record verify` reads everything. */
function lookInside(file: string, migrations: readonly Migration[], open: (file: string) => DatabaseSync): void {
  const db = open(file)
  try {
    if (db.prepare('PRAGMA application_id').get()?.['application_id'] !== applicationId)
      throw new RecordUnusable(`${file} is not a record of a Bongsu sentinel. Choose another folder with --data; ${UNTOUCHED}.`)
    checkMigrations(db, migrations)
    for (const order of ['ASC', 'DESC']) db.prepare(`SELECT * FROM entries ORDER BY seq ${order} LIMIT 10`).all()
    for (const order of ['ASC', 'DESC']) db.prepare(`SELECT kind FROM entries ORDER BY kind ${order}, seq ${order} LIMIT 10`).all()
  } finally {
    db.close()
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function sizeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.size ?? null
}
