import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FORMULAS, shareFromFigures, shareFromProbes, shareFromReports, surprise, wilson } from './share.ts'

const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 0.0006, `${actual} is not ${expected}`)

test('[S6] Wilson’s interval is that of the tables', () => {
  // Values of R's prop.test(k, n, correct = FALSE).
  near(wilson(4, 4).low, 0.5101)
  near(wilson(0, 10).high, 0.2775)
  near(wilson(8, 100).low, 0.0411)
  near(wilson(8, 100).high, 0.15)
  near(wilson(81, 263).low, 0.2553)
  near(wilson(81, 263).high, 0.3662)
})

test('[S6] without people nothing is known', () => {
  assert.deepEqual(wilson(0, 0), { value: 0, low: 0, high: 1 })
  assert.equal(shareFromFigures(0, 0, 0.01).high, 1)
})

test('[S6] the usual share is subtracted, and few people give a wide interval', () => {
  const large = shareFromFigures(270, 3_000, 0.01)
  near(large.value, 0.08)
  assert.ok(large.low > 0.068 && large.high < 0.092)
  const small = shareFromFigures(3, 30, 0.01)
  near(small.value, 0.09)
  assert.equal(small.low, 0)
  assert.ok(small.high > 0.24)
  assert.deepEqual({ ...shareFromFigures(10, 3_000, 0.02), high: 0 }, { value: 0, low: 0, high: 0, affected: 10, total: 3_000, source: 'figures' })
})

test('[S6] a share and its interval are ordered and inside [0, 1] for any counts', () => {
  for (const total of [0, 1, 7, 30, 3_000])
    for (const affected of [0, 1, 6, 29, 2_999, 3_000])
      for (const usual of [0, 0.02, 0.05]) {
        if (affected > total) continue
        for (const { value, low, high } of [shareFromFigures(affected, total, usual), shareFromProbes(affected, total)])
          assert.ok(0 <= low && low <= value && value <= high && high <= 1, `${affected} of ${total}, usual ${usual}: ${low} ${value} ${high}`)
      }
})

test('[S6] reports count for the component they name', () => {
  const sample = { at: 9, from: 0, to: 8, activeUsers: 100, affectedUsers: 12, signInUsers: 5, connectionUsers: 9, unsent: 30 }
  assert.equal(shareFromReports(sample, 'messaging')?.value, 0.09)
  assert.equal(shareFromReports(sample, 'sign-in')?.value, 0.05)
  assert.equal(shareFromReports(sample, 'web')?.value, 0.12)
  assert.equal(shareFromReports({ ...sample, activeUsers: 0, connectionUsers: 0 }, 'messaging'), null)
})

test('surprise grows only with the excess above usual', () => {
  assert.equal(surprise(3, 3), 0)
  assert.equal(surprise(2, 3), 0)
  near(surprise(9, 0.5), 9 * Math.log(18) - 8.5)
})

test('every formula exists in both languages', () => {
  for (const { ko, en } of Object.values(FORMULAS)) assert.ok(/[가-힣]/.test(ko) && /^[A-Za-z(]/.test(en))
})
