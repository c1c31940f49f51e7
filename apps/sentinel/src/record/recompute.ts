import type { RecordEntry, RecordKind } from './record.ts'

/** Reads the entries that a number was computed from, oldest first. */
export type ReadBasis = (query: { readonly fromSeq: number; readonly toSeq: number; readonly kinds?: readonly RecordKind[] }) => Iterable<RecordEntry>

/** Numbers by the path at which they stand in the body, such as `share.value`. Null means that there must be none. */
export type Numbers = Readonly<Record<string, number | null>>

/** Computes the published numbers of a kind of entry again, from what is stored [S6]. */
export interface Recomputer {
  readonly kind: RecordKind
  /** @returns null when this entry publishes no computed number, such as a person's word. */
  readonly recompute: (entry: RecordEntry, read: ReadBasis) => Numbers | null
}

/** Numbers closer than this are the same: sums of the same parts in another order. */
export const sameWithin = 1e-9

/** @returns a sentence for each number that is not what it should be. */
export function differences(entry: RecordEntry, expected: Numbers): readonly string[] {
  return Object.entries(expected).flatMap(([path, number]) => {
    const stated = valueAt(entry.body, path)
    if (number === null ? stated === null || stated === undefined : isClose(stated, number)) return []
    return [
      `Entry ${entry.seq} says ${path} = ${stated === undefined ? 'nothing' : JSON.stringify(stated)}; what is stored gives ${number ?? 'none'}.`,
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
