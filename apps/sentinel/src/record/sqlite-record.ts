import { statSync } from 'node:fs'
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { canonicalJson } from './canonical.ts'
import { GENESIS, hashOfBody, hashOfEntry } from './chain.ts'
import { codeOf, lastDroppableCode, nameOf } from './kinds.ts'
import { letGoSome, letGoThrough } from './let-go.ts'
import { findTime } from './find-time.ts'
import { packBody, unpackBody } from './pack.ts'
import type { RecordBody, RecordEntry, RecordKind, RecordStore } from './record.ts'
import { faultOf, RecordUnavailable, translated, unavailable } from './unavailable.ts'

/** Most bodies in one append, and most bytes of canonical text in one body. A larger value is a mistake of the caller. */
export const appendBodiesMax = 1_000
export const bodyBytesMax = 262_144
/** Most entries that a read without a limit returns. */
export const readEntriesMax = 100_000
/** Entries that `each` holds in memory at once. */
const pageEntries = 1_000
const dayMs = 86_400_000

export type RecordQuery = Parameters<RecordStore['read']>[0]

interface Row {
  readonly seq: number
  readonly at: number
  readonly kind: number
  readonly body: string
  readonly hash: Uint8Array
}

/** The newest entry. Before the first entry: seq 0, time 0, the genesis hash. */
export interface Tip {
  readonly seq: number
  readonly at: number
  readonly hash: string
}

/** The record in its SQLite file. Synchronous: an append is one short transaction, and there are one or two a second. */
export class SqliteRecord implements RecordStore {
  readonly file: string
  readonly #db: DatabaseSync
  readonly #fileId: bigint | null
  readonly #statements = new Map<string, StatementSync>()

  /** Use openRecord, which checks the file first. */
  constructor(db: DatabaseSync, file: string) {
    this.#db = db
    this.file = file
    this.#fileId = fileId(file)
  }

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
      const { where, parameters } = conditions({ kinds: since.kinds, fromSeq: since.seq + 1 })
      if (this.#prepare(`SELECT 1 FROM entries ${where} LIMIT 1`).get(...parameters) !== undefined) return null
      return this.#insert(bodies, at)
    })
  }

  read(query: RecordQuery): readonly RecordEntry[] {
    const limit = query.limit ?? readEntriesMax + 1
    const rows = translated(() => this.#rows(query, limit))
    if (query.limit === undefined && rows.length > readEntriesMax)
      throw new RangeError(`more than ${readEntriesMax} entries: set a limit, or iterate with each()`)
    return rows.map(entryOf)
  }

  /** The same entries one by one, with bounded memory. Entries appended meanwhile are included. */
  *each(query: RecordQuery): Generator<RecordEntry> {
    let from = query.fromSeq ?? 1
    let left = query.limit ?? Number.MAX_SAFE_INTEGER
    while (left > 0) {
      const rows = translated(() => this.#rows({ ...query, fromSeq: from }, Math.min(left, pageEntries)))
      for (const row of rows) yield entryOf(row)
      const last = rows.at(-1)
      if (last === undefined || rows.length < pageEntries) return
      from = last.seq + 1
      left -= rows.length
    }
  }

  seqAt(at: number): number {
    return translated(() => findTime(this.#db, at))
  }

  head(): number {
    return this.tip().seq
  }

  tip(): Tip {
    const row = translated(() => this.#prepare('SELECT seq, at, hash FROM entries ORDER BY seq DESC LIMIT 1').get()) as
      | { seq: number; at: number; hash: Uint8Array }
      | undefined
    return row === undefined ? { seq: 0, at: 0, hash: GENESIS } : { ...row, hash: Buffer.from(row.hash).toString('hex') }
  }

  /** Changes when, and only when, another connection has appended. Cheap enough to ask every second. */
  version(): number {
    return translated(() => (this.#prepare('PRAGMA data_version').get() as { data_version: number }).data_version)
  }

  /** Whether another connection has appended since that version. */
  changedSince(version: number): boolean {
    return this.version() !== version
  }

  /**
   * Drops the bodies of observations and figures from before the day (UTC) `keepDays` ago: about a thousand in one call, so that the record is never
   * blocked for long. Places, times, kinds and hashes stay, and an entry states what was dropped.
   *
   * @returns the number of dropped bodies; call again later until it is 0.
   */
  letGo(keepDays: number, now: number): number {
    if (!(Number.isInteger(keepDays) && keepDays >= 1)) throw new RangeError('bodies must be kept for at least one day')
    const before = Math.floor(now / dayMs) * dayMs - keepDays * dayMs
    // The newest entry stays: the next entry is chained to it.
    const throughSeq = Math.min(this.seqAt(before), this.head()) - 1
    if (throughSeq <= translated(() => letGoThrough(this.#db))) return 0
    return this.#write(() => {
      const count = letGoSome(this.#db, throughSeq)
      if (count === 0) return 0
      const { where, parameters } = conditions({ kinds: ['dropped'] })
      const said = this.#prepare(`SELECT * FROM entries ${where} ORDER BY seq DESC LIMIT 1`).get(...parameters) as Row | undefined
      const stated = said === undefined ? 0 : (JSON.parse(said.body) as { throughSeq: number }).throughSeq
      if (stated < throughSeq) this.#insert([{ kind: 'dropped', body: { throughSeq, keepDays } }], now)
      return count
    })
  }

  close(): void {
    this.#statements.clear()
    if (this.#db.isOpen) this.#db.close()
  }

  #insert(bodies: readonly RecordBody[], at: number | readonly number[]): readonly RecordEntry[] {
    const times = typeof at === 'number' ? bodies.map(() => at) : at
    if (times.length !== bodies.length) throw new RangeError(`${bodies.length} bodies and ${times.length} times`)
    for (const time of times) if (!Number.isSafeInteger(time) || time < 0) throw new RangeError(`${time} is not a valid time for the record`)
    if (bodies.length > appendBodiesMax) throw new RangeError(`${bodies.length} bodies at once; the most is ${appendBodiesMax}`)
    let { seq, hash, at: time } = this.tip()
    const insert = this.#prepare('INSERT INTO entries (seq, at, kind, body, hash) VALUES (?, ?, ?, ?, ?)')
    return bodies.map((body, index) => {
      // When the clock was set back, times in the record still do not fall.
      time = Math.max(times[index] as number, time)
      const canonical = canonicalJson(body.body)
      if (Buffer.byteLength(canonical) > bodyBytesMax) throw new RangeError(`a body of more than ${bodyBytesMax} bytes`)
      seq += 1
      hash = hashOfEntry(hash, { seq, at: time, kind: body.kind, bodyHash: hashOfBody(canonical) })
      insert.run(seq, time, codeOf(body.kind), packBody(body.kind, body.body, canonical, time), Buffer.from(hash, 'hex'))
      return { ...body, seq, at: time, hash }
    })
  }

  #rows(query: RecordQuery, limit: number): Row[] {
    const { where, parameters } = conditions(query)
    return this.#prepare(`SELECT seq, at, kind, body, hash FROM entries ${where} ORDER BY seq LIMIT ?`).all(...parameters, limit) as unknown as Row[]
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

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)))
    return statement
  }
}

function conditions({ fromSeq = 1, toSeq = Number.MAX_SAFE_INTEGER, kinds }: RecordQuery): { where: string; parameters: SQLInputValue[] } {
  const codes = kinds?.map(codeOf)
  const parts = ['seq BETWEEN ? AND ?']
  if (codes !== undefined) {
    parts.push(`kind IN (${codes.map(() => '?').join(', ')})`)
    // Written this way, the condition lets SQLite use the small partial index.
    if (codes.every((code) => code > lastDroppableCode)) parts.push(`kind > ${lastDroppableCode}`)
  }
  return { where: `WHERE ${parts.join(' AND ')}`, parameters: [fromSeq, toSeq, ...(codes ?? [])] }
}

function entryOf({ seq, at, kind, body, hash }: Row): RecordEntry {
  const name = nameOf(kind)
  let value: unknown
  try {
    value = unpackBody(name, body, at)
  } catch (cause) {
    throw new RecordUnavailable('damaged', `Entry ${seq} cannot be read because it was edited by hand. See "npx bongsu record verify".`, { cause })
  }
  return { seq, at, kind: name, body: value, hash: Buffer.from(hash).toString('hex') } as RecordEntry
}

function fileId(file: string): bigint | null {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null
}
