import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { all, openMarkOf } from './connection.ts'
import { applicationId } from './migrate.ts'

/**
 * A database up to this size is checked completely at each start. Of a larger one only the small tables and the ends of the large ones are checked.
 */
export const wholeCheckBytesMax = 128 * 1024 * 1024

const magic = 'SQLite format 3\0'
const headerBytes = 100
export const walHeaderBytes = 32
const walFrameHeaderBytes = 24
/** Sizes in the wal-index: one copy of its header, and the place of the number of checkpointed frames. */
const indexHeaderBytes = 48
const indexFoldedAt = 96

/** The database cannot be used as it is. The message says what to do. */
export class Unusable extends Error {
  override readonly name = 'Unusable'
}

const UNTOUCHED = 'nothing was changed'
const REMEDY = `Check it with "npx bongsu verify", and restore a backup with "npx bongsu restore"; ${UNTOUCHED}.`

/**
 * Checks the files of a database before SQLite opens them, and changes nothing [A5]. SQLite takes an empty file for a new database and ignores an
 * unreadable or missing write-ahead log: each would silently lose accepted messages.
 * @param withoutLog accept a file that was not closed and lacks its log.
 */
export function checkFile(file: string, { withoutLog = false }: { readonly withoutLog?: boolean } = {}): void {
  if (!existsSync(file)) {
    if (sizeOf(`${file}-wal`) > 0)
      throw new Unusable(`${file} is missing, but its write-ahead log exists. Put the missing file back beside it; ${UNTOUCHED}.`)
    return
  }
  if (!statSync(file).isFile()) throw new Unusable(`${file} is not a file. Give the server a data directory of its own; ${UNTOUCHED}.`)
  const header = readStart(file, headerBytes)
  if (header.length === 0) throw new Unusable(`${file} is empty: it was cut short or never copied. ${REMEDY}`)
  if (header.length < headerBytes || header.toString('latin1', 0, 16) !== magic)
    throw new Unusable(`${file} is not a database, or its beginning is damaged. ${REMEDY}`)
  if (header.readUInt32BE(68) !== applicationId)
    throw new Unusable(`${file} was not made by Bongsu. Give the server an empty data directory; ${UNTOUCHED}.`)
  const mark = header.readUInt32BE(60)
  if (!withoutLog && mark !== 0 && !existsSync(`${file}-wal`) && mark !== openMarkOf(file)) throw new Unusable(lacksLog(file))
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
  const frames = checkLog(file, header.readUInt16BE(16))
  // While the log holds commits, a crash during a checkpoint may have left the file shorter than its header says. The log has the missing pages.
  if (frames > 0) return
  const pages = header.readUInt32BE(28)
  if (header.readUInt32BE(24) === header.readUInt32BE(92) && sizeOf(file) < pages * pageBytes)
    throw new Unusable(`${file} is cut short: ${sizeOf(file)} bytes of ${pages * pageBytes}. ${REMEDY}`)
}

function lacksLog(file: string): string {
  const said = `${file} was not closed by its server, and its write-ahead log ${file}-wal is missing: it was probably copied without it.`
  const remedy =
    'Copy both files again, or use a backup made by "npx bongsu backup". If the log is lost for good, "npx bongsu restore" can use this file'
  return `${said} Accepted messages, even all of them, may be in the log alone. ${remedy} with --without-log; ${UNTOUCHED}.`
}

/** @returns the number of frames in the write-ahead log. */
function checkLog(file: string, pageSize: number): number {
  const log = `${file}-wal`
  // The index is read before the log: a running server makes the log longer meanwhile and must not seem to have lost what it just added.
  const index = readStart(`${file}-shm`, indexFoldedAt + 4)
  const bytes = sizeOf(log)
  const pageBytes = pageSize === 1 ? 65_536 : pageSize
  const frames = Math.max(0, Math.floor((bytes - walHeaderBytes) / (pageBytes + walFrameHeaderBytes)))
  const start = readStart(log, walHeaderBytes)
  // After a power cut, zeros mean that the start of the log was not synced. No commit in it was ever reported.
  const header = start.every((byte) => byte === 0) ? null : start
  if (header !== null && !isLogHeader(header, pageBytes)) throw new Unusable(`${log} is damaged or was copied only in part. ${REMEDY}`)
  checkIndex(file, index, header, frames)
  return header === null ? 0 : frames
}

/**
 * The wal-index knows how many frames were committed. Commits are synced before they are in it, so a log with fewer frames has lost some: it was
 * copied while it grew, or truncated. An index of another log (with other salts) says nothing.
 */
function checkIndex(file: string, index: Buffer, log: Buffer | null, frames: number): void {
  if (index.length < indexFoldedAt + 4 || !index.subarray(0, indexHeaderBytes).equals(index.subarray(indexHeaderBytes, 2 * indexHeaderBytes))) return
  const committed = index.readUInt32LE(16)
  if (index[12] !== 1 || committed === 0) return
  const lost =
    log === null ? index.readUInt32LE(indexFoldedAt) < committed : index.subarray(32, 40).equals(log.subarray(16, 24)) && frames < committed
  if (lost)
    throw new Unusable(
      `${file}-wal lacks ${committed - frames} of its ${committed} pages: it was truncated, or copied while the server ran. ${REMEDY}`,
    )
}

/** https://sqlite.org/fileformat2.html#the_write_ahead_log */
function isLogHeader(header: Buffer, pageBytes: number): boolean {
  if (header.length < walHeaderBytes) return false
  const kind = header.readUInt32BE(0)
  if ((kind !== 0x377f0682 && kind !== 0x377f0683) || header.readUInt32BE(4) !== 3_007_000 || header.readUInt32BE(8) !== pageBytes) return false
  const word = (at: number): number => (kind === 0x377f0683 ? header.readUInt32BE(at) : header.readUInt32LE(at))
  let [one, other] = [0, 0]
  for (let at = 0; at < 24; at += 8) {
    one = (one + word(at) + other) >>> 0
    other = (other + word(at + 4) + one) >>> 0
  }
  return one === header.readUInt32BE(24) && other === header.readUInt32BE(28)
}

/** A bounded check of the database itself: the time of a start must not grow with the history. @param file for its size and the message. */
export function checkInside(db: DatabaseSync, file: string): void {
  const whole = sizeOf(file) + sizeOf(`${file}-wal`) <= wholeCheckBytesMax
  const checks = whole
    ? ['PRAGMA quick_check(1)']
    : ['meta', 'migrations', 'accounts', 'conversations'].map((table) => `PRAGMA quick_check('${table}')`)
  const ends = [
    'SELECT * FROM entries ORDER BY conversation_key DESC, seq DESC LIMIT 1',
    'SELECT * FROM entries ORDER BY conversation_key, seq LIMIT 1',
    'SELECT id FROM entries ORDER BY author_key DESC, id DESC LIMIT 1',
    'SELECT * FROM members ORDER BY conversation_key DESC, account_key DESC LIMIT 1',
    'SELECT * FROM account_items ORDER BY account_key DESC, kind DESC, key DESC LIMIT 1',
  ]
  let fault: string | undefined
  try {
    for (const sql of checks)
      fault ??= all<Record<string, string>>(db.prepare(sql))
        .flatMap(Object.values)
        .find((said) => said !== 'ok')
    for (const sql of ends) db.prepare(sql).all()
  } catch (cause) {
    throw new Unusable(`${file} is damaged (${cause instanceof Error ? cause.message : String(cause)}). ${REMEDY}`, { cause })
  }
  if (fault !== undefined) throw new Unusable(`${file} is damaged (${fault.split('\n')[0] ?? ''}). ${REMEDY}`)
}

function readStart(file: string, bytes: number): Buffer {
  if (!existsSync(file)) return Buffer.alloc(0)
  const handle = openToRead(file)
  try {
    const buffer = Buffer.alloc(bytes)
    return buffer.subarray(0, readSync(handle, buffer, 0, bytes, 0))
  } finally {
    closeSync(handle)
  }
}

function openToRead(file: string): number {
  try {
    return openSync(file, 'r')
  } catch (cause) {
    throw new Unusable(
      `${file} cannot be read (${cause instanceof Error ? cause.message : String(cause)}). Make the server's user its owner; ${UNTOUCHED}.`,
      {
        cause,
      },
    )
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
