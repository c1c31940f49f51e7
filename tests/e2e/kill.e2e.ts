import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killManyTimes } from './many-kills.ts'

/** The longer form for drills: KILLS=200 KILL_SEED=7. */
const KILLS = Number(process.env['KILLS'] ?? '50')
const SEED = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)

test(`[M1, M2, M3, M5, M6, D2, D10, C2, R1, O4] a server killed ${KILLS} times under load loses nothing, doubles nothing, and keeps one order`, async (t) => {
  const report = await killManyTimes(t, { kills: KILLS, seed: SEED, settleMs: 30_000 })
  t.diagnostic(
    `seed ${SEED}: ${KILLS} kills, ${report.connectionsBroken} connections broken, ${report.written} messages written, ${report.accepted} accepted, ` +
      `${report.sentAgain} sent again; ${report.cutFromAnswer} were durable in a process that died before its answer was heard, ` +
      `${report.answeredFromLog} of them answered later from the log`,
  )
  assert.deepEqual(report.violations.slice(0, 10), [], `seed ${SEED}: ${report.violations.length} violations`)
  // Without these the test would have watched an idle server.
  assert.ok(report.accepted >= KILLS * 20, `${report.accepted} accepted`)
  assert.ok(report.sentAgain >= KILLS, `${report.sentAgain} sent again`)
  assert.ok(report.cutFromAnswer > 0, `${report.cutFromAnswer} kills between commit and answer`)
})
