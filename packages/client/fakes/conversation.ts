import type { AccountId, ConversationId, ConversationKind, Entry, EntryBody } from '@bongsu/protocol'
import { foldEntry, foldItem, NO_MARKS, subjectOf, type HeldItem, type Marks, type Place, type RoomState } from '@bongsu/log'

/** One conversation of the fake server. Entries written directly into `log` count as accepted. */
export class FakeConversation {
  readonly id: ConversationId
  readonly kind: ConversationKind
  title: string
  readonly log: Entry[] = []
  /** joinedSeq by member, in the order of joining. */
  readonly members = new Map<AccountId, number>()
  readonly reads = new Map<AccountId, number>()
  state: RoomState | null = null
  /** All items ever written. Change n is at index n - 1. */
  readonly changes: HeldItem[] = []
  #marks = new Map<number, Marks>()
  /** Bodies from before marks rewrote them, for a restore. */
  readonly #said = new Map<number, EntryBody>()

  constructor(id: ConversationId, kind: ConversationKind, title: string) {
    this.id = id
    this.kind = kind
    this.title = title
  }

  get change(): number {
    return this.changes.length
  }

  placeOf(accountId: AccountId): Place | null {
    const joinedSeq = this.members.get(accountId)
    if (joinedSeq === undefined) return null
    return { kind: this.kind, head: this.log.length, change: this.change, memberCount: this.members.size, joinedSeq, state: this.state }
  }

  marksOf(seq: number): Marks {
    return this.#marks.get(seq) ?? NO_MARKS
  }

  /** Writes the next change. @returns its number. */
  mark(item: Omit<HeldItem, 'change'>): number {
    const next = { ...item, change: this.change + 1 }
    this.changes.push(next)
    this.#fold(next)
    return next.change
  }

  #fold(item: HeldItem): void {
    const seq = subjectOf(item.key)
    const entry = seq === null ? undefined : this.log[seq - 1]
    if (seq === null || entry === undefined) return
    const marks = foldItem(this.marksOf(seq), item)
    this.#marks.set(seq, marks)
    if (!this.#said.has(seq)) this.#said.set(seq, entry.body)
    this.log[seq - 1] = foldEntry(entry, marks)
  }

  /** The newest value of each mark newer than a change, in order. */
  itemsAfter(change: number): HeldItem[] {
    return [...this.#marks.values()]
      .flatMap((marks) => [...marks.values()])
      .filter((item) => item.change > change)
      .toSorted((a, b) => a.change - b.change)
  }

  /** The marks of these entries that have a value. */
  marksBetween(first: number, last: number): HeldItem[] {
    return this.itemsAfter(0).filter(({ key, value }) => value !== null && first <= (subjectOf(key) ?? 0) && (subjectOf(key) ?? 0) <= last)
  }

  /** Restores the state at that head and that change. @returns the removed entries. */
  cutBack(head: number, change: number): Entry[] {
    for (const [seq, body] of this.#said) if (this.log[seq - 1] !== undefined) this.log[seq - 1] = { ...(this.log[seq - 1] as Entry), body }
    const gone = this.log.splice(head)
    const kept = this.changes.splice(0).slice(0, change)
    this.#marks = new Map()
    for (const item of kept) {
      this.changes.push(item)
      this.#fold(item)
    }
    return gone
  }
}
