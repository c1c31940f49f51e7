import type { RecordEntry, RecordKind } from './record.ts'

/** One entry as it lies in a database or an export, readable or not. */
export interface RawEntry {
  readonly seq: number
  readonly at: number
  /** The name of a kind, also of one that this program does not know. */
  readonly kind: string
  /** Left out when the body was let go, or cannot be read. */
  readonly body?: unknown
  /** Of the body that is there, or of the one that was let go. */
  readonly bodyHash: string
  readonly letGo: boolean
  /** Of entries let go, where it is not kept: what it has to be after the one before. */
  readonly hash: string
  /** Why the body cannot be read, or is not in the one form that it may have. */
  readonly fault?: string
}

/** Something that holds a record, and can be gone through as often as wanted. Nobody's appending changes what it shows. */
export interface RecordSource {
  /** The first entry has this place, and follows this hash. */
  readonly start: { readonly seq: number; readonly hash: string }
  entries(range?: { readonly fromSeq?: number; readonly toSeq?: number }): Iterable<RawEntry>
  /** What is wrong with the file itself; null when nothing is, or it has no inner order. */
  fault?(): string | null
  /** From where one can begin in order to have everything from that time on: a place, and the hash that it follows. */
  placeOf?(at: number): { readonly seq: number; readonly hash: string }
  close(): void
}

export interface SourceQuery {
  readonly fromSeq: number
  readonly toSeq: number
  readonly kinds?: readonly RecordKind[]
}

/** Readable entries of a range; what is not there any more is told to `onMissing`, because a number cannot be computed again without it. */
export function* readable(source: RecordSource, query: SourceQuery, onMissing: () => void): Generator<RecordEntry> {
  if (query.fromSeq < source.start.seq) onMissing()
  for (const { seq, at, kind, body, hash, letGo } of source.entries(query)) {
    if (query.kinds !== undefined && !query.kinds.includes(kind as RecordKind)) continue
    if (letGo || body === undefined) onMissing()
    else yield { seq, at, kind, body, hash } as RecordEntry
  }
}
