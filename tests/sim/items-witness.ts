import type { AccountId, ConversationId, DownFrameOf, Item, UpFrame } from '@bongsu/protocol'
import { LIMITS } from '@bongsu/protocol'
import type { InvokedAct } from '../checker/acts.ts'
import type { Disk } from './disk.ts'
import type { JudgedKind } from './judged.ts'

export interface ItemsWitnessParts {
  readonly disk: Disk
  readonly accountId: AccountId
  readonly expect: (held: boolean, promise: string, sentence: string) => void
  readonly judged: (kind: JudgedKind) => void
  /** An act that some device made. */
  readonly actOf: (id: string) => InvokedAct | undefined
}

type Hello = UpFrame & { readonly t: 'hello' }

/** Reads what one connection is told of items, and holds it against what must be true at that moment. */
export class ItemsWitness {
  readonly #parts: ItemsWitnessParts
  /** The device has named the feature. */
  knows = false
  readonly #cursors = new Map<ConversationId, number>()
  /** Where each conversation stood when the device said hello. */
  readonly #owed = new Map<ConversationId, number>()

  constructor(parts: ItemsWitnessParts) {
    this.#parts = parts
  }

  /** @param same its cursors are of this history. */
  hello({ features, changes, cursors }: Hello, same: boolean): void {
    const { disk } = this.#parts
    this.knows = features?.includes('items') === true
    for (const conversationId of disk.rooms) this.#owed.set(conversationId, disk.truth.change(conversationId))
    if (!same) return
    for (const [conversationId] of cursors) this.#cursors.set(conversationId, 0)
    for (const [conversationId, change] of changes ?? []) this.#cursors.set(conversationId, change)
  }

  beginsAnew(): void {
    this.#cursors.clear()
  }

  /** Null for a device that does not know items. */
  cursor(conversationId: ConversationId): number | null {
    return this.knows ? (this.#cursors.get(conversationId) ?? 0) : null
  }

  /** Sum of the changes that the device has been sent, of those conversations it counts. */
  sum(left: ReadonlySet<ConversationId>): number {
    if (!this.knows) return 0
    return [...this.#cursors].reduce((sum, [conversationId, change]) => (left.has(conversationId) ? sum : sum + change), 0)
  }

  /** Has the device missed so many changes that it is to be given the conversation anew [I3]? */
  isFarBehind(conversationId: ConversationId): boolean {
    const behind = this.#parts.disk.truth.change(conversationId) - (this.#cursors.get(conversationId) ?? 0)
    return this.knows && behind > LIMITS.backfillItemsMax
  }

  items({ conversationId, from, to, items }: DownFrameOf<'items'>): void {
    const { expect, disk, judged } = this.#parts
    const cursor = this.#cursors.get(conversationId)
    expect(this.knows, 'I10', `items of ${conversationId} are sent to a device that does not know items`)
    expect(cursor === from && to >= from, 'I3', `items ${from}-${to} of ${conversationId} are sent to a device at change ${cursor ?? 'none'}`)
    expect(items.length <= LIMITS.itemsPerFrameMax, 'O1', `${items.length} items in a frame`)
    expect(to <= disk.truth.change(conversationId), 'I1', `items of ${conversationId} up to ${to} are ahead of what is durable`)
    const joinedSeq = disk.joinedSeq(conversationId, this.#parts.accountId) ?? Number.POSITIVE_INFINITY
    this.#check(conversationId, items, from, to, (seq) => seq >= joinedSeq)
    this.#cursors.set(conversationId, to)
    judged('items: sent as they changed')
  }

  reset({ conversationId, head, entries, change, items }: DownFrameOf<'reset'>): void {
    const { expect, disk, judged } = this.#parts
    if (!this.knows)
      return expect(
        change === undefined && items === undefined,
        'I10',
        `a reset of ${conversationId} brings items to a device that does not know them`,
      )
    if (change === undefined || items === undefined) return expect(false, 'I3', `a reset of ${conversationId} brings no items`)
    expect(change <= disk.truth.change(conversationId), 'I1', `a reset of ${conversationId} is ahead of what is durable, at change ${change}`)
    const first = head - entries.length + 1
    this.#check(conversationId, items, 0, change, (seq) => first <= seq && seq <= head)
    this.#cursors.set(conversationId, change)
    judged('items: with the entries of a reset')
  }

  /** [I1] What is acknowledged is durable at that moment. */
  accepted({ id, conversationId, change }: DownFrameOf<'set-accepted'>): void {
    const { expect, disk, actOf, judged } = this.#parts
    judged('act: accepted')
    const act = actOf(id)
    if (act === undefined) return expect(false, 'I1', `${id} is accepted, which nobody asked for`)
    if (act.kind === 'hidden')
      return expect(change <= disk.truth.accountHead(act.author), 'I1', `${id} is accepted as change ${change}, which is not durable`)
    const own = act.kind === 'reaction' ? `${act.seq}:${act.author}` : String(act.seq)
    const there = disk.truth.items(conversationId)
    const isErased = there.some(({ kind, key, value }) => kind === 'erased' && key === String(act.seq) && value !== null)
    const isThere = there.some((item) => item.kind === act.kind && item.key === own && item.change >= change)
    expect(isThere || isErased || act.value === null, 'I1', `${id} is accepted as change ${change}, where it is not durable`)
  }

  /** [I3, D7] Caught up is who was sent every change that was there at the hello. @param isMember ever since the hello. */
  isComplete(conversationId: ConversationId, isMember: boolean): void {
    const owed = this.#owed.get(conversationId) ?? 0
    const cursor = this.#cursors.get(conversationId) ?? 0
    this.#parts.expect(
      !this.knows || !isMember || cursor >= owed,
      'I3',
      `caught-up is said at change ${cursor} of ${conversationId}, which had ${owed}`,
    )
  }

  /** Each is what is durable, or has been replaced since; none that is durable is left out. */
  #check(conversationId: ConversationId, items: readonly Item[], from: number, to: number, isOwed: (seq: number) => boolean): void {
    const { expect, disk } = this.#parts
    const stored = new Map(disk.truth.items(conversationId).map((item) => [`${item.kind} ${item.key}`, item]))
    const sent = new Set<string>()
    for (const item of items) {
      const name = `${item.kind} ${item.key}`
      const at = `${conversationId}: ${name}`
      sent.add(`${name} ${item.change}`)
      expect(from < item.change && item.change <= to, 'I3', `${at} has change ${item.change} and is sent among ${from}-${to}`)
      expect(
        disk.maySee(this.#parts.accountId, conversationId, Number.parseInt(item.key, 10)),
        'W4',
        `${at} is sent to ${this.#parts.accountId}, who does not see that entry`,
      )
      const truth = stored.get(name)
      const isSame = truth?.change === item.change && JSON.stringify(truth.value) === JSON.stringify(item.value)
      const isOlder = truth === undefined ? stored.has(`erased ${Number.parseInt(item.key, 10)}`) : truth.change > item.change
      expect(isSame || isOlder, 'I1', `${at} is sent as change ${item.change}, and is not what is durable`)
    }
    for (const [name, { key, change, value }] of stored) {
      // What was taken back is nothing to an entry that comes anew.
      if (from === 0 && value === null) continue
      if (change <= from || change > to || !isOwed(Number.parseInt(key, 10))) continue
      expect(sent.has(`${name} ${change}`), 'I3', `${conversationId}: ${name} is change ${change} and is left out of ${from}-${to}`)
    }
  }
}
