import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Breach } from '../../apps/server/src/conformance/checker.ts'
import { killManyTimes } from './many-kills.ts'

// The same run as in kill.e2e.ts, with a server that is broken on purpose: a judge who has never said "guilty" proves nothing.

async function breaches(t: TestContext, preload: string): Promise<readonly Breach[]> {
  const seed = Date.now() % 1_000_000
  const { violations } = await killManyTimes(t, { kills: 6, seed, settleMs: 5_000, preload: [new URL(preload, import.meta.url).href] })
  const counted = Object.groupBy(violations, (violation) => violation.breach)
  t.diagnostic(
    `seed ${seed}: ${Object.entries(counted)
      .map(([breach, found]) => `${breach} ${found.length}`)
      .join(', ')}`,
  )
  return Object.keys(counted) as Breach[]
}

test('[M5] a server that accepts before the entry is durable is caught losing it', async (t) => {
  const found = await breaches(t, './broken/accept-too-early.ts')
  assert.ok(found.includes('lost'), found.join())
})

test('[M2] a server that does not know an id again is caught doubling', async (t) => {
  const found = await breaches(t, './broken/forget-ids.ts')
  assert.ok(found.includes('doubled'), found.join())
})
