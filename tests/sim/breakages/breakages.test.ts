import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { runSeeds } from '../workers.ts'
import type { Said } from '../worker.ts'
import { BREAKAGES, type Breakage } from './breakages.ts'

/** Within so many seeds each must be caught. */
const SEEDS = 300

// A judge who has never said "guilty" proves nothing. Several run at a time, and each stops at the first seed that catches it.
test(`[M1] each of ${BREAKAGES.length} deliberate breakages is caught within ${SEEDS} seeds`, async (t) => {
  assert.ok(BREAKAGES.length >= 12)
  const waiting = [...BREAKAGES]
  const missed: string[] = []

  async function work(): Promise<void> {
    for (let breakage = waiting.shift(); breakage !== undefined; breakage = waiting.shift()) {
      const { seed, sentence, caught } = await hunt(breakage)
      t.diagnostic(`${caught ? `seed ${String(seed).padStart(3)}` : 'NOT SEEN'}  ${breakage.name}: ${sentence}`)
      if (!caught) missed.push(`${breakage.name}: ${sentence}`)
    }
  }

  await Promise.all(Array.from({ length: availableParallelism() }, work))
  assert.deepEqual(missed, [])
})

async function hunt({ name, promises }: Breakage): Promise<{ readonly seed: number; readonly sentence: string; readonly caught: boolean }> {
  let last: Said | null = null
  try {
    await runSeeds({ from: 1, count: SEEDS, first: true, breakage: name }, (outcome) => {
      last = outcome
    })
  } catch (cause) {
    // The code it changes has changed: write it anew.
    return { seed: 0, sentence: String(cause), caught: false }
  }
  const { seed, breaches } = last as unknown as Said
  const breach = breaches.find((one) => promises.includes(one.promise)) ?? breaches[0]
  const sentence = breach === undefined ? `no promise was broken in ${SEEDS} seeds` : `[${breach.promise}] ${breach.sentence.split('\n')[0]}`
  return { seed, sentence, caught: breach !== undefined && promises.includes(breach.promise) }
}
