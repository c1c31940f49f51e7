import { test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientMessageId, ConversationId, DeviceId, Entry } from '@bongsu/protocol'
import { createRandom, uuidOf } from '../fakes/clock.ts'
import { openFileStore } from './file-store.ts'
import { createMemoryStore } from './memory-store.ts'
import type { LocalStore, OutboxItem } from './ports.ts'
import { EMPTY_STATE } from './state.ts'

const room = uuidOf(0xc, 1) as ConversationId

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'bongsu-client-'))
  context.after(() => rmSync(path, { recursive: true }))
  return path
}

function entry(seq: number): Entry {
  return {
    seq,
    acceptedAt: seq,
    author: uuidOf(0xa, 1) as Entry['author'],
    id: uuidOf(0xe, seq) as ClientMessageId,
    body: { kind: 'text', text: `봉수 ${seq}` },
  }
}

function item(order: number): OutboxItem {
  return {
    id: uuidOf(0xe, order) as ClientMessageId,
    conversationId: room,
    body: { kind: 'text', text: 'x' },
    writtenAt: order,
    order,
    refused: null,
  }
}

const outage = { id: uuidOf(0xf, 1), part: 'connection', endedAt: 9, lastedMs: 6_000, unsent: 1 } as const

const stores: readonly [string, (context: TestContext) => LocalStore][] = [
  ['memory', () => createMemoryStore()],
  [
    'file',
    (context) => {
      const store = openFileStore(join(folder(context), 'device.db'))
      context.after(() => store.close())
      return store
    },
  ],
]

const erased = (seq: number, change: number) => ({ kind: 'erased', key: `${seq}`, change, value: {} })

for (const [name, open] of stores) {
  test(`[I3, I6] a ${name} store keeps marks with their entries, and changes those that it has`, async (context) => {
    const store = open(context)
    const thumb = { kind: 'reaction', key: `1:${uuidOf(0xa, 2)}`, change: 3, value: { emoji: '👍' } }
    await store.commit({ entries: [{ conversationId: room, entries: [{ ...entry(1), marks: [thumb] }, entry(2)] }] })
    assert.deepEqual(await store.readEntries(room, 1, 2), [{ ...entry(1), marks: [thumb] }, entry(2)])
    await store.commit({
      entries: [{ conversationId: room, entries: [entry(3)] }],
      items: [{ conversationId: room, items: [erased(1, 4), { ...thumb, change: 2, value: null }, erased(3, 5), erased(9, 6)] }],
    })
    const gone = (seq: number, change: number) => ({ ...entry(seq), body: { kind: 'erased' }, marks: [erased(seq, change)] })
    assert.deepEqual(await store.readEntries(room, 1, 9), [gone(1, 4), entry(2), gone(3, 5)])
    await store.commit({ dropConversations: [room], items: [{ conversationId: room, items: [erased(2, 7)] }] })
    assert.deepEqual(await store.readEntries(room, 1, 9), [])
  })
}

test('[I6] what was erased is in no byte of the file once the file is closed', async (context) => {
  const path = join(folder(context), 'device.db')
  const store = openFileStore(path)
  await store.commit({ entries: [{ conversationId: room, entries: Array.from({ length: 50 }, (_, index) => entry(index + 1)) }] })
  await store.commit({ items: [{ conversationId: room, items: [erased(7, 1)] }] })
  store.close()
  const bytes = readFileSync(path)
  assert.ok(bytes.includes('봉수 8'))
  assert.ok(!bytes.includes('봉수 7"'))
})

for (const [name, open] of stores) {
  test(`[C1] a ${name} store returns committed data, and keeps what a change omits`, async (context) => {
    const store = open(context)
    assert.deepEqual(await store.load(), { state: null, outbox: [], outages: [] })
    const state = { ...EMPTY_STATE, epoch: 'e', reads: new Map([[room, 3]]) }
    await store.commit({ state, outboxPut: [item(1), item(2)], entries: [{ conversationId: room, entries: [entry(2), entry(1), entry(4)] }] })
    await store.commit({ outages: [{ ...outage, id: 'old' }] })
    await store.commit({ outages: [outage] })
    await store.commit({ outboxDelete: [item(1).id] })
    assert.deepEqual(await store.load(), { state, outbox: [item(2)], outages: [outage] })
    assert.deepEqual(await store.readEntries(room, 2, 4), [entry(2), entry(4)])
    assert.deepEqual(await store.readEntries(uuidOf(0xc, 2) as ConversationId, 0, 9), [])
  })

  test(`[D7] a ${name} store drops a conversation before it writes it again, in one change`, async (context) => {
    const store = open(context)
    await store.commit({ entries: [{ conversationId: room, entries: [entry(1), entry(2)] }] })
    await store.commit({ dropConversations: [room], entries: [{ conversationId: room, entries: [entry(9)] }] })
    assert.deepEqual(await store.readEntries(room, 0, 99), [entry(9)])
    await store.clear()
    assert.deepEqual(await store.readEntries(room, 0, 99), [])
    await store.commit({ outages: [outage] })
    await store.clear()
    assert.deepEqual((await store.load()).outages, [])
  })
}

test('[C1] a file store keeps everything after closing, token included', async (context) => {
  const path = join(folder(context), 'device.db')
  const first = openFileStore(path)
  assert.deepEqual(first.readSession(), { token: null, deviceId: null })
  const session = { token: 't', deviceId: uuidOf(0xd, 1) as DeviceId }
  first.writeSession(session)
  await first.commit({ outboxPut: [item(1)] })
  first.close()
  const second = openFileStore(path)
  assert.deepEqual(second.readSession(), session)
  assert.deepEqual((await second.load()).outbox, [item(1)])
  await second.clear()
  assert.deepEqual(second.readSession(), { token: null, deviceId: null })
  second.close()
})

test('[D4] an interrupted write leaves no trace: cursor and entries stay together', async (context) => {
  const path = folder(context)
  const whole = join(path, 'device.db')
  const store = openFileStore(whole)
  for (let cursor = 1; cursor <= 12; cursor++) {
    await store.commit({ state: { ...EMPTY_STATE, account: cursor }, entries: [{ conversationId: room, entries: [entry(cursor)] }] })
  }
  const wal = readFileSync(`${whole}-wal`)
  const random = createRandom(7)
  const found = new Set<number>()
  for (let tear = 0; tear < 40; tear++) {
    const torn = join(path, `torn-${tear}.db`)
    copyFileSync(whole, torn)
    writeFileSync(`${torn}-wal`, wal)
    const keep = tear === 0 ? wal.length - 1 : random.below(wal.length)
    truncateSync(`${torn}-wal`, keep)
    if (tear % 2 === 1) writeFileSync(`${torn}-wal`, Buffer.from(Array.from({ length: 600 }, () => random.below(256))), { flag: 'a' })
    const opened = openFileStore(torn)
    const cursor = (await opened.load()).state?.account ?? 0
    const expected = Array.from({ length: cursor }, (_, index) => entry(index + 1))
    assert.deepEqual(await opened.readEntries(room, 0, 99), expected, `torn at ${keep} of ${wal.length}`)
    await opened.commit({ state: { ...EMPTY_STATE, account: cursor + 1 } })
    assert.equal((await opened.load()).state?.account, cursor + 1, 'and it goes on')
    opened.close()
    found.add(cursor)
  }
  store.close()
  assert.ok(existsSync(whole))
  assert.ok(found.size > 3, 'the tears hit several places')
  assert.ok(!found.has(12), 'a torn end is never taken for whole')
})
