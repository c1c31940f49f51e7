import type { AccountId, ClientMessageId, ConversationId, Entry } from '@bongsu/protocol'
import type { Violation } from '../../apps/server/src/conformance/checker.ts'

// Judges marks by SPEC.md alone, like checker.ts judges entries: it knows no rulebook, no store and no client.

/** An act some device made. Listed in the order in which that device made them. */
export interface InvokedAct {
  readonly id: ClientMessageId
  readonly device: string
  readonly author: AccountId
  readonly conversationId: ConversationId
  readonly kind: string
  /** The entry it is about, by place and by id. */
  readonly seq: number
  readonly subject: ClientMessageId
  readonly value: unknown
}

/** `change`: the number it took in the log of its owner, the conversation or, for `hidden`, the account. */
export interface AcceptedAct {
  readonly id: ClientMessageId
  readonly change: number
}

export interface ActLedger {
  readonly invoked: readonly InvokedAct[]
  /** All answers heard, also when the same id was accepted again. */
  readonly accepted: readonly AcceptedAct[]
  /** Ids refused for good. */
  readonly refused: readonly ClientMessageId[]
}

/** An item as one holder has it. */
export interface HeldItem {
  readonly kind: string
  readonly key: string
  readonly change: number
  /** Null: taken back. */
  readonly value: unknown
}

/** What the store has of one conversation at the end. */
export interface RoomOfItems {
  readonly conversationId: ConversationId
  readonly entries: readonly Entry[]
  readonly items: readonly HeldItem[]
  /** The highest change. */
  readonly change: number
}

/** What one device shows of one conversation at the end. */
export interface ShownMarks {
  readonly holder: string
  readonly conversationId: ConversationId
  readonly entries: readonly Entry[]
  /** The marks that have a value, of the entries it shows. */
  readonly items: readonly Pick<HeldItem, 'kind' | 'key' | 'value'>[]
}

export interface ActEvidence {
  readonly ledger: ActLedger
  readonly rooms: readonly RoomOfItems[]
  readonly shown: readonly ShownMarks[]
  /** What was first written under an id, by author and id; entries that are not here were never rewritten. */
  readonly written: ReadonlyMap<string, Entry['body']>
}

/** Every way in which the evidence contradicts the promises about items; empty when it does not. */
export function judgeActs(evidence: ActEvidence): readonly Violation[] {
  const { ledger, rooms, shown } = evidence
  return [
    ...judgeAnswers(ledger),
    ...rooms.flatMap((room) => [...judgeItems(ledger, room), ...judgeAccepted(ledger, room), ...judgeBodies(evidence, room)]),
    ...judgeOwnOrder(ledger),
    ...shown.flatMap((one) =>
      judgeShown(
        one,
        rooms.find(({ conversationId }) => conversationId === one.conversationId),
      ),
    ),
  ]
}

/** Seq of the entry that an item is about, and whose it is where each member has one. */
function partsOf(key: string): { readonly seq: number; readonly account: string | null } {
  const [seq = '', account = null] = key.split(':')
  return { seq: Number(seq), account }
}

function keyOf({ kind, seq, author, conversationId }: InvokedAct): string {
  if (kind === 'hidden') return `${conversationId}:${seq}`
  return kind === 'reaction' ? `${seq}:${author}` : String(seq)
}

/** [I2, I1] An act has one answer; a change is one value of one thing. */
function judgeAnswers({ invoked, accepted }: ActLedger): readonly Violation[] {
  const found: Violation[] = []
  const madeAs = new Map(invoked.map((act) => [act.id, act]))
  const changeOf = new Map<ClientMessageId, number>()
  const thingAt = new Map<string, string>()
  for (const { id, change } of accepted) {
    const known = changeOf.get(id)
    if (known !== undefined && known !== change) found.push(breach('I2', 'two-answers', `${id} was accepted as change ${known} and as ${change}`))
    changeOf.set(id, change)
    const act = madeAs.get(id)
    // Change 0: nothing was there, and nothing was asked for.
    if (act === undefined || change === 0) continue
    const place = `${act.kind === 'hidden' ? act.author : act.conversationId} ${change}`
    const thing = `${act.kind} ${keyOf(act)} ${plain(asked(act.value))}`
    const other = thingAt.get(place)
    // An act that asks for what is so already is answered with the change by which it became so.
    if (other !== undefined && other !== thing) found.push(breach('I1', 'one-change-two-acts', `${place} is ${other} and ${thing}`))
    thingAt.set(place, thing)
  }
  return found
}

/** [I1, I4, I5] Each item is what somebody asked for who may, about the entry that was meant; each has a change of its own. */
function judgeItems({ invoked, refused }: ActLedger, room: RoomOfItems): readonly Violation[] {
  const { conversationId, entries, items, change: head } = room
  const found: Violation[] = []
  const refusedIds = new Set(refused)
  const changes = new Map<number, string>()
  const erased = new Set(items.flatMap(({ kind, key, value }) => (kind === 'erased' && value !== null ? [partsOf(key).seq] : [])))
  const acts = Map.groupBy(
    invoked.filter((act) => act.conversationId === conversationId && act.kind !== 'hidden'),
    (act) => `${act.kind} ${keyOf(act)}`,
  )
  for (const { kind, key, change, value } of items) {
    const at = `${conversationId}: ${kind} ${key}`
    const { seq, account } = partsOf(key)
    if (change < 1 || change > head) found.push(breach('I1', 'item-out-of-order', `${at} has change ${change} of ${head}`))
    const other = changes.get(change)
    if (other !== undefined) found.push(breach('I1', 'one-change-two-acts', `change ${change} is ${other} and ${at}`))
    changes.set(change, at)
    const entry = entries[seq - 1]
    if (entry === undefined) {
      found.push(breach('I4', 'mark-on-nothing', `${at} is about an entry that is not there`))
      continue
    }
    if (value === null) continue
    if (erased.has(seq) && kind !== 'erased') found.push(breach('I6', 'mark-on-erased', `${at} is about an entry that was erased`))
    if ((kind === 'edit' || kind === 'erased') && !['text', 'erased'].includes(entry.body.kind))
      found.push(breach('I5', 'not-allowed', `${at} is about what is no text`))
    const askedFor = (acts.get(`${kind} ${key}`) ?? []).filter((act) => !refusedIds.has(act.id) && plain(asked(act.value)) === plain(asked(value)))
    if (askedFor.length === 0) found.push(breach('I1', 'act-invented', `${at} is ${plain(value)}, which nobody asked for`))
    else if (!askedFor.some((act) => act.subject === entry.id)) found.push(breach('I4', 'mark-on-another', `${at} was meant for another entry`))
    else if (account === null && !askedFor.some((act) => act.author === entry.author))
      found.push(breach('I5', 'not-allowed', `${at} was not set by the author of the entry`))
  }
  return found
}

/** [I1, I2] What was accepted is so, unless something newer is: an older act never comes back over it. */
function judgeAccepted({ invoked, accepted }: ActLedger, { conversationId, items }: RoomOfItems): readonly Violation[] {
  const found: Violation[] = []
  const madeAs = new Map(invoked.map((act) => [act.id, act]))
  const held = new Map(items.map((item) => [`${item.kind} ${item.key}`, item]))
  const erasedAt = new Map(items.flatMap(({ kind, key, change, value }) => (kind === 'erased' && value !== null ? [[partsOf(key).seq, change]] : [])))
  for (const { id, change } of accepted) {
    const act = madeAs.get(id)
    if (act === undefined || act.conversationId !== conversationId || act.kind === 'hidden') continue
    const at = `${conversationId}: ${act.kind} ${keyOf(act)}`
    const erasure = erasedAt.get(act.seq)
    if (erasure !== undefined && act.kind !== 'erased') {
      if (change > erasure) found.push(breach('I6', 'mark-on-erased', `${at} was accepted as change ${change}, after the erasure ${erasure}`))
      continue
    }
    const item = held.get(`${act.kind} ${keyOf(act)}`)
    // What was taken back may be kept as nothing at all.
    if (item === undefined) {
      if (act.value !== null) found.push(breach('I1', 'act-lost', `${at} was accepted as change ${change} and is not there`))
    } else if (item.change < change) found.push(breach('I1', 'act-lost', `${at} was accepted as change ${change} and stands at ${item.change}`))
    else if (item.change === change && plain(asked(item.value)) !== plain(asked(act.value)))
      found.push(breach('I1', 'act-changed', `${at} was accepted as ${plain(act.value)} and is ${plain(item.value)}`))
  }
  return found
}

/** [I6] The body of an entry is what its marks make of it, in the store itself. */
function judgeBodies({ written }: ActEvidence, { conversationId, entries, items }: RoomOfItems): readonly Violation[] {
  const found: Violation[] = []
  const marks = new Map(items.filter(({ value }) => value !== null).map(({ kind, key, value }) => [`${kind} ${key}`, value]))
  for (const { seq, author, id, body } of entries) {
    const first = written.get(`${author} ${id}`)
    if (first === undefined || first.kind !== 'text') continue
    const at = `${conversationId}#${seq}`
    if (marks.has(`erased ${seq}`)) {
      if (plain(body) !== plain({ kind: 'erased' })) found.push(breach('I6', 'not-erased', `${at} was erased and holds ${plain(body)}`))
      continue
    }
    const edit = marks.get(`edit ${seq}`) as { readonly text: string; readonly mentions?: unknown } | undefined
    const { mentions: _, ...rest } = first as typeof first & { readonly mentions?: unknown }
    const expected = edit === undefined ? first : { ...rest, text: edit.text, ...(edit.mentions === undefined ? {} : { mentions: edit.mentions }) }
    if (plain(body) !== plain(expected))
      found.push(breach(edit === undefined ? 'M4' : 'I6', 'body-wrong', `${at} holds ${plain(body)}, not ${plain(expected)}`))
  }
  return found
}

/** [M6, I2] Of two acts of one device about one thing the later one counts. */
function judgeOwnOrder({ invoked, accepted }: ActLedger): readonly Violation[] {
  const found: Violation[] = []
  const changeOf = new Map(accepted.map(({ id, change }) => [id, change]))
  const last = new Map<string, { readonly id: string; readonly change: number }>()
  for (const act of invoked) {
    const change = changeOf.get(act.id)
    if (change === undefined) continue
    const thing = `${act.device} ${act.conversationId} ${act.kind} ${keyOf(act)}`
    const before = last.get(thing)
    if (before !== undefined && before.change > change)
      found.push(breach('M6', 'own-order', `${thing}: ${act.id} was asked for after ${before.id}, and is change ${change} before ${before.change}`))
    last.set(thing, { id: act.id, change })
  }
  return found
}

/** [I3, D5] A device shows the marks and the bodies that the store has, of every entry that it shows. */
function judgeShown({ holder, conversationId, entries, items }: ShownMarks, room: RoomOfItems | undefined): readonly Violation[] {
  if (room === undefined) return []
  const found: Violation[] = []
  const stored = Map.groupBy(
    room.items.filter(({ value }) => value !== null),
    ({ key }) => partsOf(key).seq,
  )
  const shown = Map.groupBy(items, ({ key }) => partsOf(key).seq)
  for (const entry of entries) {
    const at = `${holder}: ${conversationId}#${entry.seq}`
    const truth = room.entries[entry.seq - 1]
    if (truth === undefined) continue
    if (plain(truth.body) !== plain(entry.body)) {
      const promise = (truth.body.kind as string) === 'erased' ? 'I6' : 'D5'
      found.push(breach(promise, 'shown-body-wrong', `${at} is shown as ${plain(entry.body)}, and is ${plain(truth.body)}`))
    }
    const [has, owed] = [shown.get(entry.seq) ?? [], stored.get(entry.seq) ?? []].map((marks) =>
      marks.map(({ kind, key, value }) => `${kind} ${key} ${plain(value)}`).toSorted(),
    )
    if (plain(has) !== plain(owed)) found.push(breach('I3', 'shown-marks-wrong', `${at} is shown with ${plain(has)}, and has ${plain(owed)}`))
  }
  return found
}

/** What an item says without what only the server can say of it. */
function asked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('editedAt' in value)) return value
  const { editedAt: _, ...rest } = value
  return rest
}

/** One text for equal values, whatever the order of their fields. */
function plain(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  )
}

function breach(promise: string, kind: Violation['breach'], sentence: string): Violation {
  return { promise, breach: kind, sentence }
}
