import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { faultOf } from './sqlite-faults.ts'

/** How long a statement waits for another lock (a backup, an operator's shell) before it fails. */
export const lockWaitMs = 5_000
/** Cached pages of one connection, in KiB. */
const cacheKiB = 32_768
/** The write-ahead log is checkpointed after this many pages (4 KiB each): rarely enough to be cheap, often enough to be quick. */
const checkpointPages = 2_000
/** Size to which the write-ahead log's file is truncated after a checkpoint, in bytes. */
const walBytesKept = 67_108_864

/** Opens the database file for one thread. `read` cannot write, whatever statement it executes. */
export function openConnection(file: string, use: 'write' | 'read'): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: lockWaitMs, enableForeignKeyConstraints: true, enableDoubleQuotedStringLiterals: false })
  try {
    const mode = one<{ journal_mode: string }>(db.prepare('PRAGMA journal_mode = WAL'))?.journal_mode
    assert(mode === 'wal', `the file system under ${file} does not support a write-ahead log (journal mode is ${mode ?? 'unknown'})`)
    // FULL makes a commit durable in this mode: the log is fsynced at every commit, not only at checkpoints [M5].
    db.exec('PRAGMA synchronous = FULL') // [seam: sqlite-sync]
    // secure_delete overwrites deleted or shortened content with zeros: erased texts are gone from the file too [I6]. The two fullfsync settings matter
    // only on macOS, where a plain fsync stops at the drive's cache.
    db.exec(`
      PRAGMA fullfsync = ON;
      PRAGMA checkpoint_fullfsync = ON;
      PRAGMA cache_size = -${cacheKiB};
      PRAGMA wal_autocheckpoint = ${checkpointPages};
      PRAGMA journal_size_limit = ${walBytesKept};
      PRAGMA temp_store = MEMORY;
      PRAGMA secure_delete = ON;
    `)
    if (use === 'read') db.exec('PRAGMA query_only = ON')
    else addFunctions(db)
    return db
  } catch (error) {
    // An open connection that nobody knows would keep its locks.
    db.close()
    throw error
  }
}

/** What statements for every engine use, and SQLite lacks: `sha256` of a text, in hexadecimal digits [B50]. */
export function addFunctions(db: DatabaseSync): void {
  db.function('sha256', { deterministic: true, directOnly: true }, (text) => createHash('sha256').update(String(text)).digest('hex'))
}

/**
 * Merges the write-ahead log into the database and truncates it to nothing, without waiting. @returns false when it must be tried again: somebody still
 * reads from it, or the machine failed, as by a full disk.
 */
export function cutLog(db: DatabaseSync): boolean {
  db.exec('PRAGMA busy_timeout = 0')
  try {
    return one<{ busy: number }>(db.prepare('PRAGMA wal_checkpoint(TRUNCATE)'))?.busy === 0
  } catch (error) {
    if (!faultOf(error).operating) throw error
    return false
  } finally {
    db.exec(`PRAGMA busy_timeout = ${lockWaitMs}`)
  }
}

/**
 * Marks the database file itself, by `user_version` in its header, as open at its place: accepted entries may be in the write-ahead log alone. A marked
 * file without its log was copied alone [A5], unless it is still the same file at the same place: then SQLite itself has merged the log, which it does
 * whenever the last connection is closed, also when a process ends by a fault. @returns false when the file is not marked yet: the disk is full, or a
 * backup is reading.
 */
export function markOpen(db: DatabaseSync, file: string): boolean {
  try {
    db.exec(`PRAGMA user_version = ${openMarkOf(file)}`)
    const merged = one<{ log: number; checkpointed: number }>(db.prepare('PRAGMA wal_checkpoint(PASSIVE)'))
    return merged !== undefined && merged.log === merged.checkpointed
  } catch (error) {
    if (!faultOf(error).operating) throw error
    return false
  }
}

/** Names the file and its folder in a number that is not 0: a copy has another inode, and a moved file another folder. */
export function openMarkOf(file: string): number {
  const name = `${statSync(file, { bigint: true }).ino} ${realpathSync(dirname(file))}`
  return createHash('sha256').update(name).digest().readUInt32BE(0) >>> 1 || 1
}

/** Takes the mark away, before the last connection is closed. Changes nothing when there is none. @returns false when the disk takes nothing. */
export function markClosed(db: DatabaseSync): boolean {
  if (one<{ user_version: number }>(db.prepare('PRAGMA user_version'))?.user_version === 0) return true
  try {
    db.exec('PRAGMA user_version = 0')
    return true
  } catch (error) {
    if (!faultOf(error).operating) throw error
    return false
  }
}

/** Closes the last connection for writing. */
export function closeLast(db: DatabaseSync, file: string): void {
  if (markClosed(db)) db.close()
  else closeMarked(db, file)
}

/**
 * Closes a connection whose file may stay marked as open, because the disk takes nothing. SQLite may merge the log all the same, and removes it then.
 * An empty log says that nothing is missing [A5].
 */
export function closeMarked(db: DatabaseSync, file: string): void {
  const log = `${file}-wal`
  const hadLog = existsSync(log)
  db.close()
  if (hadLog && !existsSync(log)) closeSync(openSync(log, 'a', 0o600))
}

/** The first row of a statement. The caller states its shape, because SQL does not. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the alternative is a cast at every call
export function one<Row>(statement: StatementSync, ...parameters: SQLInputValue[]): Row | undefined {
  return statement.get(...parameters) as Row | undefined
}

/** All rows of a statement. */
export function all<Row>(statement: StatementSync, ...parameters: SQLInputValue[]): Row[] {
  return statement.all(...parameters) as Row[]
}

/** The rows of a statement, one by one. Stopping early leaves nothing open. */
export function rowsOf<Row>(statement: StatementSync, ...parameters: SQLInputValue[]): Iterable<Row> {
  return statement.iterate(...parameters) as Iterable<Row>
}
