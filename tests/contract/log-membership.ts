import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type AccountId } from '@bongsu/protocol'
import {
  accept,
  makeAccounts,
  makeDirect,
  makeGroup,
  newAccount,
  newConversation,
  newId,
  refuse,
  request,
  setBlock,
  text,
  withStores,
  type OpenSubject,
  type Stores,
} from './stores.ts'

async function itemsOf({ resume }: Stores, account: AccountId): Promise<unknown[]> {
  return [...(await resume.items(account, 0, 1_000)).items]
}

/** How entries change who is in a conversation, and how conversations begin. */
export function logMembershipContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: Parameters<typeof withStores>[1]): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[D9] who is invited gets a membership from that entry on, and it is gone when they leave', async (stores) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    const room = await makeGroup(stores, a!, [b!])
    await accept(stores, text(room, a!, '우리끼리'))
    const invited = await accept(stores, request(room, b!, { kind: 'invited', accounts: [c!] }))
    assert.deepEqual([invited.seq, invited.accounts], [3, [c]])
    const membership = { kind: 'membership', key: room, value: { conversationId: room, kind: 'group', joinedSeq: 3 } }
    assert.deepEqual(await itemsOf(stores, c!), [membership])
    assert.deepEqual((await stores.resume.position(c!, null))?.memberships, [{ conversationId: room, joinedSeq: 3, head: 3, change: 0 }])
    await accept(stores, request(room, c!, { kind: 'left' }))
    assert.deepEqual(await itemsOf(stores, c!), [{ ...membership, value: null }])
    assert.deepEqual((await stores.resume.position(c!, null))?.memberships, [])
    await accept(stores, request(room, a!, { kind: 'invited', accounts: [c!] }))
    assert.deepEqual(await itemsOf(stores, c!), [{ ...membership, value: { ...membership.value, joinedSeq: 5 } }])
    assert.equal((await stores.resume.snapshot(room, c!, 20))?.meta.memberCount, 3)
  })

  it('[M2] an invitation names only who really came in; the repeat is compared with what was asked', async (stores) => {
    const [a, b, c, d] = await makeAccounts(stores, 4)
    const room = await makeGroup(stores, a!, [b!])
    const asked = request(room, a!, { kind: 'invited', accounts: [b!, c!, c!, newAccount(), d!, a!] })
    const first = await accept(stores, asked)
    assert.deepEqual(first.body, { kind: 'invited', accounts: [c, d] })
    assert.deepEqual(first.accounts, [c, d])
    assert.deepEqual((await stores.log.read(room, 1, 1))[0]?.body, first.body)
    assert.deepEqual(await accept(stores, asked), { ...first, repeated: true })
    assert.equal(await refuse(stores, request(room, a!, { kind: 'invited', accounts: [c!, d!] }, asked.id)), 'id-conflict')
  })

  it('[B2] who has blocked the author is left out of invitations and new groups, like one who does not exist, until they unblock', async (stores) => {
    const [a, b, c, d] = await makeAccounts(stores, 4)
    const room = await makeGroup(stores, a!, [])
    await setBlock(stores, b!, a!, true)
    // The other way round, and of others, a block keeps nobody out.
    await setBlock(stores, a!, c!, true)
    await setBlock(stores, c!, d!, true)
    const asked = request(room, a!, { kind: 'invited', accounts: [b!, c!] })
    const invited = await accept(stores, asked)
    assert.deepEqual([invited.body, invited.accounts], [{ kind: 'invited', accounts: [c] }, [c]])
    const alone = request(room, a!, { kind: 'invited', accounts: [b!] })
    assert.equal(await refuse(stores, alone), 'body-invalid')
    assert.equal(await refuse(stores, request(room, a!, { kind: 'invited', accounts: [newAccount()] })), 'body-invalid')
    const group = { conversationId: newConversation(), author: a!, id: newId(), title: '', accounts: [b!, d!] }
    assert.deepEqual(await stores.log.createGroup(group, 1), { conversationId: group.conversationId, existed: false, accounts: [a, d] })
    assert.deepEqual(await stores.log.createGroup({ ...group, id: newId(), accounts: [b!] }, 1), { ok: false, code: 'body-invalid' })
    assert.deepEqual((await stores.resume.position(b!, null))?.memberships, [])
    await setBlock(stores, b!, a!, false)
    assert.deepEqual((await accept(stores, asked)).body, { kind: 'invited', accounts: [c] }, 'a repeat is answered as the first time')
    assert.deepEqual((await accept(stores, alone)).accounts, [b])
  })

  it('[B1] a blocked person opens the conversation of two like everybody, and is heard there', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    await setBlock(stores, b!, a!, true)
    const room = await makeDirect(stores, a!, b!)
    assert.equal((await stores.resume.snapshot(room, a!, 20))?.meta.memberCount, 2)
    const said = await accept(stores, text(room, a!, '거기 있어?'))
    assert.deepEqual(await stores.receipts.unread(room, said.seq, said.seq), [1])
  })

  it('[M1] inviting nobody who can come in is refused', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeGroup(stores, a!, [b!])
    assert.equal(await refuse(stores, request(room, a!, { kind: 'invited', accounts: [b!] })), 'body-invalid')
    assert.equal(await refuse(stores, request(room, a!, { kind: 'invited', accounts: [newAccount()] })), 'body-invalid')
    const many = Array.from({ length: LIMITS.inviteesPerEntryMax + 1 }, newAccount)
    assert.equal(await refuse(stores, request(room, a!, { kind: 'invited', accounts: many })), 'body-invalid')
  })

  it('[M1] only groups are renamed, left or invited to', async (stores) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    const direct = await makeDirect(stores, a!, b!)
    const self = await makeDirect(stores, a!, a!)
    for (const room of [direct, self]) {
      assert.equal(await refuse(stores, request(room, a!, { kind: 'renamed', title: '이름' })), 'conversation-kind')
      assert.equal(await refuse(stores, request(room, a!, { kind: 'left' })), 'conversation-kind')
      assert.equal(await refuse(stores, request(room, a!, { kind: 'invited', accounts: [c!] })), 'conversation-kind')
      // Kind comes before people: nobody to invite is not what is wrong here.
      assert.equal(await refuse(stores, request(room, a!, { kind: 'invited', accounts: [newAccount()] })), 'conversation-kind')
      assert.equal((await accept(stores, text(room, a!, '글은 된다'))).seq, 2)
    }
    const group = await makeGroup(stores, a!, [b!], '처음 이름')
    await accept(stores, request(group, b!, { kind: 'renamed', title: '새 이름' }))
    assert.equal((await stores.resume.snapshot(group, a!, 20))?.meta.title, '새 이름')
  })

  it('[M3] who comes back in one batch with others is counted right; the last may leave', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeGroup(stores, a!, [])
    const results = await stores.log.append(
      [
        request(room, a!, { kind: 'invited', accounts: [b!] }),
        request(room, b!, { kind: 'left' }),
        request(room, a!, { kind: 'invited', accounts: [b!] }),
        request(room, a!, { kind: 'left' }),
        request(room, b!, { kind: 'left' }),
        text(room, b!, '아무도 없다'),
      ],
      1,
    )
    assert.deepEqual(
      results.map((result) => (result.ok ? result.seq : result.code)),
      [2, 3, 4, 5, 6, 'not-a-member'],
    )
    assert.deepEqual([await stores.resume.snapshot(room, a!, 1), await stores.resume.snapshot(room, b!, 1)], [null, null])
    assert.equal((await stores.log.read(room, 0, 100)).length, 6)
  })

  it(`[O1] a group holds ${LIMITS.membersMax} members and not one more`, async (stores) => {
    const people = await makeAccounts(stores, LIMITS.membersMax + 1)
    const room = await makeGroup(stores, people[0]!, people.slice(1, 101))
    const invitations = Array.from({ length: 28 }, (_, index) => people.slice(101 + index * 100, 201 + index * 100))
    const results = await stores.log.append(
      invitations.map((accounts) => request(room, people[0]!, { kind: 'invited', accounts })),
      1,
    )
    assert(results.every((result) => result.ok))
    // 2,901 are in; 100 more are one too many, and then nobody of them comes in.
    assert.equal(await refuse(stores, request(room, people[0]!, { kind: 'invited', accounts: people.slice(2_901, 3_001) })), 'conversation-full')
    await accept(stores, request(room, people[0]!, { kind: 'invited', accounts: people.slice(2_901, 3_000) }))
    assert.equal((await stores.resume.snapshot(room, people[2_999]!, 1))?.meta.memberCount, LIMITS.membersMax)
    assert.equal(await refuse(stores, request(room, people[0]!, { kind: 'invited', accounts: [people[3_000]!] })), 'conversation-full')
    await accept(stores, request(room, people[7]!, { kind: 'left' }))
    await accept(stores, request(room, people[0]!, { kind: 'invited', accounts: [people[3_000]!] }))
    const said = await accept(stores, text(room, people[0]!, '다들 보이나요'))
    assert.deepEqual(await stores.receipts.unread(room, said.seq, said.seq), [LIMITS.membersMax - 1])
  })

  it(`[O1] an account is in ${LIMITS.conversationsPerAccountMax} conversations and not one more`, async (stores) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    const rooms = await Promise.all(Array.from({ length: LIMITS.conversationsPerAccountMax }, () => makeGroup(stores, a!, [])))
    assert.equal((await stores.resume.position(a!, null))?.memberships.length, LIMITS.conversationsPerAccountMax)
    const other = await makeGroup(stores, b!, [])
    assert.equal(await refuse(stores, request(other, b!, { kind: 'invited', accounts: [c!, a!] })), 'limit-reached')
    assert.equal((await stores.resume.position(c!, null))?.memberships.length, 0, 'nobody of a refused invitation comes in')
    const group = { conversationId: newConversation(), author: a!, id: newId(), title: '', accounts: [] }
    assert.deepEqual(await stores.log.createGroup(group, 1), { ok: false, code: 'limit-reached' })
    assert.deepEqual(await stores.log.createGroup({ ...group, author: b!, accounts: [a!] }, 1), { ok: false, code: 'limit-reached' })
    for (const [author, with_] of [
      [a!, b!],
      [b!, a!],
      [a!, a!],
    ] as const) {
      assert.deepEqual(await stores.log.openDirect(newConversation(), newId(), author, with_, 1), { ok: false, code: 'limit-reached' })
    }
    await accept(stores, request(rooms[0]!, a!, { kind: 'left' }))
    assert.equal((await accept(stores, request(other, b!, { kind: 'invited', accounts: [a!] }))).ok, true)
  })

  it('[B22] one account fills a part of another one’s places, all others together leave some, and its own conversations go on', async (stores) => {
    const { placesFromOneMax: one, placesFromOthersMax: others, conversationsPerAccountMax: all } = LIMITS
    const [victim, friend, ...floods] = await makeAccounts(stores, 2 + others / one)
    const group = (author: AccountId, accounts: readonly AccountId[]) =>
      stores.log.createGroup({ conversationId: newConversation(), author, id: newId(), title: '', accounts }, 1)
    const code = (made: Awaited<ReturnType<typeof group>>): string => ('code' in made ? made.code : 'ok')
    const flood = async (author: AccountId): Promise<void> => {
      for (const made of await Promise.all(Array.from({ length: one }, () => group(author, [victim!])))) assert.equal(code(made), 'ok')
    }
    await flood(floods[0]!)
    assert.equal(code(await group(floods[0]!, [friend!, victim!])), 'limit-reached')
    assert.equal(code(await stores.log.openDirect(newConversation(), newId(), floods[0]!, victim!, 1)), 'limit-reached')
    const room = await makeGroup(stores, floods[0]!, [])
    assert.equal(await refuse(stores, request(room, floods[0]!, { kind: 'invited', accounts: [victim!] })), 'limit-reached')
    assert.equal(code(await group(friend!, [victim!])), 'ok', 'others still can')
    for (const each of floods.slice(1, -1)) await flood(each)
    await Promise.all(Array.from({ length: one - 1 }, () => group(floods.at(-1)!, [victim!])))
    assert.equal(code(await group(floods.at(-1)!, [victim!])), 'limit-reached', 'others have filled their part')
    assert.equal(code(await stores.log.openDirect(newConversation(), newId(), victim!, victim!, 1)), 'ok')
    assert.equal(code(await stores.log.openDirect(newConversation(), newId(), victim!, friend!, 1)), 'ok')
    const own = await Promise.all(Array.from({ length: all - others - 2 }, () => group(victim!, [friend!])))
    assert.deepEqual(new Set(own.map(code)), new Set(['ok']))
    assert.equal(code(await group(victim!, [])), 'limit-reached')
  })

  it('[M2] two people have one direct conversation, whoever opens it and however often', async (stores, subject) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    const wanted = newConversation()
    const id = newId()
    const made = await stores.log.openDirect(wanted, id, b!, a!, 7)
    assert.deepEqual(made, { conversationId: wanted, existed: false, accounts: [b, a] })
    const again = await Promise.all([
      stores.log.openDirect(newConversation(), newId(), a!, b!, 8),
      stores.log.openDirect(newConversation(), newId(), b!, a!, 8),
      stores.log.openDirect(wanted, id, b!, a!, 8),
    ])
    for (const one of again) assert.deepEqual(one, { conversationId: wanted, existed: true, accounts: [] })
    assert.deepEqual(await stores.log.read(wanted, 0, 10), [
      { seq: 1, acceptedAt: 7, author: b, id, body: { kind: 'created', title: '', accounts: [a] } },
    ])
    for (const account of [a!, b!]) {
      assert.deepEqual(await itemsOf(stores, account), [
        { kind: 'membership', key: wanted, value: { conversationId: wanted, kind: 'direct', joinedSeq: 1 } },
      ])
    }
    assert.deepEqual(await stores.log.openDirect(newConversation(), id, b!, c!, 9), { ok: false, code: 'id-conflict' })
    const reopened = await subject.reopen()
    assert.deepEqual(await reopened.log.openDirect(newConversation(), newId(), a!, b!, 9), { conversationId: wanted, existed: true, accounts: [] })
  })

  it('[M2] the conversation with oneself is one, with one member', async (stores) => {
    const [a] = await makeAccounts(stores, 1)
    const wanted = newConversation()
    assert.deepEqual(await stores.log.openDirect(wanted, newId(), a!, a!, 1), { conversationId: wanted, existed: false, accounts: [a] })
    assert.deepEqual(await stores.log.openDirect(newConversation(), newId(), a!, a!, 1), { conversationId: wanted, existed: true, accounts: [] })
    const snapshot = await stores.resume.snapshot(wanted, a!, 20)
    assert.deepEqual(snapshot?.meta, { kind: 'self', title: '', memberCount: 1, people: [] })
    assert.deepEqual(snapshot?.entries[0]?.body, { kind: 'created', title: '', accounts: [] })
    assert.deepEqual(await stores.receipts.unread(wanted, 1, 1), [0])
  })

  it('[M1] a direct conversation needs two accounts that exist', async (stores) => {
    const [a] = await makeAccounts(stores, 1)
    assert.deepEqual(await stores.log.openDirect(newConversation(), newId(), a!, newAccount(), 1), { ok: false, code: 'body-invalid' })
    assert.deepEqual(await stores.log.openDirect(newConversation(), newId(), newAccount(), a!, 1), { ok: false, code: 'body-invalid' })
    assert.equal((await stores.resume.position(a!, null))?.head, 0)
  })

  it('[M2] a group asked for twice is one group; with other content the id is refused', async (stores, subject) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    const asked = { conversationId: newConversation(), author: a!, id: newId(), title: '모임', accounts: [b!, newAccount(), a!, b!, c!] }
    assert.deepEqual(await stores.log.createGroup(asked, 3), { conversationId: asked.conversationId, existed: false, accounts: [a, b, c] })
    const expected = { conversationId: asked.conversationId, existed: true, accounts: [] }
    assert.deepEqual(await stores.log.createGroup({ ...asked, conversationId: newConversation() }, 4), expected)
    assert.deepEqual(await (await subject.reopen()).log.createGroup({ ...asked, conversationId: newConversation() }, 4), expected)
  })

  it('[M2] the id of a group is refused with another title, other people, or for a text', async (stores) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    const asked = { conversationId: newConversation(), author: a!, id: newId(), title: '모임', accounts: [b!] }
    await stores.log.createGroup(asked, 3)
    const refused = { ok: false, code: 'id-conflict' }
    assert.deepEqual(await stores.log.createGroup({ ...asked, title: '다른 모임' }, 4), refused)
    assert.deepEqual(await stores.log.createGroup({ ...asked, accounts: [c!] }, 4), refused)
    assert.equal(await refuse(stores, text(asked.conversationId, a!, '모임', asked.id)), 'id-conflict')
    const [entry] = await stores.log.read(asked.conversationId, 0, 10)
    assert.deepEqual(entry?.body, { kind: 'created', title: '모임', accounts: [b] })
  })

  it(`[O1] a group begins with at most ${LIMITS.inviteesPerEntryMax} named, and may begin with its author alone`, async (stores) => {
    const people = await makeAccounts(stores, LIMITS.inviteesPerEntryMax + 2)
    const asked = { conversationId: newConversation(), author: people[0]!, id: newId(), title: '', accounts: people.slice(1) }
    assert.deepEqual(await stores.log.createGroup(asked, 1), { ok: false, code: 'body-invalid' })
    assert.deepEqual(await stores.log.createGroup({ ...asked, accounts: [newAccount()] }, 1), { ok: false, code: 'body-invalid' })
    const made = await stores.log.createGroup({ ...asked, accounts: people.slice(2) }, 1)
    assert('conversationId' in made && made.accounts.length === LIMITS.inviteesPerEntryMax + 1)
    assert('conversationId' in (await stores.log.createGroup({ ...asked, conversationId: newConversation(), id: newId(), accounts: [] }, 1)))
  })
}
