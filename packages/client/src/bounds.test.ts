import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { AccountId, ConversationId, Entry, Person } from '@bongsu/protocol'
import { createFakeClock, createRandom, uuidOf } from '../fakes/clock.ts'
import { createHistory, entriesInMemoryMax, HistoryUnavailable } from './history.ts'
import { createMemoryStore } from './memory-store.ts'
import { knowPeople, peopleMax } from './people.ts'
import { createPeopleLookup, wantedMax } from './people-lookup.ts'
import { EMPTY_STATE, NO_ITEMS, type ReplicaState, type Room } from './state.ts'
import { createSending, outcomesMax, SendRejected } from './sending.ts'
import { acceptedMax, outboxItemsMax } from './outbox.ts'
import { createTyping, typingShownMs, writersMax } from './typing.ts'

const idOf = (number: number) => uuidOf(0xa, number) as AccountId
const room = uuidOf(0xc, 1) as ConversationId

function persons(first: number, last: number): Person[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({ accountId: idOf(first + index), handle: 'h', displayName: 'd' }))
}

test('[O1] remembered names are bounded; friends stay, the oldest others are dropped', () => {
  const friend = persons(1, 1)[0] as Person
  const state: ReplicaState = { ...EMPTY_STATE, friends: new Map([[friend.accountId, friend]]) }
  const full = knowPeople(state, persons(1, peopleMax))
  assert.equal(full.people.size, peopleMax)
  const over = knowPeople(full, persons(peopleMax + 1, peopleMax + 1))
  assert.equal(over.people.size, peopleMax)
  assert.deepEqual(
    [1, 2, 3, peopleMax + 1].map((number) => over.people.has(idOf(number))),
    [true, false, true, true],
  )
})

test('[O1] wanted names are bounded', async () => {
  const clock = createFakeClock()
  const asked: AccountId[] = []
  const known = new Set<AccountId>()
  const lookup = createPeopleLookup({
    http: {
      call: (async (_name: string, { body }: { body: { accountIds: AccountId[] } }) => {
        asked.push(...body.accountIds)
        return { ok: true, value: { people: body.accountIds.map((accountId) => ({ accountId, handle: '', displayName: '' })) } }
      }) as never,
    },
    clock,
    known: (accountId) => known.has(accountId),
    found: (people) => people.forEach(({ accountId }) => known.add(accountId)),
  })
  lookup.want(Array.from({ length: wantedMax + 1 }, (_, index) => idOf(index)))
  await clock.pass(60_000)
  assert.equal(asked.length, wantedMax)
})

test('[O1] shown typists of one room are bounded', async () => {
  const clock = createFakeClock()
  const typing = createTyping(clock, () => undefined)
  for (let number = 0; number <= writersMax; number++) typing.saw(room, idOf(number))
  assert.equal(typing.writers().get(room)?.length, writersMax)
  await clock.pass(typingShownMs - 1)
  typing.saw(room, idOf(0))
  await clock.pass(1)
  assert.deepEqual(typing.writers().get(room), [idOf(0)], 'a further sign keeps one there')
  typing.clear()
  assert.equal(typing.writers().size, 0)
  assert.equal(clock.waiting(), 0)
})

function createBench() {
  return createSending({
    clock: createFakeClock(),
    random: createRandom(1),
    persist: {
      outbox: async () => undefined,
      settled: () => undefined,
      unstored: () => ({ entries: [], items: [] }),
      state: () => undefined,
      flush: async () => undefined,
      stop: async () => undefined,
      failed: () => false,
      holdsDropped: () => false,
      gaveUp: () => false,
    },
    send: () => true,
    isOpen: () => true,
    isKnown: () => true,
    mustWait: () => false,
    changed: () => undefined,
  })
}

test('[O1] the outbox takes its last entry at the bound and rejects the next', async () => {
  const sending = createBench()
  for (let number = 0; number < outboxItemsMax; number++) await sending.add(room, { kind: 'text', text: 'x' })
  await assert.rejects(sending.add(room, { kind: 'text', text: 'x' }), (error) => error instanceof SendRejected && error.code === 'outbox-full')
  assert.equal(sending.entries().length, outboxItemsMax)
})

test('[O1] accepted entries waiting for arrival are bounded; the oldest are dropped first', async () => {
  const sending = createBench()
  for (let number = 0; number <= acceptedMax; number++) {
    const id = await sending.add(room, { kind: 'text', text: 'x' })
    sending.accepted(id, number + 1)
    if (number === acceptedMax - 1) assert.equal(sending.entries()[0]?.seq, 1)
  }
  assert.deepEqual([sending.entries().length, sending.entries()[0]?.seq], [acceptedMax, 2])
})

test('[O1] remembered outcomes are bounded; the oldest are dropped first', async () => {
  const sending = createBench()
  const ids: Entry['id'][] = []
  for (let number = 0; number <= outcomesMax; number++) {
    const id = await sending.add(room, { kind: 'text', text: 'x' })
    sending.accepted(id, number + 1)
    sending.sweep(() => true)
    ids.push(id)
  }
  await assert.rejects(sending.settled(ids[0] as Entry['id']), /no such entry/)
  assert.deepEqual(await sending.settled(ids[1] as Entry['id']), { accepted: true, seq: 2 })
})

test('[O1] entries of one room in memory are bounded', async () => {
  const entry = (seq: number): Entry => ({ seq, acceptedAt: 0, author: idOf(1), id: uuidOf(0xe, seq) as Entry['id'], body: { kind: 'left' } })
  const load = (inMemory: number) => {
    const head = entriesInMemoryMax + 10
    const held: Room = {
      conversationId: room,
      membership: { conversationId: room, kind: 'group', joinedSeq: 1 },
      meta: { kind: 'group', title: '', memberCount: 2, people: [] },
      cursor: head,
      ranges: [],
      readSeq: 0,
      readSaid: 0,
      unreadBelow: 0,
      inexact: false,
      entries: Array.from({ length: inMemory }, (_, index) => entry(head - inMemory + 1 + index)),
      unread: new Map(),
      ...NO_ITEMS,
    }
    const history = createHistory({
      store: createMemoryStore(),
      http: {
        call: (async (_name: string, { query }: { query: { before: number } }) => ({
          ok: true,
          value: { entries: [entry(query.before - 1)] },
        })) as never,
      },
      clock: createFakeClock(),
      random: createRandom(1),
      persist: { flush: async () => undefined, holdsDropped: () => false, gaveUp: () => false, unstored: () => ({ entries: [], items: [] }) },
      state: () => ({ ...EMPTY_STATE, rooms: new Map([[room, held]]) }),
      changed: () => undefined,
    })
    return history.loadOlder(room, 1)
  }
  assert.deepEqual(await load(entriesInMemoryMax - 1), { more: true })
  await assert.rejects(load(entriesInMemoryMax), (error) => error instanceof HistoryUnavailable && error.code === 'limit-reached')
})
