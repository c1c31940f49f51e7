import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { createSignInGuard, GUARD_BOUNDS, type SignInTry } from './sign-in-guard.ts'

const WINDOW_MS = 900_000
const SCHOOL = '192.0.2.1'

function make(failuresPerHandle = 10, failuresPerAddress = 50) {
  const clock = createSimulatedClock()
  const guard = createSignInGuard({ failuresPerHandle, failuresPerAddress, windowMs: WINDOW_MS }, clock)
  /** What is said to a try: 'ok' or the refusal and its time. */
  const ask = (handle: string, address = SCHOOL): string => {
    const attempt = guard.begin(handle, address)
    if (!attempt.ok) return `${attempt.code} ${attempt.retryAfterMs}`
    attempt.undecided()
    return 'ok'
  }
  const begin = (handle: string, address = SCHOOL): SignInTry => {
    const attempt = guard.begin(handle, address)
    assert.ok(attempt.ok, `${handle} may try`)
    return attempt
  }
  return { clock, guard, ask, begin, fail: (handle: string, address = SCHOOL) => begin(handle, address).failed() }
}

test('[O1] a class that signs in at once, nobody wrong, waits a second at most, not a quarter of an hour', () => {
  const { begin, ask } = make()
  const tries = Array.from({ length: 50 }, (_, n) => begin(`pupil${n}`))
  assert.equal(ask('pupil50'), `busy ${GUARD_BOUNDS.undecidedRetryMs}`)
  tries[0]?.succeeded()
  assert.equal(ask('pupil50'), 'ok')
  for (const attempt of tries.slice(1)) attempt.succeeded()
  for (let n = 0; n < 50; n++) assert.equal(ask(`late${n}`), 'ok')
})

test('[O1] one pupil who is wrong fifty times does not lock those out who have signed in from there lately', () => {
  const { begin, ask, fail, clock } = make()
  begin('known').succeeded()
  for (let n = 0; n < 50; n++) fail(`guess${n % 25}`)
  assert.equal(ask('known'), 'ok')
  assert.equal(ask('stranger'), `rate-limited ${WINDOW_MS}`)
  assert.equal(ask('stranger', '198.51.100.1'), 'ok')
  for (let n = 0; n < 10; n++) fail('known')
  assert.equal(ask('known'), `rate-limited ${WINDOW_MS}`, 'its own bound is for it too')
  clock.advance(WINDOW_MS - 1)
  assert.equal(ask('stranger'), 'rate-limited 1')
  clock.advance(1)
  assert.deepEqual([ask('stranger'), ask('known')], ['ok', 'ok'])
  clock.advance(GUARD_BOUNDS.familiarMs)
  for (let n = 0; n < 50; n++) fail(`guess${n % 25}`)
  assert.equal(ask('known'), `rate-limited ${WINDOW_MS}`, 'long ago is not lately')
})

test('[O1] tries made at once are no more than tries made one after the other, of a handle and of an address', () => {
  const { begin, ask } = make(3, 5)
  const three = [begin('one'), begin('one'), begin('one')]
  assert.match(ask('one', '198.51.100.1'), /^busy/)
  for (const attempt of three) attempt.failed()
  assert.match(ask('one', '198.51.100.1'), /^rate-limited/)
  const two = [begin('two'), begin('three')]
  assert.match(ask('four'), /^busy/)
  two[0]?.undecided()
  assert.equal(ask('four'), 'ok', 'what could not be found out is held against nobody')
})

test('[O1] a success gives the handle its tries back, and the address none', () => {
  const { begin, ask, fail } = make(3, 5)
  fail('member')
  fail('member')
  begin('member').succeeded()
  fail('member')
  fail('member')
  assert.equal(ask('member'), 'ok')
  fail('member')
  assert.match(ask('other'), /^rate-limited/)
})

test('[O1] a wall clock that jumps changes nothing: no wait is longer than the window', () => {
  const { clock, ask, fail } = make(1)
  fail('member')
  clock.jump(-86_400_000)
  assert.equal(ask('member'), `rate-limited ${WINDOW_MS}`)
  clock.jump(2 * 86_400_000)
  assert.equal(ask('member'), `rate-limited ${WINDOW_MS}`)
})

test('[O1] handles that are counted are bounded: those counted longest ago are forgotten, those being tried never', () => {
  const { begin, ask, fail } = make(1, Number.MAX_SAFE_INTEGER)
  const attempt = begin('under way')
  fail('first')
  for (let n = 0; n <= GUARD_BOUNDS.countedMax; n++) fail(`n${n}`)
  assert.equal(ask('first'), 'ok')
  assert.match(ask('under way'), /^busy/)
  attempt.failed()
  assert.match(ask('under way'), /^rate-limited/)
  assert.match(ask(`n${GUARD_BOUNDS.countedMax}`), /^rate-limited/)
})
