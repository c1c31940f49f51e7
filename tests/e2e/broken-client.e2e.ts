import assert from 'node:assert/strict'
import { test } from 'node:test'
// Before the device is loaded, which happens below.
import './broken/lose-under-way.ts'

const { killManyTimes } = await import('./many-kills.ts')

// The same run as in kill.e2e.ts, with devices that are broken on purpose.

test('[C2] devices that forget what was under way when their connection broke are caught, though all their outboxes are empty', async (t) => {
  const seed = Date.now() % 1_000_000
  const { violations, written } = await killManyTimes(t, { kills: 6, seed, settleMs: 20_000 })
  const vanished = violations.filter(({ breach }) => breach === 'vanished')
  t.diagnostic(`seed ${seed}: ${vanished.length} of ${written} vanished, ${violations.length - vanished.length} other violations`)
  assert.ok(vanished.length > 0)
})
