import { closeSync, openSync, readSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { canonicalJson } from './canonical.ts'
import { GENESIS } from './chain.ts'
import { openToRead } from './connection.ts'
import { recordFile } from './open-record.ts'
import { hashAt, rowsOf, type Gap, type Row } from './segments.ts'
import { SqliteRecord } from './sqlite-record.ts'
import { RecordUnusable } from './unavailable.ts'

/** Text is yielded in pieces of about this many characters. */
const pieceCharacters = 65_536
/** A longer line is not part of an export: a body has at most a quarter of this. */
export const lineBytesMax = 1_048_576
const chunkBytes = 262_144

/** How the chain is computed, for readers of an export who do not have this program. */
const CHAIN =
  'hash = SHA-256(hash before + "\\n" + {"at":…,"body":"<bodyHash>","kind":"…","seq":…}), bodyHash = SHA-256(RFC 8785 text of body), hex; before the first: 64 zeros; a line with fromSeq stands for dropped entries'

/** A record that can be read any number of times. Later appends do not change its content. */
export type RecordSource = ReturnType<typeof sourceOf>

/** The record in its SQLite file as of now, while others may append. */
export function openRecordSource(file: string): RecordSource {
  const db = openToRead(file)
  // One read transaction: all reads see the same moment.
  db.exec('BEGIN')
  // Tables and indexes could disagree without any single entry being wrong.
  const said = Object.values(db.prepare('PRAGMA integrity_check(1)').get() ?? {})[0]
  return sourceOf(db, { seq: 1, hash: GENESIS }, said === 'ok' ? null : `The file is damaged: ${String(said)}`)
}

/** @param start place of the first entry, and the hash before it. @param fault why the file does not go on after its last entry; null when it is complete. */
function sourceOf(db: DatabaseSync, start: { readonly seq: number; readonly hash: string }, fault: string | null) {
  return {
    start,
    fault,
    rows: (fromSeq = start.seq, toSeq = Number.MAX_SAFE_INTEGER): Generator<Row | Gap> => rowsOf(db, fromSeq, toSeq),
    close: (): void => {
      if (db.isOpen) db.close()
    },
  }
}

export interface ExportOptions {
  /** Epoch ms: entries from this time on, and before `until`. Dropped entries of an hour stay together. */
  readonly from?: number
  readonly until?: number
}

/**
 * The record of a directory as JSON lines, in pieces, with bounded memory, as of the first read: a header, then one entry a line. A body that was
 * edited by hand is exported as its text. The caller reads to the end or calls return().
 */
export function* exportRecord(directory: string, { from = 0, until = Number.MAX_SAFE_INTEGER }: ExportOptions = {}): Generator<string> {
  const file = recordFile(directory)
  const db = openToRead(file)
  try {
    db.exec('BEGIN')
    const first = from <= 0 ? 1 : new SqliteRecord(db, file).seqAt(from)
    // The hash before a place within a segment is not stored: it follows from the beginning of the segment.
    const within = db.prepare('SELECT first_seq AS seq FROM segments WHERE first_seq <= ?1 AND last_seq >= ?1').get(first) as
      | { seq: number }
      | undefined
    let before = hashAt(db, (within?.seq ?? first) - 1) ?? GENESIS
    let piece = ''
    for (const row of rowsOf(db, within?.seq ?? first, Number.MAX_SAFE_INTEGER)) {
      if (row.at >= until) break
      if (row.seq >= first) {
        if (piece === '') piece = headerOf('kind' in row ? first : Math.min(first, row.fromSeq), before)
        piece += lineOf(row)
      }
      before = row.hash
      if (piece.length < pieceCharacters) continue
      yield piece
      piece = '\n'
    }
    yield piece === '' ? headerOf(first, before) : piece
  } finally {
    db.close()
  }
}

function headerOf(fromSeq: number, previousHash: string): string {
  return `${JSON.stringify({ format: 'bongsu-record', version: 2, chain: CHAIN, fromSeq, previousHash })}\n`
}

function lineOf(row: Row | Gap): string {
  if (!('kind' in row)) return `${JSON.stringify(row)}\n`
  return `{"seq":${row.seq},"at":${row.at},"kind":${JSON.stringify(row.kind)},"body":${row.body},"hash":"${row.hash}"}\n`
}

/** Reads an exported file into a temporary database, up to the first line that is none. @throws RecordUnusable when it is no export. */
export function openExportSource(file: string): RecordSource {
  const lines = linesOf(file)
  const header = parse(lines.next().value ?? '')
  const { format, version, fromSeq, previousHash } = header
  if (format !== 'bongsu-record' || !Number.isSafeInteger(fromSeq) || !/^[0-9a-f]{64}$/.test(String(previousHash)))
    throw new RecordUnusable(`${file} is not an export of a record.`)
  if (version !== 2) throw new RecordUnusable(`${file} was exported by another version of this program (form ${String(version)}).`)
  const db = new DatabaseSync('')
  db.exec(`CREATE TABLE entries (seq INTEGER PRIMARY KEY, at, kind, body, hash);
    CREATE TABLE segments (first_seq INTEGER PRIMARY KEY, last_seq, first_at, last_at, hash_before, hash, packed); BEGIN`)
  const entry = db.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?)')
  const gap = db.prepare('INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, NULL)')
  let last = (fromSeq as number) - 1
  let fault: string | null = null
  for (const line of lines) {
    const { seq, at, kind, body, hash, fromSeq: from, hashBefore } = parse(line)
    const first = from ?? seq
    if (!isPlace(seq) || !isPlace(at) || !isPlace(first) || first <= last || seq < first || typeof hash !== 'string') {
      fault = `After entry ${last} there is no entry: the file was edited or cut short.`
      break
    }
    last = seq
    const bytes = Buffer.from(hash, 'hex')
    if (from !== undefined) gap.run(first, seq, at, at, Buffer.from(String(hashBefore), 'hex'), bytes)
    else entry.run(seq, at, String(kind), textOf(body), bytes)
  }
  return sourceOf(db, { seq: fromSeq as number, hash: String(previousHash) }, fault)
}

const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** A body that cannot be canonical keeps a text that verify refuses. */
function textOf(body: unknown): string {
  try {
    return canonicalJson(body)
  } catch {
    return ` ${JSON.stringify(body)}`
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Lines that are not empty. A longer line than any of an export is cut, and the last one. */
function* linesOf(file: string): Generator<string> {
  const handle = openSync(file, 'r')
  try {
    let rest = Buffer.alloc(0)
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes)
      const bytes = readSync(handle, chunk)
      const text = Buffer.concat([rest, chunk.subarray(0, bytes)])
      let from = 0
      for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, from)) {
        if (end > from) yield text.toString('utf8', from, end)
        from = end + 1
      }
      rest = text.subarray(from)
      if (rest.length > lineBytesMax || (bytes === 0 && rest.length > 0)) yield rest.toString('utf8')
      if (rest.length > lineBytesMax || bytes === 0) return
    }
  } finally {
    closeSync(handle)
  }
}
