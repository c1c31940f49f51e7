import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { AccountId, Act, ClientMessageId, ConversationId, SendBody } from '@bongsu/protocol'
import fc from 'fast-check'
import { makeAccounts, makeGroup, withStores, type OpenSubject, type Stores } from './stores.ts'

const seed = 20_261_130
const runs = 40
const people = 3

/** One wish, by numbers. */
const wishes = fc.record({
  what: fc.constantFrom('say', 'say', 'invite', 'leave', 'rename', 'react', 'react', 'react', 'edit', 'erase', 'hide', 'read', 'again'),
  who: fc.nat({ max: people - 1 }),
  whom: fc.nat({ max: people - 1 }),
  which: fc.nat({ max: 5 }),
  words: fc.constantFrom('👍', '❤️', '😆'),
})
type Wish = typeof wishes extends fc.Arbitrary<infer T> ? T : never

/** One room and its people, as the wishes find them. */
interface Stage {
  readonly accounts: readonly AccountId[]
  readonly room: ConversationId
  /** Ids of what was asked, in the order asked. */
  readonly said: { readonly who: number; readonly id: ClientMessageId; readonly body: SendBody }[]
  readonly subjects: readonly ClientMessageId[]
}

/**
 * Requests that wait together are decided together. The outcome is the one they have one by one: in the answers, in what is read, and in every number.
 */
export function burstContract(name: string, open: OpenSubject): void {
  test(`[M1, M3, I1, R1] a burst of requests ends as the same requests one by one (${name}, seed ${seed})`, () =>
    withStores(open, async (stores) => {
      await fc.assert(
        fc.asyncProperty(fc.array(wishes, { minLength: 2, maxLength: 30 }), async (history) => {
          const [slow, fast] = [await begin(stores), await begin(stores)]
          const expected: string[] = []
          for (const wish of history) expected.push(await ask(stores, slow, wish))
          const asked = history.map((wish) => ask(stores, fast, wish))
          assert.deepEqual(await Promise.all(asked), expected)
          assert.deepEqual(await stateOf(stores, fast), await stateOf(stores, slow))
        }),
        { seed, numRuns: runs },
      )
    }))
}

async function begin(stores: Stores): Promise<Stage> {
  const accounts = await makeAccounts(stores, people)
  const room = await makeGroup(stores, accounts[0]!, [accounts[1]!])
  const first = { kind: 'text', text: '처음' } as const
  const requests = accounts.slice(0, 2).map((author) => ({ conversationId: room, author, id: randomUUID() as ClientMessageId, body: first }))
  await stores.log.append(requests, 1)
  const entries = await stores.log.read(room, 0, 10)
  return { accounts, room, said: [], subjects: entries.map(({ id }) => id) }
}

/** @returns the answer without the ids that differ between two stages. */
async function ask({ log, receipts }: Stores, stage: Stage, wish: Wish): Promise<string> {
  const { accounts, room } = stage
  const author = accounts[wish.who]!
  if (wish.what === 'read') return String(await receipts.raise([{ conversationId: room, accountId: author, seq: wish.which + 1 }]))
  const act = actOf(wish)
  if (act !== null) {
    const seq = (wish.which % stage.subjects.length) + 1
    const subject = stage.subjects[seq - 1]!
    const [done] = await log.set([{ conversationId: room, author, id: randomUUID() as ClientMessageId, seq, subject, act }], 5)
    return done?.ok === true ? `${done.change} ${done.head} ${done.written?.value ?? '-'}` : String(done?.code)
  }
  const before = stage.said[wish.which % Math.max(1, stage.said.length)]
  const made =
    wish.what === 'again' && before !== undefined ? before : { who: wish.who, id: randomUUID() as ClientMessageId, body: bodyOf(wish, accounts) }
  if (made !== before) stage.said.push(made)
  const [done] = await log.append([{ conversationId: room, author: accounts[made.who]!, id: made.id, body: made.body }], 5)
  return done?.ok === true ? `${done.seq} ${String(done.repeated)} ${done.accounts.map((one) => accounts.indexOf(one)).join()}` : String(done?.code)
}

function actOf({ what, words }: Wish): Act | null {
  if (what === 'react') return { kind: 'reaction', value: { emoji: words } }
  if (what === 'edit') return { kind: 'edit', value: { text: words } }
  if (what === 'erase') return { kind: 'erased', value: {} }
  return what === 'hide' ? { kind: 'hidden', value: {} } : null
}

function bodyOf({ what, whom, words }: Wish, accounts: readonly AccountId[]): SendBody {
  if (what === 'invite') return { kind: 'invited', accounts: [accounts[whom]!] }
  if (what === 'leave') return { kind: 'left' }
  return what === 'rename' ? { kind: 'renamed', title: words } : { kind: 'text', text: words }
}

/** Everything that can be read, with people by their number and rooms without their id. */
async function stateOf({ log, receipts, resume }: Stores, { accounts, room }: Stage): Promise<string> {
  const entries = await log.read(room, 0, 100)
  const state = {
    entries: entries.map(({ id: _, ...entry }) => entry),
    items: await log.items(room, 0, 100),
    unread: await receipts.unread(room, 1, 100),
    heads: [...(await log.heads([room])).values()],
    accounts: await Promise.all(accounts.map((account) => resume.items(account, 0, 100))),
    snapshots: (await Promise.all(accounts.map((account) => resume.snapshot(room, account, 4)))).map(
      (snapshot) =>
        snapshot && {
          ...snapshot,
          meta: { ...snapshot.meta, people: snapshot.meta.people.map(({ accountId }) => accountId) },
          entries: snapshot.entries.length,
        },
    ),
  }
  return accounts.reduce(
    (text, account, index) => text.replaceAll(account, `account ${index}`),
    JSON.stringify(state, null, 1).replaceAll(room, 'room'),
  )
}
