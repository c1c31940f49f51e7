import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PATHS } from '@bongsu/protocol'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import type { Observation } from '../vocabulary/observation.ts'
import type { Asked, Request } from './ask.ts'
import type { CanaryDevice, CanaryDeviceEvents, Standing } from './canary-device.ts'
import { createCanaryKeeper, goneAfterMs, makeAgainMs, renewedMs, type CanaryKeeper } from './canary-keeper.ts'
import type { PairCredentials } from './credentials-file.ts'
import { beginTry } from './try.ts'

const uuid = (number: number): string => `01890000-0000-7000-8000-${String(number).padStart(12, '0')}`
const json = (value: unknown, status = 200): Asked => ({ kind: 'answer', status, contentType: 'application/json', text: JSON.stringify(value) })
const refusal = (code: string, status: number): Asked => json({ code, retryAfterMs: 4_000 }, status)

interface Device extends CanaryDevice {
  standing: Standing
  readonly token: string
  readonly events: CanaryDeviceEvents
  stopped: boolean
}

function start(given?: PairCredentials) {
  const clock = createSimulatedClock()
  const devices: Device[] = []
  const told: Observation[] = []
  const kept: PairCredentials[] = []
  const asked: Request[] = []
  const logged: string[] = []
  let made = 0
  let ids = 0
  /** Answers to give instead of the good one, by path. */
  const instead = new Map<string, Asked>()

  function answer({ url, body }: Request): Asked {
    const { pathname } = new URL(url)
    const other = instead.get(pathname)
    if (other !== undefined) return other
    if (pathname === PATHS.inviteCanaries.path)
      return json({ codes: Array.from({ length: (body as { count: number }).count }, () => 'c'.repeat(43)) })
    if (pathname === PATHS.signUp.path) {
      made++
      return json({ token: `token-${made}`, deviceId: uuid(100 + made), profile: { accountId: uuid(made) } })
    }
    if (pathname.startsWith('/v1/direct/')) return json({ conversationId: uuid(900), kind: 'direct' })
    if (pathname === PATHS.signIn.path) return json({ token: 'token-again', deviceId: (body as { deviceId: string }).deviceId, profile: {} })
    throw new Error(`nobody asks for ${pathname}`)
  }

  const keeper: CanaryKeeper = createCanaryKeeper({
    profile: 'pc',
    clock,
    random: { next: () => 0.5, uuid: () => uuid(++ids) },
    stalls: { since: () => false },
    alarmed: () => false,
    async ask(request) {
      asked.push(request)
      return answer(request)
    },
    serverUrl: 'http://talk.example',
    userAgent: 'test',
    key: () => 'the-key',
    credentials: given,
    keep: (pair) => kept.push(pair),
    told: (observation) => told.push(observation),
    log: (sentence) => logged.push(sentence),
    openDevice({ token, events }) {
      const device: Device = {
        standing: 'live',
        heardMs: 0,
        token,
        events,
        stopped: false,
        start: () => undefined,
        stop: () => (device.stopped = true),
        send: () => undefined,
        isPutOff: () => false,
        discard: () => undefined,
        isRead: () => false,
        wake: () => undefined,
        reopen: () => undefined,
        tidy: () => undefined,
      }
      devices.push(device)
      return device
    },
  })
  const pass = async (ms = 0): Promise<void> => {
    clock.advance(ms)
    for (let turns = 0; turns < 12; turns++) await new Promise((resolve) => setImmediate(resolve))
  }
  const begin = (component: 'messaging' | 'sign-in') => beginTry(clock, told.length + 1, component, 'pc')
  return {
    clock,
    devices,
    told,
    kept,
    asked,
    logged,
    instead,
    pass,
    async message() {
      keeper.tryMessage(begin('messaging'))
      await pass()
    },
    async signIn() {
      keeper.trySignIn(begin('sign-in'))
      await pass()
    },
    outcomes: () => told.map(({ component, outcome }) => `${component} ${outcome}`),
    paths: () => asked.map(({ url }) => new URL(url).pathname),
  }
}

test('[S1] a pair is created through the public door, each step stored before the next, and found at the next start', async () => {
  const world = start()
  await world.message()
  assert.deepEqual(world.paths(), [PATHS.inviteCanaries.path, PATHS.signUp.path, PATHS.signUp.path, `/v1/direct/${uuid(2)}`])
  assert.deepEqual(
    world.kept.map(({ accounts, conversationId }) => [accounts.length, conversationId !== null]),
    [
      [1, false],
      [2, false],
      [2, true],
    ],
  )
  const pair = world.kept.at(-1)
  assert.ok(pair)
  assert.equal(new Set(pair.accounts.map(({ handle }) => handle)).size, 2)
  for (const { handle, password } of pair.accounts) assert.ok(/^[a-z0-9][a-z0-9._-]{2,19}$/.test(handle) && password.length >= 40, handle)
  assert.equal(new Set(pair.accounts.map(({ password }) => password)).size, 2)
  assert.deepEqual(
    world.devices.map(({ token }) => token),
    ['token-1', 'token-2'],
  )
  assert.deepEqual(world.told, [])

  const again = start(pair)
  await again.message()
  assert.deepEqual([again.asked.length, again.devices.length], [0, 2])
})

test('[S1] a half created pair is completed, not created again', async () => {
  const world = start({
    accounts: [{ handle: 'canary-1', password: 'p', accountId: uuid(77), deviceId: uuid(78), token: 't' }],
    conversationId: null,
  })
  await world.message()
  assert.deepEqual(world.asked[0]?.body, { count: 1 })
  assert.deepEqual(
    world.kept.at(-1)?.accounts.map(({ accountId }) => accountId),
    [uuid(77), uuid(1)],
  )
})

test('[S1] while no pair can be created, tries report what a newcomer would experience, at a bounded rate', async () => {
  const world = start()
  world.instead.set(PATHS.inviteCanaries.path, { kind: 'unreachable' })
  await world.message()
  await world.message()
  await world.signIn()
  assert.deepEqual(world.outcomes(), ['messaging unreachable', 'sign-in unreachable'])
  assert.equal(world.asked.length, 1)
  world.instead.set(PATHS.inviteCanaries.path, refusal('unavailable', 503))
  await world.pass(makeAgainMs.unreachable)
  await world.message()
  await world.message()
  assert.deepEqual(world.outcomes().slice(2), ['messaging unreachable', 'messaging refused'])
  assert.equal(world.asked.length, 2)
  world.instead.clear()
  await world.pass(makeAgainMs.refused)
  await world.message()
  assert.equal(world.devices.length, 2)
})

test('[S1] a wrong key is this sentinel’s own problem, not an outage', async () => {
  const world = start()
  world.instead.set(PATHS.inviteCanaries.path, refusal('unauthenticated', 401))
  for (let tries = 0; tries < 3; tries++) {
    await world.message()
    await world.signIn()
    await world.pass(makeAgainMs.forbidden)
  }
  assert.deepEqual(world.told, [])
  assert.equal(world.logged.length, 1)
  assert.equal(world.asked.length, 3)
})

test('[S1] sign-ins use the accounts in turn, with their own devices, and report the outcome', async () => {
  const world = start()
  await world.message()
  await world.signIn()
  await world.signIn()
  const bodies = world.asked.slice(-2).map(({ body }) => body as { deviceId: string })
  assert.deepEqual(
    bodies.map(({ deviceId }) => deviceId),
    [uuid(101), uuid(102)],
  )
  assert.ok(world.asked.slice(-2).every(({ headers }) => headers?.['authorization'] === 'Bearer the-key'))
  for (const [answer, outcome] of [
    [{ kind: 'unreachable' }, 'unreachable'],
    [{ kind: 'slow' }, 'unaccepted'],
    [{ kind: 'too-large' }, 'refused'],
    [refusal('busy', 503), 'refused'],
    [json({ token: '' }), 'refused'],
  ] as const) {
    world.instead.set(PATHS.signIn.path, answer)
    await world.signIn()
    assert.equal(world.told.at(-1)?.outcome, outcome)
  }
  assert.deepEqual(world.outcomes().slice(0, 2), ['sign-in ok', 'sign-in ok'])
})

test('[S1] a rate limit hit by this sentinel is not reported as a fault of the messenger', async () => {
  const world = start()
  await world.message()
  world.instead.set(PATHS.signIn.path, refusal('rate-limited', 429))
  await world.signIn()
  await world.signIn()
  const asked = world.asked.length
  await world.signIn()
  assert.deepEqual([world.outcomes(), world.asked.length], [[], asked], 'and it waits as it was told')
  world.instead.clear()
  await world.pass(4_000)
  await world.signIn()
  assert.deepEqual(world.outcomes(), ['sign-in ok'])
})

test('[S1] a signed-out account signs in with its password and continues', async () => {
  const world = start()
  await world.message()
  const [one] = world.devices
  assert.ok(one)
  one.standing = 'signed-out'
  await world.signIn()
  assert.deepEqual(
    world.devices.map(({ token, stopped }) => [token, stopped]),
    [
      ['token-1', true],
      ['token-2', false],
      ['token-again', false],
    ],
  )
  assert.equal(world.kept.at(-1)?.accounts[0]?.token, 'token-again')
})

test('[S1] accounts that the server does not know any more are no outage: new ones are made within seconds', async () => {
  const world = start()
  await world.message()
  for (const device of world.devices) device.standing = 'signed-out'
  world.instead.set(PATHS.signIn.path, refusal('sign-in-failed', 401))
  const begun = world.clock.monotonic()
  while (world.clock.monotonic() - begun < goneAfterMs) {
    await world.message()
    await world.signIn()
    await world.pass(1_000)
  }
  assert.equal(world.devices.length, 2)
  assert.deepEqual(world.outcomes(), [])
  await world.message()
  await world.message()
  assert.deepEqual(
    world.devices.map(({ token, stopped }) => [token, stopped]),
    [
      ['token-1', true],
      ['token-2', true],
      ['token-3', false],
      ['token-4', false],
    ],
  )
  assert.equal(world.logged.length, 1)
})

test('[S1] new accounts that are unknown soon again are an outage: then the server forgets people', async () => {
  const world = start()
  await world.message()
  for (const device of world.devices) device.standing = 'signed-out'
  world.instead.set(PATHS.signIn.path, refusal('sign-in-failed', 401))
  await world.message()
  await world.pass(goneAfterMs)
  await world.message()
  await world.message()
  assert.deepEqual([world.devices.length, world.outcomes()], [4, []])
  for (const device of world.devices) device.standing = 'signed-out'
  await world.pass(renewedMs - goneAfterMs - 1_000)
  await world.message()
  await world.signIn()
  assert.ok(world.outcomes().includes('messaging refused'), world.outcomes().join())
  // No account is tried so often that the server locks it (ten times in 15 minutes).
  const byHandle = Map.groupBy(
    world.asked.filter(({ url }) => url.endsWith(PATHS.signIn.path)),
    ({ body }) => (body as { handle: string }).handle,
  )
  for (const [, all] of byHandle) assert.ok(all.length < 10, `${all.length}`)
})

test('[S1] a refused device whose account is known again by its password is no outage either, for 5 s', async () => {
  const world = start()
  await world.message()
  for (const device of world.devices) device.standing = 'signed-out'
  await world.message()
  assert.deepEqual(world.outcomes(), [])
  world.instead.set(PATHS.signIn.path, refusal('internal', 500))
  for (const device of world.devices) device.standing = 'signed-out'
  for (let second = 0; second < 7; second++) {
    await world.message()
    await world.pass(1_000)
  }
  assert.ok(world.outcomes().includes('messaging refused'))
})

test('[S1] a server that gets its data back within that time finds the old accounts', async () => {
  const world = start()
  await world.message()
  for (const device of world.devices) device.standing = 'signed-out'
  world.instead.set(PATHS.signIn.path, refusal('sign-in-failed', 401))
  await world.message()
  await world.pass(goneAfterMs - 1_000)
  world.instead.clear()
  await world.pass(2_000)
  await world.message()
  await world.signIn()
  assert.deepEqual(
    world.devices.map(({ stopped }) => stopped),
    [true, true, false, false],
  )
  assert.deepEqual(
    world.kept.at(-1)?.accounts.map(({ accountId }) => accountId),
    [uuid(1), uuid(2)],
  )
})
