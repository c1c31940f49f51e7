import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONDITIONS, type Condition } from '../vocabulary/incident.ts'
import { EXAMPLES, exampleSnapshot, NOW } from '../../../../tests/worlds/status-snapshots.ts'
import { headlineOf, isStale, STALE_AFTER_MS } from './headline.ts'

test('[S2] evidence is old at its bound, and also when it comes from the future', () => {
  assert.equal(isStale(NOW - STALE_AFTER_MS, NOW), false)
  assert.equal(isStale(NOW - STALE_AFTER_MS - 1, NOW), true)
  assert.equal(isStale(NOW + 60_000, NOW), false)
  assert.equal(isStale(NOW + 60_001, NOW), true)
  assert.equal(isStale(null, NOW), false, 'nothing measured is told as that')
})

test('[S2] nothing but fresh evidence of every component gives the green sentence', () => {
  const all: Condition[][] = []
  for (const one of CONDITIONS) for (const two of CONDITIONS) for (const three of CONDITIONS) all.push([one, two, three])
  for (const [messaging, signIn, web] of all as [Condition, Condition, Condition][]) {
    const snapshot = exampleSnapshot({ conditions: { messaging, 'sign-in': signIn, web } })
    const green = [messaging, signIn, web].every((condition) => condition === 'operational')
    assert.equal(headlineOf(snapshot, false).mood === 'well', green, `${messaging} ${signIn} ${web}`)
    assert.equal(headlineOf(snapshot, true).mood, 'lost')
    assert.notEqual(headlineOf(exampleSnapshot({ conditions: { messaging, 'sign-in': signIn, web }, measuredAt: null }), false).mood, 'well')
  }
})

test('[S1] with only sign-in broken the headline says so, and as prominently that messages work', () => {
  const { mood, sentence, relief, rest } = headlineOf(EXAMPLES.signIn(), false)
  assert.equal(mood, 'bad')
  assert.equal(sentence.ko, 'PC에서 로그인이 되지 않습니다.')
  assert.equal(relief?.ko, '메시지는 정상으로 오갑니다.')
  assert.match(rest.ko, /이미 로그인한 기기는 그대로 쓸 수 있습니다/)
  assert.doesNotMatch(rest.ko, /메시지는 정상/, 'it is said once')
})

test('[S2] an unknown state has its reason: no network at the posts, or too few measurements', () => {
  assert.match(headlineOf(EXAMPLES.blind(), false).rest.en, /no network/)
  const waiting = exampleSnapshot({ conditions: { messaging: 'unknown', 'sign-in': 'unknown', web: 'unknown' } })
  assert.match(headlineOf(waiting, false).rest.en, /not enough measurements/)
  assert.equal(headlineOf(waiting, false).mood, 'unknown')
})

test('a failure without an incident is shown too, the worst first', () => {
  const snapshot = exampleSnapshot({ conditions: { messaging: 'degraded_performance', web: 'major_outage' } })
  assert.equal(headlineOf(snapshot, false).sentence.en, 'The app does not load.')
  assert.equal(headlineOf(snapshot, false).relief, null, 'late messages are no relief')
})

test('green measurements do not contradict a person’s incident', () => {
  const [incident] = EXAMPLES.signIn().open
  assert.ok(incident)
  const { mood, rest } = headlineOf(exampleSnapshot({ open: [incident] }), false)
  assert.equal(mood, 'bad')
  assert.equal(rest.ko, '저희가 재는 것은 모두 정상으로 나옵니다.')
})
