import type { Entry } from '@bongsu/protocol'
import { foldEntry, foldItems, nameOf, subjectOf, type HeldItem, type Marks } from '@bongsu/log'

/** An entry on a device, with the newest value of each of its marks. Marks that were taken back stay, with the value null. */
export interface MarkedEntry extends Entry {
  readonly marks?: readonly HeldItem[]
}

/** The items of a frame or a page. A kind unknown to this version may come without a value [W3]. */
export function heldItems(items: readonly { kind: string; key: string; change: number; value?: unknown }[] | undefined): readonly HeldItem[] {
  return (items ?? []).map(({ kind, key, change, value }) => ({ kind, key, change, value: value ?? null }))
}

/** Items by the seq of their entry. Items without an entry are at 0. */
export function itemsBySeq(items: readonly HeldItem[]): ReadonlyMap<number, readonly HeldItem[]> {
  const found = new Map<number, HeldItem[]>()
  for (const item of items) {
    const seq = subjectOf(item.key) ?? 0
    const those = found.get(seq)
    if (those === undefined) found.set(seq, [item])
    else those.push(item)
  }
  return found
}

/** The entry with these items and their effect on its body [I6]. The same object when they bring nothing new. */
export function withItems(entry: MarkedEntry, items: readonly HeldItem[]): MarkedEntry {
  if (items.length === 0) return entry
  const before: Marks = new Map((entry.marks ?? []).map((item) => [nameOf(item), item]))
  const after = foldItems(before, items)
  return after === before ? entry : { ...foldEntry(entry, after), marks: [...after.values()] }
}

/** Entries of the server, each with its items. */
export function marked(entries: readonly Entry[], items: readonly HeldItem[]): readonly MarkedEntry[] {
  if (items.length === 0) return entries
  const bySeq = itemsBySeq(items)
  return entries.map((entry) => withItems(entry, bySeq.get(entry.seq) ?? []))
}

/** Items newer than a change. */
export function newerThan(items: readonly HeldItem[] | undefined, change: number): readonly HeldItem[] {
  return (items ?? []).filter((item) => item.change > change)
}

/** The newest item of each name. */
export function newestItems(items: readonly HeldItem[]): readonly HeldItem[] {
  const newest = new Map<string, HeldItem>()
  for (const item of items) {
    const held = newest.get(nameOf(item))
    if (held === undefined || held.change < item.change) newest.set(nameOf(item), item)
  }
  return [...newest.values()]
}
