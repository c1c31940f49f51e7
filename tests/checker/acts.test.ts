import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, ClientMessageId, ConversationId, Entry } from '@bongsu/protocol'
import { judgeActs, type ActEvidence, type AcceptedAct, type HeldItem, type InvokedAct, type RoomOfItems } from './acts.ts'
import type { Breach } from '../../apps/server/src/conformance/checker.ts'

const ROOM = 'room' as ConversationId
const KIM = 'kim' as AccountId
const LEE = 'lee' as AccountId
const id = (name: string): ClientMessageId => name as ClientMessageId

function entry(seq: number, text: string | null): Entry {
  const body = text === null ? { kind: 'erased' } : { kind: 'text', text }
  return { seq, acceptedAt: 1_000 + seq, author: KIM, id: id(`entry-${seq}`), body } as Entry
}

function act(name: string, change: Partial<InvokedAct>): InvokedAct {
  return {
    id: id(name),
    device: 'phone',
    author: KIM,
    conversationId: ROOM,
    kind: 'edit',
    seq: 1,
    subject: id('entry-1'),
    value: { text: name },
    ...change,
  }
}

function thumb(name: string, emoji: string | null, change: Partial<InvokedAct> = {}): InvokedAct {
  return act(name, { kind: 'reaction', author: LEE, device: 'lee-phone', value: emoji === null ? null : { emoji }, ...change })
}

function item(kind: string, key: string, change: number, value: unknown): HeldItem {
  return { kind, key, change, value }
}

const accepted = (name: string, change: number): AcceptedAct => ({ id: id(name), change })

const WRITTEN: ActEvidence['written'] = new Map([1, 2, 3].map((seq) => [`kim entry-${seq}`, { kind: 'text', text: `text ${seq}` }]))
const INVOKED = [
  act('edited', {}),
  act('gone', { kind: 'erased', seq: 2, subject: id('entry-2'), value: {} }),
  thumb('up', '👍'),
  thumb('heart', '❤️'),
  thumb('unknown', '😆', { seq: 3, subject: id('entry-3') }),
]
const STORED: RoomOfItems = {
  conversationId: ROOM,
  entries: [entry(1, 'edited'), entry(2, null), entry(3, 'text 3')],
  items: [item('edit', '1', 1, { text: 'edited', editedAt: 5 }), item('erased', '2', 2, {}), item('reaction', '1:lee', 4, { emoji: '❤️' })],
  change: 4,
}
const GOOD: ActEvidence = {
  ledger: {
    invoked: INVOKED,
    accepted: [accepted('edited', 1), accepted('gone', 2), accepted('up', 3), accepted('heart', 4), accepted('up', 3)],
    refused: [],
  },
  rooms: [STORED],
  shown: [{ holder: 'phone', conversationId: ROOM, entries: STORED.entries, items: STORED.items }],
  written: WRITTEN,
}

function breaches(evidence: ActEvidence): readonly Breach[] {
  return [...new Set(judgeActs(evidence).map((violation) => violation.breach))]
}

/** The store and the only device have this. */
function everywhere(change: Partial<RoomOfItems>): Pick<ActEvidence, 'rooms' | 'shown'> {
  const room = { ...STORED, ...change }
  return {
    rooms: [room],
    shown: [{ holder: 'phone', conversationId: ROOM, entries: room.entries, items: room.items.filter(({ value }) => value !== null) }],
  }
}

function heard(...answers: AcceptedAct[]): ActEvidence['ledger'] {
  return { ...GOOD.ledger, accepted: [...GOOD.ledger.accepted, ...answers] }
}

test('[I1] evidence that keeps every promise is not blamed, nor is an act whose answer never came, done or not', () => {
  assert.deepEqual(judgeActs(GOOD), [])
  const there = [...STORED.items, item('reaction', '3:lee', 5, { emoji: '😆' })]
  assert.deepEqual(judgeActs({ ...GOOD, ...everywhere({ items: there, change: 5 }) }), [])
})

test('[I2] an act that was answered twice with two changes is seen', () => {
  assert.ok(breaches({ ...GOOD, ledger: heard(accepted('up', 5)) }).includes('two-answers'))
})

test('[I1] one change given to two acts is seen, from the answers and from the items', () => {
  assert.ok(breaches({ ...GOOD, ledger: heard(accepted('unknown', 4)) }).includes('one-change-two-acts'))
  const twice = [...STORED.items, item('reaction', '3:lee', 4, { emoji: '😆' })]
  assert.ok(breaches({ ...GOOD, ...everywhere({ items: twice }) }).includes('one-change-two-acts'))
})

test('[I2] an older act that comes back over a newer one is seen', () => {
  const items = [...STORED.items.slice(0, 2), item('reaction', '1:lee', 3, { emoji: '👍' })]
  assert.deepEqual(breaches({ ...GOOD, ...everywhere({ items }) }), ['act-lost'])
})

test('[I1] an accepted act that is nowhere, or is there as something else, is seen', () => {
  assert.deepEqual(breaches({ ...GOOD, ...everywhere({ items: STORED.items.slice(0, 2) }) }), ['act-lost'])
  const items = [...STORED.items.slice(0, 2), item('reaction', '1:lee', 4, { emoji: '👍' })]
  assert.deepEqual(breaches({ ...GOOD, ...everywhere({ items }) }), ['act-changed'])
})

test('[I1] a mark that nobody asked for is seen, and one whose act was refused', () => {
  const items = [...STORED.items, item('reaction', '3:lee', 5, { emoji: '😢' })]
  assert.deepEqual(breaches({ ...GOOD, ...everywhere({ items, change: 5 }) }), ['act-invented'])
  const asked = [...STORED.items, item('reaction', '3:lee', 5, { emoji: '😆' })]
  assert.deepEqual(breaches({ ...GOOD, ledger: { ...GOOD.ledger, refused: [id('unknown')] }, ...everywhere({ items: asked, change: 5 }) }), [
    'act-invented',
  ])
})

test('[I1] a change above the highest one is seen', () => {
  assert.deepEqual(breaches({ ...GOOD, ...everywhere({ change: 3 }) }), ['item-out-of-order'])
})

test('[I4] a mark on another entry than was meant, or on none, is seen', () => {
  const moved = { ...GOOD.ledger, invoked: INVOKED.map((one) => (one.id === 'edited' ? { ...one, subject: id('entry-9') } : one)) }
  assert.deepEqual(breaches({ ...GOOD, ledger: moved }), ['mark-on-another'])
  const invoked = [...INVOKED, thumb('nowhere', '👍', { seq: 9, subject: id('entry-9') })]
  const items = [...STORED.items, item('reaction', '9:lee', 5, { emoji: '👍' })]
  assert.deepEqual(breaches({ ...GOOD, ledger: { ...GOOD.ledger, invoked }, ...everywhere({ items, change: 5 }) }), ['mark-on-nothing'])
})

test('[I5] an edit or an erasure by somebody else than the author is seen', () => {
  const invoked = INVOKED.map((one) => (one.id === 'edited' || one.id === 'gone' ? { ...one, author: LEE } : one))
  assert.deepEqual(breaches({ ...GOOD, ledger: { ...GOOD.ledger, invoked } }), ['not-allowed'])
})

test('[I6] an entry that was erased and keeps its text, or a mark, is seen', () => {
  const kept = [entry(1, 'edited'), entry(2, 'text 2'), entry(3, 'text 3')]
  assert.deepEqual(breaches({ ...GOOD, ...everywhere({ entries: kept }) }), ['not-erased'])
  const invoked = [...INVOKED, thumb('late', '👍', { seq: 2, subject: id('entry-2') })]
  const items = [...STORED.items, item('reaction', '2:lee', 5, { emoji: '👍' })]
  const evidence = { ...GOOD, ledger: { ...GOOD.ledger, invoked }, ...everywhere({ items, change: 5 }) }
  assert.deepEqual(breaches(evidence), ['mark-on-erased'])
  assert.ok(
    breaches({ ...evidence, ledger: { ...evidence.ledger, accepted: [...GOOD.ledger.accepted, accepted('late', 5)] } }).includes('mark-on-erased'),
  )
})

test('[I6] a text that is not what its newest edit says is seen, and so is one that nobody edited', () => {
  assert.deepEqual(breaches({ ...GOOD, ...everywhere({ entries: [entry(1, 'text 1'), ...STORED.entries.slice(1)] }) }), ['body-wrong'])
  assert.deepEqual(breaches({ ...GOOD, ...everywhere({ entries: [...STORED.entries.slice(0, 2), entry(3, 'other')] }) }), ['body-wrong'])
})

test('[M6] of two acts of one device about one thing the earlier one does not count over the later', () => {
  const swapped = INVOKED.map((one) => (one.id === 'up' ? INVOKED[3]! : one.id === 'heart' ? INVOKED[2]! : one))
  assert.deepEqual(breaches({ ...GOOD, ledger: { ...GOOD.ledger, invoked: swapped } }), ['own-order'])
})

test('[I3] a device that lacks a mark, has one too many, or shows another body is seen', () => {
  const [one] = GOOD.shown
  const shown = (change: object): ActEvidence => ({ ...GOOD, shown: [{ ...one!, ...change }] })
  assert.deepEqual(breaches(shown({ items: STORED.items.slice(0, 2) })), ['shown-marks-wrong'])
  assert.deepEqual(breaches(shown({ items: [...STORED.items, item('reaction', '3:kim', 9, { emoji: '👍' })] })), ['shown-marks-wrong'])
  assert.deepEqual(breaches(shown({ entries: [entry(1, 'text 1')] })), ['shown-body-wrong'])
  assert.deepEqual(breaches(shown({ entries: [entry(2, 'text 2')] })), ['shown-body-wrong'])
})
