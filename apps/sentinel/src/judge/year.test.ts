import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJudge } from './judge.ts'
import { seeded, type Fault } from './faults.ts'
import { stream } from './streams.ts'

// Healthy noise of a year, without anything that users would call an outage: every declared trouble is a false alarm.
//
// The goal is at most one false alarm a year. Here three towns live for 20 days each, in which a sixth of an alarm is expected at that rate. A judge
// twenty times worse would pass in 4 % of the seeds. `npm run drill -- judge-year` sets JUDGE_DAYS=365 and uses every second.

const DAYS = Number(process.env['JUDGE_DAYS'] ?? 20)
const EVERY_SECOND = process.env['JUDGE_EVERY_SECOND'] === '1'
const SEED = Number(process.env['JUDGE_SEED'] ?? 1)
const DAY_MS = 86_400_000
const FROM = Date.parse('2026-01-01T00:00:00+09:00')

interface Noise {
  readonly faults: readonly Fault[]
  readonly offline: readonly { readonly from: number; readonly to: number; readonly seenAfterMs: number }[]
}

/**
 * Each day one blip of 1 to 3 s in which every try fails, five shorter ones, and six spells of 2 to 10 s in which everything is slow. Each week a
 * restart of 3 s. Every four days the post is without a network for up to 10 minutes and takes up to 2 s to notice. Besides, 0.02 % of all tries fail
 * alone, 0.5 % to 2 % of the people are cut for reasons of their own, and six times a day 3 % are cut for 30 s.
 */
function noise(seed: number): Noise {
  const random = seeded(seed)
  const faults: Fault[] = []
  const offline: Noise['offline'][number][] = []
  for (let day = 0; day < DAYS; day += 1) {
    const within = (lastsMs: number): { readonly from: number; readonly to: number } => {
      const from = FROM + (day + random()) * DAY_MS
      return { from, to: from + lastsMs }
    }
    faults.push({ kind: random() < 0.5 ? 'refuse' : 'blip', ...within(1_000 + 2_000 * random()) })
    for (let count = 0; count < 5; count += 1) faults.push({ kind: 'blip', ...within(300 + 500 * random()) })
    for (let count = 0; count < 6; count += 1) faults.push({ kind: 'slow', slowMs: 1_500 + 1_000 * random(), ...within(2_000 + 8_000 * random()) })
    if (day % 7 === 3) faults.push({ kind: 'refuse', ...within(3_000) })
    if (day % 4 === 1) offline.push({ ...within(60_000 + 540_000 * random()), seenAfterMs: 2_000 * random() })
  }
  return { faults, offline }
}

for (const users of [30, 300, 3_000]) {
  test(`[S1] ${DAYS} days of healthy noise in a town of ${users}: no false alarm`, (t) => {
    const judge = createJudge()
    const alarms: string[] = []
    let since = 0
    let evidence = 0
    let unknownMs = 0
    let lastTick = FROM
    const { faults, offline } = noise(SEED * 1_000 + users)
    for (const each of stream({ seed: SEED * 77 + users, from: FROM, to: FROM + DAYS * DAY_MS, users, faults, offline, compressed: !EVERY_SECOND })) {
      judge.hear(each)
      evidence += 1
      if (each.kind !== 'tick') continue
      // Trouble lasts at least 25 s, so asking at each tick is enough.
      for (const { component, condition, since: begun, share } of judge.judgements()) {
        if (condition === 'unknown') unknownMs += (each.at - lastTick) / 3
        else if (condition !== 'operational' && begun > since + 600_000) {
          since = begun
          alarms.push(`${new Date(begun).toISOString()} ${component} ${condition} ${JSON.stringify(share)}`)
        }
      }
      lastTick = each.at
    }
    t.diagnostic(`${evidence} pieces of evidence, ${alarms.length} false alarms, unknown for ${(unknownMs / 60_000).toFixed(0)} minutes`)
    assert.ok(alarms.length <= (DAYS >= 365 ? DAYS / 365 : 0), alarms.join('\n'))
    // Without evidence there is no condition: the post had no network for about this long.
    const offlineMs = offline.reduce((sum, { from, to }) => sum + to - from, 0)
    assert.ok(Math.abs(unknownMs - offlineMs) < offlineMs * 0.2, `unknown for ${unknownMs} ms, without a network for ${offlineMs} ms`)
  })
}
