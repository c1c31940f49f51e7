import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientMessageId, Entry, EntryBody } from '@bongsu/protocol'
import { accountId, roomId as conversationId } from '../../../../tests/worlds/names.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'
import { SharedPages, type Page } from './shared-pages.ts'

const ROOM = conversationId(0x1_000_000)
const LIMIT: number = DELIVERY_BOUNDS.pageEntries
const CHARS: number = DELIVERY_BOUNDS.pageChars

function entry(seq: number, body: EntryBody = { kind: 'text', text: `글 ${seq}` }, author = 1): Entry {
  return { seq, acceptedAt: 1, author: accountId(author), id: `id-${seq}` as ClientMessageId, body }
}

function world(log: Entry[]) {
  let reads = 0
  let failing = 0
  const pages = new SharedPages({
    read: async (_room, after, limit) => {
      reads++
      await Promise.resolve()
      if (failing > 0) {
        failing--
        throw new Error('the disk is gone')
      }
      return log.filter(({ seq }) => seq > after).slice(0, limit)
    },
  })
  return {
    pages,
    read: (after: number, { head = log.length, change = 0, limit = LIMIT, chars = CHARS, room = ROOM } = {}): Promise<Page> =>
      pages.read({ conversationId: room, head, change }, after, limit, chars),
    reads: () => reads,
    failOnce: () => void failing++,
  }
}

test('[D7] devices that lack the same entries share one read and one frame, at the same time and later', async () => {
  const { read, reads } = world([entry(1), entry(2), entry(3)])
  const [one, other] = await Promise.all([read(1), read(1)])
  const later = await read(1)
  assert.equal(reads(), 1)
  assert.equal(one.frameFor('roles'), other.frameFor('roles'))
  assert.equal(one.frameFor('roles'), later.frameFor('roles'))
  assert.equal(one.frameFor('version 1'), one.frameFor('roles'), 'nothing in it is of a later kind')
  const { entries, after } = JSON.parse(one.frameFor('roles').toString()) as { entries: Entry[]; after: number }
  assert.deepEqual([after, entries.map(({ seq }) => seq)], [1, [2, 3]])
})

test('[D7, I6] another cursor, a new entry, and a change of an entry are another page', async () => {
  const log = [entry(1), entry(2)]
  const { read, reads } = world(log)
  await read(0)
  log[1] = entry(2, { kind: 'erased' })
  const erased = await read(0, { change: 1 })
  assert.equal(erased.entries[1]?.body.kind, 'erased')
  assert.notEqual(erased.frameFor('version 1'), erased.frameFor('roles'), 'a device without items gets a plain line')
  log.push(entry(3))
  assert.equal((await read(0, { change: 1 })).last, 3)
  assert.equal((await read(1, { change: 1 })).entries.length, 2)
  assert.equal((await read(1, { change: 1, room: conversationId(2) })).entries.length, 2)
  assert.equal(reads(), 5)
})

test('[O1] a page larger than a device may get is read for it alone, and a page that does not reach the head is not kept', async () => {
  const { read, reads, pages } = world([entry(1), entry(2), entry(3)])
  assert.equal((await read(0)).entries.length, 3)
  assert.equal((await read(0, { limit: 3 })).entries.length, 3)
  assert.equal(reads(), 1)
  assert.equal((await read(0, { limit: 2 })).entries.length, 2)
  await read(0, { chars: 10 })
  assert.equal(reads(), 3)
  await read(1, { limit: 1 })
  await read(1, { limit: 1 })
  assert.equal(reads(), 5)
  // The head was only a hint.
  await read(2, { head: 9 })
  await read(3, { head: 3 })
  assert.equal(pages.size, 1)
})

test('[D7] a read that fails for one device is tried again for the next', async () => {
  const { read, reads, failOnce, pages } = world([entry(1)])
  failOnce()
  const [one, other] = await Promise.allSettled([read(0), read(0)])
  assert.deepEqual([one.status, other.status], ['rejected', 'fulfilled'])
  assert.equal(reads(), 2)
  assert.equal(pages.size, 0)
  assert.equal((await read(0)).last, 1)
})

test('[W4] an account that left gets its page up to there, and the others all of it', async () => {
  const { read } = world([entry(1), entry(2, { kind: 'left' }, 7), entry(3)])
  const page = await read(0)
  assert.deepEqual([page.leftAt(accountId(7)), page.leftAt(accountId(1))], [1, -1])
  assert.equal(page.upTo(1).last, 1)
  assert.equal(page.upTo(0).last, undefined)
  assert.equal(page.last, 3)
})

test('[O1] kept pages have a bound in number and in bytes, and are dropped after one to two heartbeats', async () => {
  const many = world([entry(1)])
  const { sharedPagesMax, sharedBytesMax } = DELIVERY_BOUNDS
  for (let n = 0; n <= sharedPagesMax; n++) await many.read(0, { room: conversationId(n), change: n })
  assert.equal(many.pages.size, sharedPagesMax)
  const large = world([entry(1, { kind: 'text', text: 'x'.repeat(sharedBytesMax / 8) })])
  for (let n = 0; n < 20; n++) await large.read(0, { change: n, chars: sharedBytesMax })
  assert.ok(large.pages.size <= 8, `${large.pages.size} pages of an eighth`)
  const { pages, read, reads } = world([entry(1)])
  await read(0)
  pages.age()
  await read(0)
  assert.equal(reads(), 1, 'kept for a heartbeat')
  pages.age()
  await read(0)
  assert.deepEqual([reads(), pages.size], [2, 1])
})
