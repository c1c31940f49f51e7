import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, Act, ClientMessageId, ConversationId, EntryBody } from '@bongsu/protocol'
import fc from 'fast-check'
import type { SetRequest } from '../../apps/server/src/conversation/log-store.ts'
import { accept, makeAccounts, makeGroup, newId, request, withStores, type OpenSubject, type Stores } from './stores.ts'

const seed = 20_261_129
const runs = 60
const DAY = 86_400_000

/** One wish, by numbers. */
const wishes = fc.record({
  what: fc.constantFrom('react', 'react', 'react', 'take back', 'edit', 'edit', 'erase', 'hide', 'again', 'again', 'say', 'leave'),
  who: fc.nat({ max: 2 }),
  which: fc.nat({ max: 5 }),
  wrongId: fc.nat({ max: 9 }).map((n) => n === 0),
  words: fc.constantFrom('👍', '❤️', '😆'),
  hours: fc.nat({ max: 40 }),
  number: fc.nat({ max: 40 }),
})
type Wish = typeof wishes extends fc.Arbitrary<infer T> ? T : never

interface ModelEntry {
  readonly author: number
  readonly id: ClientMessageId
  readonly at: number
  body: EntryBody
}

/** Section I of SPEC.md, as plainly as it can be said; knows nothing of the program's own rules. */
class ItemsModel {
  readonly entries: ModelEntry[] = []
  readonly items = new Map<string, { readonly change: number; readonly value: unknown }>()
  readonly hidden = new Map<number, Set<number>>()
  readonly joined = new Map<number, number>()
  change = 0
  readonly #acts = new Map<string, { readonly what: string; readonly answer: string }>()

  /** @returns the answer in words. */
  act(who: number, seq: number, subject: string, id: string, act: Act, now: number): string {
    const key = act.kind === 'reaction' ? `reaction ${seq}:${who}` : `${act.kind} ${seq}`
    const before = this.#acts.get(`${who} ${id}`)
    if (before !== undefined) return before.what === key ? before.answer : 'id-conflict'
    const joined = this.joined.get(who)
    if (joined === undefined) return 'not-a-member'
    const entry = this.entries[seq - 1]
    if (entry === undefined || entry.id !== subject || seq < joined) return 'subject-gone'
    const answer = act.kind === 'hidden' ? this.#hide(who, seq) : this.#mark(entry, who, seq, key, act, now)
    if (answer.startsWith('at ')) this.#acts.set(`${who} ${id}`, { what: key, answer })
    return answer
  }

  #hide(who: number, seq: number): string {
    const mine = this.hidden.get(who) ?? new Set()
    this.hidden.set(who, mine.add(seq))
    return 'at own'
  }

  #mark(entry: ModelEntry, who: number, seq: number, key: string, act: Act, now: number): string {
    const current = this.items.get(key)
    if (entry.body.kind === 'erased') return act.kind === 'erased' ? `at ${current?.change}` : 'subject-gone'
    if (entry.body.kind !== 'text') return 'body-invalid'
    if (act.kind !== 'reaction' && entry.author !== who) return 'forbidden'
    if (act.kind !== 'reaction' && now - entry.at > DAY) return 'too-late'
    const value = act.kind === 'edit' ? { ...act.value, editedAt: now } : act.value
    if (JSON.stringify(current?.value ?? null) === JSON.stringify(value)) return `at ${current?.change ?? 0}`
    this.change++
    if (act.kind === 'erased') {
      for (const name of this.items.keys()) if (name.split(' ')[1]?.split(':')[0] === String(seq)) this.items.delete(name)
      entry.body = { kind: 'erased' }
    }
    if (act.kind === 'edit') entry.body = { kind: 'text', text: act.value.text }
    this.items.set(key, { change: this.change, value })
    return `at ${this.change}`
  }
}

export function itemsPropertyContract(name: string, open: OpenSubject): void {
  test(`[I1-I7] any history of acts ends as the model says (${name}, seed ${seed})`, () =>
    withStores(open, async (stores) => {
      await fc.assert(
        fc.asyncProperty(fc.array(wishes, { minLength: 1, maxLength: 40 }), (history) => live(stores, history)),
        { seed, numRuns: runs },
      )
    }))
}

async function live(stores: Stores, history: readonly Wish[]): Promise<void> {
  const people = (await makeAccounts(stores, 3)) as [AccountId, AccountId, AccountId]
  const room = await makeGroup(stores, people[0], [people[1]])
  const model = new ItemsModel()
  const say = async (who: number, body: Parameters<typeof request>[2], at: number): Promise<void> => {
    const { seq } = await accept(stores, request(room, people[who]!, body), at)
    const [entry] = await stores.log.read(room, seq - 1, 1)
    model.entries.push({ author: who, id: entry!.id, at, body: entry!.body })
  }
  const [created] = await stores.log.read(room, 0, 1)
  model.entries.push({ author: 0, id: created!.id, at: 1_000, body: created!.body })
  model.joined.set(0, 1)
  model.joined.set(1, 1)
  await say(0, { kind: 'text', text: '하나' }, 1_000)
  await say(1, { kind: 'text', text: '둘' }, 1_000)
  await say(0, { kind: 'invited', accounts: [people[2]] }, 1_000)
  model.joined.set(2, 4)
  await say(2, { kind: 'text', text: '셋' }, 1_000)

  const asked: { readonly who: number; readonly request: SetRequest }[] = []
  for (const wish of history) {
    const now = 1_000 + wish.hours * 3_600_000
    const { who } = wish
    if (wish.what === 'say') {
      if (model.joined.has(who)) await say(who, { kind: 'text', text: wish.words }, now)
    } else if (wish.what === 'leave') {
      // Only the last one goes, so that somebody is there to act.
      if (model.joined.has(2)) await say(2, { kind: 'left' }, now)
      model.joined.delete(2)
    } else {
      const one = asked[wish.number % Math.max(1, asked.length)]
      const made = wish.what === 'again' && one !== undefined ? one : { who, request: toRequest(wish, people[who]!, room, model) }
      asked.push(made)
      const { seq, subject, id, act } = made.request
      const expected = model.act(made.who, seq, subject, id, act, now)
      const [result] = await stores.log.set([made.request], now)
      assert.equal(result!.ok ? (act.kind === 'hidden' ? 'at own' : `at ${result!.change}`) : result!.code, expected, JSON.stringify(wish))
    }
  }
  await compare(stores, model, room, people)
}

function toRequest({ what, which, wrongId, words }: Wish, author: AccountId, conversationId: ConversationId, model: ItemsModel): SetRequest {
  const seq = 1 + which
  const subject = wrongId ? newId() : (model.entries[seq - 1]?.id ?? newId())
  return { conversationId, author, id: newId(), seq, subject, act: actOf(what, words) }
}

function actOf(what: Wish['what'], words: string): Act {
  if (what === 'edit') return { kind: 'edit', value: { text: words } }
  if (what === 'erase') return { kind: 'erased', value: {} }
  if (what === 'hide') return { kind: 'hidden', value: {} }
  return { kind: 'reaction', value: what === 'take back' ? null : { emoji: words } }
}

async function compare(stores: Stores, model: ItemsModel, room: ConversationId, people: readonly AccountId[]): Promise<void> {
  const named = new Map(people.map((account, index) => [account, String(index)]))
  const { to, items } = await stores.log.items(room, 0, 1_000)
  assert.equal(to, model.change)
  const held = items.map(({ kind, key, change, value }) => {
    const [seq, account] = key.split(':')
    return [`${kind} ${seq}${account === undefined ? '' : `:${named.get(account as AccountId)}`}`, { change, value }] as const
  })
  const expected = [...model.items].toSorted(([, one], [, other]) => one.change - other.change)
  assert.deepEqual(held, expected)
  assert.deepEqual(
    (await stores.log.read(room, 0, 1_000)).map(({ body }) => body),
    model.entries.map(({ body }) => body),
  )
  for (const [who, account] of people.entries()) {
    const own = (await stores.resume.items(account, 0, 1_000)).items
      .filter(({ kind }) => kind === 'hidden')
      .map(({ key }) => Number(key.split(':')[1]))
    assert.deepEqual(
      own.toSorted((a, b) => a - b),
      [...(model.hidden.get(who) ?? [])].toSorted((a, b) => a - b),
    )
  }
}
