import { hash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { hashOfBody, hashOfEntry } from './chain.ts'
import { PACKED_KINDS } from './record.ts'
import { RecordUnavailable } from './unavailable.ts'

// Evidence is written every second for ever. When its hour is over, each unbroken run of evidence becomes one compressed segment: the text of the
// entries without their hashes, which follow from the hash before the segment. A dropped segment keeps its place, its times and both hashes.

export const SEGMENT_BOUNDS = {
  /** Most entries of a segment, and most bytes of its text. */
  entriesMax: 10_000,
  textBytesMax: 64 * 1_048_576,
  /** Most entries passed over in one call because they cannot be packed. */
  passedMax: 100,
  /** Most segments dropped at once. */
  dropMax: 100,
} as const
const hourMs = 3_600_000

/** One stored entry, readable or not. */
export interface Row {
  readonly seq: number
  /** Epoch ms. */
  readonly at: number
  readonly kind: string
  /** Canonical JSON. */
  readonly body: string
  /** In hex, as stored. */
  readonly hash: string
}

/** A run of dropped evidence. */
export interface Gap {
  readonly fromSeq: number
  readonly seq: number
  /** Time of the last entry, epoch ms. */
  readonly at: number
  readonly hashBefore: string
  readonly hash: string
}

interface Segment {
  readonly first_seq: number
  readonly last_seq: number
  readonly last_at: number
  readonly hash_before: Uint8Array
  readonly hash: Uint8Array
  readonly packed: Uint8Array | null
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const EVIDENCE = PACKED_KINDS.map((kind) => `'${kind}'`).join(', ')

/** Everything stored from one place to another, in order. With kinds other than evidence, segments are not read. */
export function* rowsOf(db: DatabaseSync, fromSeq: number, toSeq: number, kinds?: readonly string[]): Generator<Row | Gap> {
  const wanted = kinds === undefined ? '' : `AND kind IN (${kinds.map(() => '?').join(', ')})`
  const page = db.prepare(`SELECT seq, at, kind, body, hash FROM entries WHERE seq BETWEEN ? AND ? ${wanted} ORDER BY seq LIMIT 1000`)
  const next = db.prepare('SELECT * FROM segments WHERE last_seq >= ? AND first_seq <= ? ORDER BY first_seq LIMIT 1')
  const packable = kinds === undefined || kinds.some((kind) => PACKED_KINDS.some((each) => each === kind))
  for (let from = fromSeq; from <= toSeq;) {
    // Both reads see one moment: another process may pack entries in between.
    const { segment, rows } = atOnce(db, () => {
      const found = (packable ? next.get(from, toSeq) : undefined) as unknown as Segment | undefined
      const until = found === undefined ? toSeq : Math.min(toSeq, found.first_seq - 1)
      return { segment: found, rows: page.all(from, until, ...(kinds ?? [])) as unknown as (Omit<Row, 'hash'> & { hash: Uint8Array })[] }
    })
    for (const row of rows) yield { ...row, hash: hex(row.hash) }
    if (rows.length === 1_000) from = (rows.at(-1)?.seq ?? from) + 1
    else if (segment === undefined) return
    else {
      if (segment.packed === null) yield gapOf(segment)
      else for (const row of unpack(segment)) if (row.seq >= from && row.seq <= toSeq && kinds?.includes(row.kind) !== false) yield row
      from = segment.last_seq + 1
    }
  }
}

function atOnce<T>(db: DatabaseSync, read: () => T): T {
  if (db.isTransaction) return read()
  db.exec('BEGIN')
  try {
    return read()
  } finally {
    db.exec('COMMIT')
  }
}

function gapOf({ first_seq, last_seq, last_at, hash_before, hash: after }: Segment): Gap {
  return { fromSeq: first_seq, seq: last_seq, at: last_at, hashBefore: hex(hash_before), hash: hex(after) }
}

/** The last entry has the stored hash. An edit of the segment therefore shows at its last entry. */
function* unpack({ first_seq, last_seq, hash_before, hash: last, packed }: Segment): Generator<Row> {
  let seq = first_seq
  let before = hex(hash_before)
  for (const line of textOf(packed ?? Buffer.alloc(0), first_seq).split('\n')) {
    const [at = '', kind = '', ...rest] = line.split('\t')
    const body = rest.join('\t')
    before = seq === last_seq ? hex(last) : hashOfEntry(before, { seq, at: Number(at), kind, bodyHash: hashOfBody(body) })
    yield { seq, at: Number(at), kind, body, hash: before }
    seq += 1
  }
}

function textOf(packed: Uint8Array, seq: number): string {
  try {
    return zstdDecompressSync(packed, { maxOutputLength: SEGMENT_BOUNDS.textBytesMax }).toString('utf8')
  } catch (cause) {
    throw new RecordUnavailable('damaged', `The evidence from entry ${seq} on was edited by hand. See "npx bongsu record verify".`, { cause })
  }
}

/**
 * Packs the oldest run of evidence of a finished hour. Must be called in a transaction. An entry that does not follow from the one before is not
 * packed, as evidence; nor is the first one after a gap.
 *
 * @returns the number of packed entries.
 */
export function packOldest(db: DatabaseSync, now: number): number {
  const { seq: packed } = db.prepare('SELECT coalesce(max(last_seq), 0) AS seq FROM segments').get() as { seq: number }
  const before = Math.floor(now / hourMs) * hourMs
  const next = db.prepare(`SELECT min(seq) AS seq FROM entries WHERE kind IN (${EVIDENCE}) AND seq > ? AND at < ?`)
  let after = packed
  for (let passed = 0; passed <= SEGMENT_BOUNDS.passedMax; passed++) {
    const { seq } = next.get(after, before) as { seq: number | null }
    if (seq === null) return 0
    const hashBefore = hashAt(db, seq - 1)
    const run = hashBefore === null ? [] : runFrom(db, seq, hashBefore, before)
    if (hashBefore !== null && run.length > 0) return pack(db, run, hashBefore)
    after = seq
  }
  return 0
}

/** Entries of evidence that follow each other within one hour, and each from the one before. */
function runFrom(db: DatabaseSync, seq: number, hashBefore: string, before: number): readonly Row[] {
  const run: Row[] = []
  let previous = hashBefore
  let bytes = 0
  for (const row of rowsOf(db, seq, seq + SEGMENT_BOUNDS.entriesMax - 1)) {
    if (!('kind' in row) || !PACKED_KINDS.some((kind) => kind === row.kind) || row.body.includes('\n')) break
    bytes += Buffer.byteLength(lineOf(row)) + 1
    if (Math.floor(row.at / hourMs) !== Math.floor((run[0] ?? row).at / hourMs) || bytes > SEGMENT_BOUNDS.textBytesMax || row.at >= before) break
    if (row.seq !== seq + run.length || hashOfEntry(previous, { ...row, bodyHash: hashOfBody(row.body) }) !== row.hash) break
    run.push(row)
    previous = row.hash
  }
  return run
}

const lineOf = ({ at, kind, body }: Row): string => `${at}\t${kind}\t${body}`

function pack(db: DatabaseSync, run: readonly Row[], hashBefore: string): number {
  const [first, last] = [run[0] as Row, run.at(-1) as Row]
  const hashes = [Buffer.from(hashBefore, 'hex'), Buffer.from(last.hash, 'hex')] as const
  const packed = zstdCompressSync(run.map(lineOf).join('\n'))
  db.prepare('INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?)').run(first.seq, last.seq, first.at, last.at, ...hashes, packed)
  db.prepare('DELETE FROM entries WHERE seq BETWEEN ? AND ?').run(first.seq, last.seq)
  return run.length
}

/** @returns the hash of a place; null where that place is within a segment, or there is none. */
export function hashAt(db: DatabaseSync, seq: number): string | null {
  if (seq === 0) return '0'.repeat(64)
  const row = db.prepare('SELECT hash FROM entries WHERE seq = ?1 UNION ALL SELECT hash FROM segments WHERE last_seq = ?1').get(seq)
  return row === undefined ? null : hex(row['hash'] as Uint8Array)
}

/**
 * Drops the content of segments from before a time. Must be called in a transaction.
 * @returns the statement about it for the record; null when there was nothing to drop.
 */
export function dropBefore(db: DatabaseSync, before: number): { readonly throughSeq: number; readonly digest: string } | null {
  const gaps = (
    db
      .prepare('SELECT * FROM segments WHERE packed IS NOT NULL AND last_at < ? ORDER BY first_seq LIMIT ?')
      .all(before, SEGMENT_BOUNDS.dropMax) as unknown as Segment[]
  ).map(gapOf)
  const last = gaps.at(-1)
  if (last === undefined) return null
  db.prepare('UPDATE segments SET packed = NULL WHERE packed IS NOT NULL AND last_seq <= ?').run(last.seq)
  return { throughSeq: last.seq, digest: digestOf(gaps) }
}

/** Chains dropped segments into the entry that states them: without it a gap could hide an edit of everything before. */
export function digestOf(gaps: readonly Gap[]): string {
  return hash('sha256', gaps.map(({ fromSeq, seq, hashBefore, hash: after }) => `${fromSeq} ${seq} ${hashBefore} ${after}\n`).join(''), 'hex')
}
