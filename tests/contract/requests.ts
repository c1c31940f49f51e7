import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type AccountId, type AccountItem, type ConversationId } from '@bongsu/protocol'
import { block } from '../../apps/server/src/accounts/blocks.ts'
import { createBuilder } from '../../apps/server/src/accounts/builder.ts'
import type { AccountsParts } from '../../apps/server/src/accounts/parts.ts'
import { acceptRequest, comeTo, declineRequest, setReach } from '../../apps/server/src/accounts/requests.ts'
import {
  accept,
  itemsOf,
  makeAccounts,
  makeDirect,
  makeGroup,
  newConversation,
  refuse,
  text,
  withStores,
  type OpenSubject,
  type Stores,
} from './stores.ts'

/** A stranger who has written to somebody who lets in only friends, and what their devices do. */
async function asked(stores: Stores) {
  const [stranger, me] = await makeAccounts(stores, 2)
  const risen: AccountId[] = []
  const parts = { sql: stores.sql, db: createBuilder(stores.sql.dialect), rose: (accounts: readonly AccountId[]) => void risen.push(...accounts) }
  assert.ok((await setReach(parts, me!, 'friends')).ok)
  const room = await makeDirect(stores, stranger!, me!)
  await accept(stores, text(room, stranger!, '안녕하세요'))
  risen.length = 0
  const isIn = async (): Promise<boolean> =>
    (await stores.resume.position(me!, null))?.memberships.some(({ conversationId }) => conversationId === room) === true
  const items = async (): Promise<readonly AccountItem[]> => (await itemsOf(stores, me!)).filter(({ key }) => key === room)
  return { me: me!, stranger: stranger!, room, risen, parts, isIn, items }
}

const member = (room: ConversationId): AccountItem => ({
  kind: 'membership',
  key: room,
  value: { conversationId: room, kind: 'direct', joinedSeq: 1 },
})
const done = (room: ConversationId): AccountItem => ({ kind: 'request', key: room, value: null })

/** How people decide about strangers [B41]. */
export function requestsContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: Parameters<typeof withStores>[1]): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[B42] with a person who is blocked, everything of theirs that waits is over', async (stores) => {
    const { me, stranger, room, parts, items } = await asked(stores)
    const group = await makeGroup(stores, stranger, [me])
    const accounts = { ...parts, clock: { now: () => 1, monotonic: () => 1 } } as unknown as AccountsParts
    assert.ok((await block(accounts, me, stranger)).ok)
    const waiting = (await itemsOf(stores, me)).filter(({ kind, value }) => kind === 'request' && value !== null)
    assert.deepEqual([waiting, (await items()).at(-1)], [[], done(room)], group)
  })

  it('[B41] who accepts is in, with all that was said and has not read it; the stranger’s log says nothing', async (stores) => {
    const { me, stranger, room, risen, parts, isIn, items } = await asked(stores)
    const before = await stores.resume.items(stranger, 0, 100)
    for (let times = 0; times < 2; times++)
      assert.deepEqual(await acceptRequest(parts, me, room), { ok: true, value: { conversationId: room, kind: 'direct' } })
    assert.deepEqual([await isIn(), await items(), risen], [true, [done(room), member(room)], [me]])
    const snapshot = await stores.resume.snapshot(room, me, 20)
    assert.deepEqual([snapshot?.joinedSeq, snapshot?.entries.length, snapshot?.readSeq], [1, 2, 0])
    await accept(stores, text(room, me, '네, 안녕하세요'))
    assert.deepEqual(await stores.resume.items(stranger, 0, 100), before)
    assert.deepEqual(await declineRequest(parts, me, room), { ok: true, value: {} })
    assert.equal(await isIn(), true, 'what was accepted is not declined')
  })

  it('[B41] who declines hears nothing more of it, and may still come by themselves; the stranger writes on', async (stores) => {
    const { me, stranger, room, risen, parts, isIn, items } = await asked(stores)
    for (let times = 0; times < 2; times++) assert.deepEqual(await declineRequest(parts, me, room), { ok: true, value: {} })
    assert.deepEqual([await isIn(), await items(), risen], [false, [done(room)], [me]])
    await accept(stores, text(room, stranger, '보셨나요?'))
    assert.deepEqual(await stores.receipts.unread(room, 2, 3), [1, 1], 'the stranger sees that it is unread, as ever')
    assert.deepEqual(await acceptRequest(parts, me, room), { ok: false, code: 'not-found' }, 'on another device it was declined')
    assert.equal(await refuse(stores, text(room, me, '네')), 'not-a-member')
    assert.deepEqual([await comeTo(parts, me, stranger), await comeTo(parts, me, stranger)], ['done', 'nothing'])
    assert.deepEqual([await isIn(), await items()], [true, [done(room), member(room)]])
    assert.equal((await stores.resume.snapshot(room, me, 20))?.entries.length, 3)
  })

  it('[B41] accepted on one device and declined on another at the same moment: one of them has decided, and nothing is half', async (stores) => {
    for (let times = 0; times < 10; times++) {
      const { me, room, parts, isIn, items } = await asked(stores)
      const [yes] = await Promise.all([acceptRequest(parts, me, room), declineRequest(parts, me, room), acceptRequest(parts, me, room)])
      assert.equal(await isIn(), yes.ok)
      assert.deepEqual(await items(), yes.ok ? [done(room), member(room)] : [done(room)])
    }
  })

  it('[B41] what nobody asked is not accepted, and tells nothing', async (stores) => {
    const { me, stranger, room, risen, parts } = await asked(stores)
    const [other] = await makeAccounts(stores, 1)
    for (const [account, id] of [
      [other!, room],
      [me, newConversation()],
      [other!, await makeGroup(stores, stranger, [])],
    ] as const) {
      assert.deepEqual(await acceptRequest(parts, account, id), { ok: false, code: 'not-found' })
      assert.deepEqual(await declineRequest(parts, account, id), { ok: true, value: {} })
    }
    assert.deepEqual([await comeTo(parts, other!, stranger), risen], ['nothing', []])
  })

  it(`[B42] with ${LIMITS.conversationsPerAccountMax} conversations nobody is let in until there is room, and the request waits on`, async (stores) => {
    const { me, room, parts, isIn, items } = await asked(stores)
    const rooms = await Promise.all(Array.from({ length: LIMITS.conversationsPerAccountMax }, () => makeGroup(stores, me, [])))
    assert.deepEqual(await acceptRequest(parts, me, room), { ok: false, code: 'limit-reached' })
    assert.deepEqual(
      (await items()).map(({ value }) => value === null),
      [false],
    )
    await accept(stores, { conversationId: rooms[0]!, author: me, id: room as never, body: { kind: 'left' } })
    assert.equal((await acceptRequest(parts, me, room)).ok, true)
    assert.equal(await isIn(), true)
  })
}
