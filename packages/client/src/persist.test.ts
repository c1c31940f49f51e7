import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { ConversationId, Entry } from '@bongsu/protocol'
import { createFakeClock, settle, uuidOf } from '../fakes/clock.ts'
import { createMemoryStore } from './memory-store.ts'
import { createPersist, gatherMs, retryMs, storedStateOf, storedTailEntries, waitingEntriesMax } from './persist.ts'
import type { LocalChange, OutboxItem } from './ports.ts'
import { EMPTY_STATE, NO_ITEMS, type ReplicaState, type Room } from './state.ts'

const room = uuidOf(0xc, 1) as ConversationId
const at = (account: number): ReplicaState => ({ ...EMPTY_STATE, account })

function entries(first: number, last: number): Entry[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    seq: first + index,
    acceptedAt: 0,
    author: uuidOf(0xa, 1) as Entry['author'],
    id: uuidOf(0xe, first + index) as Entry['id'],
    body: { kind: 'text', text: 'x' },
  }))
}

function bench() {
  const clock = createFakeClock()
  const memory = createMemoryStore()
  const commits: LocalChange[] = []
  const gate = { fails: false, wait: null as Promise<void> | null }
  const store = {
    ...memory,
    async commit(change: LocalChange) {
      commits.push(change)
      if (gate.wait !== null) await gate.wait
      if (gate.fails) throw new Error('quota')
      await memory.commit(change)
    },
  }
  const persist = createPersist({ store, clock, changed: () => undefined })
  return { clock, memory, commits, gate, persist }
}

test('[D4] entries and the state that counts them are one commit, and waiting changes are merged into the next', async () => {
  const { clock, commits, gate, persist } = bench()
  let open = (): void => undefined
  gate.wait = new Promise((resolve) => (open = resolve))
  persist.state(at(1), [{ do: 'store', conversationId: room, entries: entries(1, 2) }])
  persist.state(at(2), [{ do: 'store', conversationId: room, entries: entries(3, 3) }])
  await clock.pass(gatherMs)
  assert.equal(commits.length, 1)
  assert.equal(commits[0]?.state?.account, 2)
  assert.deepEqual(commits[0]?.entries, [{ conversationId: room, entries: entries(1, 3) }])
  persist.state(at(3), [])
  persist.state(at(4), [])
  await clock.pass(gatherMs)
  assert.equal(commits.length, 1, 'one at a time')
  open()
  await settle()
  assert.deepEqual(
    commits.map((change) => change.state?.account),
    [2, 4],
  )
})

test('[C1] an outbox entry does not wait for received state to gather', async () => {
  const { commits, persist } = bench()
  persist.state(at(1), [])
  await persist.outbox({ outboxDelete: [] })
  assert.deepEqual(commits, [{ outboxDelete: [] }])
  await persist.flush()
  assert.equal(commits.length, 2)
})

test('[D7] dropped conversations are deleted before later entries are written', async () => {
  const { memory, persist } = bench()
  persist.state(at(1), [{ do: 'store', conversationId: room, entries: entries(1, 3) }])
  persist.state(at(2), [{ do: 'drop', conversationId: room }])
  persist.state(at(3), [{ do: 'store', conversationId: room, entries: entries(7, 7) }])
  await persist.flush()
  assert.deepEqual(await memory.readEntries(room, 0, 99), entries(7, 7))
})

const item = (number: number, accepted?: number): OutboxItem => ({
  id: uuidOf(0xe, number) as OutboxItem['id'],
  conversationId: room,
  body: { kind: 'text', text: 'x' },
  writtenAt: 0,
  order: number,
  refused: null,
  ...(accepted === undefined ? {} : { accepted }),
})

test('[A4] an entry leaves the outbox in one commit with the state that counts it, and is stored as accepted until then', async () => {
  const { clock, memory, commits, persist } = bench()
  await persist.outbox({ outboxPut: [item(1), item(2)] })
  persist.settled({ outboxPut: [item(1, 7)] })
  await clock.pass(gatherMs)
  assert.deepEqual((await memory.load()).outbox, [item(1, 7), item(2)])
  persist.settled({ outboxPut: [item(2, 8)] })
  persist.state(at(2), [{ do: 'store', conversationId: room, entries: entries(7, 8) }])
  persist.settled({ outboxDelete: [item(1).id, item(2).id] })
  await clock.pass(gatherMs)
  assert.equal(commits.length, 3)
  assert.deepEqual([commits[2]?.outboxDelete, commits[2]?.outboxPut, commits[2]?.state?.account], [[item(2).id, item(1).id], undefined, 2])
  assert.deepEqual((await memory.load()).outbox, [])
})

test('[C2] a person’s change of an entry is stored after earlier changes of it, also when these are retried', async () => {
  const { clock, memory, gate, persist } = bench()
  await persist.outbox({ outboxPut: [item(1), item(2), item(3)] })
  gate.fails = true
  persist.settled({ outboxPut: [item(1, 7), item(2, 8), item(3, 9)] })
  await clock.pass(gatherMs)
  gate.fails = false
  persist.settled({ outboxDelete: [item(2).id] })
  await persist.outbox({ outboxDelete: [item(1).id] })
  await persist.outbox({ outboxPut: [item(2)] })
  await clock.pass(retryMs)
  assert.deepEqual((await memory.load()).outbox, [item(2), item(3, 9)])
})

test('[A4] once storing is given up nothing leaves the outbox, because the entry would be stored nowhere', async () => {
  const { clock, memory, gate, persist } = bench()
  await persist.outbox({ outboxPut: [item(1)] })
  gate.fails = true
  persist.state(at(2), [{ do: 'store', conversationId: room, entries: entries(1, waitingEntriesMax) }])
  persist.settled({ outboxDelete: [item(1).id] })
  await clock.pass(gatherMs)
  gate.fails = false
  persist.settled({ outboxDelete: [item(1).id] })
  await clock.pass(10 * retryMs)
  assert.deepEqual((await memory.load()).outbox, [item(1)])
})

test('[A4] received and unstored entries are reported, in a running commit or not, until they are stored, dropped or given up', async () => {
  const { clock, gate, persist } = bench()
  const seqs = (): number[] => persist.unstored(room).entries.map(({ seq }) => seq)
  let open = (): void => undefined
  gate.wait = new Promise((resolve) => (open = resolve))
  gate.fails = true
  persist.state(at(1), [{ do: 'store', conversationId: room, entries: entries(1, 2) }])
  assert.deepEqual(seqs(), [1, 2])
  await clock.pass(gatherMs)
  persist.state(at(2), [{ do: 'store', conversationId: room, entries: entries(3, 3) }])
  assert.deepEqual(seqs(), [1, 2, 3])
  open()
  await settle()
  assert.deepEqual([persist.failed(), seqs()], [true, [1, 2, 3]])
  gate.fails = false
  await clock.pass(retryMs)
  assert.deepEqual([persist.failed(), seqs()], [false, []])

  gate.wait = new Promise((resolve) => (open = resolve))
  persist.state(at(3), [{ do: 'store', conversationId: room, entries: entries(4, 4) }])
  await clock.pass(gatherMs)
  persist.state(at(4), [
    { do: 'drop', conversationId: room },
    { do: 'store', conversationId: room, entries: entries(9, 9) },
  ])
  assert.deepEqual(seqs(), [9])
  open()
  await settle()
  gate.fails = true
  persist.state(at(5), [{ do: 'store', conversationId: room, entries: entries(10, 10 + waitingEntriesMax) }])
  await clock.pass(gatherMs)
  assert.deepEqual(seqs(), [])
})

test('[D4] a failed commit is retried completely, together with later changes', async () => {
  const { clock, memory, gate, persist } = bench()
  gate.fails = true
  persist.state(at(1), [{ do: 'store', conversationId: room, entries: entries(1, 1) }])
  await clock.pass(gatherMs)
  assert.equal(persist.failed(), true)
  gate.fails = false
  persist.state(at(2), [{ do: 'store', conversationId: room, entries: entries(2, 2) }])
  await clock.pass(retryMs)
  assert.equal(persist.failed(), false)
  assert.deepEqual(await memory.readEntries(room, 0, 9), entries(1, 2))
})

test('[O1] changes waiting for a failing store are bounded; beyond it the stored state stays unchanged and consistent', async () => {
  const { clock, memory, gate, persist, commits } = bench()
  persist.state(at(1), [])
  await persist.flush()
  gate.fails = true
  persist.state(at(2), [{ do: 'store', conversationId: room, entries: entries(1, waitingEntriesMax) }])
  await clock.pass(gatherMs)
  await clock.pass(retryMs)
  assert.equal(commits.length, 3, 'at the bound it still tries')
  persist.state(at(3), [{ do: 'store', conversationId: room, entries: entries(waitingEntriesMax + 1, waitingEntriesMax + 1) }])
  await clock.pass(retryMs)
  gate.fails = false
  persist.state(at(4), [])
  await clock.pass(10 * retryMs)
  assert.equal((await memory.load()).state?.account, 1, 'a cursor never gets ahead of its entries')
  assert.equal(persist.failed(), true)
  assert.equal(clock.waiting(), 0)
})

test('[O1] the stored state holds the tail of a room, and an unchanged room is the same object', () => {
  const long: Room = {
    conversationId: room,
    membership: { conversationId: room, kind: 'group', joinedSeq: 1 },
    meta: { kind: 'group', title: '', memberCount: 2, people: [] },
    cursor: 20,
    ranges: [{ first: 1, last: 20 }],
    readSeq: 0,
    readSaid: 0,
    unreadBelow: 0,
    inexact: false,
    entries: entries(1, 20),
    unread: new Map(),
    ...NO_ITEMS,
  }
  const state: ReplicaState = { ...EMPTY_STATE, rooms: new Map([[room, long]]) }
  const stored = storedStateOf(state).rooms.get(room)
  assert.deepEqual(stored?.entries, entries(21 - storedTailEntries, 20))
  assert.equal(stored?.unreadBelow, 20 - storedTailEntries)
  assert.equal(storedStateOf({ ...state, account: 1 }).rooms.get(room), stored)
})

const thumb = (seq: number, change: number, value: unknown = { emoji: '👍' }) => ({ kind: 'reaction', key: `${seq}:a`, change, value })

test('[I6, D4] items change entries that wait for the store, and go with the state to those that are in it', async () => {
  const { clock, memory, commits, gate, persist } = bench()
  persist.state(at(1), [{ do: 'store', conversationId: room, entries: entries(1, 2) }])
  await clock.pass(gatherMs)
  gate.fails = true
  persist.state(at(2), [{ do: 'store', conversationId: room, entries: entries(3, 3) }])
  await clock.pass(gatherMs)
  persist.state(at(3), [{ do: 'mark', conversationId: room, items: [thumb(1, 1), thumb(3, 2)] }])
  persist.state(at(4), [{ do: 'mark', conversationId: room, items: [thumb(1, 3, null), { kind: 'erased', key: '3', change: 4, value: {} }] }])
  assert.deepEqual(persist.unstored(room).items, [thumb(1, 3, null)])
  assert.deepEqual(
    persist.unstored(room).entries.map(({ seq, body }) => [seq, body.kind]),
    [[3, 'erased']],
  )
  gate.fails = false
  await clock.pass(10 * retryMs)
  assert.deepEqual([commits.at(-1)?.items, commits.at(-1)?.state?.account], [[{ conversationId: room, items: [thumb(1, 3, null)] }], 4])
  const stored = await memory.readEntries(room, 1, 3)
  assert.deepEqual(
    stored.map(({ seq, body, marks }) => [seq, body.kind, marks?.map(({ change }) => change)]),
    [
      [1, 'text', [3]],
      [2, 'text', undefined],
      [3, 'erased', [4]],
    ],
  )
})

test('[D4, I3] what waits for an entry is done with when the entry comes whole, and when its conversation is dropped', async () => {
  const { clock, commits, persist } = bench()
  const mark = { do: 'mark', conversationId: room, items: [thumb(1, 1), thumb(2, 2)] } as const
  persist.state(at(1), [mark, { do: 'store', conversationId: room, entries: entries(1, 1) }])
  assert.deepEqual(persist.unstored(room).items, [thumb(2, 2)])
  persist.state(at(2), [{ do: 'drop', conversationId: room }])
  assert.deepEqual(persist.unstored(room), { entries: [], items: [] })
  await clock.pass(gatherMs)
  assert.equal(commits.at(-1)?.items, undefined)
})
