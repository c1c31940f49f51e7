import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type AccountId, type ConversationId, type Reach } from '@bongsu/protocol'
import { createBuilder, step } from '../../apps/server/src/accounts/builder.ts'
import {
  accept,
  itemsOf,
  makeAccounts,
  makeDirect,
  makeFriend,
  makeGroup,
  newConversation,
  newId,
  refuse,
  request,
  setBlock,
  setItem,
  text,
  withStores,
  type OpenSubject,
  type Stores,
} from './stores.ts'

const reach = (stores: Stores, account: AccountId, from: Reach): Promise<void> =>
  setItem(stores, account, { kind: 'reach', key: '', value: { from } })

/** Accounts that let in whom they know, except the first `open`. */
async function people(stores: Stores, count: number, open = 1): Promise<AccountId[]> {
  const accounts = await makeAccounts(stores, count)
  for (const account of accounts.slice(open)) await reach(stores, account, 'acquainted')
  return accounts
}

const requestsOf = async (stores: Stores, account: AccountId): Promise<unknown[]> =>
  (await itemsOf(stores, account)).filter(({ kind, value }) => kind === 'request' && value !== null)
const isIn = async ({ resume }: Stores, account: AccountId, room: ConversationId): Promise<boolean> =>
  (await resume.position(account, null))?.memberships.some(({ conversationId }) => conversationId === room) === true

const ask = (room: ConversationId, author: AccountId, accounts: AccountId[]) => request(room, author, { kind: 'invited', accounts })

/** What strangers can do [B40-B43]. */
export function logRequestsContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: Parameters<typeof withStores>[1]): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[B40, B43] a stranger’s conversation of two waits: its other member gets a request and nothing else, and the stranger sees what they always see', async (stores, subject) => {
    const [a, b] = await people(stores, 2)
    const room = await makeDirect(stores, a!, b!)
    await accept(stores, text(room, a!, '안녕하세요'))
    const { items } = await stores.resume.items(b!, 0, 100)
    assert.deepEqual(
      items.map(({ kind, key }) => [kind, key]),
      [
        ['reach', ''],
        ['request', room],
      ],
    )
    const value = items[1]?.value as { kind: string; at: number; from: { accountId: string; displayName: string; staff?: true } }
    assert.deepEqual([value.kind, value.at, value.from.accountId, value.from.displayName, value.from.staff], ['direct', 1_000, a, '0', undefined])
    assert.deepEqual([await isIn(stores, b!, room), await stores.resume.snapshot(room, b!, 20)], [false, null])
    // What they ask for in it is refused as to everybody who is not in it.
    assert.equal(await refuse(stores, text(room, b!, '네')), 'not-a-member')
    assert.deepEqual(await stores.receipts.raise([{ conversationId: room, accountId: b!, seq: 2 }]), [false])
    const act = {
      conversationId: room,
      author: b!,
      id: newId(),
      seq: 2,
      subject: newId(),
      act: { kind: 'reaction', value: { emoji: '👍' } },
    } as const
    assert.deepEqual(await stores.log.set([act], 1), [{ ok: false, code: 'not-a-member' }])
    // The stranger's side.
    assert.deepEqual(await stores.receipts.unread(room, 1, 2), [1, 1])
    const theirs = await stores.resume.snapshot(room, a!, 20)
    assert.deepEqual([theirs?.meta.memberCount, theirs?.meta.people.map(({ accountId }) => accountId), theirs?.head], [2, [b], 2])
    const again = await stores.log.openDirect(newConversation(), newId(), a!, b!, 9)
    assert.deepEqual(again, { conversationId: room, existed: true, accounts: [] })
    const reopened = await subject.reopen()
    assert.deepEqual([await isIn(reopened, b!, room), (await requestsOf(reopened, b!)).length], [false, 1])
  })

  it('[B40] a friend, and with `acquainted` who is in one conversation with them, is no stranger; `friends` and `everyone` mean what they say', async (stores) => {
    const [me, friend, neighbour, stranger, fan, moderator] = await makeAccounts(stores, 6)
    await makeFriend(stores, me!, friend!)
    const db = createBuilder(stores.sql.dialect)
    await stores.sql.atomic([step(db.updateTable('accounts').set({ moderator: 1 }).where('account_id', '=', moderator!), 1)])
    await makeFriend(stores, fan!, me!)
    await makeGroup(stores, me!, [neighbour!])
    const waits = async (other: AccountId): Promise<boolean> => !(await isIn(stores, me!, await makeDirect(stores, other, me!)))
    await reach(stores, me!, 'acquainted')
    assert.deepEqual([await waits(friend!), await waits(neighbour!), await waits(stranger!), await waits(fan!)], [false, false, true, true])
    assert.equal(await waits(moderator!), false, 'staff are strangers to nobody')
    const [friendly, other, another] = await makeAccounts(stores, 3)
    await makeFriend(stores, me!, friendly!)
    await makeGroup(stores, other!, [me!])
    await reach(stores, me!, 'friends')
    assert.deepEqual([await waits(friendly!), await waits(other!)], [false, true])
    await reach(stores, me!, 'everyone')
    assert.equal(await waits(another!), false)
  })

  it('[B40] to wait together is no acquaintance, and one’s own conversations never wait', async (stores) => {
    const [a, b, c] = await people(stores, 3, 0)
    const waiting = await makeDirect(stores, a!, b!)
    assert.deepEqual([await isIn(stores, a!, waiting), await isIn(stores, b!, waiting)], [true, false])
    const group = await stores.log.createGroup({ conversationId: newConversation(), author: c!, id: newId(), title: '', accounts: [] }, 1)
    assert.ok('conversationId' in group)
    assert.equal(await isIn(stores, c!, await makeDirect(stores, c!, c!)), true)
  })

  it(`[B42] ${LIMITS.requestsMax} requests wait for one account and not one more, also at once; people it knows still come in`, async (stores) => {
    const strangers = await makeAccounts(stores, LIMITS.requestsMax + 2)
    const [me, friend, blocked] = await people(stores, 3, 0)
    await makeFriend(stores, me!, friend!)
    await setBlock(stores, me!, blocked!, true)
    const askMe = async (author: AccountId): Promise<string> => {
      const made = await stores.log.openDirect(newConversation(), newId(), author, me!, 1)
      return 'code' in made ? made.code : 'ok'
    }
    const answers = await Promise.all(strangers.slice(0, -1).map(askMe))
    assert.deepEqual([answers.filter((one) => one === 'ok').length, answers.filter((one) => one === 'limit-reached').length], [LIMITS.requestsMax, 1])
    assert.equal((await requestsOf(stores, me!)).length, LIMITS.requestsMax)
    assert.deepEqual([await askMe(strangers.at(-1)!), await askMe(friend!)], ['limit-reached', 'ok'])
    assert.equal(await askMe(blocked!), 'limit-reached', 'a blocked person is answered like others [B79]')
    assert.equal((await requestsOf(stores, me!)).length, LIMITS.requestsMax)
  })

  it('[B79] at each number of requests a blocked stranger gets the answer of one who is not blocked', async (stores) => {
    const [me] = await people(stores, 1, 0)
    // With one request of others missing, and with none: what the stranger has asked for before makes no difference.
    for (const [others, answered] of [
      [LIMITS.requestsMax - 1, 'ok'],
      [1, 'limit-reached'],
    ] as const) {
      for (const other of await makeAccounts(stores, others)) await makeDirect(stores, other, me!)
      for (const isBlocked of [true, false]) {
        const [stranger] = await makeAccounts(stores, 1)
        if (isBlocked) await setBlock(stores, me!, stranger!, true)
        for (let count = 0; count < 3; count++) await makeGroup(stores, stranger!, [me!])
        const made = await stores.log.openDirect(newConversation(), newId(), stranger!, me!, 1)
        assert.equal('code' in made ? made.code : 'ok', answered, `${others}, ${isBlocked}`)
        const waiting = (await requestsOf(stores, me!)) as { key: ConversationId; value: { from: { accountId: AccountId } } }[]
        for (const { key, value } of waiting) if (value.from.accountId === stranger) await setItem(stores, me!, { kind: 'request', key, value: null })
      }
    }
  })

  it('[B44] a stranger’s invitation waits: who is asked is no member until they agree, and is named by no entry before', async (stores, subject) => {
    const [a, friend] = await people(stores, 2, 2)
    const [b, c] = await people(stores, 2, 0)
    const id = newId()
    const made = await stores.log.createGroup({ conversationId: newConversation(), author: a!, id, title: '산악회', accounts: [b!, friend!] }, 1_000)
    assert.ok('conversationId' in made)
    const room = made.conversationId
    assert.deepEqual([new Set(made.accounts), await isIn(stores, b!, room)], [new Set([a, b, friend]), false])
    assert.deepEqual((await stores.log.read(room, 0, 9))[0]?.body, { kind: 'created', title: '산악회', accounts: [friend] })
    const [waiting] = (await requestsOf(stores, b!)) as { value: Record<string, unknown> }[]
    const { from, ...rest } = waiting!.value
    assert.deepEqual([rest, (from as { accountId: string }).accountId], [{ kind: 'group', at: 1_000, title: '산악회', memberCount: 2 }, a])

    const invitation = ask(room, a!, [c!])
    const first = await accept(stores, invitation)
    assert.deepEqual([first.body, first.accounts], [{ kind: 'invited', accounts: [] }, [c]])
    assert.deepEqual(await accept(stores, invitation), { ...first, repeated: true, accounts: [] })
    assert.deepEqual(await accept(stores, ask(room, a!, [c!])).then(({ accounts }) => accounts), [], 'nobody is asked twice')
    const [beside] = await makeAccounts(stores, 1)
    await accept(stores, ask(room, a!, [beside!, c!]))
    assert.deepEqual([await isIn(stores, beside!, room), (await requestsOf(stores, c!)).length], [true, 1], 'who comes in beside settles nothing')
    await accept(stores, request(room, beside!, { kind: 'left' }))
    assert.equal(await refuse(stores, text(room, b!, '안녕')), 'not-a-member')
    assert.equal((await stores.resume.snapshot(room, a!, 20))?.meta.memberCount, 2)

    // They agree: they come in by the one who asked them.
    const reopened = await subject.reopen()
    const agreed = await accept(reopened, { ...ask(room, a!, [b!]), agreed: true })
    assert.deepEqual([agreed.body, await isIn(reopened, b!, room), await requestsOf(reopened, b!)], [{ kind: 'invited', accounts: [b] }, true, []])
    assert.equal(await refuse(reopened, { ...ask(room, a!, [b!]), agreed: true }), 'member-unknown', 'once')
    // Somebody whom they know invites them: the request is over.
    await makeFriend(reopened, c!, friend!)
    await accept(reopened, ask(room, friend!, [c!]))
    assert.deepEqual([await isIn(reopened, c!, room), await requestsOf(reopened, c!)], [true, []])
    // Who has left is not asked by strangers again.
    await accept(reopened, request(room, b!, { kind: 'left' }))
    assert.deepEqual([(await accept(reopened, ask(room, a!, [b!]))).body, await requestsOf(reopened, b!)], [{ kind: 'invited', accounts: [] }, []])
  })

  it('[B44] who may not invite any more lets nobody in who agrees late, and a blocked stranger asks nothing and sees no difference', async (stores) => {
    const [a, b, c] = await people(stores, 3)
    const [blocker] = await people(stores, 1, 0)
    await setBlock(stores, blocker!, a!, true)
    const room = await makeGroup(stores, a!, [b!, blocker!, c!])
    assert.deepEqual([(await requestsOf(stores, b!)).length, await requestsOf(stores, blocker!)], [1, []])
    assert.deepEqual((await accept(stores, ask(room, a!, [blocker!]))).body, { kind: 'invited', accounts: [] })
    await accept(stores, request(room, a!, { kind: 'left' }))
    for (const each of [b!, blocker!]) assert.equal(await refuse(stores, { ...ask(room, a!, [each]), agreed: true }), 'not-a-member')
    const other = await makeGroup(stores, a!, [])
    await accept(stores, ask(other, a!, [b!]))
    await accept(stores, { ...ask(other, a!, [b!]), agreed: true })
    await accept(stores, request(other, a!, { kind: 'rights', rights: { invite: 'host' } }))
    await accept(stores, ask(other, a!, [c!]))
    await accept(stores, request(other, a!, { kind: 'role', accountId: b!, role: 'host' }))
    assert.equal(await refuse(stores, { ...ask(other, a!, [c!]), agreed: true }), 'role-too-low')
  })

  it(`[B42] ${LIMITS.requestsFromOneMax} requests of one stranger wait and not one more: further groups leave the person out, and go on for the others`, async (stores) => {
    const [stranger, other, friend] = await people(stores, 3, 3)
    const [me] = await people(stores, 1, 0)
    for (let count = 0; count <= LIMITS.requestsFromOneMax; count++) {
      const room = await makeGroup(stores, stranger!, [me!, friend!])
      assert.equal((await stores.resume.snapshot(room, stranger!, 20))?.meta.memberCount, 2)
    }
    assert.equal((await requestsOf(stores, me!)).length, LIMITS.requestsFromOneMax)
    await makeDirect(stores, stranger!, me!)
    await makeGroup(stores, other!, [me!])
    assert.equal((await requestsOf(stores, me!)).length, LIMITS.requestsFromOneMax + 2, 'the one conversation of two is asked for all the same')
  })

  it('[B42] who waits takes none of the places of the one who is asked', async (stores) => {
    const [stranger, me] = await people(stores, 2)
    await Promise.all(Array.from({ length: LIMITS.conversationsPerAccountMax - 1 }, () => makeGroup(stores, me!, [])))
    const room = await makeDirect(stores, stranger!, me!)
    assert.deepEqual([await isIn(stores, me!, room), (await requestsOf(stores, me!)).length], [false, 1])
    await makeGroup(stores, me!, [])
    const one = await stores.log.createGroup({ conversationId: newConversation(), author: me!, id: newId(), title: '', accounts: [] }, 1)
    assert.deepEqual(one, { ok: false, code: 'limit-reached' })
  })
}
