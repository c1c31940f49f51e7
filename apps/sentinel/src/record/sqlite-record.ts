import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { canonicalJson } from './canonical.ts'
import { GENESIS, hashOfBody, hashOfEntry } from './chain.ts'
import { KINDS, type RecordBody, type RecordEntry, type RecordKind, type RecordQuery, type RecordStore } from './record.ts'
import { dropBefore, packOldest, rowsOf, type Row } from './segments.ts'
import { faultOf, RecordUnavailable, translated, unavailable } from './unavailable.ts'

/** Most bodies in one append, and most bytes of canonical text in one body. A larger value is a mistake of the caller. */
export const appendBodiesMax = 1_000
export const bodyBytesMax = 262_144
/** Most entries that a read without a limit returns. */
export const readEntriesMax = 100_000
const dayMs = 86_400_000

/** The newest entry. Before the first entry: seq 0, time 0, the genesis hash. */
export interface Tip {
  readonly seq: number
  /** Epoch ms. */
  readonly at: number
  readonly hash: string
}

/**
 * The record in its SQLite file: append-only and hash-chained. Several processes may append (the sentinel, and an operator's command beside it).
 * Synchronous: an append is one short, fsynced transaction, and there are one or two a second.
 */
export class SqliteRecord implements RecordStore {
  readonly file: string
  readonly #db: DatabaseSync
  /** Statements that run every second, prepared once. */
  readonly #sql: ReturnType<DatabaseSync['createTagStore']>
  readonly #fileId: bigint | null

  /** Use openRecord, which checks the file first. */
  constructor(db: DatabaseSync, file: string) {
    this.#db = db
    this.#sql = db.createTagStore()
    this.file = file
    this.#fileId = fileId(file)
  }

  /**
   * Durable when it returns. @param at one time for all bodies, or one for each. @returns the entries with their places.
   * @throws RecordUnavailable when the disk is full or the file is gone.
   */
  append(bodies: readonly RecordBody[], at: number | readonly number[]): readonly RecordEntry[] {
    return this.#write(() => this.#insert(bodies, at))
  }

  /**
   * Appends only when no entry of these kinds was appended after `seq`. A statement derived from reading the record is then still valid when it is
   * written, although an operator's command and the sentinel may speak at the same moment.
   *
   * @returns null when there was such an entry: read again and derive again.
   */
  appendUnless(
    since: { readonly kinds: readonly RecordKind[]; readonly seq: number },
    bodies: readonly RecordBody[],
    at: number,
  ): readonly RecordEntry[] | null {
    return this.#write(() => {
      if (this.read({ kinds: since.kinds, fromSeq: since.seq + 1, limit: 1 }).length > 0) return null
      return this.#insert(bodies, at)
    })
  }

  /**
   * Entries with their bodies, oldest first. Dropped ones are left out.
   * @throws RangeError when there are more than `readEntriesMax` and no limit was given: half an answer would look like a whole one.
   */
  read(query: RecordQuery): readonly RecordEntry[] {
    const entries = [...this.each({ limit: readEntriesMax + 1, ...query })]
    if (query.limit === undefined && entries.length > readEntriesMax)
      throw new RangeError(`more than ${readEntriesMax} entries: set a limit, or iterate with each()`)
    return entries
  }

  /** The same entries one by one, with bounded memory. Entries appended meanwhile are included. */
  *each({ fromSeq = 1, toSeq = Number.MAX_SAFE_INTEGER, kinds, limit = Number.MAX_SAFE_INTEGER }: RecordQuery): Generator<RecordEntry> {
    let left = limit
    const rows = rowsOf(this.#db, fromSeq, toSeq, kinds)
    while (left-- > 0) {
      let next = translated(() => rows.next())
      while (next.done !== true && !('kind' in next.value)) next = translated(() => rows.next())
      if (next.done === true) return
      yield entryOf(next.value as Row)
    }
  }

  seqAt(at: number): number {
    return translated(() => {
      const stored = this.#db.prepare('SELECT min(seq) AS seq FROM entries WHERE at >= ?').get(at) as { seq: number | null }
      const packed = this.#db.prepare('SELECT first_seq, last_seq, first_at FROM segments WHERE last_at >= ? ORDER BY first_seq LIMIT 1').get(at) as
        | { first_seq: number; last_seq: number; first_at: number }
        | undefined
      if (packed === undefined || (stored.seq ?? Infinity) < packed.first_seq) return stored.seq ?? this.head() + 1
      if (packed.first_at >= at) return packed.first_seq
      for (const row of rowsOf(this.#db, packed.first_seq, packed.last_seq)) if (row.at >= at) return 'kind' in row ? row.seq : packed.first_seq
      return packed.last_seq
    })
  }

  head(): number {
    return this.tip().seq
  }

  tip(): Tip {
    const newest = translated(
      () => this.#sql.get`SELECT * FROM (SELECT * FROM (SELECT seq, at, hash FROM entries ORDER BY seq DESC LIMIT 1)
        UNION ALL SELECT * FROM (SELECT last_seq, last_at, hash FROM segments ORDER BY first_seq DESC LIMIT 1)) ORDER BY seq DESC LIMIT 1`,
    )
    const row = newest as { seq: number; at: number; hash: Uint8Array } | undefined
    return row === undefined ? { seq: 0, at: 0, hash: GENESIS } : { ...row, hash: Buffer.from(row.hash).toString('hex') }
  }

  /**
   * Packs the evidence of finished hours, and drops it when it is from before the day (UTC) `keepDays` ago. A small part in one call, so that the
   * record is never blocked for long. An entry states what was dropped.
   *
   * @returns the number of packed entries and dropped segments; call again later until it is 0.
   */
  tidy(keepDays: number, now: number): number {
    if (!(Number.isInteger(keepDays) && keepDays >= 1)) throw new RangeError('bodies must be kept for at least one day')
    return this.#write(() => {
      const packed = packOldest(this.#db, now)
      if (packed > 0) return packed
      const dropped = dropBefore(this.#db, Math.floor(now / dayMs) * dayMs - keepDays * dayMs)
      if (dropped !== null) this.#insert([{ kind: 'dropped', body: { ...dropped, keepDays } }], now)
      return dropped === null ? 0 : 1
    })
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #insert(bodies: readonly RecordBody[], at: number | readonly number[]): readonly RecordEntry[] {
    const times = typeof at === 'number' ? bodies.map(() => at) : at
    if (times.length !== bodies.length) throw new RangeError(`${bodies.length} bodies and ${times.length} times`)
    for (const time of times) if (!Number.isSafeInteger(time) || time < 0) throw new RangeError(`${time} is not a valid time for the record`)
    if (bodies.length > appendBodiesMax) throw new RangeError(`${bodies.length} bodies at once; the most is ${appendBodiesMax}`)
    let { seq, hash, at: time } = this.tip()
    return bodies.map((body, index) => {
      // When the clock was set back, times in the record still do not fall.
      time = Math.max(times[index] as number, time)
      if (!KINDS.includes(body.kind)) throw new TypeError(`there is no kind ${body.kind}`)
      const canonical = canonicalJson(body.body)
      if (Buffer.byteLength(canonical) > bodyBytesMax) throw new RangeError(`a body of more than ${bodyBytesMax} bytes`)
      seq += 1
      hash = hashOfEntry(hash, { seq, at: time, kind: body.kind, bodyHash: hashOfBody(canonical) })
      this.#sql.run`INSERT INTO entries (seq, at, kind, body, hash)
        VALUES (${seq}, ${time}, ${body.kind}, ${canonical}, ${Buffer.from(hash, 'hex')})`
      return { ...body, seq, at: time, hash }
    })
  }

  /** One IMMEDIATE transaction: everything or nothing is written, and nobody appends between its reads and its writes. */
  #write<T>(run: () => T): T {
    // Otherwise SQLite would continue to write into a file that has no name any more.
    if (fileId(this.file) !== this.#fileId) throw unavailable('gone')
    try {
      this.#db.exec('BEGIN IMMEDIATE')
      const result = run()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      const fault = faultOf(error)
      throw fault === null || error instanceof RecordUnavailable ? error : unavailable(fault, error)
    } finally {
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK')
    }
  }
}

function entryOf({ seq, at, kind, body, hash }: Row): RecordEntry {
  try {
    return { seq, at, kind, body: JSON.parse(body) as unknown, hash } as RecordEntry
  } catch (cause) {
    throw new RecordUnavailable('damaged', `Entry ${seq} cannot be read because it was edited by hand. See "npx bongsu record verify".`, { cause })
  }
}

function fileId(file: string): bigint | null {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null
}
