import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROOM_ROLES, type AccountId, type ConversationId } from '@bongsu/protocol'
import fc from 'fast-check'
import type { AppendRequest, AppendResult } from '../../apps/server/src/conversation/log-store.ts'
import { FREE, LogModel, type ModelRoom } from './log-model.ts'
import { makeAccounts, makeDirect, makeGroup, newAccount, request, withStores, type OpenSubject, type Stores } from './stores.ts'

const seed = 20_261_122
const runs = 60
const accounts = 5
const CHOSEN = ['invite', 'rename', 'remove', 'post'] as const

/** One wish, by numbers: `what` chooses the kind, the rest who, where and with whom. */
const wishes = fc.record({
  what: fc.constantFrom(
    'text',
    'text',
    'invited',
    'invited',
    'left',
    'renamed',
    'removed',
    'role',
    'role',
    'rights',
    'again',
    'again with other words',
    'raise',
  ),
  who: fc.nat({ max: accounts - 1 }),
  where: fc.nat({ max: 2 }),
  // One more than there are accounts: the last stands for somebody unknown.
  whom: fc.array(fc.nat({ max: accounts }), { minLength: 1, maxLength: 3 }),
  words: fc.string({ unit: 'grapheme', maxLength: 8 }),
  number: fc.nat({ max: 40 }),
})
type Wish = typeof wishes extends fc.Arbitrary<infer T> ? T : never

export function logPropertyContract(name: string, open: OpenSubject): void {
  test(`[M2, M3, R1, R4, B10] any history of wishes ends as the model says (${name}, seed ${seed})`, () =>
    withStores(open, async (stores) => {
      const batches = fc.array(fc.array(wishes, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 })
      await fc.assert(
        fc.asyncProperty(batches, (history) => live(stores, history)),
        { seed, numRuns: runs },
      )
    }))
}

/** Lives one history in rooms of its own, on the store and on the model, and compares every answer and the end. */
async function live(stores: Stores, history: readonly (readonly Wish[])[]): Promise<void> {
  const people = await makeAccounts(stores, accounts)
  const [model, rooms] = await begin(stores, people)
  const asked: AppendRequest[] = []
  for (const batch of history) {
    // A rise between appends would be another call to the store; here it ends the batch.
    const appends = batch.filter((wish) => wish.what !== 'raise').map((wish) => toRequest(wish, people, rooms, asked))
    const expected = appends.map((one) => model.append(one))
    const results = await stores.log.append(appends, 1)
    assert.deepEqual(results.map(inWords), expected)
    const raises = batch
      .filter((wish) => wish.what === 'raise')
      .map(({ who, where, number }) => ({ conversationId: rooms[where]!, accountId: people[who]!, seq: number }))
    const rose = raises.map((one) => model.raise(one))
    assert.deepEqual(await stores.receipts.raise(raises), rose)
  }
  for (const conversationId of rooms) await compareRoom(stores, model, conversationId, people)
  assert.deepEqual(await stores.resume.accountHeads(people), model.heads)
}

async function begin(stores: Stores, people: readonly AccountId[]): Promise<[LogModel, ConversationId[]]> {
  const [a, b, c] = people as [AccountId, AccountId, AccountId]
  const model = new LogModel()
  for (const account of people) model.heads.set(account, 0)
  const rooms = [await makeDirect(stores, a, b), await makeGroup(stores, a, [b], '처음'), await makeGroup(stores, c, [], '')]
  for (const [index, members] of [[a, b], [a, b], [c]].entries()) {
    const conversationId = rooms[index]!
    const [entry] = await stores.log.read(conversationId, 0, 1)
    model.rooms.set(conversationId, {
      kind: index === 0 ? 'direct' : 'group',
      title: index === 1 ? '처음' : '',
      entries: [{ author: members[0]!, id: entry!.id, body: entry!.body, asked: '' }],
      members: new Map(members.map((account) => [account, { joinedSeq: 1, watermark: 0 }])),
      host: members[0]!,
      deputies: [],
      rights: { ...FREE },
      barred: new Set(),
    })
    for (const account of members) model.heads.set(account, model.heads.get(account)! + 1)
  }
  return [model, rooms]
}

function toRequest(wish: Wish, people: readonly AccountId[], rooms: readonly ConversationId[], asked: AppendRequest[]): AppendRequest {
  const before = asked[wish.number % Math.max(1, asked.length)]
  const made = ((): AppendRequest => {
    if (wish.what === 'again' && before) return before
    if (wish.what === 'again with other words' && before) return { ...before, body: { kind: 'text', text: wish.words } }
    const place = rooms[wish.where]!
    const author = people[wish.who]!
    if (wish.what === 'left') return request(place, author, { kind: 'left' })
    const whom = people[wish.whom[0]!] ?? newAccount()
    if (wish.what === 'removed') return request(place, author, { kind: 'removed', accountId: whom, barred: wish.number % 2 === 0 })
    if (wish.what === 'role') return request(place, author, { kind: 'role', accountId: whom, role: ROOM_ROLES[wish.number % 3]! })
    if (wish.what === 'rights')
      return request(place, author, { kind: 'rights', rights: { [CHOSEN[wish.number % 4]!]: ROOM_ROLES[(wish.number % 2) + 1]! } })
    if (wish.what === 'renamed') return request(place, author, { kind: 'renamed', title: wish.words })
    if (wish.what === 'invited') return request(place, author, { kind: 'invited', accounts: wish.whom.map((index) => people[index] ?? newAccount()) })
    return request(place, author, { kind: 'text', text: wish.words })
  })()
  asked.push(made)
  return made
}

function inWords(result: AppendResult): string {
  return result.ok ? `${result.repeated ? 'repeated' : 'new'} ${result.seq}` : result.code
}

async function compareRoom(stores: Stores, model: LogModel, conversationId: ConversationId, people: readonly AccountId[]): Promise<void> {
  const room = model.rooms.get(conversationId)!
  const entries = await stores.log.read(conversationId, 0, 1_000)
  assert.deepEqual(
    entries.map(({ seq, author, id, body }) => ({ seq, author, id, body })),
    room.entries.map(({ author, id, body }, index) => ({ seq: index + 1, author, id, body })),
  )
  assert.deepEqual(await stores.receipts.unread(conversationId, 1, 1_000), model.unread(room))
  for (const account of people) {
    const member = room.members.get(account)
    const snapshot = await stores.resume.snapshot(conversationId, account, 5)
    if (!member) {
      assert.equal(snapshot, null)
      continue
    }
    const first = Math.max(member.joinedSeq, room.entries.length - 4)
    const below = room.entries.filter(
      (entry, index) => entry.body.kind === 'text' && entry.author !== account && index + 1 > member.watermark && index + 1 < first,
    )
    assert.deepEqual(
      [
        snapshot?.head,
        snapshot?.joinedSeq,
        snapshot?.readSeq,
        snapshot?.meta.title,
        room.kind === 'group' ? snapshot?.meta.host : null,
        snapshot?.meta.deputies ?? [],
        snapshot?.meta.memberCount,
        snapshot?.entries,
        snapshot?.unreadBelow,
      ],
      [
        room.entries.length,
        member.joinedSeq,
        member.watermark,
        room.title,
        hostOf(room),
        room.deputies,
        room.members.size,
        entries.slice(first - 1),
        below.length,
      ],
    )
  }
}

function hostOf({ kind, host, members }: ModelRoom): AccountId | null {
  return kind === 'group' && members.has(host) ? host : null
}
