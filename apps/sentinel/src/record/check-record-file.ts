import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { applicationId, openToRead, walHeaderBytes } from './connection.ts'
import { checkMigrations, type Migration } from './migrations.ts'
import { faultOf, RecordUnusable, unavailable } from './unavailable.ts'

const magic = 'SQLite format 3\0'
const headerBytes = 100

const UNTOUCHED = 'nothing was changed'
const REMEDY =
  `Move the files record.db* to a safe place, then start a new record (a person can publish at once: ` +
  `"npx bongsu incident open --new"); ${UNTOUCHED}.`

/**
 * Checks the files before SQLite opens them, and changes nothing. SQLite takes an empty file for a new database and would silently begin a new record
 * over the old one.
 *
 * @param open opens the file for reading.
 */
export function checkRecordFile(file: string, migrations: readonly Migration[], open: (file: string) => DatabaseSync = openToRead): void {
  if (sizeOf(file) === null) {
    if ((sizeOf(`${file}-wal`) ?? 0) > 0) throw new RecordUnusable(`${file} is missing, but ${file}-wal is there. Put it back; ${UNTOUCHED}.`)
    return
  }
  const header = startOf(file)
  if (header.length === 0) throw new RecordUnusable(`${file} is empty: it was cut short or never copied. ${REMEDY}`)
  if (header.length < headerBytes || header.toString('latin1', 0, 16) !== magic)
    throw new RecordUnusable(`${file} is not a record, or its beginning is damaged. ${REMEDY}`)
  if (header.readUInt32BE(68) !== applicationId)
    throw new RecordUnusable(`${file} is not a record of a Bongsu sentinel. Choose another folder with --data; ${UNTOUCHED}.`)
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
  const [size, wanted] = [sizeOf(file) ?? 0, header.readUInt32BE(28) * pageBytes]
  // While the write-ahead log holds commits, the file itself may be shorter than its header says.
  if ((sizeOf(`${file}-wal`) ?? 0) <= walHeaderBytes && size < wanted)
    throw new RecordUnusable(`${file} is cut short: ${size} bytes of ${wanted}. ${REMEDY}`)
  lookInside(file, migrations, open)
}

/** SQLITE_IOERR_SHORT_READ */
const SHORT_READ = 522

/** Reads both ends and the small tables: the time of a start must not grow with the record. `record verify` reads everything. */
function lookInside(file: string, migrations: readonly Migration[], open: (file: string) => DatabaseSync): void {
  try {
    const db = open(file)
    try {
      checkMigrations(db, migrations)
      for (const order of ['ASC', 'DESC']) db.prepare(`SELECT * FROM entries ORDER BY seq ${order} LIMIT 10`).all()
      for (const order of ['ASC', 'DESC']) db.prepare(`SELECT kind FROM entries ORDER BY kind ${order}, seq ${order} LIMIT 10`).all()
    } finally {
      db.close()
    }
  } catch (cause) {
    if (cause instanceof RecordUnusable || faultOf(cause) === 'locked') throw cause
    // A full or failing disk is not a damaged file, and an operator told otherwise would move a good file aside and lose it. A read that ends early
    // is damage.
    const fault = faultOf(cause)
    if (fault !== null && fault !== 'damaged' && (cause as { errcode?: number }).errcode !== SHORT_READ) throw unavailable(fault, cause)
    throw new RecordUnusable(`${file} is damaged (${cause instanceof Error ? cause.message : String(cause)}). ${REMEDY}`, { cause })
  }
}

function sizeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.size ?? null
}

function startOf(file: string): Buffer {
  const buffer = Buffer.alloc(headerBytes)
  let handle: number | null = null
  try {
    handle = openSync(file, 'r')
    return buffer.subarray(0, readSync(handle, buffer, 0, headerBytes, 0))
  } catch (cause) {
    throw new RecordUnusable(
      `${file} cannot be read (${cause instanceof Error ? cause.message : String(cause)}). Does this user own it? ${UNTOUCHED}.`,
      {
        cause,
      },
    )
  } finally {
    if (handle !== null) closeSync(handle)
  }
}
