import type { RecordEntry, RecordKind } from './record.ts'

/** One entry as stored in a database or an export, readable or not. */
export interface RawEntry {
  readonly seq: number
  readonly at: number
  /** The name of the kind, also when this program does not know it. */
  readonly kind: string
  /** Missing when the body was dropped or cannot be read. */
  readonly body?: unknown
  /** Hash of the present or dropped body. */
  readonly bodyHash: string
  readonly letGo: boolean
  /** Stored hash of the entry. For a dropped entry without a stored hash: the hash that follows from its predecessor. */
  readonly hash: string
  /** Why the body cannot be read, or is not in its canonical form. */
  readonly fault?: string
}

/** A holder of a record that can be read any number of times. Later appends do not change its content. */
export interface RecordSource {
  /** Place of the first entry and the hash before it. */
  readonly start: { readonly seq: number; readonly hash: string }
  entries(range?: { readonly fromSeq?: number; readonly toSeq?: number }): Iterable<RawEntry>
  /** What is wrong with the file itself. Null when nothing is wrong or the format has no inner structure. */
  fault?(): string | null
  /** Where to start reading to get everything from a time on: a place and the hash before it. */
  placeOf?(at: number): { readonly seq: number; readonly hash: string }
  close(): void
}

export interface SourceQuery {
  readonly fromSeq: number
  readonly toSeq: number
  readonly kinds?: readonly RecordKind[]
}

/** Readable entries of a range. Missing entries are reported to `onMissing`, because numbers based on them cannot be computed again. */
export function* readable(source: RecordSource, query: SourceQuery, onMissing: () => void): Generator<RecordEntry> {
  if (query.fromSeq < source.start.seq) onMissing()
  for (const { seq, at, kind, body, hash, letGo } of source.entries(query)) {
    if (query.kinds !== undefined && !query.kinds.includes(kind as RecordKind)) continue
    if (letGo || body === undefined) onMissing()
    else yield { seq, at, kind, body, hash } as RecordEntry
  }
}
