import type { DatabaseSync } from 'node:sqlite'
import { canonicalJson } from './canonical.ts'
import { GENESIS, hashOfBody, hashOfEntry } from './chain.ts'
import { lastDroppableCode, nameOf } from './kinds.ts'
import { unpackBody } from './pack.ts'

/** Entries in one row of `let_go`. Within a row, seqs span at most 65,535 and times at most 49 days. Both follow from this bound and are checked. */
export const letGoRowEntriesMax = 1_000
const bytesOfOne = 2 + 4 + 1 + 32

/** An entry whose body was dropped. */
export interface LetGo {
  readonly seq: number
  readonly at: number
  readonly code: number
  readonly bodyHash: string
  /** Stored only for the last entry of a row. The other hashes follow from their predecessors. */
  readonly hash: string | null
}

interface Row {
  readonly first_seq: number
  readonly first_at: number
  readonly rows: Uint8Array
  readonly last_hash: Uint8Array
}

interface Entry {
  readonly seq: number
  readonly at: number
  readonly kind: number
  readonly body: string
  readonly hash: Uint8Array
}

/** Dropped entries from a place on, in order. */
export function* readLetGo(db: DatabaseSync, fromSeq: number): Generator<LetGo> {
  const rows = db.prepare('SELECT first_seq, first_at, rows, last_hash FROM let_go WHERE last_seq >= ? ORDER BY first_seq').iterate(fromSeq)
  for (const row of rows as unknown as Iterable<Row>) {
    const bytes = Buffer.from(row.rows)
    for (let from = 0; from + bytesOfOne <= bytes.length; from += bytesOfOne) {
      const seq = row.first_seq + bytes.readUInt16BE(from)
      if (seq < fromSeq) continue
      yield {
        seq,
        at: row.first_at + bytes.readUInt32BE(from + 2),
        code: bytes.readUInt8(from + 6),
        bodyHash: bytes.toString('hex', from + 7, from + bytesOfOne),
        hash: from + 2 * bytesOfOne > bytes.length ? Buffer.from(row.last_hash).toString('hex') : null,
      }
    }
  }
}

/** The last place whose body was dropped; 0 before the first drop. */
export function letGoThrough(db: DatabaseSync): number {
  return (db.prepare('SELECT max(last_seq) AS seq FROM let_go').get() as { seq: number | null }).seq ?? 0
}

/**
 * Drops the bodies of up to about a thousand entries up to a place. Must be called in a transaction. Where the chain does not hold nothing is
 * dropped: edited entries stay as evidence.
 *
 * @returns the number of dropped bodies.
 */
export function letGoSome(db: DatabaseSync, throughSeq: number): number {
  const from = letGoThrough(db) + 1
  const entries = db
    .prepare(`SELECT seq, at, kind, body, hash FROM entries WHERE seq BETWEEN ? AND ? AND kind <= ${lastDroppableCode} ORDER BY seq LIMIT ?`)
    .all(from, throughSeq, letGoRowEntriesMax) as unknown as Entry[]
  const [first] = entries
  if (first === undefined) return 0
  const rows: Buffer[] = []
  let last = first
  for (const entry of entries) {
    if (entry.seq - first.seq > 0xffff || entry.at - first.at > 0xffff_ffff) break
    const bodyHash = soundBodyHash(db, entry)
    if (bodyHash === null) break
    const row = Buffer.alloc(bytesOfOne)
    row.writeUInt16BE(entry.seq - first.seq, 0)
    row.writeUInt32BE(entry.at - first.at, 2)
    row.writeUInt8(entry.kind, 6)
    row.write(bodyHash, 7, 'hex')
    rows.push(row)
    last = entry
  }
  if (rows.length === 0) return 0
  db.prepare('INSERT INTO let_go (first_seq, last_seq, first_at, rows, last_hash) VALUES (?, ?, ?, ?, ?)').run(
    first.seq,
    last.seq,
    first.at,
    Buffer.concat(rows),
    last.hash,
  )
  db.prepare(`DELETE FROM entries WHERE seq BETWEEN ? AND ? AND kind <= ${lastDroppableCode}`).run(first.seq, last.seq)
  return rows.length
}

/** Hash of the body of an entry. Null where the entry does not follow from its predecessor. */
function soundBodyHash(db: DatabaseSync, { seq, at, kind, body, hash }: Entry): string | null {
  try {
    const name = nameOf(kind)
    const bodyHash = hashOfBody(canonicalJson(unpackBody(name, body, at)))
    const previous = hashBefore(db, seq)
    if (previous === null) return null
    const expected = hashOfEntry(previous, { seq, at, kind: name, bodyHash })
    return expected === Buffer.from(hash).toString('hex') ? bodyHash : null
  } catch (error) {
    // An unreadable body means an edit. A disk error is passed to the caller.
    if (error instanceof SyntaxError || error instanceof TypeError) return null
    throw error
  }
}

/** @returns the hash before a place; null where that hash is not stored. */
export function hashBefore(db: DatabaseSync, seq: number): string | null {
  if (seq === 1) return GENESIS
  const row = db.prepare('SELECT hash FROM entries WHERE seq = ?1 UNION ALL SELECT last_hash FROM let_go WHERE last_seq = ?1').get(seq - 1) as
    | { hash: Uint8Array }
    | undefined
  return row === undefined ? null : Buffer.from(row.hash).toString('hex')
}

/** @returns a place at or before this one whose predecessor hash is known. */
export function chainedPlace(db: DatabaseSync, seq: number): { readonly seq: number; readonly hash: string } {
  const row = db.prepare('SELECT max(first_seq) AS seq FROM let_go WHERE first_seq <= ? AND last_seq >= ?').get(seq, seq) as { seq: number | null }
  const place = hashBefore(db, seq) === null ? (row.seq ?? 1) : seq
  return { seq: place, hash: hashBefore(db, place) ?? GENESIS }
}
