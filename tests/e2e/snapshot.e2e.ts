import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goBackManyTimes } from './many-snapshots.ts'

/** The longer form for drills: SNAPSHOTS=100 SNAPSHOT_SEED=7. */
const RUNS = Number(process.env['SNAPSHOTS'] ?? '4')
const SEED = Number(process.env['SNAPSHOT_SEED'] ?? Date.now() % 1_000_000)

test(`[A7, A4, M2] a data folder put back ${RUNS} times to an older snapshot, the server none the wiser: what devices hold is back, once, and all are equal`, async (t) => {
  const report = await goBackManyTimes(t, { runs: RUNS, seed: SEED, settleMs: 30_000 })
  const { accepted, wentBack, epochsBegun, slowestMs, violations } = report
  t.diagnostic(
    `seed ${SEED}: ${RUNS} runs, ${accepted} messages accepted, ${wentBack} of them missing in a snapshot and back again, ` +
      `${epochsBegun} epochs begun, equal after at most ${slowestMs} ms`,
  )
  assert.deepEqual(violations.slice(0, 10), [], `seed ${SEED}: ${violations.length} violations`)
  // Without these the test would have watched a server that never went back.
  assert.ok(wentBack >= RUNS, `${wentBack} went back`)
  assert.ok(epochsBegun >= RUNS / 2, `${epochsBegun} epochs`)
})
