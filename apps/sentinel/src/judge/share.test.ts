import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Share } from '../vocabulary/incident.ts'
import { countedShare, disagree, FORMULAS, isSaid, shareFromReports, shareOfTries, surprise, wilson } from './share.ts'

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
  assert.equal(isSaid(countedShare('affected', 'server', 0, 0)), false)
  assert.equal(shareOfTries([]), null)
  assert.equal(shareOfTries([{ tried: 0, failed: 0 }]), null)
})

test('[S9] a share whose interval holds 0 is not said', () => {
  assert.equal(isSaid(countedShare('affected', 'server', 0, 100)), false)
  assert.equal(isSaid(countedShare('affected', 'server', 1, 100)), true)
  assert.equal(isSaid(null), false)
})

test('[S6] one post alone has Wilson’s interval', () => {
  const { kind, source, ...rest } = shareOfTries([{ tried: 263, failed: 81 }]) ?? assert.fail()
  assert.deepEqual([kind, source], ['affected', 'tries'])
  const { value, low, high } = wilson(81, 263)
  assert.deepEqual([rest.value, rest.affected, rest.total], [value, 81, 263])
  near(rest.low, low)
  near(rest.high, high)
})

test('[S1] a post that tries a hundred times as often has one vote', () => {
  const share = shareOfTries([
    { tried: 1_000, failed: 1_000 },
    { tried: 10, failed: 0 },
  ])
  assert.deepEqual([share?.value, share?.low, share?.high], [0.5, 0, 1], 'the posts differ, and the interval says so')
  const alike = shareOfTries([
    { tried: 100, failed: 30 },
    { tried: 100, failed: 34 },
  ])
  near(alike?.value ?? 0, 0.32)
  near(alike?.low ?? 0, 0.2611)
  near(alike?.high ?? 0, 0.3882)
})

test('[S6] a share and its interval are ordered and inside [0, 1] for any counts', () => {
  for (const total of [0, 1, 7, 30, 3_000])
    for (const affected of [0, 1, 6, 29, 2_999, 3_000])
      for (const other of [0, 3, 5]) {
        if (affected > total) continue
        const posts = [
          { tried: total, failed: affected },
          { tried: 5, failed: other },
        ]
        for (const { value, low, high } of [countedShare('silent', 'server', affected, total), shareOfTries(posts) ?? assert.fail()])
          assert.ok(0 <= low && low <= value && value <= high && high <= 1, `${affected} of ${total}, ${other} of 5: ${low} ${value} ${high}`)
      }
})

test('[S9] estimates disagree when their intervals do not meet', () => {
  const [few, more, many] = [5, 12, 80].map((affected) => countedShare('affected', 'server', affected, 100)) as [Share, Share, Share]
  assert.deepEqual([disagree(few, more), disagree(few, many), disagree(many, few)], [false, true, true])
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
