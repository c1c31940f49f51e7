import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock, type SimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import type { Observation, Profile } from '../vocabulary/observation.ts'
import type { CanaryDevice, CanaryDeviceEvents, Standing } from './canary-device.ts'
import { quietMs, MESSAGE_MS, openCanaryPair, openTriesMax, reopenEveryMs, type CanaryPair } from './canary-pair.ts'
import { beginTry } from './try.ts'

/** A passive device. The test triggers its events. */
interface FakeDevice extends CanaryDevice {
  standing: Standing
  heardMs: number
  readonly events: CanaryDeviceEvents
  readonly sent: string[]
  readonly discarded: string[]
  readonly did: string[]
  readonly read: Set<number>
  putOff: boolean
  stand(now: Standing, failed?: boolean): void
}

function createFakeDevice(events: CanaryDeviceEvents): FakeDevice {
  const device: FakeDevice = {
    standing: 'live',
    heardMs: 0,
    events,
    sent: [],
    discarded: [],
    did: [],
    read: new Set(),
    putOff: false,
    start: () => device.did.push('start'),
    stop: () => device.did.push('stop'),
    send: (messageId) => device.sent.push(messageId),
    isPutOff: () => device.putOff,
    discard: (messageId) => device.discarded.push(messageId),
    isRead: (seq) => device.read.has(seq),
    wake: () => device.did.push('wake'),
    reopen: () => device.did.push('reopen'),
    tidy: (idle) => idle && device.did.push('tidy'),
    stand(now, failed = false) {
      device.standing = now
      events.stands(now, failed)
    },
  }
  return device
}

interface World {
  readonly clock: SimulatedClock
  readonly pair: CanaryPair
  readonly one: FakeDevice
  readonly other: FakeDevice
  readonly devices: readonly FakeDevice[]
  readonly told: Observation[]
  readonly outcomes: () => readonly string[]
  /** Starts a try. Messages go from `one` to `other` and back in turn. @returns the message id. */
  begin(): string
  alarmed: boolean
  stalledSince: number | null
}

function startPair(profile: Profile = 'pc'): World {
  const clock = createSimulatedClock()
  const devices: FakeDevice[] = []
  const told: Observation[] = []
  let ids = 0
  let uuids = 0
  const account = (name: string) => ({ handle: name, password: 'p', accountId: `account-${name}`, deviceId: `device-${name}`, token: 't' })
  const world: World = {
    clock,
    devices,
    told,
    alarmed: false,
    stalledSince: null,
    pair: openCanaryPair({
      profile,
      clock,
      random: { next: () => 0.5, uuid: () => `message-${++uuids}` },
      stalls: { since: (ms) => world.stalledSince !== null && world.stalledSince > ms },
      alarmed: () => world.alarmed,
      serverUrl: 'http://127.0.0.1:1',
      userAgent: 'test',
      accounts: [account('one'), account('other')],
      conversationId: 'c',
      openDevice({ events }) {
        const device = createFakeDevice(events)
        device.heardMs = clock.monotonic()
        devices.push(device)
        return device
      },
      renewedToken: () => undefined,
      told: (observation) => told.push(observation),
    }),
    get one() {
      return devices[0] as FakeDevice
    },
    get other() {
      return devices[1] as FakeDevice
    },
    outcomes: () => told.map(({ id, outcome }) => `${id} ${outcome}`),
    begin() {
      assert.ok(world.pair.tryMessage(beginTry(clock, ++ids, 'messaging', profile)))
      return `message-${uuids}`
    },
  }
  return world
}

test('[S1] an accepted, delivered and read message is reported with all three times', () => {
  const world = startPair()
  const id = world.begin()
  world.clock.advance(10)
  world.one.events.accepted(id, 2)
  world.clock.advance(10)
  world.other.events.arrived(id, 2)
  assert.deepEqual(world.outcomes(), [])
  world.clock.advance(400)
  world.one.read.add(2)
  world.one.events.changed()
  assert.deepEqual(world.told, [
    {
      id: 1,
      at: world.clock.now() - 420,
      knownAt: world.clock.now(),
      component: 'messaging',
      profile: 'pc',
      outcome: 'ok',
      acceptedMs: 10,
      deliveredMs: 20,
      readMs: 420,
    },
  ])
  world.clock.advance(120_000)
  assert.equal(world.told.length, 1)
})

test('[S1] a message without a read mark still counts as delivered', () => {
  const world = startPair()
  const id = world.begin()
  world.other.events.arrived(id, 2)
  world.one.events.accepted(id, 2)
  world.clock.advance(MESSAGE_MS.read - 1)
  assert.deepEqual(world.outcomes(), [])
  world.clock.advance(1)
  assert.deepEqual(world.outcomes(), ['1 ok'])
  assert.equal(world.told[0]?.readMs, null)
})

test('[S1] a message not accepted in three seconds is unaccepted, refused or unreachable, depending on the sender’s connection; nothing waits behind it', () => {
  for (const [standing, putOff, outcome] of [
    ['live', false, 'unaccepted'],
    ['live', true, 'refused'],
    ['directed', false, 'refused'],
    ['connecting', false, 'unreachable'],
  ] as const) {
    const world = startPair()
    const id = world.begin()
    world.one.standing = standing
    world.one.putOff = putOff
    world.clock.advance(MESSAGE_MS.accepted - 1)
    assert.deepEqual(world.outcomes(), [])
    world.clock.advance(1)
    assert.deepEqual(world.outcomes(), [`1 ${outcome}`])
    assert.deepEqual(world.one.discarded, [id])
    // A message that was not accepted in time and arrives all the same was late. Otherwise late events change nothing.
    world.clock.advance(7_000)
    world.one.events.accepted(id, 2)
    world.other.events.arrived(id, 2)
    world.other.events.arrived(id, 2)
    world.clock.advance(120_000)
    assert.deepEqual(world.outcomes().slice(1), outcome === 'unaccepted' ? ['1 late'] : [])
    if (outcome === 'unaccepted') assert.equal(world.told[1]?.deliveredMs, 10_000)
  }
})

test('[S1] a lost connection that cannot be replaced is reported at once; a waiting device tries a new one at once', () => {
  const world = startPair()
  const id = world.begin()
  world.one.stand('waiting')
  assert.deepEqual(world.one.did.slice(-1), ['wake'])
  assert.deepEqual(world.outcomes(), [])
  world.one.stand('connecting')
  world.one.stand('waiting', true)
  assert.deepEqual(world.outcomes(), ['1 unreachable'])
  assert.deepEqual(world.one.discarded, [id])
  // The next try wakes waiting devices, calm or not, and leaves the others alone.
  const [before, others] = [world.one.did.length, world.other.did.length]
  world.begin()
  assert.equal(world.one.did.slice(before).filter((what) => what === 'wake').length, 1)
  assert.equal(world.other.did.length, others)
  world.alarmed = true
  world.begin()
  const woken = (): boolean => world.other.did.slice(others).includes('wake')
  assert.equal(woken(), false, 'a connection that is merely late is left alone')
  world.clock.advance(quietMs - 1)
  world.begin()
  assert.equal(woken(), false)
  world.clock.advance(1)
  world.begin()
  assert.ok(woken(), 'alarmed, a connection that was silent for long is checked, although it seems to live')
})

test('[S1] a final refusal is reported at once', () => {
  const world = startPair()
  world.one.events.refused(world.begin())
  world.begin()
  world.other.stand('signed-out')
  world.one.stand('signed-out')
  world.begin()
  assert.deepEqual(world.outcomes(), ['1 refused', '2 refused', '3 refused'])
  assert.deepEqual(
    world.pair.signedOut.map(({ handle }) => handle),
    ['one', 'other'],
  )
})

test('[S1] an accepted message not delivered in five seconds is undelivered, and late when it still arrives', () => {
  const world = startPair()
  const id = world.begin()
  world.one.events.accepted(id, 2)
  world.clock.advance(MESSAGE_MS.delivered - 1)
  assert.deepEqual(world.outcomes(), [])
  world.clock.advance(1)
  assert.deepEqual(world.outcomes(), ['1 undelivered'])
  world.clock.advance(20_000)
  world.other.events.arrived(id, 2)
  assert.deepEqual(world.outcomes(), ['1 undelivered', '1 late'])
  assert.deepEqual([world.told[1]?.acceptedMs, world.told[1]?.deliveredMs], [0, 25_000])
  world.clock.advance(120_000)
  assert.equal(world.told.length, 2)
})

test('[S1] an accepted message not delivered in a minute is lost', () => {
  const world = startPair()
  world.one.events.accepted(world.begin(), 2)
  world.clock.advance(MESSAGE_MS.lost - 1)
  assert.deepEqual(world.outcomes(), ['1 undelivered'])
  world.clock.advance(1)
  assert.deepEqual(world.outcomes(), ['1 undelivered', '1 lost'])
})

test('[S1] doubled and reordered are reported in addition, also for a try that succeeded long ago', () => {
  const world = startPair()
  const first = world.begin()
  world.one.events.accepted(first, 2)
  world.other.events.arrived(first, 2)
  world.clock.advance(MESSAGE_MS.read)
  world.clock.advance(30_000)
  world.other.events.arrived(first, 9)
  assert.deepEqual(world.outcomes(), ['1 ok', '1 doubled'])
  world.begin()
  const [third, , fifth] = [world.begin(), world.begin(), world.begin()]
  world.one.events.accepted(third, 11)
  world.one.events.accepted(fifth, 12)
  world.other.events.arrived(fifth, 12)
  assert.deepEqual(world.outcomes().slice(2), ['5 reordered'])
})

test('[S1] a new history of the server does not count as reordering', () => {
  const world = startPair()
  world.one.events.accepted(world.begin(), 900)
  const id = world.begin()
  world.one.events.newHistory()
  world.other.events.accepted(id, 2)
  world.one.events.arrived(id, 2)
  world.clock.advance(MESSAGE_MS.read)
  assert.deepEqual(world.outcomes(), ['2 ok'])
})

test('[S1] a try that timed out during a stall of this program is not reported', () => {
  const world = startPair()
  const id = world.begin()
  world.stalledSince = world.clock.monotonic() + 1_000
  world.clock.advance(120_000)
  assert.deepEqual(world.outcomes(), [])
  assert.deepEqual(world.one.discarded, [id])
})

test('[O1] open tries are bounded, and devices clean up between tries', () => {
  const world = startPair()
  for (let begun = 0; begun < openTriesMax; begun++) world.begin()
  assert.equal(world.pair.tryMessage(beginTry(world.clock, 99, 'messaging', 'pc')), false)
  assert.ok(!world.one.did.includes('tidy'))
  world.clock.advance(MESSAGE_MS.accepted)
  assert.equal(world.told.length, openTriesMax)
  assert.ok(world.one.did.includes('tidy') && world.other.did.includes('tidy'))
  world.begin()
})

test('[S1] phones reconnect about once a minute, one after the other; PCs do not', () => {
  const phone = startPair('phone')
  phone.clock.advance(10 * reopenEveryMs)
  for (const { did } of phone.devices) assert.equal(did.filter((what) => what === 'reopen').length, 10)
  phone.alarmed = true
  phone.clock.advance(10 * reopenEveryMs)
  phone.alarmed = false
  assert.equal(phone.one.did.filter((what) => what === 'reopen').length, 10, 'during an alarm late messages come over the old connections')
  phone.pair.stop()
  phone.clock.advance(10 * reopenEveryMs)
  assert.equal(phone.one.did.filter((what) => what === 'reopen').length, 10)
  const pc = startPair('pc')
  pc.clock.advance(10 * reopenEveryMs)
  assert.ok(!pc.one.did.includes('reopen'))
})

test('[S1] an account that has signed in again gets a new device object', () => {
  const world = startPair()
  world.other.stand('signed-out')
  const [account] = world.pair.signedOut
  assert.ok(account)
  world.pair.signedIn({ ...account, token: 'new' })
  assert.deepEqual(world.pair.signedOut, [])
  assert.equal(world.devices.length, 3)
  assert.ok(world.other.did.includes('stop') && world.devices[2]?.did.includes('start'))
})
