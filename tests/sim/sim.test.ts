import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { FAULT_KINDS } from './faults.ts'
import { JUDGED_KINDS } from './judged.ts'
import { planOf, type Plan } from './plan.ts'
import { story, Tally } from './report.ts'
import { runPlan } from './run-plan.ts'
import { shrink } from './shrink.ts'
import type { Said } from './worker.ts'
import { runSeeds } from './workers.ts'

const SEEDS = 400
/** Seeds beyond, at which a breakage is caught that the others catch too rarely. */
const SEEDS_MORE = [689, 811]
/** Every kind of fault must really have happened so often. */
const MET_MIN = 20
/** Everything the judges look at must really have come up so often. */
const JUDGED_MIN = 20
const SHRINK_MS = 20_000
/** What they may take on a machine of two processors that has nothing else to do. */
const TIME_MS_MAX = 90_000

test(`[M1-M6, I1-I6, I10, D1-D10, C1-C4, R1-R4, W1, A4, O1-O3] ${SEEDS} seeded histories break no promise, and meet every fault`, async (t) => {
  const tally = new Tally()
  const startedAt = performance.now()
  const step = availableParallelism()
  const broken: { readonly seed: number; readonly promise: string }[] = []
  const heard = (outcome: Said): void => {
    tally.add(outcome)
    const [first] = outcome.breaches
    if (first !== undefined) broken.push({ seed: outcome.seed, promise: first.promise })
  }
  await Promise.all(
    Array.from({ length: step }, (_, worker) => runSeeds({ from: 1 + worker, count: Math.ceil((SEEDS - worker) / step), step }, heard)),
  )
  for (const seed of SEEDS_MORE) await runSeeds({ from: seed, count: 1, step: 1 }, heard)
  const [tookMs, onTwoMs] = [performance.now() - startedAt, tally.cpuMs / 2]
  for (const line of tally.lines()) t.diagnostic(line)
  t.diagnostic(`took ${(tookMs / 1_000).toFixed(0)} s; two processors without anything else to do need ${(onTwoMs / 1_000).toFixed(0)} s`)
  const [first] = broken
  if (first !== undefined) {
    const plan = planOf(first.seed)
    assert.fail(
      `${broken.length} of ${SEEDS} seeds: ${broken.map(({ seed }) => seed).join()}\n${story(plan, await shrink(plan, first.promise, SHRINK_MS))}`,
    )
  }
  assert.equal(tally.seeds, SEEDS + SEEDS_MORE.length)
  assert.deepEqual(
    FAULT_KINDS.filter((kind) => tally.met[kind] < MET_MIN),
    [],
    'kinds of fault met too rarely',
  )
  assert.deepEqual(
    JUDGED_KINDS.filter((kind) => tally.judged[kind] < JUDGED_MIN),
    [],
    'evidence of a kind that came up too rarely to judge by',
  )
  // Not by the clock on the wall: other tests run beside this one.
  assert.ok(onTwoMs <= TIME_MS_MAX, `${Math.round(onTwoMs)} ms`)
})

test('[D5] a history is a pure function of its seed: every frame arrives again, at the same moment', async () => {
  for (const seed of [11, 12, 13]) {
    const [once, again] = [await runPlan(planOf(seed)), await runPlan(planOf(seed))]
    assert.equal(once.hash, again.hash)
    assert.deepEqual(once, again)
  }
  assert.notEqual((await runPlan(planOf(11))).hash, (await runPlan(planOf(12))).hash)
})

interface Pinned {
  /** Begins with the promise that was broken. */
  readonly name: string
  readonly plan: Plan
}

// Histories that were bad once, as they were: a new kind of happening changes what a seed means.
const folder = new URL('./pinned/', import.meta.url)
for (const file of readdirSync(folder)) {
  const { name, plan } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Pinned
  test(name, async () => assert.deepEqual((await runPlan(plan)).breaches, []))
}
