import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { walkChain, type Flaw } from './chain-walk.ts'
import { openDatabaseSource } from './database-source.ts'
import { openExportSource } from './export-source.ts'
import { isKind, mayBeDropped } from './kinds.ts'
import { recordFile } from './open-record.ts'
import type { RecordEntry } from './record.ts'
import { differences, type Recomputer } from './recompute.ts'
import { readable, type RawEntry, type RecordSource } from './source.ts'
import { SqliteRecord } from './sqlite-record.ts'
import { faultOf } from './unavailable.ts'

/** Most runs of entries without bodies that are remembered separately. A sound record has one. */
const runsMax = 1_000
const progressEntries = 500_000

export interface Problem {
  /** Place of the problem. Null when it concerns the whole record. */
  readonly seq: number | null
  readonly what: Flaw | 'unreadable' | 'unknown-kind' | 'dropped-unstated' | 'number' | 'cut' | 'file'
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
  readonly entries: number
  readonly fromSeq: number
  readonly headSeq: number
  /** Hash of the newest entry, to be noted elsewhere. */
  readonly headHash: string
  /** Entries whose bodies were dropped, as stated by the record. */
  readonly letGo: number
  /** Entries whose numbers were computed again, and entries whose numbers cannot be: their basis was dropped or is not in the export. */
  readonly recomputed: number
  readonly notRecomputable: number
}

/**
 * Reads a record, an export or a directory, with bounded memory. Checks whether the chain holds and whether every published number can be computed
 * again from stored entries [S5, S6]. Changes nothing, and may run beside a sentinel.
 */
export function verifyRecord(subject: SqliteRecord | string, options: VerifyOptions = {}): Verdict {
  const source = openSource(subject instanceof SqliteRecord ? subject.file : subject)
  try {
    return verifySource(source, options)
  } finally {
    source.close()
  }
}

function openSource(path: string): RecordSource {
  const directory = statSync(path).isDirectory()
  const file = directory ? recordFile(path) : path
  return directory || isDatabase(file) ? openDatabaseSource(file) : openExportSource(file)
}

function verifySource(source: RecordSource, { recomputers = [], known = new Map(), onProblem, onProgress }: VerifyOptions): Verdict {
  let [problems, entries, letGo, recomputed, notRecomputable] = [0, 0, 0, 0, 0]
  let firstSeq: number | null = null
  let head = { seq: source.start.seq - 1, hash: source.start.hash }
  const tell = (seq: number | null, what: Problem['what'], sentence: string): void => {
    problems += 1
    if (seq !== null && (firstSeq === null || seq < firstSeq)) firstSeq = seq
    onProblem?.({ seq, what, sentence })
  }
  const walk = walkChain(source.start, tell)
  const drops = watchDrops(tell)
  const recompute = (entry: RecordEntry): void => {
    for (const { kind, recompute: compute } of recomputers) {
      if (kind !== entry.kind) continue
      const missing = { any: false }
      const expected = compute(entry, (query) => readable(source, query, () => (missing.any = true)))
      if (missing.any) notRecomputable += 1
      else if (expected !== null) {
        recomputed += 1
        for (const sentence of differences(entry, expected)) tell(entry.seq, 'number', sentence)
      }
    }
  }

  try {
    const fault = source.fault?.() ?? null
    if (fault !== null) tell(null, 'file', `The file is damaged: ${fault}`)
    for (const entry of source.entries()) {
      entries += 1
      if (entries % progressEntries === 0) onProgress?.(entries)
      walk.see(entry)
      if (!isKind(entry.kind)) tell(entry.seq, 'unknown-kind', `Entry ${entry.seq} has a kind unknown to this program (${entry.kind}).`)
      if (entry.fault !== undefined) tell(entry.seq, 'unreadable', `The body of entry ${entry.seq} was edited: ${entry.fault}.`)
      else if (entry.letGo) letGo += 1
      else if (isKind(entry.kind)) recompute(entry as unknown as RecordEntry)
      drops.see(entry)
      const noted = known.get(entry.seq)
      if (noted !== undefined && noted !== entry.hash)
        tell(
          entry.seq,
          'edited',
          `The hash of entry ${entry.seq} differs from the noted one: an entry up to there was replaced, with all later hashes.`,
        )
      head = { seq: entry.seq, hash: entry.hash }
    }
  } catch (error) {
    // A place that cannot be read is a result of the check, not a failure of it.
    if (!(error instanceof Error) || (error.name !== 'RecordUnusable' && faultOf(error) !== 'damaged')) throw error
    tell(head.seq + 1, 'file', `After entry ${head.seq} the file cannot be read: ${error.message}`)
  }
  walk.end()
  drops.end()
  for (const seq of known.keys()) {
    if (seq > head.seq) tell(head.seq + 1, 'cut', `Entry ${seq} was noted, but the record ends at ${head.seq}: its end was removed.`)
  }
  return {
    sound: problems === 0,
    problems,
    firstSeq,
    entries,
    fromSeq: source.start.seq,
    headSeq: head.seq,
    headHash: head.hash,
    letGo,
    recomputed,
    notRecomputable,
  }
}

/** Bodies may be missing only where a later entry states that they were dropped. */
function watchDrops(tell: (seq: number, what: Problem['what'], sentence: string) => void) {
  const runs: [number, number][] = []
  let open = false
  let statedThrough = 0
  return {
    see({ seq, kind, letGo, body }: RawEntry): void {
      if (kind === 'dropped') statedThrough = Math.max(statedThrough, (body as { throughSeq?: number } | undefined)?.throughSeq ?? 0)
      if (letGo && !mayBeDropped(kind))
        tell(seq, 'dropped-unstated', `The body of entry ${seq} is missing, but bodies of this kind (${kind}) are never dropped.`)
      const last = runs.at(-1)
      if (letGo && open && last !== undefined) last[1] = seq
      else if (letGo && runs.length < runsMax) runs.push([seq, seq])
      // Kinds that may never be dropped do not end a run.
      open = letGo || (open && !mayBeDropped(kind))
    },
    end(): void {
      for (const [from, to] of runs) {
        const first = Math.max(from, statedThrough + 1)
        if (first <= to) tell(first, 'dropped-unstated', `Bodies from entry ${first} to ${to} are missing, and no entry says that they were dropped.`)
      }
    },
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
