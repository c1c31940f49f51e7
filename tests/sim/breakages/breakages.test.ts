import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import type { Breach } from '../history.ts'
import { runSeeds } from '../workers.ts'
import type { Said } from '../worker.ts'
import type { Breakage } from './breakage.ts'
import { BREAKAGES } from './breakages.ts'

/** Each of these promises must have been seen broken by some breakage; of the others the simulation judges what follows from them. */
const SEEN_BROKEN = 'M2 M3 M4 M5 M6 D1 D2 D3 D4 D5 D6 D7 D8 D9 D10 C1 C2 C3 C4 R1 R2 R3 R4 W1 W3 W4 A4 O1 O2 O3 I1 I2 I3 I4 I6'.split(' ')
/** Within so many seeds each must be caught. */
const SEEDS = 500

// A judge who has never said "guilty" proves nothing. Several run at a time, and each stops at the first seed that catches it.
test(`[M1] each of ${BREAKAGES.length} deliberate breakages is caught within ${SEEDS} seeds`, async (t) => {
  assert.ok(BREAKAGES.length >= 12)
  const waiting = [...BREAKAGES]
  const missed: string[] = []
  const seen = new Set<string>()

  async function work(): Promise<void> {
    for (let breakage = waiting.shift(); breakage !== undefined; breakage = waiting.shift()) {
      const { seed, sentence, caught, breaches } = await hunt(breakage)
      t.diagnostic(`${caught ? `seed ${String(seed).padStart(3)}` : 'NOT SEEN'}  ${breakage.name}: ${sentence}`)
      for (const { promise } of breaches) seen.add(promise)
      if (!caught) missed.push(`${breakage.name}: ${sentence}`)
    }
  }

  await Promise.all(Array.from({ length: availableParallelism() }, work))
  assert.deepEqual(missed, [])
  assert.deepEqual(
    SEEN_BROKEN.filter((promise) => !seen.has(promise)),
    [],
    'promises that no breakage was seen to break',
  )
})

interface Hunted {
  readonly seed: number
  readonly sentence: string
  readonly caught: boolean
  /** Those of the promises it is about. */
  readonly breaches: readonly Breach[]
}

async function hunt({ name, promises }: Breakage): Promise<Hunted> {
  let last: Said | null = null
  try {
    await runSeeds({ from: 1, count: SEEDS, first: true, breakage: name }, (outcome) => {
      last = outcome
    })
  } catch (cause) {
    // A seam is missing, or its line no longer fits what stands there instead.
    return { seed: 0, sentence: String(cause), caught: false, breaches: [] }
  }
  const { seed, breaches } = last as unknown as Said
  const own = breaches.filter(({ promise }) => promises.includes(promise))
  const breach = own[0] ?? breaches[0]
  const sentence = breach === undefined ? `no promise was broken in ${SEEDS} seeds` : `[${breach.promise}] ${breach.sentence.split('\n')[0]}`
  return { seed, sentence, caught: own.length > 0, breaches: own }
}
