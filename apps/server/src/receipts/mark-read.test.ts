import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import { accountId, roomId } from '../../../../tests/worlds/names.ts'
import { settle } from '../../../../tests/worlds/settle.ts'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { Unavailable } from '../conversation/log-store.ts'
import { createMarkRead } from './mark-read.ts'
import type { RaiseRequest, ReceiptStore } from './receipt-store.ts'

/** A store whose writes wait for the test. */
function setUp() {
  const clock = createSimulatedClock()
  const writes: { readonly batch: readonly RaiseRequest[]; readonly done: (rose?: boolean) => void; readonly fail: (cause: Error) => void }[] = []
  const receipts: ReceiptStore = {
    raise: (batch) =>
      new Promise((resolve, reject) => {
        writes.push({ batch, done: (rose = true) => resolve(batch.map(() => rose)), fail: reject })
      }),
    unread: () => assert.fail('not asked here'),
  }
  const told: [readonly AccountId[], readonly ConversationId[]][] = []
  const markRead = createMarkRead({ receipts, clock, announce: (accounts, rooms) => void told.push([accounts, rooms]) })
  return { clock, writes, told, markRead }
}

test('[R1] during a write marks gather, the highest for each account and conversation, and are written together', async () => {
  const { writes, told, markRead } = setUp()
  markRead(accountId(1), roomId(1), 5)
  for (const seq of [7, 9, 8]) markRead(accountId(1), roomId(1), seq)
  markRead(accountId(2), roomId(1), 1)
  assert.deepEqual(
    writes.map(({ batch }) => batch.length),
    [1],
  )
  writes[0]!.done()
  await settle()
  assert.deepEqual(writes[1]!.batch, [
    { accountId: accountId(1), conversationId: roomId(1), seq: 9 },
    { accountId: accountId(2), conversationId: roomId(1), seq: 1 },
  ])
  writes[1]!.done(false)
  await settle()
  assert.deepEqual(told, [[[accountId(1)], [roomId(1)]]], 'what did not rise is not told')
  assert.equal(writes.length, 2)
})

test('[R1] an unwritable store is retried at the stated time, with no mark lost or lowered', async () => {
  const { clock, writes, markRead } = setUp()
  markRead(accountId(1), roomId(1), 5)
  markRead(accountId(1), roomId(1), 9)
  writes[0]!.fail(new Unavailable('disk full', { retryAfterMs: 300 }))
  await settle()
  clock.advance(299)
  await settle()
  assert.equal(writes.length, 1)
  clock.advance(1)
  await settle()
  assert.deepEqual(writes[1]!.batch, [{ accountId: accountId(1), conversationId: roomId(1), seq: 9 }])
})

test('[O1] one write has at most a thousand marks, and at most fifty thousand wait', async () => {
  const { writes, markRead } = setUp()
  markRead(accountId(0), roomId(1), 1)
  for (let n = 1; n <= 50_001; n++) markRead(accountId(n), roomId(1), 1)
  let written = 0
  for (let index = 1; ; index++) {
    writes[index - 1]!.done()
    await settle()
    const next = writes[index]
    if (next === undefined) break
    assert.ok(next.batch.length <= 1_000)
    written += next.batch.length
  }
  assert.equal(written, 50_000)
})
