import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeviceId } from '@bongsu/protocol'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { createMemoryLimits } from '../adapters/memory/limits.ts'
import { createSignInGuard, GUARD_BOUNDS, type SignInTry } from './sign-in-guard.ts'

const WINDOW_MS = 900_000
const SCHOOL = '192.0.2.1'

function make(failuresPerHandle = 10, failuresPerAddress = 50, keysMax?: number) {
  const clock = createSimulatedClock()
  const guard = createSignInGuard(
    { failuresPerHandle, failuresPerAddress, windowMs: WINDOW_MS },
    createMemoryLimits(clock, keysMax),
    createMemoryLimits(clock),
  )
  /** Result of a try: 'ok', or the refusal and its time. */
  const ask = async (handle: string, address = SCHOOL, device: DeviceId | null = null): Promise<string> => {
    const attempt = await guard.begin({ handle, address, device })
    if (!attempt.ok) return `${attempt.code} ${attempt.retryAfterMs}`
    attempt.undecided()
    return 'ok'
  }
  const begin = async (handle: string, address = SCHOOL, device: DeviceId | null = null): Promise<SignInTry> => {
    const attempt = await guard.begin({ handle, address, device })
    assert.ok(attempt.ok, `${handle} may try`)
    return attempt
  }
  return {
    clock,
    guard,
    ask,
    begin,
    fail: async (handle: string, address = SCHOOL, device: DeviceId | null = null) => (await begin(handle, address, device)).failed(),
  }
}

const KEYS_MAX = 1_000
const { slowHandleMs, slowAddressMs } = GUARD_BOUNDS

test('[O1] a class signing in at once without errors waits at most a second, not a quarter of an hour', async () => {
  const { begin, ask } = make()
  const tries = await Promise.all(Array.from({ length: 50 }, (_, n) => begin(`pupil${n}`)))
  assert.equal(await ask('pupil50'), `busy ${GUARD_BOUNDS.undecidedRetryMs}`)
  await tries[0]?.succeeded()
  assert.equal(await ask('pupil50'), 'ok')
  for (const attempt of tries.slice(1)) await attempt.succeeded()
  for (let n = 0; n < 50; n++) assert.equal(await ask(`late${n}`), 'ok')
})

test('[O1] fifty wrong tries of one pupil do not lock out people who recently signed in from that address', async () => {
  const { begin, ask, fail, clock } = make()
  await (await begin('known')).succeeded()
  for (let n = 0; n < 50; n++) await fail(`guess${n % 25}`)
  assert.equal(await ask('known'), 'ok')
  assert.equal(await ask('stranger'), `rate-limited ${slowAddressMs}`)
  assert.equal(await ask('stranger', '198.51.100.1'), 'ok')
  for (let n = 0; n < 10; n++) await fail('known')
  assert.equal(await ask('known'), `rate-limited ${slowAddressMs}`, 'its own bound is for it too')
  clock.advance(slowAddressMs - 1)
  assert.equal(await ask('stranger'), 'rate-limited 1')
  clock.advance(1)
  assert.deepEqual([await ask('stranger'), await ask('stranger')], ['ok', `rate-limited ${slowAddressMs}`], 'slowed, and not locked out')
  clock.advance(WINDOW_MS)
  assert.deepEqual([await ask('stranger'), await ask('known')], ['ok', 'ok'])
  clock.advance(GUARD_BOUNDS.familiarMs)
  for (let n = 0; n < 50; n++) await fail(`guess${n % 25}`)
  assert.equal(await ask('known'), `rate-limited ${slowAddressMs}`, 'long ago is not lately')
})

test('[B20] guesses for a handle slow strangers and leave its devices and its places alone, each with a bound of its own', async () => {
  const { ask, begin, fail, clock } = make(3)
  const [phone, pc] = ['phone', 'pc'] as [DeviceId, DeviceId]
  await (await begin('owner', '203.0.113.1')).succeeded()
  for (let n = 0; n < 3; n++) await fail('owner')
  assert.equal(await ask('owner'), `rate-limited ${slowHandleMs}`)
  assert.deepEqual([await ask('owner', SCHOOL, phone), await ask('owner', '203.0.113.1')], ['ok', 'ok'])
  for (let n = 0; n < 3; n++) await fail('owner', SCHOOL, phone)
  assert.equal(await ask('owner', SCHOOL, phone), `rate-limited ${slowHandleMs}`, 'a stolen device may not guess on and on')
  assert.deepEqual([await ask('owner', SCHOOL, pc), await ask('owner', '203.0.113.1')], ['ok', 'ok'])
  clock.advance(slowHandleMs)
  const slow = await begin('owner')
  assert.equal(await ask('owner', '198.51.100.1'), `rate-limited ${slowHandleMs}`, 'one slow try at a time, from anywhere')
  await slow.succeeded()
  assert.equal(await ask('owner', '198.51.100.1'), 'ok')
})

test('[O1] simultaneous tries gain nothing over consecutive ones, for a handle and for an address', async () => {
  const { begin, ask } = make(3, 5)
  const three = await Promise.all([begin('one'), begin('one'), begin('one')])
  assert.match(await ask('one', '198.51.100.1'), /^busy/)
  for (const attempt of three) await attempt.failed()
  assert.match(await ask('one', '198.51.100.1'), /^rate-limited/)
  const two = await Promise.all([begin('two'), begin('three')])
  assert.match(await ask('four'), /^busy/)
  two[0]?.undecided()
  assert.equal(await ask('four'), 'ok', 'what could not be found out is held against nobody')
})

test('[O1] a success resets the tries of the handle, but not of the address', async () => {
  const { begin, ask, fail } = make(3, 5)
  await fail('member')
  await fail('member')
  await (await begin('member', '203.0.113.1')).succeeded()
  await fail('member')
  await fail('member')
  assert.equal(await ask('member'), 'ok')
  await fail('member')
  assert.match(await ask('other'), /^rate-limited/)
})

test('[O1] a jumping wall clock changes nothing: no wait is longer than its time', async () => {
  const { clock, ask, fail } = make(1)
  await fail('member')
  clock.jump(-86_400_000)
  assert.equal(await ask('member'), `rate-limited ${slowHandleMs}`)
  clock.jump(2 * 86_400_000)
  assert.equal(await ask('member'), `rate-limited ${slowHandleMs}`)
})

test('[O1] counted handles are bounded: the oldest are forgotten, those being checked never', async () => {
  const { begin, ask, fail } = make(1, Number.MAX_SAFE_INTEGER, KEYS_MAX)
  const attempt = await begin('under way')
  await fail('first')
  for (let n = 0; n <= KEYS_MAX; n++) await fail(`n${n}`)
  assert.equal(await ask('first'), 'ok')
  assert.match(await ask('under way'), /^busy/)
  await attempt.failed()
  assert.match(await ask('under way'), /^rate-limited/)
  assert.match(await ask(`n${KEYS_MAX}`), /^rate-limited/)
})
