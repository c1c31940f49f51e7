import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { canonicalJson } from './canonical.ts'
import { hashOfBody, hashOfEntry } from './chain.ts'
import { openExportSource, openRecordSource, type RecordSource } from './export.ts'
import { recordFile } from './open-record.ts'
import { KINDS, type RecordEntry, type RecordKind } from './record.ts'
import { digestOf, type Gap, type Row } from './segments.ts'
import { SqliteRecord } from './sqlite-record.ts'
import { faultOf } from './unavailable.ts'

const progressEntries = 500_000

export interface Problem {
  /** Place of the problem. Null when it concerns the whole record. */
  readonly seq: number | null
  readonly what: 'edited' | 'missing' | 'time-fell' | 'unreadable' | 'unknown-kind' | 'dropped-unstated' | 'number' | 'cut' | 'file'
  readonly sentence: string
}

export interface VerifyOptions {
  readonly recomputers?: readonly Recomputer[]
  /** Hashes noted elsewhere at an earlier time, by place. Only they reveal a chain that was recomputed, or cut at its end. */
  readonly known?: ReadonlyMap<number, string>
  readonly onProblem?: (problem: Problem) => void
  readonly onProgress?: (entries: number) => void
}

export interface Verdict {
  readonly sound: boolean
  readonly problems: number
  /** The first place that was edited. Null in a sound record. */
  readonly firstSeq: number | null
  /** Entries with their bodies, and entries that were dropped. */
  readonly entries: number
  readonly letGo: number
  readonly fromSeq: number
  readonly headSeq: number
  /** Hash of the newest entry, to be noted elsewhere. */
  readonly headHash: string
  /** Entries whose numbers were computed again, and entries whose numbers cannot be: their basis was dropped or is not in the export. */
  readonly recomputed: number
  readonly notRecomputable: number
}

/**
 * Reads a record, an export or a directory, with bounded memory. Checks whether the chain holds and whether every published number can be computed
 * again from stored entries [S5, S6]. Changes nothing, and may run beside a sentinel.
 */
export function verifyRecord(subject: SqliteRecord | string, options: VerifyOptions = {}): Verdict {
  const path = subject instanceof SqliteRecord ? subject.file : subject
  const directory = statSync(path).isDirectory()
  const file = directory ? recordFile(path) : path
  const source = directory || isDatabase(file) ? openRecordSource(file) : openExportSource(file)
  try {
    return verifySource(source, options)
  } finally {
    source.close()
  }
}

function verifySource(source: RecordSource, { recomputers = [], known = new Map(), onProblem, onProgress }: VerifyOptions): Verdict {
  let [problems, entries, letGo, recomputed, notRecomputable] = [0, 0, 0, 0, 0]
  let firstSeq: number | null = null
  let head = { seq: source.start.seq - 1, at: 0, hash: source.start.hash }
  /** Whether the entry before did not follow either: an entry that was put in or taken out moves all that follow, and is one problem. */
  let broken = false
  let gaps: Gap[] = []
  const tell = (seq: number | null, what: Problem['what'], sentence: string): void => {
    problems += 1
    if (seq !== null && (firstSeq === null || seq < firstSeq)) firstSeq = seq
    onProblem?.({ seq, what, sentence })
  }

  function seeChain(row: Row | Gap): void {
    const first = 'kind' in row ? row.seq : row.fromSeq
    const follows = 'kind' in row ? hashOfEntry(head.hash, { ...row, bodyHash: hashOfBody(row.body) }) === row.hash : row.hashBefore === head.hash
    if (first > head.seq + 1) tell(head.seq + 1, 'missing', `Entries ${head.seq + 1} to ${first - 1} are missing.`)
    else if (!follows && !broken)
      tell(first, 'edited', `Entry ${first} does not follow from the one before: it, or the one before, was edited, replaced, put in or taken out.`)
    broken = !follows && first <= head.seq + 1
    if (row.at < head.at) tell(first, 'time-fell', `Entry ${first} is older than the one before it.`)
    const noted = known.get(row.seq)
    if (noted !== undefined && noted !== row.hash)
      tell(row.seq, 'edited', `The hash of entry ${row.seq} differs from the noted one: an entry up to there was replaced, with all later hashes.`)
    head = { seq: row.seq, at: row.at, hash: row.hash }
  }

  function seeDrops(row: Row | Gap, body: unknown): void {
    if (!('kind' in row)) gaps.push(row)
    else if (row.kind === 'dropped') {
      const { throughSeq, digest } = (body ?? {}) as { throughSeq?: number; digest?: string }
      const stated = gaps.filter(({ seq }) => seq <= (throughSeq ?? 0))
      // Of an excerpt, what its first statement says of entries before it cannot be checked.
      const whole = stated[0]?.fromSeq !== source.start.seq || source.start.seq === 1
      if (stated.length > 0 && whole && digestOf(stated) !== digest)
        tell(stated[0]?.fromSeq ?? row.seq, 'dropped-unstated', `Entry ${row.seq} states other dropped entries than those that are missing.`)
      gaps = gaps.filter(({ seq }) => seq > (throughSeq ?? 0))
    }
  }

  function recompute(entry: RecordEntry): void {
    for (const { kind, recompute: compute } of recomputers) {
      if (kind !== entry.kind) continue
      const missing = { any: false }
      const expected = compute(entry, (basis) => readable(source, basis, () => (missing.any = true)))
      if (missing.any) notRecomputable += 1
      else if (expected !== null) {
        recomputed += 1
        for (const sentence of differences(entry, expected)) tell(entry.seq, 'number', sentence)
      }
    }
  }

  try {
    for (const row of source.rows()) {
      seeChain(row)
      if (!('kind' in row)) {
        letGo += row.seq - row.fromSeq + 1
        seeDrops(row, null)
        continue
      }
      entries += 1
      if (entries % progressEntries === 0) onProgress?.(entries)
      const body = bodyOf(row)
      if (!KINDS.some((kind) => kind === row.kind))
        tell(row.seq, 'unknown-kind', `Entry ${row.seq} has a kind unknown to this program (${row.kind}).`)
      else if (body === undefined) tell(row.seq, 'unreadable', `The body of entry ${row.seq} was edited: it is not canonical JSON.`)
      else recompute({ ...row, body } as RecordEntry)
      seeDrops(row, body)
    }
  } catch (error) {
    // A place that cannot be read is a result of the check, not a failure of it.
    if (!(error instanceof Error) || faultOf(error) !== 'damaged') throw error
    tell(head.seq + 1, 'file', `After entry ${head.seq} the file cannot be read: ${error.message}`)
  }
  if (source.fault !== null) tell(head.seq + 1, 'file', source.fault)
  for (const { fromSeq, seq } of gaps)
    tell(fromSeq, 'dropped-unstated', `Entries ${fromSeq} to ${seq} are missing, and no entry says that they were dropped.`)
  for (const seq of known.keys()) {
    if (seq > head.seq) tell(head.seq + 1, 'cut', `Entry ${seq} was noted, but the record ends at ${head.seq}: its end was removed.`)
  }
  const { seq: headSeq, hash: headHash } = head
  return { sound: problems === 0, problems, firstSeq, entries, letGo, fromSeq: source.start.seq, headSeq, headHash, recomputed, notRecomputable }
}

/** Undefined unless the text is the canonical one: an edit could otherwise write something that other readers understand differently. */
function bodyOf({ body }: Row): unknown {
  try {
    const value: unknown = JSON.parse(body)
    return canonicalJson(value) === body ? value : undefined
  } catch {
    return undefined
  }
}

/** Readable entries of a range. Missing entries are reported to `onMissing`, because numbers based on them cannot be computed again. */
function* readable(source: RecordSource, { fromSeq, toSeq, kinds }: Parameters<ReadBasis>[0], onMissing: () => void): Generator<RecordEntry> {
  if (fromSeq < source.start.seq) onMissing()
  for (const row of source.rows(Math.max(fromSeq, source.start.seq), toSeq)) {
    if (!('kind' in row)) onMissing()
    else if (kinds === undefined || kinds.some((kind) => kind === row.kind)) {
      const body = bodyOf(row)
      if (body === undefined) onMissing()
      else yield { ...row, body } as RecordEntry
    }
  }
}

function isDatabase(file: string): boolean {
  const handle = openSync(file, 'r')
  try {
    const start = Buffer.alloc(15)
    readSync(handle, start, 0, 15, 0)
    return start.toString('latin1') === 'SQLite format 3'
  } finally {
    closeSync(handle)
  }
}

/** Reads the entries from which a number was computed, oldest first. */
export type ReadBasis = (query: { readonly fromSeq: number; readonly toSeq: number; readonly kinds?: readonly RecordKind[] }) => Iterable<RecordEntry>

/** Numbers by their path in the body, such as `share.value`. Null means that no number may be there. */
export type Numbers = Readonly<Record<string, number | null>>

/** Computes the published numbers of one kind of entry again, from stored entries [S6]. */
export interface Recomputer {
  readonly kind: RecordKind
  /** @returns null when the entry publishes no computed number, such as a person's statement. */
  readonly recompute: (entry: RecordEntry, read: ReadBasis) => Numbers | null
}

/** Numbers closer than this count as equal: the same parts may have been added in another order. */
export const sameWithin = 1e-9

/** @returns a sentence for each number that differs from its recomputed value. */
export function differences(entry: RecordEntry, expected: Numbers): readonly string[] {
  return Object.entries(expected).flatMap(([path, number]) => {
    const stated = valueAt(entry.body, path)
    if (number === null ? stated === null || stated === undefined : isClose(stated, number)) return []
    return [
      `Entry ${entry.seq} states ${path} = ${stated === undefined ? 'nothing' : JSON.stringify(stated)}; the stored entries give ${number ?? 'none'}.`,
    ]
  })
}

function isClose(stated: unknown, expected: number): boolean {
  return typeof stated === 'number' && Math.abs(stated - expected) <= sameWithin * Math.max(1, Math.abs(expected))
}

function valueAt(body: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined), body)
}
