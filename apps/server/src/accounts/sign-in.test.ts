import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { LIMITS, type DeviceId, type SignedIn } from '@bongsu/protocol'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { openAccountsWorld, PASSWORD, type AccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { listDevices, revokedDevices, revokeDevice, wasRevoked } from './devices.ts'
import { createPasswords, faultInPassword, networkOf, PASSWORD_BOUNDS, type For, type Passwords } from './passwords.ts'
import { changePassword, signIn } from './sign-in.ts'
import { createMemoryLimits } from '../adapters/memory/limits.ts'
import { createSignInGuard, type SignInGuard } from './sign-in-guard.ts'
import { signUp } from './sign-up.ts'
import { TOKEN_VALID_MS } from './tokens.ts'

const strict = (): SignInGuard =>
  createSignInGuard(
    { failuresPerHandle: 3, failuresPerAddress: 5, windowMs: 900_000 },
    createMemoryLimits(createSimulatedClock()),
    createMemoryLimits(createSimulatedClock()),
  )
const loose = (): SignInGuard =>
  createSignInGuard(
    { failuresPerHandle: 1_000, failuresPerAddress: 1_000, windowMs: 900_000 },
    createMemoryLimits(createSimulatedClock()),
    createMemoryLimits(createSimulatedClock()),
  )

const STRANGER: For = { known: false, network: '192.0.2' }

async function attempt(world: AccountsWorld, guard: SignInGuard, handle: string, password: string, address = '192.0.2.1'): Promise<string> {
  const made = await signIn(world, guard, { handle, password, deviceName: '둘째' }, address)
  return made.ok ? 'ok' : made.code
}

async function enter(world: AccountsWorld, handle: string, password = PASSWORD): Promise<SignedIn> {
  const made = await signIn(world, loose(), { handle, password, deviceName: '또' }, '192.0.2.1')
  assert.ok(made.ok)
  return made.value
}

test('[O1] after too many failures a handle must wait, from any address and with any password, and others need not', async (t) => {
  const world = await openAccountsWorld(t)
  const guard = strict()
  await world.join('member')
  await world.join('other')
  for (let n = 0; n < 3; n++) assert.equal(await attempt(world, guard, 'Member', 'wrong wrong wrong', `192.0.2.${n}`), 'sign-in-failed')
  assert.equal(await attempt(world, guard, 'member', PASSWORD, '192.0.2.9'), 'rate-limited')
  assert.equal(await attempt(world, guard, 'other', PASSWORD, '192.0.2.9'), 'ok')
})

test('[O1] simultaneous tries gain nothing over consecutive ones', async (t) => {
  const world = await openAccountsWorld(t)
  const guard = strict()
  await world.join('member')
  const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => attempt(world, guard, 'member', 'wrong wrong wrong', `192.0.2.${n}`)))
  assert.equal(answers.filter((answer) => answer === 'sign-in-failed').length, 3)
  assert.equal(answers.filter((answer) => answer === 'busy').length, 9, 'told to come back when it is known')
  assert.equal(await attempt(world, guard, 'member', PASSWORD), 'rate-limited')
})

test('[O1] an address must wait for all handles, unknown ones too; a success resets the tries of the handle', async (t) => {
  const world = await openAccountsWorld(t)
  const guard = strict()
  await world.join('member')
  for (const handle of ['nobody1', 'nobody2', 'nobody3', 'member', 'member'])
    assert.equal(await attempt(world, guard, handle, 'wrong wrong wrong'), 'sign-in-failed')
  assert.equal(await attempt(world, guard, 'member', PASSWORD), 'rate-limited')
  assert.equal(await attempt(world, guard, 'member', PASSWORD, '198.51.100.1'), 'ok')
  for (let n = 0; n < 3; n++) assert.equal(await attempt(world, guard, 'member', 'wrong wrong wrong', '198.51.100.1'), 'sign-in-failed')
})

test('[B20] strangers who guess keep the owner out neither on a signed-in device nor where it signed in before, and no change of the password', async (t) => {
  const world = await openAccountsWorld(t)
  const guard = strict()
  const owner = await world.join('member')
  assert.equal(await attempt(world, guard, 'member', PASSWORD, '203.0.113.1'), 'ok')
  for (let n = 0; n < 3; n++) assert.equal(await attempt(world, guard, 'member', 'wrong wrong wrong', `192.0.2.${n}`), 'sign-in-failed')
  const wish = { handle: 'member', password: PASSWORD, deviceName: '내 것' }
  const { deviceId } = owner
  const again = await signIn(world, guard, { ...wish, deviceId }, '192.0.2.9')
  assert.equal(again.ok, true, 'its device is known')
  for (let n = 0; n < 3; n++) assert.equal(await attempt(world, guard, 'member', 'wrong wrong wrong', `192.0.2.${n}`), 'sign-in-failed')
  assert.equal(await attempt(world, guard, 'member', PASSWORD, '203.0.113.1'), 'ok', 'its address is known')
  for (let n = 0; n < 3; n++) assert.equal(await attempt(world, guard, 'member', 'wrong wrong wrong', `192.0.2.${n}`), 'sign-in-failed')
  const caller = { accountId: owner.profile.accountId, deviceId }
  const changed = await changePassword(world, guard, caller, { current: PASSWORD, next: '다른 불빛 하나 더' }, '192.0.2.9')
  assert.equal(changed.ok, true)
  const other = await world.join('other')
  const borrowed = await signIn(world, guard, { ...wish, deviceId: other.deviceId }, '192.0.2.9')
  assert.equal(borrowed.ok, false, 'a device of another account is no proof')
})

test('[W4] an unknown handle costs the same work as a known one and gets the same answer', async (t) => {
  const asked: (string | null)[] = []
  const real = createPasswords()
  const passwords: Passwords = {
    hash: (password, whom) => real.hash(password, whom),
    matches(password, stored, whom) {
      asked.push(stored)
      return real.matches(password, stored, whom)
    },
  }
  const world = await openAccountsWorld(t, passwords)
  await world.join('member')
  const guard = loose()
  assert.equal(await attempt(world, guard, 'member', 'wrong wrong wrong'), 'sign-in-failed')
  assert.equal(await attempt(world, guard, 'nobody', PASSWORD), 'sign-in-failed')
  assert.match(asked[0] ?? '', /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  assert.equal(asked[1], null)
  // Without hashing an answer takes less than a millisecond, with hashing tens of them. A tenth is far from both.
  const stored = await real.hash(PASSWORD, STRANGER)
  const timed = async (against: string | null): Promise<number> => {
    const times: number[] = []
    for (let n = 0; n < 7; n++) {
      const start = performance.now()
      assert.equal(await real.matches('wrong wrong wrong', against, STRANGER), false)
      times.push(performance.now() - start)
    }
    return Math.min(...times)
  }
  const [known, unknown] = [await timed(stored), await timed(null)]
  assert.ok(unknown > known / 10, `${known} ms against ${unknown} ms`)
})

test('[B28] what is tried first is no password: blanks, digits and keys in order, the handle', () => {
  for (const password of [' '.repeat(12), '1234567890', '0987654321', 'qwertyuiop', 'Password123', 'abcdefghijk'])
    assert.equal(faultInPassword(password), 'body-invalid', password)
  for (const password of ['bongsu-town', 'Bongsu-townBONGSU-TOWN', 'bongsu-town1'])
    assert.equal(faultInPassword(password, 'bongsu-town'), 'body-invalid', password)
  for (const password of ['봉수대의 불빛 하나', 'bongsu-town lantern', '1234567890 lanterns'])
    assert.equal(faultInPassword(password, 'bongsu-town'), null, password)
})

test('[W1] a password has ten to two hundred code points in composed form, and both forms of Hangul match', async (t) => {
  const world = await openAccountsWorld(t)
  assert.equal(faultInPassword('가'.repeat(LIMITS.passwordCodePointsMin - 1)), 'body-invalid')
  assert.equal(faultInPassword('가'.repeat(LIMITS.passwordCodePointsMin)), null)
  assert.equal(faultInPassword('가'.repeat(LIMITS.passwordCodePointsMin - 1).normalize('NFD')), 'body-invalid', 'eighteen code points, nine letters')
  assert.equal(faultInPassword('🔥'.repeat(LIMITS.passwordCodePointsMax)), null)
  assert.equal(faultInPassword('🔥'.repeat(LIMITS.passwordCodePointsMax + 1)), 'text-too-long')
  assert.equal(faultInPassword('a'.repeat(20) + '\ud83d'), 'text-malformed')
  const long = '한'.repeat(LIMITS.passwordCodePointsMax)
  for (const [handle, password, again] of [
    ['composed', long, long.normalize('NFD')],
    ['decomposed', long.normalize('NFD'), long],
  ] as const) {
    const made = await signUp(world, { handle, displayName: handle, password, deviceName: 'x' }, 'open')
    assert.ok(made.ok)
    assert.equal(await attempt(world, loose(), handle, password), 'ok', handle)
    assert.equal(await attempt(world, loose(), handle, again), 'ok', `${handle} the other way`)
  }
})

test('[B21] strangers who crowd the checking of passwords keep neither known people out, nor strangers from elsewhere', async () => {
  const passwords = createPasswords()
  const count = PASSWORD_BOUNDS.waitingMax + PASSWORD_BOUNDS.atATime
  const order: string[] = []
  const check = async (whom: For, name: string): Promise<boolean | 'busy'> => {
    const answer = await passwords.matches('a'.repeat(12), null, whom)
    order.push(name)
    return answer
  }
  const crowd = Array.from({ length: count }, () => check({ known: false, network: '2001:db8:1' }, 'crowd'))
  const elsewhere = check({ known: false, network: '203.0.113' }, 'elsewhere')
  const known = check({ known: true, network: '2001:db8:1' }, 'known')
  assert.deepEqual([await elsewhere, await known], [false, false])
  assert.equal((await Promise.all(crowd)).filter((answer) => answer === 'busy').length, 1, 'the last of the crowd made room')
  assert.ok(order.indexOf('known') <= PASSWORD_BOUNDS.atATime + 1, 'whoever is known comes next')
  assert.equal(networkOf('2001:db8:1:2::/64'), networkOf('2001:db8:1:9::/64'))
  assert.notEqual(networkOf('203.0.113.7'), networkOf('203.0.114.7'))
})

test('[O1, B77, B78] checks of passwords leave a core free; beyond a hundred waiting the answer is busy, late, and the try does not count', async (t) => {
  const { atATime, waitingMax } = PASSWORD_BOUNDS
  assert.ok(atATime >= 1 && atATime <= 2 && (atATime === 1 || atATime < availableParallelism()))
  let late = 0
  const passwords = createPasswords(async () => void late++)
  const crowd = Array.from({ length: atATime + waitingMax + 2 }, () => passwords.matches('a'.repeat(12), null, STRANGER))
  const answers = await Promise.all(crowd)
  assert.deepEqual([answers.filter((answer) => answer === 'busy').length, late], [2, 2])
  assert.equal(await passwords.matches('a'.repeat(12), null, STRANGER), false, 'and there is room again')
  const world = await openAccountsWorld(t, { hash: (password, whom) => passwords.hash(password, whom), matches: async () => 'busy' })
  await world.join('member')
  const guard = strict()
  for (let n = 0; n < 10; n++) assert.equal(await attempt(world, guard, 'member', PASSWORD), 'busy')
})

test('[O1] the twenty-first device revokes the oldest one, also when several sign in at once', async (t) => {
  const world = await openAccountsWorld(t)
  const first = await world.join('member')
  const { accountId } = first.profile
  for (let n = 1; n < LIMITS.devicesPerAccountMax; n++) {
    world.clock.advance(1)
    await enter(world, 'member')
  }
  assert.deepEqual(world.ended, [])
  world.clock.advance(1)
  await enter(world, 'member')
  assert.deepEqual(world.ended, [first.deviceId])
  await Promise.all([enter(world, 'member'), enter(world, 'member'), enter(world, 'member')])
  assert.equal((await listDevices(world, accountId)).length, LIMITS.devicesPerAccountMax)
})

test('[W1] a changed password revokes every other device and the old one no longer works; a wrong one changes nothing', async (t) => {
  const world = await openAccountsWorld(t)
  const first = await world.join('member')
  const caller = { accountId: first.profile.accountId, deviceId: first.deviceId }
  const second = await enter(world, 'member')
  const next = '새로운 봉수대의 불빛'
  const change = async (current: string, to: string): Promise<string> => {
    const changed = await changePassword(world, loose(), caller, { current, next: to }, '192.0.2.1')
    return changed.ok ? 'ok' : changed.code
  }
  assert.equal(await change('wrong wrong wrong', next), 'sign-in-failed')
  assert.equal(await change(PASSWORD, 'short'), 'body-invalid')
  assert.deepEqual(world.ended, [])
  assert.equal(await change(PASSWORD, next), 'ok')
  assert.deepEqual(world.ended, [second.deviceId])
  assert.deepEqual(
    (await listDevices(world, caller.accountId)).map((device) => device.deviceId),
    [first.deviceId],
  )
  assert.equal(await attempt(world, loose(), 'member', PASSWORD), 'sign-in-failed')
  assert.equal(await attempt(world, loose(), 'member', next), 'ok')
  assert.ok((await world.items(caller.accountId)).some((item) => item.kind === 'device' && item.key === second.deviceId && item.value === null))
})

test('[B70] a device that changes the password goes on under a new id and token, and no token from before is good any more', async (t) => {
  const world = await openAccountsWorld(t)
  const first = await world.join('member')
  const { accountId } = first.profile
  const second = await enter(world, 'member')
  const deviceId = randomUUID() as DeviceId
  const next = '새로운 봉수대의 불빛'
  const caller = { accountId, deviceId: first.deviceId }
  const changed = await changePassword(world, loose(), caller, { current: PASSWORD, next, deviceId }, '192.0.2.1')
  assert.ok(changed.ok && changed.value.token !== undefined)
  assert.deepEqual(await world.tokens.verify(changed.value.token), { accountId, deviceId, issuedAt: Math.floor(world.clock.now() / 1_000) * 1_000 })
  assert.deepEqual(new Set(world.ended), new Set([first.deviceId, second.deviceId]))
  const [device, ...others] = await listDevices(world, accountId)
  assert.deepEqual([device?.deviceId, device?.name, others], [deviceId, '시험', []])
  const again = await signIn(world, loose(), { handle: 'member', password: next, deviceName: '시험', deviceId }, '192.0.2.1')
  assert.ok(again.ok && again.value.deviceId === deviceId, 'after a lost answer')
  const own = { accountId, deviceId }
  const taken = await changePassword(world, loose(), own, { current: next, next: PASSWORD, deviceId: second.deviceId }, '192.0.2.1')
  assert.deepEqual(taken, { ok: false, code: 'id-conflict' })
  assert.ok((await changePassword(world, loose(), own, { current: next, next: PASSWORD }, '192.0.2.1')).ok, 'the refused change has changed nothing')
})

test('[W1] a sign-in with the old password during its change does not survive', async (t) => {
  const world = await openAccountsWorld(t)
  const first = await world.join('member')
  const caller = { accountId: first.profile.accountId, deviceId: first.deviceId }
  const [changed, ...others] = await Promise.all([
    changePassword(world, loose(), caller, { current: PASSWORD, next: '새로운 봉수대의 불빛' }, '192.0.2.1'),
    attempt(world, loose(), 'member', PASSWORD),
    attempt(world, loose(), 'member', PASSWORD),
  ])
  if (changed.ok) {
    assert.deepEqual(
      (await listDevices(world, caller.accountId)).map((device) => device.deviceId),
      [first.deviceId],
    )
    assert.equal(world.ended.length, others.filter((answer) => answer === 'ok').length)
  } else assert.equal(changed.code, 'busy')
})

test('[W1, C10] a revoked device is remembered as long as any of its tokens could be accepted', async (t) => {
  const world = await openAccountsWorld(t)
  const { profile, deviceId } = await world.join('member')
  const token = await world.tokens.issue(profile.accountId, deviceId, world.clock.now())
  assert.equal(await wasRevoked(world, deviceId), false)
  assert.equal((await revokeDevice(world, profile.accountId, deviceId)).ok, true)
  assert.deepEqual(await revokeDevice(world, profile.accountId, deviceId), { ok: false, code: 'not-found' })
  for (const passed of [0, TOKEN_VALID_MS, 299_000, 2_000, 10_000]) {
    world.clock.advance(passed)
    const taken = (await world.tokens.verify(token)) !== null
    const remembered = (await revokedDevices(world)).includes(deviceId)
    assert.ok(remembered || !taken, `${passed} ms later`)
  }
  assert.equal(await world.tokens.verify(token), null)
  assert.deepEqual(await revokedDevices(world), [], 'and not in memory for ever')
  assert.equal(world.tokens.expired(token)?.deviceId, deviceId)
  assert.equal(await wasRevoked(world, deviceId), true)
})

test('[F5] signing in again on the same device keeps it: a new token, no new row, no notice', async (t) => {
  const world = await openAccountsWorld(t)
  const first = await world.join('member')
  const { accountId } = first.profile
  world.clock.advance(60_000)
  const before = [await world.items(accountId), world.risen.length]
  const again = (deviceId?: DeviceId, password = PASSWORD) =>
    signIn(world, loose(), { handle: 'member', password, deviceName: '다른 이름', ...(deviceId === undefined ? {} : { deviceId }) }, '192.0.2.1')
  const made = await again(first.deviceId)
  assert.ok(made.ok)
  assert.equal(made.value.deviceId, first.deviceId)
  assert.notEqual(made.value.token, first.token)
  assert.equal((await world.tokens.verify(made.value.token))?.deviceId, first.deviceId)
  assert.deepEqual(await listDevices(world, accountId), [{ deviceId: first.deviceId, name: '시험', createdAt: world.clock.now() - 60_000 }])
  assert.deepEqual([await world.items(accountId), world.risen.length], before)
  assert.deepEqual(await again(first.deviceId, 'wrong wrong wrong'), { ok: false, code: 'sign-in-failed' })
})

test('[F5] a revoked, foreign or unknown device is not reused: a new one is created', async (t) => {
  const world = await openAccountsWorld(t)
  const [member, other] = [await world.join('member'), await world.join('other')]
  const revoked = await enter(world, 'member')
  assert.ok((await revokeDevice(world, member.profile.accountId, revoked.deviceId)).ok)
  const unknown = randomUUID() as DeviceId
  for (const deviceId of [revoked.deviceId, other.deviceId, unknown]) {
    const made = await signIn(world, loose(), { handle: 'member', password: PASSWORD, deviceName: '새 기기', deviceId }, '192.0.2.1')
    assert.ok(made.ok)
    assert.ok(![revoked.deviceId, other.deviceId, unknown].includes(made.value.deviceId))
  }
  assert.equal((await listDevices(world, member.profile.accountId)).length, 4)
  assert.equal((await listDevices(world, other.profile.accountId)).length, 1)
  assert.deepEqual(await revokedDevices(world), [revoked.deviceId])
})

test('[F2] tries during a store failure count against nobody afterwards', async (t) => {
  const world = await openAccountsWorld(t)
  await world.join('member')
  const guard = strict()
  const away: AccountsWorld = { ...world, sql: { ...world.sql, read: () => Promise.reject(new Error('away')) } }
  for (let n = 0; n < 10; n++) await assert.rejects(attempt(away, guard, 'member', PASSWORD), /away/)
  assert.equal(await attempt(world, guard, 'member', PASSWORD), 'ok')
})
