import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { SetRequest } from '@bongsu/log'
import type { AccountId, Act, ConversationId, DeviceId, Entry } from '@bongsu/protocol'
import { setAside } from '../../apps/server/src/accounts/aside.ts'
import { block } from '../../apps/server/src/accounts/blocks.ts'
import { createBuilder } from '../../apps/server/src/accounts/builder.ts'
import { deviceSteps, revokeSteps } from '../../apps/server/src/accounts/devices.ts'
import { addFriend, removeFriend } from '../../apps/server/src/accounts/friends.ts'
import { leaveDirect } from '../../apps/server/src/accounts/leave-direct.ts'
import type { AccountsParts } from '../../apps/server/src/accounts/parts.ts'
import { systemClock } from '../../apps/server/src/adapters/system/clock.ts'
import { accept, makeDirect, makeGroup, makePeople, newId, request, text, type Stores } from './stores.ts'

/** A request to mark an entry. */
export function markEntry(conversationId: ConversationId, author: AccountId, { seq, id: subject }: Entry, act: Act): SetRequest {
  return { conversationId, author, id: newId(), seq, subject, act }
}

/** A history with every kind of event, in which `verify` finds nothing. @returns its group, and the five people: the fifth has written most. */
export async function makeSoundHistory(store: Stores): Promise<{ room: ConversationId; people: readonly AccountId[] }> {
  const people = await makePeople(store, 5)
  const [a, b, c, d, e] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0], (typeof people)[0], (typeof people)[0]]
  await makeDirect(store, a, a)
  const direct = await makeDirect(store, a, b)
  const room = await makeGroup(store, a, [b, c], '봉수')
  await accept(store, text(room, b, '안녕'))
  await accept(store, request(room, a, { kind: 'invited', accounts: [c, d] }))
  await accept(store, request(room, c, { kind: 'left' }))
  await accept(store, request(room, a, { kind: 'renamed', title: '새 이름' }))
  await accept(store, request(room, d, { kind: 'invited', accounts: [c, e] }))
  for (let count = 0; count < 20; count++) await accept(store, text(room, e, `${count}`))
  const [edited, erased, liked] = await store.log.read(room, 10, 3)
  const acts = [
    markEntry(room, e, edited!, { kind: 'edit', value: { text: '고친 말' } }),
    markEntry(room, b, erased!, { kind: 'reaction', value: { emoji: '👍' } }),
    markEntry(room, e, erased!, { kind: 'erased', value: {} }),
    markEntry(room, b, liked!, { kind: 'reaction', value: { emoji: '😮' } }),
    markEntry(room, d, liked!, { kind: 'reaction', value: { emoji: '❤️' } }),
    markEntry(room, d, liked!, { kind: 'reaction', value: null }),
    markEntry(room, a, liked!, { kind: 'hidden', value: {} }),
  ]
  for (const done of await store.log.set(acts, 2_500)) assert.ok(done.ok)
  await store.receipts.raise([
    { conversationId: room, accountId: b, seq: 9 },
    { conversationId: room, accountId: e, seq: 1_000 },
  ])
  const db = createBuilder(store.sql.dialect)
  const parts = { sql: store.sql, db, clock: systemClock, rose() {} } as unknown as AccountsParts
  assert.ok((await leaveDirect(parts, a, b, 1)).ok)
  assert.ok((await setAside(parts, b, direct, { seq: 1 })).ok)
  assert.ok((await block(parts, a, b)).ok)
  assert.ok((await addFriend(parts, a, b)).ok)
  assert.ok((await addFriend(parts, a, c)).ok)
  assert.ok((await removeFriend(parts, a, c)).ok)
  const [phone, lost] = [randomUUID(), randomUUID()] as [DeviceId, DeviceId]
  for (const deviceId of [phone, lost]) {
    const made = await store.sql.atomic(deviceSteps(parts, a, { deviceId, name: '전화', createdAt: 1 }))
    assert.ok(made.ok)
  }
  assert.ok((await store.sql.atomic(revokeSteps(parts, a, lost))).ok)
  return { room, people }
}
