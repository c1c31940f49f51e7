import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { DeviceId } from '@bongsu/protocol'
import { createBuilder, step } from '../../apps/server/src/accounts/builder.ts'
import { leaveDirect } from '../../apps/server/src/accounts/leave-direct.ts'
import {
  accept,
  makeAccounts,
  makeDirect,
  makeGroup,
  newAccount,
  newConversation,
  request,
  setBlock,
  text,
  withStores,
  type OpenSubject,
} from './stores.ts'

/** What a device that comes back is told. */
export function resumeStoreContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: Parameters<typeof withStores>[1]): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[D6] the position tells the heads of the account and of every conversation', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    assert.equal(await stores.resume.position(newAccount(), null), null)
    assert.deepEqual(await stores.resume.position(a!, null), { head: 0, memberships: [], blocked: [] })
    const direct = await makeDirect(stores, a!, b!)
    const group = await makeGroup(stores, b!, [a!])
    await accept(stores, text(group, a!, '하나'))
    assert.deepEqual(await stores.resume.position(a!, null), {
      head: 2,
      memberships: [
        { conversationId: direct, joinedSeq: 1, head: 1, change: 0 },
        { conversationId: group, joinedSeq: 1, head: 2, change: 0 },
      ],
      blocked: [],
    })
    const unknown = newAccount()
    assert.deepEqual(
      await stores.resume.accountHeads([a!, unknown, b!]),
      new Map([
        [a!, 2],
        [b!, 2],
      ]),
    )
  })

  it('[B2] the position names who is blocked, and what they wrote is not counted as unread', async (stores) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    await setBlock(stores, a!, c!, true)
    assert.deepEqual((await stores.resume.position(a!, null))?.blocked, [c], 'without a conversation too')
    const room = await makeGroup(stores, a!, [b!, c!])
    for (const author of [b!, c!, c!, b!]) await accept(stores, text(room, author, '모두에게'))
    const counted = async (): Promise<number | undefined> => (await stores.resume.snapshot(room, a!, 1))?.unreadBelow
    assert.equal(await counted(), 1)
    await setBlock(stores, a!, b!, true)
    assert.deepEqual(new Set((await stores.resume.position(a!, null))?.blocked), new Set([b, c]))
    assert.equal(await counted(), 0)
    assert.equal((await stores.resume.snapshot(room, b!, 1))?.unreadBelow, 2, 'others count as before')
    for (const other of [b!, c!]) await setBlock(stores, a!, other, false)
    assert.deepEqual((await stores.resume.position(a!, null))?.blocked, [])
    assert.equal(await counted(), 3)
  })

  it('[D9] items come by rising change, the newest value of each, and pages join up', async (stores) => {
    const [a] = await makeAccounts(stores, 1)
    const rooms = []
    for (let index = 0; index < 5; index++) rooms.push(await makeGroup(stores, a!, []))
    await accept(stores, request(rooms[1]!, a!, { kind: 'left' }))
    const first = await stores.resume.items(a!, 0, 2)
    assert.deepEqual([first.to, first.items.map((item) => item.key)], [3, [rooms[0], rooms[2]]])
    const second = await stores.resume.items(a!, first.to, 2)
    assert.deepEqual([second.to, second.items.map((item) => item.key)], [5, [rooms[3], rooms[4]]])
    const last = await stores.resume.items(a!, second.to, 2)
    assert.deepEqual(last, { to: 6, items: [{ kind: 'membership', key: rooms[1], value: null }] })
    assert.deepEqual(await stores.resume.items(a!, 6, 2), { to: 6, items: [] })
  })

  it('[W4] a snapshot is for members only, and shows nothing from before they came', async (stores) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    const room = await makeGroup(stores, a!, [b!])
    await accept(stores, text(room, a!, '비밀'))
    assert.equal(await stores.resume.snapshot(room, c!, 20), null)
    assert.equal(await stores.resume.snapshot(newConversation(), a!, 20), null)
    assert.equal(await stores.resume.snapshot(room, newAccount(), 20), null)
    await accept(stores, request(room, a!, { kind: 'invited', accounts: [c!] }))
    await accept(stores, text(room, a!, '어서 와'))
    const snapshot = await stores.resume.snapshot(room, c!, 20)
    assert.deepEqual(
      snapshot?.entries.map((entry) => entry.seq),
      [3, 4],
    )
    assert.deepEqual([snapshot?.head, snapshot?.joinedSeq, snapshot?.readSeq, snapshot?.unreadBelow], [4, 3, 2, 0])
    const narrow = await stores.resume.snapshot(room, c!, 1)
    assert.deepEqual([narrow?.entries.map((entry) => entry.seq), narrow?.unreadBelow], [[4], 0], 'the secret is not counted either')
  })

  it('[D7] a snapshot holds the newest entries, contiguous up to the head, and counts the unread texts of others below them', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeGroup(stores, a!, [b!])
    for (let index = 2; index <= 11; index++) await accept(stores, text(room, index % 2 ? a! : b!, `${index}`))
    await accept(stores, request(room, b!, { kind: 'renamed', title: '새 이름' }))
    const all = await stores.resume.snapshot(room, a!, 20)
    assert.equal(all?.entries.length, 12)
    assert.equal(all?.unreadBelow, 0)
    const tail = await stores.resume.snapshot(room, a!, 3)
    assert.deepEqual(
      tail?.entries.map((entry) => entry.seq),
      [10, 11, 12],
    )
    // Texts of b below 10: 2, 4, 6, 8.
    assert.deepEqual([tail?.head, tail?.readSeq, tail?.unreadBelow], [12, 0, 4])
    await stores.receipts.raise([{ conversationId: room, accountId: a!, seq: 4 }])
    assert.deepEqual([(await stores.resume.snapshot(room, a!, 3))?.readSeq, (await stores.resume.snapshot(room, a!, 3))?.unreadBelow], [4, 2])
    await stores.receipts.raise([{ conversationId: room, accountId: a!, seq: 11 }])
    assert.equal((await stores.resume.snapshot(room, a!, 3))?.unreadBelow, 0)
    const none = await stores.resume.snapshot(room, b!, 0)
    assert.deepEqual([none?.entries, none?.unreadBelow], [[], 5], 'with no entries sent, everything lies below')
  })

  it('[D5] a snapshot names the other one, or the first eight of a group in the order they joined', async (stores) => {
    const people = await makeAccounts(stores, 12)
    const direct = await makeDirect(stores, people[0]!, people[1]!)
    const other = (await stores.resume.snapshot(direct, people[0]!, 1))?.meta.people
    assert.deepEqual([other?.[0]?.accountId, other?.[0]?.displayName, other?.length], [people[1], '1', 1])
    assert.match(other?.[0]?.handle ?? '', /^user\d+$/)
    const room = await makeGroup(stores, people[11]!, [])
    for (const index of [5, 3, 9, 1, 7, 2, 8, 4, 6]) await accept(stores, request(room, people[11]!, { kind: 'invited', accounts: [people[index]!] }))
    const names = async (viewer: number): Promise<string[] | undefined> =>
      (await stores.resume.snapshot(room, people[viewer]!, 1))?.meta.people.map((person) => person.displayName)
    assert.deepEqual(await names(11), ['5', '3', '9', '1', '7', '2', '8', '4'])
    assert.deepEqual(await names(3), ['11', '5', '9', '1', '7', '2', '8', '4'])
    assert.equal((await stores.resume.snapshot(room, people[3]!, 1))?.meta.memberCount, 10)
  })
}

/** Apart from the rest, for the fake in memory has no devices: it knows every one. */
export function devicePositionContract(name: string, open: OpenSubject): void {
  test(`[W4] a device has a position only in its own account, and only while it is signed in (${name})`, () =>
    withStores(open, async (stores) => {
      const [a, b] = await makeAccounts(stores, 2)
      const [signedIn, revoked, unknown] = [randomUUID(), randomUUID(), randomUUID()] as [DeviceId, DeviceId, DeviceId]
      const db = createBuilder(stores.sql.dialect)
      for (const [device_id, revoked_at] of [
        [signedIn, null],
        [revoked, 2],
      ] as const) {
        const account_key = db.selectFrom('accounts').select('account_key').where('account_id', '=', a!)
        const values = { device_id, account_key, name: 'x', created_at: 1, last_seen_at: 1, revoked_at }
        assert.ok((await stores.sql.atomic([step(db.insertInto('devices').values(values), 1)])).ok)
      }
      const there = { head: 0, memberships: [], blocked: [] }
      assert.deepEqual(await stores.resume.position(a!, signedIn), there)
      assert.equal(await stores.resume.position(b!, signedIn), null)
      assert.equal(await stores.resume.position(a!, revoked), null)
      assert.equal(await stores.resume.position(a!, unknown), null)
      assert.equal(await stores.resume.position(newAccount(), signedIn), null)
    }))

  test(`[B4] who left a conversation of two is shown nothing from before, and still counts as not having read it (${name})`, () =>
    withStores(open, async (stores) => {
      const [a, b] = await makeAccounts(stores, 2)
      const room = await makeDirect(stores, a!, b!)
      await accept(stores, text(room, a!, '하나'))
      const parts = { sql: stores.sql, db: createBuilder(stores.sql.dialect), rose: () => undefined }
      assert.deepEqual(await leaveDirect(parts, b!, a!, 2), { ok: true, value: {} })
      const snapshot = await stores.resume.snapshot(room, b!, 20)
      assert.deepEqual([snapshot?.head, snapshot?.joinedSeq, snapshot?.entries, snapshot?.unreadBelow], [2, 3, [], 0])
      assert.deepEqual((await stores.resume.position(b!, null))?.memberships, [{ conversationId: room, joinedSeq: 3, head: 2, change: 0 }])
      assert.deepEqual(await stores.receipts.unread(room, 1, 2), [1, 1])
      await accept(stores, text(room, a!, '둘'))
      const back = await stores.resume.snapshot(room, b!, 1)
      assert.deepEqual([back?.entries.map(({ seq }) => seq), back?.unreadBelow], [[3], 0])
      assert.deepEqual(await stores.receipts.unread(room, 1, 3), [1, 1, 1])
    }))
}
