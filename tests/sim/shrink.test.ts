import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planOf, type Plan } from './plan.ts'
import { keep, shrink } from './shrink.ts'

const PLAN = planOf(5)
/** A system that breaks D2 when these three happen, and R4 with any of them. */
const GUILTY = [7, 40, PLAN.happenings.length - 1].map((index) => PLAN.happenings[index]!)
const R4 = { promise: 'R4', sentence: 'another one' }
const D2 = { promise: 'D2', sentence: 'this one' }
let runs = 0

async function run({ happenings }: Plan): Promise<{ readonly breaches: readonly (typeof D2)[] }> {
  runs++
  const there = GUILTY.filter((one) => happenings.includes(one)).length
  return { breaches: there === GUILTY.length ? [R4, D2] : there > 0 ? [R4] : [] }
}

test('[D5] a history is shrunk to the happenings that are enough, in their order, for the promise that was broken', async () => {
  const shrunk = await shrink(PLAN, 'D2', 60_000, run)
  assert.deepEqual(shrunk.plan.happenings, GUILTY)
  assert.deepEqual(shrunk.plan, keep(PLAN, shrunk.kept))
  assert.deepEqual(shrunk.breaches, [D2])
  assert.equal(shrunk.runs, runs)
  assert.equal((await shrink(PLAN, 'R4', 60_000, run)).kept.length, 1)
})

test('[O1] shrinking ends in time, with what it has', async () => {
  const shrunk = await shrink(PLAN, 'D2', 0, run)
  assert.equal(shrunk.plan.happenings.length, PLAN.happenings.length)
  assert.deepEqual(shrunk.breaches, [D2])
})
