import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type AccountId, type Act, type ConversationId, type Entry } from '@bongsu/protocol'
import type { SetRequest, SetResult } from '../../apps/server/src/conversation/log-store.ts'
import {
  accept,
  makeAccounts,
  makeDirect,
  makeGroup,
  newConversation,
  newId,
  refuse,
  request,
  text,
  withStores,
  type OpenSubject,
  type Stores,
} from './stores.ts'

const HOUR = 3_600_000
/** When entries are accepted here, unless a test says otherwise. */
const THEN = 2_000

interface Talk {
  readonly room: ConversationId
  readonly a: AccountId
  readonly b: AccountId
  /** A text of `a`. */
  readonly entry: Entry
}

async function talk(stores: Stores, words = '강변북로가 잠겼어요'): Promise<Talk> {
  const [a, b] = (await makeAccounts(stores, 2)) as [AccountId, AccountId]
  const room = await makeGroup(stores, a, [b])
  const { seq } = await accept(stores, text(room, a, words), THEN)
  return { room, a, b, entry: await entryAt(stores, room, seq) }
}

async function entryAt({ log }: Stores, room: ConversationId, seq: number): Promise<Entry> {
  const [entry] = await log.read(room, seq - 1, 1)
  assert(entry)
  return entry
}

function act(
  conversationId: ConversationId,
  author: AccountId,
  { seq, id: subject }: Pick<Entry, 'seq' | 'id'>,
  asked: Act,
  id = newId(),
): SetRequest {
  return { conversationId, author, id, seq, subject, act: asked }
}

export const reaction = (emoji: string | null): Act => ({ kind: 'reaction', value: emoji === null ? null : { emoji } })
const edit = (words: string): Act => ({ kind: 'edit', value: { text: words } })
const ERASED: Act = { kind: 'erased', value: {} }
const HIDDEN: Act = { kind: 'hidden', value: {} }

async function set({ log }: Stores, asked: SetRequest, now = THEN): Promise<SetResult> {
  const [result] = await log.set([asked], now)
  assert(result)
  return result
}

async function done(stores: Stores, asked: SetRequest, now = THEN): Promise<number> {
  const result = await set(stores, asked, now)
  assert(result.ok, JSON.stringify(result))
  return result.change
}

async function refused(stores: Stores, asked: SetRequest, now = THEN): Promise<string> {
  const result = await set(stores, asked, now)
  assert(!result.ok, JSON.stringify(result))
  return result.code
}

/** Everything a conversation has that could be told of an act. */
async function standing({ log, resume }: Stores, room: ConversationId, account: AccountId): Promise<unknown> {
  return [await log.heads([room]), await log.items(room, 0, 1_000), await log.read(room, 0, 1_000), await resume.accountHeads([account])]
}

/** What a store keeps of items, marks and acts: section I of SPEC.md. */
export function logItemsContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: Parameters<typeof withStores>[1]): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[I1, I3] an act is the newest value of its item, under the next change, and read by change and by entry', async (stores) => {
    const { room, a, b, entry } = await talk(stores)
    assert.equal(await done(stores, act(room, a, entry, reaction('👍'))), 1)
    assert.equal(await done(stores, act(room, b, entry, reaction('❤️'))), 2)
    assert.equal(await done(stores, act(room, a, entry, reaction('😮'))), 3)
    assert.equal(await done(stores, act(room, b, entry, reaction(null))), 4)
    const [mine, theirs] = [`${entry.seq}:${a}`, `${entry.seq}:${b}`]
    const all = await stores.log.items(room, 0, 10)
    assert.deepEqual(all, {
      head: entry.seq,
      to: 4,
      items: [
        { kind: 'reaction', key: mine, change: 3, value: { emoji: '😮' } },
        { kind: 'reaction', key: theirs, change: 4, value: null },
      ],
    })
    assert.deepEqual(await stores.log.items(room, 3, 10), {
      head: entry.seq,
      to: 4,
      items: [{ kind: 'reaction', key: theirs, change: 4, value: null }],
    })
    assert.equal((await stores.log.items(room, 0, 1)).to, 3)
    assert.deepEqual(await stores.log.items(room, 4, 10), { head: entry.seq, to: 4, items: [] })
    const chars = all.items.reduce((sum, item) => sum + JSON.stringify(item).length, 0)
    assert.deepEqual(await stores.log.items(room, 0, 10, chars), all)
    assert.deepEqual(await stores.log.items(room, 0, 10, chars - 1), { ...all, to: 3, items: all.items.slice(0, 1) }, 'no more text than may be')
    assert.equal((await stores.log.items(room, 0, 10, 1)).to, 3, 'but one item at least')
    const marks = await stores.log.marks(room, 1, entry.seq, 10)
    assert.deepEqual(marks, { first: 1, change: 4, items: [{ kind: 'reaction', key: mine, change: 3, value: { emoji: '😮' } }] })
    assert.deepEqual((await stores.log.marks(room, 1, entry.seq - 1, 10)).items, [])
    const snapshot = await stores.resume.snapshot(room, b, 20)
    assert.deepEqual([snapshot?.change, snapshot?.items], [4, marks.items])
    assert.deepEqual((await stores.log.heads([room])).get(room), { head: entry.seq, change: 4 })
    const position = await stores.resume.position(b, null)
    assert.deepEqual(
      position?.memberships.map(({ change }) => change),
      [4],
    )
  })

  it('[I1] what is so already is accepted, and writes nothing', async (stores) => {
    const { room, a, entry } = await talk(stores)
    const first = await done(stores, act(room, a, entry, reaction('👍')))
    const before = await standing(stores, room, a)
    assert.deepEqual(await set(stores, act(room, a, entry, reaction('👍'))), {
      ok: true,
      change: first,
      head: entry.seq,
      repeated: false,
      written: null,
    })
    assert.deepEqual(await standing(stores, room, a), before)
    assert.equal((await done(stores, act(room, a, { ...entry, seq: 1, id: (await entryAt(stores, room, 1)).id }, HIDDEN))) > 0, true)
  })

  it('[I2] the same act again gets the same answer and changes nothing, also after a newer one, a leaving and a reopening', async (stores, subject) => {
    const { room, b, entry } = await talk(stores)
    const asked = act(room, b, entry, reaction('👍'))
    assert.equal(await done(stores, asked), 1)
    assert.equal(await done(stores, act(room, b, entry, reaction('😢'))), 2)
    await accept(stores, request(room, b, { kind: 'left' }))
    const before = await standing(stores, room, b)
    assert.deepEqual(await set(stores, asked), { ok: true, change: 1, head: 0, repeated: true, written: null })
    const again = await subject.reopen()
    assert.deepEqual(await set(again, asked), { ok: true, change: 1, head: 0, repeated: true, written: null })
    assert.deepEqual(await standing(again, room, b), before)
  })

  it('[I2] the id of an act that changed nothing is kept as well', async (stores) => {
    const { room, b, entry } = await talk(stores)
    await done(stores, act(room, b, entry, reaction('👍')))
    const same = act(room, b, entry, reaction('👍'))
    await done(stores, same)
    await done(stores, act(room, b, entry, reaction(null)))
    const before = await standing(stores, room, b)
    assert.equal((await set(stores, same)).ok, true)
    assert.deepEqual(await standing(stores, room, b), before)
  })

  it('[I2] an id with another conversation, kind or entry is refused; ids of entries are others', async (stores) => {
    const { room, a, entry } = await talk(stores)
    const asked = act(room, a, entry, reaction('👍'))
    await done(stores, asked)
    const elsewhere = await makeGroup(stores, a, [])
    assert.equal(await refused(stores, { ...asked, conversationId: elsewhere }), 'id-conflict')
    assert.equal(await refused(stores, { ...asked, act: edit('다르게') }), 'id-conflict')
    assert.equal(await refused(stores, { ...asked, seq: 1 }), 'id-conflict')
    assert.equal(await done(stores, { ...asked, act: reaction('😆') }), 1)
    assert.equal((await accept(stores, text(room, a, '같은 이름', asked.id))).seq, entry.seq + 1)
  })

  it('[I4] an entry that is not there, is named by another id, or is from before the joining, cannot be marked', async (stores) => {
    const { room, a, b, entry } = await talk(stores)
    const [c] = (await makeAccounts(stores, 1)) as [AccountId]
    assert.equal(await refused(stores, act(room, a, { seq: entry.seq + 1, id: newId() }, reaction('👍'))), 'subject-gone')
    assert.equal(await refused(stores, act(room, a, { seq: entry.seq, id: newId() }, reaction('👍'))), 'subject-gone')
    assert.equal(await refused(stores, act(room, c, entry, reaction('👍'))), 'not-a-member')
    assert.equal(await refused(stores, act(newConversation(), a, entry, reaction('👍'))), 'not-a-member')
    const { seq } = await accept(stores, request(room, b, { kind: 'invited', accounts: [c] }))
    assert.equal(await refused(stores, act(room, c, entry, reaction('👍'))), 'subject-gone')
    assert.equal(await refused(stores, act(room, c, entry, HIDDEN)), 'subject-gone')
    assert.equal(await refused(stores, act(room, c, await entryAt(stores, room, seq), reaction('👍'))), 'body-invalid')
  })

  it('[I5] only the author edits and erases, for a day by the server’s clock; in a self conversation at any time', async (stores) => {
    const { room, a, b, entry } = await talk(stores)
    const end = THEN + LIMITS.editMsMax
    assert.equal(await refused(stores, act(room, b, entry, edit('남의 말'))), 'forbidden')
    assert.equal(await refused(stores, act(room, b, entry, ERASED)), 'forbidden')
    assert.equal(await refused(stores, act(room, a, entry, edit('늦은 말')), end + 1), 'too-late')
    assert.equal(await refused(stores, act(room, a, entry, ERASED), THEN + LIMITS.eraseMsMax + 1), 'too-late')
    await done(stores, act(room, a, entry, edit('마지막 순간')), end)
    // A clock that went back makes nothing too late.
    await done(stores, act(room, a, entry, edit('시계가 뒤로')), THEN - HOUR)
    await done(stores, act(room, b, entry, reaction('✅')), end + 400 * HOUR)
    await done(stores, act(room, b, entry, HIDDEN), end + 400 * HOUR)

    const self = await makeDirect(stores, a, a)
    const { seq } = await accept(stores, text(self, a, '오래된 메모'), THEN)
    await done(stores, act(self, a, await entryAt(stores, self, seq), ERASED), end + 400 * HOUR)
  })

  it('[I5] what happened, and what the server wrote, is neither edited nor erased', async (stores) => {
    const { room, a } = await talk(stores)
    const created = await entryAt(stores, room, 1)
    assert.equal(await refused(stores, act(room, a, created, edit('다르게'))), 'body-invalid')
    assert.equal(await refused(stores, act(room, a, created, ERASED)), 'body-invalid')
  })

  it('[I6, M2] an edit takes the place of the earlier text, and a repeated send is answered as the first time', async (stores) => {
    const { room, a, b } = await talk(stores)
    const asked = request(room, a, { kind: 'text', text: '여섯 시에 만나요', replyTo: 2 })
    const { seq, acceptedAt } = await accept(stores, asked)
    const entry = await entryAt(stores, room, seq)
    await done(stores, act(room, a, entry, edit('일곱 시에 만나요')), 5_000)
    assert.deepEqual(await entryAt(stores, room, seq), { ...entry, body: { kind: 'text', text: '일곱 시에 만나요', replyTo: 2 } })
    const { items } = await stores.log.marks(room, seq, seq, 10)
    assert.deepEqual(
      items.map(({ value }) => value),
      [{ text: '일곱 시에 만나요', editedAt: 5_000 }],
    )
    for (const words of ['여섯 시에 만나요', '일곱 시에 만나요']) {
      const again = await accept(stores, { ...asked, body: { kind: 'text', text: words, replyTo: 2 } })
      assert.deepEqual([again.seq, again.acceptedAt, again.repeated], [seq, acceptedAt, true])
    }
    assert.equal(await refuse(stores, { ...asked, conversationId: await makeGroup(stores, a, [b]) }), 'id-conflict')
  })

  it('[I6, I7] an erasure leaves a place without content or marks, which counts as it did', async (stores) => {
    const { room, a, b, entry } = await talk(stores)
    const later = await accept(stores, text(room, a, '그 다음'))
    await done(stores, act(room, b, entry, reaction('👍')))
    await done(stores, act(room, a, entry, edit('고친 말')))
    await done(stores, act(room, b, { ...entry, seq: later.seq, id: (await entryAt(stores, room, later.seq)).id }, reaction('😮')))
    const unread = await stores.receipts.unread(room, 1, 10)
    const badge = (await stores.resume.snapshot(room, b, 0))?.unreadBelow
    const change = await done(stores, act(room, a, entry, ERASED))
    assert.deepEqual(await entryAt(stores, room, entry.seq), { ...entry, body: { kind: 'erased' } })
    assert.deepEqual((await stores.log.marks(room, entry.seq, entry.seq, 10)).items, [{ kind: 'erased', key: `${entry.seq}`, change, value: {} }])
    assert.equal((await stores.log.items(room, 0, 10)).items.length, 2)
    assert.deepEqual(await stores.receipts.unread(room, 1, 10), unread)
    assert.equal((await stores.resume.snapshot(room, b, 0))?.unreadBelow, badge)

    const sent = { conversationId: room, author: a, id: entry.id, body: { kind: 'text', text: '강변북로가 잠겼어요' } } as const
    assert.equal((await accept(stores, sent)).repeated, true)
    assert.equal(await refused(stores, act(room, b, entry, reaction('👍'))), 'subject-gone')
    assert.equal(await refused(stores, act(room, a, entry, edit('되살린 말'))), 'subject-gone')
    assert.equal(await done(stores, act(room, a, entry, ERASED)), change)
    await done(stores, act(room, b, entry, HIDDEN))
  })

  it('[I7] marks take no seq and change no head, badge, unread number or account log', async (stores) => {
    const { room, a, b, entry } = await talk(stores)
    const before = [
      await stores.receipts.unread(room, 1, 10),
      await stores.resume.accountHeads([a, b]),
      (await stores.resume.snapshot(room, b, 0))?.unreadBelow,
    ]
    for (let times = 0; times < 30; times++) await done(stores, act(room, b, entry, reaction(times % 2 === 0 ? '👍' : null)))
    assert.equal((await stores.log.heads([room])).get(room)?.head, entry.seq)
    assert.deepEqual(
      [await stores.receipts.unread(room, 1, 10), await stores.resume.accountHeads([a, b]), (await stores.resume.snapshot(room, b, 0))?.unreadBelow],
      before,
    )
  })

  it('[I1, D9] an entry hidden for oneself is an item of the account, and of nobody else', async (stores) => {
    const { room, a, b, entry } = await talk(stores)
    const heads = await stores.resume.accountHeads([a, b])
    await done(stores, act(room, b, entry, HIDDEN))
    const { items } = await stores.resume.items(b, heads.get(b)!, 10)
    assert.deepEqual(items, [{ kind: 'hidden', key: `${room}:${entry.seq}`, value: {} }])
    assert.equal((await stores.resume.accountHeads([a])).get(a), heads.get(a))
    assert.deepEqual((await stores.log.items(room, 0, 10)).items, [])
  })

  it('[I8] one entry takes so many different reactions and not one more; more of the same go on', async (stores) => {
    const [a, ...others] = (await makeAccounts(stores, LIMITS.reactionKindsMax + 2)) as [AccountId, ...AccountId[]]
    const room = await makeGroup(stores, a, others.slice(0, LIMITS.inviteesPerEntryMax))
    const { seq } = await accept(stores, text(room, a, '골라 주세요'))
    const entry = await entryAt(stores, room, seq)
    const emoji = (index: number): string => String.fromCodePoint(0x1f400 + index)
    for (const [index, account] of others.slice(0, LIMITS.reactionKindsMax).entries())
      await done(stores, act(room, account, entry, reaction(emoji(index))))
    assert.equal(await refused(stores, act(room, a, entry, reaction(emoji(LIMITS.reactionKindsMax)))), 'limit-reached')
    await done(stores, act(room, a, entry, reaction(emoji(0))))
    // The last one with that emoji changes to another: that one is free again.
    await done(stores, act(room, others[1]!, entry, reaction(emoji(0))))
    await done(stores, act(room, others.at(-1)!, entry, reaction(emoji(LIMITS.reactionKindsMax))))
  })

  it('[I9] a reply is about an entry that its author can see, and everyone is mentioned by hosts where many would hear it', async (stores) => {
    const [a, b, ...many] = (await makeAccounts(stores, LIMITS.everyoneMembersMax + 1)) as [AccountId, AccountId, ...AccountId[]]
    const room = await makeGroup(stores, a, [])
    await accept(stores, text(room, a, '먼저'))
    const { seq: joined } = await accept(stores, request(room, a, { kind: 'invited', accounts: [b] }))
    const reply = (replyTo: number) => request(room, b, { kind: 'text', text: '네', replyTo })
    assert.equal(await refuse(stores, reply(joined - 1)), 'body-invalid')
    assert.equal(await refuse(stores, reply(joined + 1)), 'body-invalid')
    assert.equal((await accept(stores, reply(joined))).seq, joined + 1)

    const everyone = (author: AccountId) => request(room, author, { kind: 'text', text: '@모두', mentions: [{ who: 'everyone', at: 0, length: 3 }] })
    await accept(stores, request(room, a, { kind: 'invited', accounts: many.slice(0, LIMITS.everyoneMembersMax - 2) }))
    await accept(stores, everyone(b))
    await accept(stores, request(room, a, { kind: 'invited', accounts: many.slice(LIMITS.everyoneMembersMax - 2) }))
    assert.equal(await refuse(stores, everyone(b)), 'forbidden')
    const edited: Act = { kind: 'edit', value: { text: '@모두', mentions: [{ who: 'everyone', at: 0, length: 3 }] } }
    for (const [author, code] of [
      [b, 'forbidden'],
      [a, null],
    ] as const) {
      const { seq } = await accept(stores, text(room, author, '어디예요?'), THEN)
      const result = await set(stores, act(room, author, await entryAt(stores, room, seq), edited))
      assert.equal(result.ok ? null : result.code, code)
    }
    await accept(stores, everyone(a))
    assert.equal((await stores.resume.snapshot(room, b, 1))?.meta.host, a)
    await accept(stores, request(room, a, { kind: 'left' }))
    assert.equal((await stores.resume.snapshot(room, b, 1))?.meta.host, b)
    await accept(stores, everyone(b))
  })

  it('[I1, I5] any member marks what was said as done, since when by the server’s clock, and takes it back', async (stores) => {
    const { room, a, b, entry } = await talk(stores)
    await done(stores, act(room, b, entry, { kind: 'done', value: {} }), 7_000)
    assert.deepEqual((await stores.log.items(room, 0, 10)).items, [{ kind: 'done', key: `${entry.seq}`, change: 1, value: { doneAt: 7_000 } }])
    await done(stores, act(room, a, entry, { kind: 'done', value: null }))
    assert.deepEqual((await stores.log.marks(room, 1, entry.seq, 10)).items, [])
    assert.equal(await refused(stores, act(room, a, await entryAt(stores, room, 1), { kind: 'done', value: {} })), 'body-invalid')
  })

  it('[I3] a page of marks stops before it is too much, but gives one entry at least', async (stores) => {
    const { room, a, b, entry } = await talk(stores)
    const next = await entryAt(stores, room, (await accept(stores, text(room, b, '둘'))).seq)
    for (const account of [a, b]) for (const one of [entry, next]) await done(stores, act(room, account, one, reaction('👍')))
    assert.deepEqual([(await stores.log.marks(room, 1, next.seq, 4)).first, (await stores.log.marks(room, 1, next.seq, 4)).items.length], [1, 4])
    assert.deepEqual(
      [(await stores.log.marks(room, 1, next.seq, 3)).first, (await stores.log.marks(room, 1, next.seq, 3)).items.length],
      [next.seq, 2],
    )
    assert.deepEqual(
      [(await stores.log.marks(room, 1, next.seq, 1)).first, (await stores.log.marks(room, 1, next.seq, 1)).items.length],
      [next.seq, 2],
    )
  })

  it('[A1] the hash of marks tells which there are, as of a change', async (stores) => {
    const { room, a, b, entry } = await talk(stores)
    const none = await stores.audit.hash(room, 1, entry.seq)
    await done(stores, act(room, a, entry, reaction('👍')))
    const one = await stores.audit.hash(room, 1, entry.seq)
    assert.deepEqual([none.change, one.change, none.hash], [0, 1, one.hash])
    assert.notEqual(one.marks, none.marks)
    await done(stores, act(room, b, entry, reaction('😮')))
    await done(stores, act(room, b, entry, reaction(null)))
    const back = await stores.audit.hash(room, 1, entry.seq)
    assert.deepEqual([back.change, back.marks], [3, one.marks])
  })
}
