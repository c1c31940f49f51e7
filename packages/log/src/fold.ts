import { markKind, type EntryBody, type Entry, type Item } from '@bongsu/protocol'
import { subjectOf } from './keys.ts'

/** The newest value of one mark of any kind. */
export interface HeldItem {
  readonly kind: string
  readonly key: string
  readonly change: number
  /** Null: taken back. */
  readonly value: unknown
}

/** Marks of one entry, by `<kind> <key>`. */
export type Marks = ReadonlyMap<string, HeldItem>

export const NO_MARKS: Marks = new Map()

export function nameOf({ kind, key }: Pick<HeldItem, 'kind' | 'key'>): string {
  return `${kind} ${key}`
}

/** The marks of an entry after one more item [I3]: the newest change of each name counts, in whatever order items arrive. */
export function foldItem(marks: Marks, item: HeldItem): Marks {
  return foldItems(marks, [item])
}

/** The marks of an entry after more items; the same object when none of them is news. Costs one copy, however many there are. */
export function foldItems(marks: Marks, items: readonly HeldItem[]): Marks {
  let after: Map<string, HeldItem> | null = null
  let isOver = isFinal(marks)
  for (const item of items) {
    const isEnd = markKind(item.kind)?.final === true
    if (isOver && !isEnd) continue
    const name = nameOf(item)
    const held = (after ?? marks).get(name)
    if (held !== undefined && held.change >= item.change) continue
    // [I6] An erased entry keeps nothing but the mark that says so.
    after = isEnd && item.value !== null ? new Map() : (after ?? new Map(marks))
    after.set(name, item)
    if (isEnd) isOver = isFinal(after)
  }
  return after ?? marks
}

function isFinal(marks: Marks): boolean {
  for (const { kind, value } of marks.values()) if (value !== null && markKind(kind)?.final === true) return true
  return false
}

/** The entry with its body as changed by its marks [I6]. The same object when they change nothing. */
export function foldEntry(entry: Entry, marks: Marks): Entry {
  let { body } = entry
  const rewriting = [...marks.values()].filter(({ kind }) => markKind(kind)?.rewrite !== undefined)
  for (const { kind, value } of rewriting.toSorted((a, b) => a.change - b.change)) body = rewritten(body, kind, value)
  return body === entry.body ? entry : { ...entry, body }
}

/** The body of an entry as changed by a mark; the same object when nothing changes. */
export function rewritten(body: EntryBody, kind: string, value: unknown): EntryBody {
  const rewrite = markKind(kind)?.rewrite
  if (value === null || rewrite === undefined || body.kind === 'erased') return body
  return rewrite(body, value)
}

/** Items by the seq of their entries. Items without an entry are left out. */
export function bySubject(items: readonly (Item | HeldItem)[]): ReadonlyMap<number, readonly HeldItem[]> {
  const found = new Map<number, HeldItem[]>()
  for (const item of items) {
    const seq = subjectOf(item.key)
    if (seq === null) continue
    const those = found.get(seq)
    if (those === undefined) found.set(seq, [item])
    else those.push(item)
  }
  return found
}
