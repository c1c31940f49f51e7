import type { DatabaseSync } from 'node:sqlite'
import { canonicalJson } from './canonical.ts'
import { GENESIS, hashOfBody, hashOfEntry } from './chain.ts'
import { openToRead } from './connection.ts'
import { nameOf } from './kinds.ts'
import { findTime } from './find-time.ts'
import { chainedPlace, hashBefore, readLetGo, type LetGo } from './let-go.ts'
import { unpackBody } from './pack.ts'
import type { RawEntry, RecordSource } from './source.ts'

interface Row {
  readonly seq: number
  readonly at: number
  readonly kind: number
  readonly body: string
  readonly hash: Uint8Array
}

/** The record in its SQLite file as of now, while others may append. */
export function openDatabaseSource(file: string): RecordSource {
  const db = openToRead(file)
  // One read transaction: all reads see the same moment.
  db.exec('BEGIN')
  return {
    start: { seq: 1, hash: GENESIS },
    // Tables and index could disagree without any single entry being wrong.
    fault() {
      const said = Object.values(db.prepare('PRAGMA integrity_check(1)').get() ?? {})[0]
      return said === 'ok' ? null : String(said)
    },
    placeOf: (at) => chainedPlace(db, findTime(db, at)),
    entries: ({ fromSeq = 1, toSeq = Number.MAX_SAFE_INTEGER } = {}) => entriesOf(db, fromSeq, toSeq),
    close() {
      if (db.isOpen) db.close()
    },
  }
}

/** Entries with bodies and entries without are in two tables. This returns both, in order. */
function* entriesOf(db: DatabaseSync, fromSeq: number, toSeq: number): Generator<RawEntry> {
  const gone = readLetGo(db, fromSeq)
  const kept = db.prepare('SELECT seq, at, kind, body, hash FROM entries WHERE seq BETWEEN ? AND ? ORDER BY seq').iterate(fromSeq, toSeq)
  let nextGone = gone.next()
  let hash = hashBefore(db, fromSeq) ?? GENESIS
  function* goneBefore(seq: number): Generator<RawEntry> {
    while (nextGone.done !== true && nextGone.value.seq <= seq) {
      const entry = letGoEntry(nextGone.value, hash)
      hash = entry.hash
      yield entry
      nextGone = gone.next()
    }
  }
  for (const row of kept as unknown as Iterable<Row>) {
    yield* goneBefore(row.seq)
    hash = Buffer.from(row.hash).toString('hex')
    yield keptEntry(row, hash)
  }
  yield* goneBefore(toSeq)
}

function letGoEntry({ seq, at, code, bodyHash, hash }: LetGo, previous: string): RawEntry {
  const kind = nameOf(code)
  return { seq, at, kind, bodyHash, letGo: true, hash: hash ?? hashOfEntry(previous, { seq, at, kind, bodyHash }) }
}

function keptEntry({ seq, at, kind: code, body: text }: Row, hash: string): RawEntry {
  const kind = nameOf(code)
  const place = { seq, at, kind, hash, letGo: false }
  try {
    const body = unpackBody(kind, text, at)
    const bodyHash = hashOfBody(canonicalJson(body))
    // If one value could have two texts, an edit could write something that other readers understand differently.
    if (canonicalJson(JSON.parse(text)) !== text) return { ...place, body, bodyHash, fault: 'its text is not in canonical form' }
    return { ...place, body, bodyHash }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { ...place, bodyHash: hashOfBody(text), fault: `it cannot be read (${error.message})` }
  }
}
