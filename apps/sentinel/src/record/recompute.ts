import type { RecordEntry, RecordKind } from './record.ts'

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
