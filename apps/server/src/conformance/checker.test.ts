import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, ClientMessageId, ConversationId, Entry } from '@bongsu/protocol'
import { judge, type Accepted, type Breach, type Evidence, type Holding, type Invoked, type SeenMark } from './checker.ts'

const ROOM = 'room' as ConversationId
const KIM = 'kim' as AccountId
const LEE = 'lee' as AccountId
const id = (name: string): ClientMessageId => name as ClientMessageId

function invoked(name: string, device = 'kim-phone', author = KIM): Invoked {
  return { id: id(name), device, author, conversationId: ROOM, text: `text of ${name}` }
}

function entry(seq: number, name: string, change: Partial<Entry> = {}): Entry {
  return { seq, acceptedAt: 1_000 + seq, author: KIM, id: id(name), body: { kind: 'text', text: `text of ${name}` }, ...change }
}

function accepted(name: string, seq: number): Accepted {
  return { id: id(name), conversationId: ROOM, seq }
}

function held(holder: string, entries: readonly Entry[], from = 1): Holding {
  return { holder, conversationId: ROOM, from, entries }
}

const CREATED = entry(1, 'created', { body: { kind: 'created', title: '', accounts: [] } })
const TWO = [CREATED, entry(2, 'a'), entry(3, 'b')]
const GOOD: Evidence = {
  ledger: {
    invoked: [invoked('a'), invoked('b'), invoked('unknown')],
    accepted: [accepted('a', 2), accepted('b', 3), accepted('b', 3)],
    refused: [],
  },
  holdings: [held('phone', TWO), held('laptop', TWO), held('newcomer', TWO.slice(2), 3)],
  marks: [mark(1), mark(3), mark(3)],
}

function mark(seq: number): SeenMark {
  return { holder: 'phone', account: LEE, conversationId: ROOM, seq }
}

function breaches(evidence: Evidence): readonly Breach[] {
  return [...new Set(judge(evidence).map((violation) => violation.breach))]
}

/** All holders hold the same entries. */
function everybody(entries: readonly Entry[]): Pick<Evidence, 'holdings'> {
  return { holdings: [held('phone', entries), held('laptop', entries)] }
}

test('[M5] evidence that keeps every promise is not blamed, nor is an entry whose answer never came, there or not', () => {
  assert.deepEqual(judge(GOOD), [])
  const there = [...TWO, entry(4, 'unknown')]
  assert.deepEqual(judge({ ...GOOD, ...everybody(there) }), [])
})

test('[M5] an accepted entry that one device lacks is lost', () => {
  // The last one, so that no gap tells of it, and the device is the only holder.
  assert.deepEqual(breaches({ ...GOOD, marks: [], holdings: [held('phone', TWO.slice(0, 2))] }), ['lost'])
  assert.deepEqual(breaches({ ...GOOD, marks: [], holdings: [] }), ['lost'])
})

test('[D6] a device that ends before the others is seen even when the entry was accepted by nobody', () => {
  const there = [...TWO, entry(4, 'unknown')]
  assert.deepEqual(breaches({ ...GOOD, holdings: [held('phone', there), held('laptop', TWO)] }), ['gap'])
})

test('[M2] an entry that stands at two places is doubled', () => {
  assert.ok(breaches({ ...GOOD, ...everybody([...TWO, entry(4, 'a')]) }).includes('doubled'))
  assert.deepEqual(breaches({ ...GOOD, ...everybody([...TWO, entry(4, 'unknown'), entry(5, 'unknown')]) }), ['doubled'])
})

test('[M2] the same id accepted at two places is two answers', () => {
  const ledger = { ...GOOD.ledger, accepted: [accepted('b', 2), ...GOOD.ledger.accepted] }
  assert.ok(breaches({ ...GOOD, ledger }).includes('two-answers'))
})

test('[M3] one place given to two entries is seen from the answers alone', () => {
  const ledger = { ...GOOD.ledger, accepted: [...GOOD.ledger.accepted, accepted('unknown', 3)] }
  assert.ok(breaches({ ...GOOD, ledger }).includes('one-place-two-entries'))
})

test('[M4] an entry at another place than was told has moved', () => {
  const ledger = { ...GOOD.ledger, accepted: [accepted('a', 2), accepted('b', 4)] }
  assert.deepEqual(breaches({ ...GOOD, ledger, ...everybody(TWO) }), ['moved'])
})

test('[M4] other text, another author or another conversation than was written is a change', () => {
  const changes: readonly Partial<Entry>[] = [{ body: { kind: 'text', text: 'other' } }, { author: LEE }, { body: { kind: 'left' } }]
  for (const change of changes) assert.deepEqual(breaches({ ...GOOD, ...everybody([CREATED, entry(2, 'a', change), entry(3, 'b')]) }), ['changed'])
  const elsewhere = { ...GOOD.ledger, invoked: [{ ...invoked('a'), conversationId: 'other' as ConversationId }, invoked('b')] }
  assert.deepEqual(breaches({ ...GOOD, ledger: elsewhere, ...everybody(TWO) }), ['changed'])
})

test('[D2] entries that stand in another order than their seq are in disorder', () => {
  assert.deepEqual(breaches({ ...GOOD, holdings: [held('phone', [CREATED, entry(3, 'b'), entry(2, 'a')])] }), ['gap', 'disorder'])
})

test('[D4] a hole is a gap, at the beginning too', () => {
  assert.ok(breaches({ ...GOOD, holdings: [held('phone', [CREATED, entry(3, 'b')])] }).includes('gap'))
  assert.ok(breaches({ ...GOOD, holdings: [held('phone', TWO.slice(1))] }).includes('gap'))
})

test('[D5] two devices that show different entries at one place are divided', () => {
  const other = [CREATED, entry(2, 'a'), entry(3, 'b', { acceptedAt: 7 })]
  assert.deepEqual(breaches({ ...GOOD, holdings: [held('phone', TWO), held('laptop', other)] }), ['divided'])
})

test('[D9] a device that has lost a whole conversation is seen, though it holds nothing wrong', () => {
  const [first] = GOOD.holdings
  const owed = [{ holder: first!.holder, conversationId: first!.conversationId }]
  assert.deepEqual(breaches({ ...GOOD, owed }), [])
  assert.deepEqual(breaches({ ...GOOD, owed: [...owed, { ...owed[0]!, holder: 'lee-phone' }] }), ['not-held'])
})

test('[M1] a text nobody wrote is invented', () => {
  assert.deepEqual(breaches({ ...GOOD, ...everybody([...TWO, entry(4, 'ghost')]) }), ['invented'])
})

test('[C2] a refused entry that is there all the same is seen', () => {
  const ledger = { ...GOOD.ledger, refused: [id('unknown')] }
  assert.deepEqual(breaches({ ...GOOD, ledger, ...everybody([...TWO, entry(4, 'unknown')]) }), ['refused-yet-there'])
})

test('[C2] when all is at rest, an entry that was written and is nowhere has vanished; one that was refused has not', () => {
  assert.deepEqual(breaches({ ...GOOD, rest: 'answered' }), ['vanished'])
  const there = everybody([...TWO, entry(4, 'unknown')])
  assert.deepEqual(breaches({ ...GOOD, ...there, rest: 'accepted' }), [])
  const ledger = { ...GOOD.ledger, refused: [id('unknown')] }
  assert.deepEqual(breaches({ ...GOOD, ledger, rest: 'answered' }), [])
  assert.deepEqual(breaches({ ...GOOD, ledger, rest: 'accepted' }), ['refused-without-cause'])
})

test('[M6] two entries of one device in the other order are seen, those of two devices are not', () => {
  const swapped = { ...GOOD.ledger, invoked: [invoked('b'), invoked('a')] }
  assert.deepEqual(breaches({ ...GOOD, ledger: swapped }), ['own-order'])
  const apart = { ...GOOD.ledger, invoked: [invoked('b', 'kim-laptop'), invoked('a')] }
  assert.deepEqual(breaches({ ...GOOD, ledger: apart }), [])
})

test('[R1-R2] a watermark that falls, or passes the head, is seen', () => {
  assert.deepEqual(breaches({ ...GOOD, marks: [mark(3), mark(2)] }), ['mark-fell'])
  assert.deepEqual(breaches({ ...GOOD, marks: [mark(4)] }), ['mark-passed-head'])
})
