import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COMPONENTS, type Component } from '../record/observation.ts'
import { shareOver } from './incident-share.ts'
import { createJudge } from './judge.ts'
import type { Evidence } from './judgement.ts'
import { seeded, type Fault } from './faults.ts'
import { stream } from './streams.ts'

// Time to notice each fault over many seeds, with healthy noise: worst and median.

const SEEDS = 200
const HOUR_MS = 3_600_000
const MIDNIGHT = Date.parse('2026-11-22T00:00:00+09:00')

interface Scenario {
  readonly name: string
  readonly fault: Omit<Fault, 'from' | 'to'>
  readonly users: number
  readonly component: Component
  /** Hours of the day in Seoul between which the fault begins. */
  readonly hours: readonly [number, number]
  readonly learnMs: number
  readonly lastsMs: number
  readonly worstMs: number
  readonly medianMs: number
  /** Percentage of seeds in which the fault may stay unnoticed: too few people to tell from chance. */
  readonly missedPercentMax?: number
  /** Whether the fault has a share, and its value. */
  readonly share: number | null
  readonly others: 'operational' | 'any'
}

const usual = { users: 3_000, component: 'messaging', hours: [0, 24], learnMs: 120_000, lastsMs: 60_000, others: 'any' } as const
const SCENARIOS: readonly Scenario[] = [
  { ...usual, name: 'total outage, refused', fault: { kind: 'refuse' }, worstMs: 10_000, medianMs: 5_000, share: 1 },
  { ...usual, name: 'total outage, hanging', fault: { kind: 'hang' }, worstMs: 10_000, medianMs: 8_000, share: 1 },
  { ...usual, name: 'accepted, not delivered', fault: { kind: 'half-open' }, worstMs: 10_500, medianMs: 10_000, share: null, others: 'operational' },
  { ...usual, name: '80 % cut', fault: { kind: 'cut', share: 0.8 }, worstMs: 10_000, medianMs: 9_000, share: 0.8 },
  { ...usual, name: '8 % cut of 3,000', fault: { kind: 'cut', share: 0.08 }, worstMs: 30_000, medianMs: 12_000, share: 0.08 },
  {
    ...usual,
    name: '8 % cut of 3,000, canaries spared',
    fault: { kind: 'cut', share: 0.08, spared: 'canaries' },
    worstMs: 30_000,
    medianMs: 12_000,
    share: 0.08,
  },
  // By day, with at least 150 people connected. With fewer, a few more affected people are no evidence, and the tries must show the fault.
  {
    ...usual,
    name: '8 % cut of 300',
    fault: { kind: 'cut', share: 0.08 },
    users: 300,
    hours: [14, 23],
    worstMs: 30_000,
    medianMs: 13_000,
    share: 0.08,
  },
  // Before the evening: where 2 % are cut anyway, a third more within a minute is no evidence.
  {
    ...usual,
    name: '1 % cut of 3,000, canaries spared',
    fault: { kind: 'cut', share: 0.01, spared: 'canaries' },
    hours: [15.5, 17.5],
    learnMs: 2_400_000,
    lastsMs: 90_000,
    worstMs: 60_000,
    medianMs: 52_000,
    missedPercentMax: 10,
    share: 0.01,
    others: 'operational',
  },
  {
    ...usual,
    name: 'only sign-in',
    fault: { kind: 'sign-in' },
    component: 'sign-in',
    worstMs: 20_000,
    medianMs: 9_000,
    share: 1,
    others: 'operational',
  },
  { ...usual, name: 'everything slow', fault: { kind: 'slow', slowMs: 2_600 }, worstMs: 30_000, medianMs: 26_000, share: null },
  { ...usual, name: 'only phones, hanging', fault: { kind: 'hang', profile: 'phone' }, worstMs: 15_000, medianMs: 9_000, share: null },
  {
    ...usual,
    name: 'half of the tries in a town of 30',
    fault: { kind: 'cut', share: 0.5 },
    users: 30,
    worstMs: 20_000,
    medianMs: 13_000,
    share: null,
  },
]

interface Run {
  readonly noticedMs: number
  readonly clearedMs: number
  readonly shareError: number
}

function isTrouble(condition: string): boolean {
  return condition !== 'operational' && condition !== 'unknown'
}

function run(scenario: Scenario, seed: number): Run {
  const random = seeded(seed * 7_919)
  const [first, last] = scenario.hours
  const from = MIDNIGHT + seed * 24 * HOUR_MS + Math.round((first + (last - first) * random()) * HOUR_MS)
  const faultAt = from + scenario.learnMs + Math.round(random() * 5_000)
  const overAt = faultAt + scenario.lastsMs
  const fault: Fault = { ...scenario.fault, from: faultAt, to: overAt }
  const judge = createJudge()
  const index = COMPONENTS.indexOf(scenario.component)
  const heard: Evidence[] = []
  let noticedAt: number | null = null
  let clearedAt: number | null = null
  const compressed = scenario.learnMs > 600_000
  for (const each of stream({ seed, from, to: overAt + 75_000, users: scenario.users, faults: [fault], compressed, burstsADay: 0 })) {
    judge.hear(each)
    if (each.kind !== 'tick') heard.push(each)
    if (each.at < faultAt - 30_000) continue
    const judgements = judge.judgements()
    const trouble = isTrouble(judgements[index]?.condition ?? 'unknown')
    assert.ok(!trouble || each.at >= faultAt, `${scenario.name}, seed ${seed}: trouble before the fault`)
    if (trouble) noticedAt ??= each.at
    if (!trouble && each.at > overAt && noticedAt !== null) clearedAt ??= each.at
    if (scenario.others === 'operational')
      for (const other of judgements)
        if (other.component !== scenario.component) assert.equal(other.condition, 'operational', `seed ${seed}: ${other.component}`)
  }
  assert.ok(noticedAt === null || clearedAt !== null, `${scenario.name}, seed ${seed}: never over`)
  const share = shareOver(heard, scenario.component, faultAt, overAt)?.value ?? 0
  return {
    noticedMs: (noticedAt ?? Number.POSITIVE_INFINITY) - faultAt,
    clearedMs: (clearedAt ?? overAt) - overAt,
    shareError: scenario.share === null ? 0 : Math.abs(share - scenario.share),
  }
}

for (const scenario of SCENARIOS) {
  test(`[S1, S6] ${scenario.name}: detected within ${scenario.worstMs / 1_000} s, over within 60 s, share within 3 points`, (t) => {
    const runs = Array.from({ length: SEEDS }, (_, index) => run(scenario, index + 1))
    const sorted = (value: (run: Run) => number): readonly number[] => runs.map(value).toSorted((one, other) => one - other)
    const noticed = sorted(({ noticedMs }) => noticedMs)
    const cleared = sorted(({ clearedMs }) => clearedMs)
    const middle = Math.floor(SEEDS / 2)
    const seconds = (ms: number | undefined): string => ((ms ?? 0) / 1_000).toFixed(1)
    const points = Math.max(...runs.map(({ shareError }) => shareError)) * 100
    const last = noticed[Math.ceil(SEEDS * (1 - (scenario.missedPercentMax ?? 0) / 100)) - 1] ?? 0
    t.diagnostic(
      `noticed: median ${seconds(noticed[middle])} s, worst ${seconds(last)} s; over: median ${seconds(cleared[middle])} s, worst ${seconds(cleared.at(-1))} s; share: worst ${points.toFixed(1)} points`,
    )
    assert.ok(last <= scenario.worstMs, `worst ${seconds(last)} s`)
    assert.ok((noticed[middle] ?? 0) <= scenario.medianMs, `median ${seconds(noticed[middle])} s`)
    assert.ok((cleared.at(-1) ?? 0) <= 60_000, `over after ${seconds(cleared.at(-1))} s`)
    assert.ok(points <= 3, `share off by ${points.toFixed(1)} points`)
  })
}
