import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noFigures, Town, tryOf } from '../../../../tests/worlds/evidence.ts'
import type { Share, Span } from '../vocabulary/incident.ts'
import type { Component, Outcome } from '../vocabulary/observation.ts'
import { shareOver } from './incident-share.ts'
import type { Evidence } from './judgement.ts'

const T = Date.parse('2026-11-22T15:00:00+09:00')
const CALM: Town | null = null

/** Evidence of some seconds: tries of messaging (one of `everySecond` parts fails), and figures. */
function seconds(
  from: number,
  count: number,
  more: {
    readonly fails?: (n: number) => boolean
    readonly outcome?: Outcome
    readonly town?: Town | null
    readonly tries?: number
    readonly post?: string
    readonly light?: boolean
    readonly component?: Component
    readonly devices?: { readonly live: number; readonly notLive: number }
  } = {},
): Evidence[] {
  const { fails = () => false, outcome = 'refused', town = CALM, tries = 4, post = 'home', light, component = 'messaging', devices } = more
  const evidence: Evidence[] = []
  let n = 0
  for (let at = from; at < from + count * 1_000; at += 1_000) {
    const observations = Array.from({ length: tries }, (_, index) =>
      tryOf(n + 1, at + index * 200 + 50, component, { outcome: fails(n++) ? outcome : 'ok', ...(light === undefined ? {} : { light }) }),
    )
    evidence.push({ kind: 'observations', at: at + 900, batch: { post, online: true, observations } })
    if (town !== null && (at - from) % 2_000 === 0) evidence.push({ kind: 'figures', at: at + 950, sample: town.sample(at + 950) })
    if (devices !== undefined) evidence.push({ kind: 'devices', at: at + 960, sample: { at, ...devices } })
  }
  return evidence
}

const over = (
  evidence: Evidence[],
  to: number,
  more: { readonly cohort?: Span; readonly spans?: readonly Span[]; readonly component?: Component } = {},
) =>
  shareOver(
    evidence.toSorted((one, other) => one.at - other.at),
    { component: more.component ?? 'messaging', spans: more.spans ?? [{ from: T, to }], cohort: more.cohort ?? null },
  )

const holds = (share: Share | null, truth: number): boolean => share !== null && share.low <= truth && truth <= share.high

test('[S6] all tries fail: 100 %, from tries', () => {
  const { share, beside } = over(seconds(T, 60, { fails: () => true }), T + 60_000)
  assert.deepEqual([share?.kind, share?.source, share?.value, beside], ['affected', 'tries', 1, null])
})

test('[S6] the failures at both ends are left out, because the span is chosen by them', () => {
  const { share } = over(seconds(T, 8, { tries: 1, fails: (n) => n !== 6 }), T + 60_000)
  assert.deepEqual([share?.affected, share?.total], [5, 6])
})

test('[S6] 80 % for a minute and 8 % for five: the height is published', () => {
  const evidence = [...seconds(T, 60, { fails: (n) => n % 5 !== 0 }), ...seconds(T + 60_000, 300, { fails: (n) => n % 12 === 0 })]
  const { share } = over(evidence, T + 360_000)
  assert.ok(holds(share, 0.8) && Math.abs((share?.value ?? 0) - 0.8) < 0.03, JSON.stringify(share))
})

test('[S6] good tries after the last failure do not thin the share', () => {
  const evidence = [...seconds(T, 30, { fails: (n) => n % 2 === 0 }), ...seconds(T + 30_000, 60)]
  const { share } = over(evidence, T + 90_000)
  assert.ok(Math.abs((share?.value ?? 0) - 0.5) < 0.03)
})

test('[S6] the time between two spans counts for neither', () => {
  const evidence = [
    ...seconds(T, 40, { fails: (n) => n % 2 === 0 }),
    ...seconds(T + 40_000, 100, { fails: (n) => n % 9 === 0 }),
    ...seconds(T + 140_000, 40, { fails: (n) => n % 2 === 0 }),
  ]
  const spans = [
    { from: T, to: T + 40_000 },
    { from: T + 140_000, to: T + 180_000 },
  ]
  const { share } = over(evidence, 0, { spans })
  assert.ok(Math.abs((share?.value ?? 0) - 0.5) < 0.03 && (share?.total ?? 0) < 330)
})

test('[S6] light tries are counted apart, and the larger share is published', () => {
  const evidence = [...seconds(T, 60, { fails: (n) => n % 20 === 0 }), ...seconds(T, 60, { light: true, tries: 20, fails: (n) => n % 10 < 3 })]
  const { share } = over(evidence, T + 60_000)
  assert.ok(Math.abs((share?.value ?? 0) - 0.3) < 0.01 && (share?.total ?? 0) > 1_000, JSON.stringify(share))
})

test('[S9] a calm server does not override tries that failed in front of it', () => {
  const town = new Town(100)
  const { share, beside } = over(seconds(T, 60, { town, fails: (n) => n % 2 === 0 }), T + 60_000)
  assert.deepEqual([share?.source, beside], ['tries', null])
  const signIns = new Town(100)
  signIns.signInsTried = 40
  const { share: ofSignIn } = over(seconds(T, 60, { town: signIns, component: 'sign-in', fails: (n) => n % 2 === 0 }), T + 60_000, {
    component: 'sign-in',
  })
  assert.ok(holds(ofSignIn, 0.5))
})

test('[S9] people who fell silent together are a share of their own kind', () => {
  const town = new Town(100)
  const calm = seconds(T - 10_000, 10, { town })
  town.lose(30, T)
  const { share, beside } = over([...calm, ...seconds(T, 60, { town })], T + 60_000, { cohort: { from: T, to: T } })
  assert.deepEqual([share?.kind, share?.value, share?.affected, share?.total, share?.stillOut, beside], ['silent', 0.3, 30, 100, 30, null])
})

test('[S9] those who are back are not out any more, and their number stays', () => {
  const town = new Town(100)
  town.lose(30, T)
  const evidence = seconds(T, 30, { town })
  town.return(28)
  const { share } = over([...evidence, ...seconds(T + 30_000, 10, { town })], T + 40_000, { cohort: { from: T, to: T } })
  assert.deepEqual([share?.affected, share?.stillOut], [30, 2])
})

test('[S9] failing tries make the silent people affected; tries that tell another share are published beside', () => {
  const town = new Town(100)
  town.lose(30, T)
  const { share, beside } = over(seconds(T, 60, { town, fails: (n) => n % 10 !== 0 }), T + 60_000, { cohort: { from: T, to: T } })
  assert.deepEqual([share?.kind, share?.source, share?.value], ['affected', 'server', 0.3])
  assert.ok(beside?.source === 'tries' && beside.low > 0.8)
})

test('[S9] two lone failures do not make silent people affected, and are published beside', () => {
  const town = new Town(100)
  town.lose(30, T)
  const { share } = over(seconds(T, 60, { town, fails: (n) => n === 50 || n === 60 }), T + 60_000, { cohort: { from: T, to: T } })
  assert.equal(share?.kind, 'silent')
})

test('[S9] stray failures are no share, and make silent people no affected ones, unless they would raise an alarm', () => {
  const cohort = { from: T, to: T }
  for (const [failures, kind] of [
    [3, 'silent'],
    [5, 'affected'],
  ] as const) {
    const town = new Town(100)
    town.lose(30, T)
    const fails = (n: number): boolean => n >= 60 && n < 60 + failures
    const { share, beside } = over(seconds(T, 120, { town, fails, tries: 1 }), T + 120_000, { cohort })
    assert.deepEqual([share?.kind, share?.value], [kind, 0.3])
    if (kind === 'silent') assert.equal(beside, null)
  }
  const scattered = new Town(100)
  scattered.lose(30, T)
  const { share } = over(seconds(T, 480, { town: scattered, fails: (n) => n % 100 === 50, tries: 1 }), T + 480_000, { cohort })
  assert.equal(share?.kind, 'silent')
})

test('[S9] accounts that the server failed are of all who are active, and contradict no tries that failed more', () => {
  const town = new Town(100)
  town.lose(20, T - 60_000)
  town.failedUsers = 20
  const alone = over(seconds(T, 60, { town }), T + 60_000).share
  assert.deepEqual([alone?.affected, alone?.total], [20, 100])
  const { share, beside } = over(seconds(T, 60, { town, fails: (n) => n % 10 !== 0 }), T + 60_000)
  assert.deepEqual([share?.source, beside], ['tries', null])
})

test('[S9] devices make them affected, with an interval that begins at their number', () => {
  const town = new Town(100)
  town.lose(30, T)
  const { share } = over(seconds(T, 60, { town, devices: { live: 5, notLive: 10 } }), T + 60_000, { cohort: { from: T, to: T } })
  assert.deepEqual([share?.kind, share?.source, share?.value], ['affected', 'devices', 0.3])
  assert.ok((share?.low ?? 1) < 0.1 && (share?.high ?? 0) > 0.39)
})

test('[S9] words count against all who fell silent, and only those said since then', () => {
  const devices = { live: 5, notLive: 4 }
  const town = new Town(100)
  town.lose(30, T)
  const few = seconds(T, 20, { town })
  town.return(25)
  const cohort = { from: T, to: T }
  assert.equal(over([...few, ...seconds(T + 20_000, 20, { town, devices })], T + 40_000, { cohort }).share?.kind, 'silent')
  const spans = [{ from: T - 60_000, to: T + 60_000 }]
  const before = seconds(T - 30_000, 30, { town: new Town(100), devices: { live: 5, notLive: 40 } })
  const later = new Town(100)
  later.lose(30, T)
  assert.equal(over([...before, ...seconds(T, 60, { town: later })], 0, { cohort, spans }).share?.kind, 'silent')
})

test('[S9] those whom the server forgets after ten minutes are not back', () => {
  const town = new Town(100)
  town.lose(30, T)
  const { share } = over(seconds(T, 700, { town, tries: 1 }), T + 700_000, { cohort: { from: T, to: T } })
  assert.deepEqual([share?.kind, share?.affected, share?.stillOut], ['silent', 30, 30])
})

test('[S9] accounts that the server failed are counted, and a few of them are not', () => {
  const town = new Town(100)
  town.failedUsers = 20
  assert.deepEqual(over(seconds(T, 60, { town }), T + 60_000).share?.affected, 20)
  town.failedUsers = 2
  assert.equal(over(seconds(T, 60, { town }), T + 60_000).share, null)
})

test('[S2] without evidence there is no share, and none for a post without a network', () => {
  assert.deepEqual(over([], T + 1_000), { share: null, beside: null })
  const offline = seconds(T, 60, { fails: () => true }).map((each) =>
    each.kind === 'observations' ? { ...each, batch: { ...each.batch, online: false } } : each,
  )
  assert.equal(over(offline, T + 60_000).share, null)
  assert.equal(over([{ kind: 'figures', at: T, sample: noFigures(T) }], T + 1_000).share, null)
})
