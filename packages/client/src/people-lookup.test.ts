import { test } from 'node:test'
import assert from 'node:assert/strict'
import { LIMITS, type AccountId, type Person } from '@bongsu/protocol'
import { createFakeClock, uuidOf } from '../fakes/clock.ts'
import type { Api } from './api.ts'
import { createPeopleLookup, gatherMs } from './people-lookup.ts'

const idOf = (number: number) => uuidOf(0xa, number) as AccountId
const idsTo = (count: number) => Array.from({ length: count }, (_, index) => idOf(index))

function bench(
  answer: (accountIds: AccountId[]) => unknown = (ids) => ({
    ok: true,
    value: { people: ids.map((accountId) => ({ accountId, handle: 'h', displayName: 'd' })) },
  }),
) {
  const clock = createFakeClock()
  const asked: AccountId[][] = []
  const known = new Map<AccountId, Person>()
  const http = {
    call: async (_name: string, request: { body: { accountIds: AccountId[] } }) => {
      asked.push(request.body.accountIds)
      return answer(request.body.accountIds)
    },
  } as unknown as Pick<Api, 'call'>
  const lookup = createPeopleLookup({
    http,
    clock,
    known: (accountId) => known.has(accountId),
    found: (people) => people.forEach((person) => known.set(person.accountId, person)),
  })
  return { clock, asked, known, lookup }
}

test('[O1] names are looked up together, each once, a bounded number at a time', async () => {
  const { clock, asked, lookup } = bench()
  lookup.want(idsTo(LIMITS.peoplePerLookupMax))
  lookup.want(idsTo(LIMITS.peoplePerLookupMax + 1))
  await clock.pass(gatherMs)
  assert.deepEqual(
    asked.map((ids) => ids.length),
    [LIMITS.peoplePerLookupMax, 1],
  )
  lookup.want(idsTo(5))
  await clock.pass(1_000)
  assert.equal(asked.length, 2, 'what is known is not asked for')
})

test('[O1] an unavailable name is not asked for again before the next connection', async () => {
  const { clock, asked, lookup } = bench(() => ({ ok: true, value: { people: [] } }))
  lookup.want([idOf(1)])
  await clock.pass(1_000)
  lookup.want([idOf(1)])
  await clock.pass(1_000)
  assert.equal(asked.length, 1)
  lookup.again()
  lookup.want([idOf(1)])
  await clock.pass(1_000)
  assert.equal(asked.length, 2)
})

test('[O2] a lookup that fails is tried again later, and later each time', async () => {
  const { clock, asked, lookup } = bench(() => ({ ok: false, refusal: { code: 'busy', retryAfterMs: 100 } }))
  lookup.want([idOf(1)])
  await clock.pass(gatherMs)
  assert.equal(asked.length, 1)
  await clock.pass(4_999)
  assert.equal(asked.length, 1)
  await clock.pass(1)
  assert.equal(asked.length, 2)
  await clock.pass(9_999)
  assert.equal(asked.length, 2)
  await clock.pass(1)
  assert.equal(asked.length, 3)
  lookup.stop()
  assert.equal(clock.waiting(), 0)
})

test('[D5] a late lookup answer does not replace a newer name', async () => {
  let answer = (): void => undefined
  const held = new Promise<void>((resolve) => (answer = resolve))
  const { clock, known, lookup } = bench(async (ids: AccountId[]) => {
    await held
    return { ok: true, value: { people: ids.map((accountId) => ({ accountId, handle: 'h', displayName: 'old' })) } }
  })
  lookup.want(idsTo(2))
  await clock.pass(gatherMs)
  known.set(idOf(1), { accountId: idOf(1), handle: 'h', displayName: 'new' })
  answer()
  await clock.pass(1_000)
  assert.deepEqual([known.get(idOf(0))?.displayName, known.get(idOf(1))?.displayName], ['old', 'new'])
})
