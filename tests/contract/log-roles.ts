import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type AccountId, type ConversationId, type ConversationMeta, type RoomRights, type RoomRole, type SendBody } from '@bongsu/protocol'
import type { AppendRequest } from '../../apps/server/src/conversation/log-store.ts'
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
  text,
  withStores,
  type OpenSubject,
  type Stores,
} from './stores.ts'

type Four = [AccountId, AccountId, AccountId, AccountId]

const role = (room: ConversationId, by: AccountId, accountId: AccountId, given: RoomRole): AppendRequest =>
  request(room, by, { kind: 'role', accountId, role: given })
const remove = (room: ConversationId, by: AccountId, accountId: AccountId, barred = false): AppendRequest =>
  request(room, by, { kind: 'removed', accountId, barred })
const rights = (room: ConversationId, by: AccountId, chosen: RoomRights): AppendRequest => request(room, by, { kind: 'rights', rights: chosen })
const invite = (room: ConversationId, by: AccountId, ...accounts: AccountId[]): AppendRequest => request(room, by, { kind: 'invited', accounts })
const leave = (room: ConversationId, by: AccountId): AppendRequest => request(room, by, { kind: 'left' })

async function owners({ resume }: Stores, room: ConversationId, reader: AccountId): Promise<Pick<ConversationMeta, 'host' | 'deputies' | 'rights'>> {
  const { host, deputies, rights: chosen } = (await resume.snapshot(room, reader, 1))!.meta
  return { host: host!, deputies: deputies ?? [], rights: chosen ?? {} }
}

async function answers({ log }: Stores, batch: readonly AppendRequest[]): Promise<string[]> {
  return (await log.append(batch, 5)).map((result) => (result.ok ? 'ok' : result.code))
}

/** Who owns a group, and who may do what in it. */
export function logRolesContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: Parameters<typeof withStores>[1]): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[B13] the host removes a member, who is out from that entry on and keeps nothing but what was before', async (stores) => {
    const [a, b, c, d] = (await makeAccounts(stores, 4)) as Four
    const room = await makeGroup(stores, a, [b, c])
    const asked = remove(room, a, b)
    const done = await accept(stores, asked)
    assert.deepEqual([done.seq, done.accounts, done.body], [2, [b], { kind: 'removed', accountId: b, barred: false }])
    assert.deepEqual(await accept(stores, asked), { ...done, repeated: true })
    assert.equal(await refuse(stores, text(room, b, '아직 할 말이')), 'not-a-member')
    assert.equal(await stores.resume.snapshot(room, b, 5), null)
    const { items } = await stores.resume.items(b, 0, 10)
    assert.deepEqual(items.at(-1), { kind: 'membership', key: room, value: null })
    assert.equal((await stores.resume.snapshot(room, c, 5))?.meta.memberCount, 2)
    // Without a bar anybody may bring them back.
    await accept(stores, invite(room, c, b, d))
    assert.equal((await stores.resume.snapshot(room, b, 5))?.joinedSeq, 3)
  })

  it('[B13] nobody removes the host, themselves, a stranger or a deputy beside them, and a member removes nobody', async (stores) => {
    const [a, b, c, d] = (await makeAccounts(stores, 4)) as Four
    const room = await makeGroup(stores, a, [b, c, d])
    assert.deepEqual(await answers(stores, [role(room, a, b, 'deputy'), role(room, a, c, 'deputy')]), ['ok', 'ok'])
    assert.deepEqual(
      await answers(stores, [
        remove(room, b, a),
        remove(room, b, c),
        remove(room, d, b),
        remove(room, a, a),
        remove(room, a, newAccount()),
        remove(room, b, b),
        remove(room, b, d),
        remove(room, b, d),
        remove(room, a, c),
      ]),
      ['forbidden', 'forbidden', 'role-too-low', 'body-invalid', 'member-unknown', 'body-invalid', 'ok', 'member-unknown', 'ok'],
    )
    assert.deepEqual(await owners(stores, room, a), { host: a, deputies: [b], rights: {} })
    const direct = await makeDirect(stores, a, b)
    for (const asked of [remove(direct, a, b), role(direct, a, b, 'deputy'), rights(direct, a, { post: 'host' })])
      assert.equal(await refuse(stores, asked), 'conversation-kind')
  })

  it('[B13] who may not come back is invited by nobody who may not remove, and comes back by a host', async (stores) => {
    const [a, b, c, d] = (await makeAccounts(stores, 4)) as Four
    const room = await makeGroup(stores, a, [b, c])
    await accept(stores, remove(room, a, b, true))
    assert.equal(await refuse(stores, invite(room, c, b)), 'barred')
    assert.equal(await refuse(stores, invite(room, c, d, b)), 'barred')
    assert.equal(await stores.resume.snapshot(room, d, 1), null, 'an invitation is refused as a whole')
    // The bar is of this group alone.
    const other = await makeGroup(stores, c, [])
    await accept(stores, invite(other, c, b))
    const back = await accept(stores, invite(room, a, b))
    assert.deepEqual(back.accounts, [b])
    // The bar is over: gone by itself, and back by anybody.
    await accept(stores, leave(room, b))
    await accept(stores, invite(room, c, b))
    // All of it in one transaction.
    assert.deepEqual(
      await answers(stores, [remove(room, a, b, true), invite(room, c, b), text(room, b, '나 여기'), invite(room, a, b), text(room, b, '돌아왔다')]),
      ['ok', 'barred', 'not-a-member', 'ok', 'ok'],
    )
  })

  it('[B13] a removal and a text at once are decided by their order in the log', async (stores) => {
    const [a, b] = (await makeAccounts(stores, 2)) as Four
    const room = await makeGroup(stores, a, [b])
    assert.deepEqual(await answers(stores, [text(room, b, '그러니까'), remove(room, a, b), text(room, b, '내 말은')]), ['ok', 'ok', 'not-a-member'])
  })

  it('[B11] the host makes deputies and hands over, and nobody else does', async (stores) => {
    const [a, b, c, d] = (await makeAccounts(stores, 4)) as Four
    const room = await makeGroup(stores, a, [b, c])
    assert.deepEqual(
      await answers(stores, [
        role(room, b, b, 'host'),
        role(room, b, c, 'deputy'),
        role(room, a, a, 'deputy'),
        role(room, a, d, 'deputy'),
        role(room, a, b, 'member'),
        role(room, a, b, 'deputy'),
        role(room, a, b, 'deputy'),
        role(room, b, c, 'deputy'),
        role(room, a, c, 'host'),
        // Of two handings over at once the first counts.
        role(room, a, b, 'host'),
        role(room, a, b, 'member'),
      ]),
      [
        'role-too-low',
        'role-too-low',
        'body-invalid',
        'member-unknown',
        'body-invalid',
        'ok',
        'body-invalid',
        'role-too-low',
        'ok',
        'role-too-low',
        'role-too-low',
      ],
    )
    assert.deepEqual(await owners(stores, room, a), { host: c, deputies: [b], rights: {} })
    await accept(stores, role(room, c, b, 'member'))
    await accept(stores, role(room, c, a, 'deputy'))
    await accept(stores, role(room, c, a, 'host'))
    assert.deepEqual(await owners(stores, room, b), { host: a, deputies: [], rights: {} })
  })

  it('[B11] deputies are bounded', async (stores) => {
    const [a, ...others] = (await makeAccounts(stores, LIMITS.deputiesMax + 2)) as [AccountId, ...AccountId[]]
    const room = await makeGroup(stores, a, others)
    for (const one of others.slice(0, LIMITS.deputiesMax)) await accept(stores, role(room, a, one, 'deputy'))
    assert.equal(await refuse(stores, role(room, a, others.at(-1)!, 'deputy')), 'limit-reached')
    await accept(stores, leave(room, others[3]!))
    await accept(stores, role(room, a, others.at(-1)!, 'deputy'))
    assert.equal((await owners(stores, room, a)).deputies?.length, LIMITS.deputiesMax)
  })

  it('[B11] the oldest deputy follows a host who leaves, then the oldest member, also when all of them leave at once', async (stores) => {
    const [a, b, c, d] = ((await makeAccounts(stores, 4)) as Four).toSorted() as Four
    const room = await makeGroup(stores, b, [a])
    await accept(stores, invite(room, b, d))
    await accept(stores, invite(room, b, c))
    assert.deepEqual(await answers(stores, [role(room, b, c, 'deputy'), role(room, b, d, 'deputy')]), ['ok', 'ok'])
    const [first, second, third] = await stores.log.append([leave(room, b), leave(room, c), leave(room, d)], 9)
    assert.ok(first?.ok && second?.ok && third?.ok)
    assert.deepEqual(
      [first.body, second.body, third.body],
      [
        { kind: 'left', host: c },
        { kind: 'left', host: d },
        { kind: 'left', host: a },
      ],
    )
    assert.deepEqual(await owners(stores, room, a), { host: a, deputies: [], rights: {} })
    // Who comes back has no role any more.
    await accept(stores, invite(room, a, b, c, d))
    assert.deepEqual(await owners(stores, room, b), { host: a, deputies: [], rights: {} })
    assert.deepEqual(await answers(stores, [leave(room, a), leave(room, b), leave(room, c), leave(room, d), leave(room, d)]), [
      'ok',
      'ok',
      'ok',
      'ok',
      'not-a-member',
    ])
    assert.deepEqual(
      (await stores.log.read(room, 0, 100)).slice(-4).map(({ body }) => body),
      [{ kind: 'left', host: b }, { kind: 'left', host: c }, { kind: 'left', host: d }, { kind: 'left' }],
    )
  })

  it('[B11] of those who came in together the one with the lowest id is the oldest, whoever left or joined in the same transaction', async (stores) => {
    const [a, b, c, d] = ((await makeAccounts(stores, 4)) as Four).toSorted() as Four
    const room = await makeGroup(stores, a, [d, c])
    const [, , , last] = await stores.log.append([leave(room, c), invite(room, d, b), remove(room, a, d), leave(room, a)], 9)
    assert.deepEqual(last?.ok === true ? last.body : last, { kind: 'left', host: b })
    assert.deepEqual(await owners(stores, room, b), { host: b, deputies: [], rights: {} })
    await accept(stores, invite(room, b, c, d))
    await accept(stores, leave(room, b))
    assert.deepEqual((await owners(stores, room, c)).host, c)
  })

  it('[B12] each right is kept by everybody, by host and deputies, or by the host alone', async (stores) => {
    const [a, b, c, d] = (await makeAccounts(stores, 4)) as Four
    const strangers = await makeAccounts(stores, 9, 'stranger')
    const room = await makeGroup(stores, a, [b, c, d])
    await accept(stores, role(room, a, b, 'deputy'))
    const everyone: SendBody = { kind: 'text', text: '@모두', mentions: [{ who: 'everyone', at: 0, length: 3 }] }
    const tries: readonly (readonly [keyof RoomRights, () => SendBody, string])[] = [
      ['invite', () => ({ kind: 'invited', accounts: [strangers.pop()!] }), 'role-too-low'],
      ['rename', () => ({ kind: 'renamed', title: '새 이름' }), 'role-too-low'],
      ['post', () => ({ kind: 'text', text: '말' }), 'role-too-low'],
      ['post', () => ({ kind: 'place', geo: '37.56650,126.97800', withinM: 5 }), 'role-too-low'],
      ['everyone', () => everyone, 'forbidden'],
    ]
    for (const [right, body, code] of tries)
      for (const [least, expected] of [
        ['host', [code, code, 'ok']],
        ['deputy', [code, 'ok', 'ok']],
        ['member', ['ok', 'ok', 'ok']],
      ] as const) {
        await stores.log.append([rights(room, a, { [right]: least })], 3)
        assert.deepEqual(
          await answers(
            stores,
            [c, b, a].map((who) => request(room, who, body())),
          ),
          expected,
          `${right} ${least}`,
        )
      }
    await accept(stores, rights(room, a, { remove: 'host', post: 'deputy' }))
    assert.deepEqual(
      await answers(stores, [remove(room, b, d), rights(room, b, { post: 'member' }), rights(room, a, { post: 'deputy' }), remove(room, a, d)]),
      ['role-too-low', 'role-too-low', 'body-invalid', 'ok'],
    )
    assert.deepEqual((await owners(stores, room, c)).rights, {
      invite: 'member',
      rename: 'member',
      post: 'deputy',
      everyone: 'member',
      remove: 'host',
    })
  })

  it('[B12] rights are chosen when a group is made, and belong to what a repeated request is compared with', async (stores) => {
    const [a, b] = (await makeAccounts(stores, 2)) as Four
    const made = { conversationId: newConversation(), id: newId(), author: a, title: '', accounts: [b] }
    const chosen: RoomRights = { post: 'deputy', invite: 'deputy' }
    const opened = await stores.log.createGroup({ ...made, rights: chosen }, 1)
    assert.ok('conversationId' in opened)
    assert.deepEqual(await owners(stores, made.conversationId, b), { host: a, deputies: [], rights: chosen })
    assert.deepEqual((await stores.log.read(made.conversationId, 0, 1))[0]?.body, {
      kind: 'created',
      title: '',
      accounts: [b],
      rights: { invite: 'deputy', post: 'deputy' },
    })
    assert.equal(await refuse(stores, text(made.conversationId, b, '나도')), 'role-too-low')
    const repeated = await stores.log.createGroup({ ...made, conversationId: newConversation(), rights: chosen }, 2)
    assert.ok('conversationId' in repeated && repeated.conversationId === made.conversationId)
    const other = await stores.log.createGroup({ ...made, conversationId: newConversation() }, 2)
    assert.ok('code' in other && other.code === 'id-conflict')
  })
}
