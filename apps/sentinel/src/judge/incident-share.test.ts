import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from './faults.ts'
import { lastFailureIn, shareOver } from './incident-share.ts'
import { stream } from './streams.ts'

const FROM = Date.parse('2026-11-22T15:00:00+09:00')
const LEARN_MS = 600_000

function evidenceOf(
  faults: readonly Omit<Fault, 'from' | 'to'>[],
  lastsMs: number,
  options: { readonly users?: number; readonly withoutFigures?: boolean; readonly seed?: number },
) {
  const times = { from: FROM, to: FROM + lastsMs }
  const { users = 3_000, seed = 3, withoutFigures = false } = options
  const all = faults.map((fault, index) => ({
    ...fault,
    from: FROM + (index * lastsMs) / faults.length,
    to: FROM + ((index + 1) * lastsMs) / faults.length,
  }))
  return { times, evidence: [...stream({ seed, from: FROM - LEARN_MS, to: times.to + 60_000, users, faults: all, withoutFigures })] }
}

const points = (share: { readonly value: number } | null, truth: number): number => Math.abs((share?.value ?? Number.NaN) - truth) * 100

for (const [name, share, withoutFigures] of [
  ['8 % by figures', 0.08, false],
  ['80 % by figures', 0.8, false],
  ['80 % by tries', 0.8, true],
  ['8 % by tries', 0.08, true],
] as const) {
  test(`[S6] ${name}, over 5 minutes: within 3 points of the truth, and the truth inside the interval`, () => {
    const { evidence, times } = evidenceOf([{ kind: 'cut', share }], 300_000, { withoutFigures })
    const told = shareOver(evidence, 'messaging', times.from, times.to)
    assert.ok(told !== null && points(told, share) <= 3, JSON.stringify(told))
    assert.ok(told.low - 0.01 <= share && share <= told.high + 0.01, JSON.stringify(told))
    assert.equal(told.source, withoutFigures ? 'probes' : 'figures')
  })
}

test('[S6] a dead server counts nobody: the share comes from the tries and is 100 %', () => {
  const { evidence, times } = evidenceOf([{ kind: 'refuse' }], 60_000, {})
  assert.deepEqual(
    [shareOver(evidence, 'messaging', times.from, times.to)?.source, shareOver(evidence, 'messaging', times.from, times.to)?.value],
    ['probes', 1],
  )
})

test('[S6] 80 % for a minute and 8 % for five: the height is published', () => {
  const { times } = evidenceOf([], 0, {})
  const [first, second, third] = [times.from, times.from + 60_000, times.from + 360_000]
  const faults = [
    { kind: 'cut', share: 0.8, from: first, to: second },
    { kind: 'cut', share: 0.08, from: second + 12_000, to: third },
  ] as const
  const evidence = [...stream({ seed: 3, from: FROM - LEARN_MS, to: third, users: 3_000, faults })]
  assert.ok(points(shareOver(evidence, 'messaging', first, third), 0.8) <= 3)
})

test('[S6] with only sign-in failing: 100 % there, and nobody in messaging', () => {
  const { evidence, times } = evidenceOf([{ kind: 'sign-in' }], 120_000, {})
  assert.ok(points(shareOver(evidence, 'sign-in', times.from, times.to), 1) <= 3)
  assert.ok(points(shareOver(evidence, 'messaging', times.from, times.to), 0) <= 3)
})

test('[S6] 30 people, 24 of them cut: within 3 points of the truth', () => {
  const { evidence, times } = evidenceOf([{ kind: 'cut', share: 0.8, spared: 'canaries' }], 120_000, { users: 30 })
  const told = shareOver(evidence, 'messaging', times.from, times.to)
  assert.ok(told !== null && Math.abs(told.value - told.affected / told.total) < 0.05)
  assert.ok(told.high - told.low > 0.2, 'few people, wide interval')
})

test('[S6] one outlier is no height', () => {
  const { evidence, times } = evidenceOf([{ kind: 'cut', share: 0.08 }], 120_000, {})
  const spoilt = evidence.map((each) =>
    each.kind === 'figures' && each.at === times.from + 60_000
      ? { ...each, sample: { ...each.sample, affectedUsers: each.sample.activeUsers } }
      : each,
  )
  assert.ok(points(shareOver(spoilt, 'messaging', times.from, times.to), 0.08) <= 3)
})

test('[S2] without evidence there is no share', () => {
  assert.equal(shareOver([], 'messaging', 0, 1_000), null)
  const { evidence, times } = evidenceOf([], 10_000, {})
  assert.equal(shareOver(evidence, 'messaging', times.to + 3_600_000, times.to + 7_200_000), null)
})

test('[S6] the last failure of a span is found, or none', () => {
  const { evidence, times } = evidenceOf([{ kind: 'refuse' }], 30_000, {})
  const last = lastFailureIn(evidence, 'messaging', times.from, times.to + 20_000) ?? 0
  assert.ok(last > times.to - 1_000 && last <= times.to, String(times.to - last))
  assert.equal(lastFailureIn(evidence, 'messaging', times.to, times.to + 10_000), null)
})
