import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConversationId, DeviceId } from '@bongsu/protocol'
import { accountId, deviceId } from '../../../../tests/worlds/names.ts'
import { createGatewayWorld, EPOCH, type Caller } from '../../../../tests/worlds/gateway-world.ts'
import { settle, until } from '../../../../tests/worlds/settle.ts'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { CLOSE_CODES } from '@bongsu/protocol'
import { CALM } from '../ops/overload.ts'
import { Admission, ADMISSION_BOUNDS, type Turn } from './admission.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'

const RATE = 100
const BURST = RATE * ADMISSION_BOUNDS.burstSeconds
const HELD_MS = ADMISSION_BOUNDS.holdMs

function bench(perSecond = RATE, overload = CALM) {
  const clock = createSimulatedClock()
  const admission = new Admission(clock, perSecond, overload)
  /** When each device was admitted, in ms from the start. */
  const inAt = new Map<number, number>()
  const start = clock.monotonic()
  const replaced: number[] = []
  const ask = (device: number, options: { fresh?: boolean; chars?: number; gone?: () => boolean; isTold?: boolean } = {}): Turn => {
    const enter = (): boolean => {
      if (options.gone?.() === true) return false
      inAt.set(device, clock.monotonic() - start)
      return true
    }
    const comer = { enter, replaced: () => void replaced.push(device) }
    const turn = admission.ask(deviceId(device), options.fresh ?? false, options.chars ?? 100, comer, options.isTold)
    if (turn.kind === 'now') enter()
    return turn
  }
  return { clock, admission, inAt, replaced, ask, elapsed: () => clock.monotonic() - start }
}

test('[O3] a burst is admitted at once, the next hellos are held, and later ones are told their turn', () => {
  const { ask, admission, clock, inAt } = bench()
  for (let device = 1; device <= BURST; device++) assert.deepEqual(ask(device), { kind: 'now' })
  const held = (HELD_MS / 1_000) * RATE
  for (let device = 1; device <= held; device++) assert.equal(ask(BURST + device).kind, 'held', `device ${device}`)
  assert.equal(admission.held, held)
  assert.deepEqual(ask(1_000), { kind: 'later', retryAfterMs: HELD_MS + 10 })
  assert.deepEqual(ask(1_001), { kind: 'later', retryAfterMs: HELD_MS + 20 })
  clock.advance(HELD_MS)
  assert.equal(admission.held, 0)
  assert.equal(inAt.size, BURST + held)
})

test('[O3] a device that is told its turn is held for longer, up to a bound', () => {
  const { holdToldMs } = ADMISSION_BOUNDS
  const { ask, clock, inAt } = bench()
  for (let device = 1; device <= BURST; device++) ask(device)
  const told = (holdToldMs / 1_000) * RATE
  for (let device = 1; device <= told; device++) assert.deepEqual(ask(BURST + device, { isTold: true }), { kind: 'held', inMs: device * 10 })
  assert.deepEqual(ask(5_000, { isTold: true }), { kind: 'later', retryAfterMs: holdToldMs + 10 })
  assert.deepEqual(ask(5_001), { kind: 'later', retryAfterMs: holdToldMs + 20 })
  clock.advance(holdToldMs)
  assert.equal(inAt.size, BURST + told)
})

test('[O3] no second admits more than the rate and the burst, and each device needs at most two tries', () => {
  const { ask, clock, inAt, elapsed } = bench()
  const tries = new Map<number, number>()
  function attempt(device: number): void {
    tries.set(device, (tries.get(device) ?? 0) + 1)
    const turn = ask(device)
    // As a device does: at its turn, or up to a second later.
    if (turn.kind === 'later') clock.after(turn.retryAfterMs + ((device * 37) % 1_000), () => attempt(device))
  }
  for (let device = 1; device <= 2_000; device++) attempt(device)
  clock.advance(22_000)
  assert.equal(inAt.size, 2_000)
  assert.ok(Math.max(...tries.values()) <= 2)
  for (let second = 0; second < 21; second++) {
    const came = [...inAt.values()].filter((at) => at >= second * 1_000 && at < (second + 1) * 1_000).length
    // Devices up to a second late share a second with the next ones.
    assert.ok(came <= 2 * RATE + BURST, `${came} in second ${second}`)
  }
  assert.ok(Math.max(...inAt.values()) < 21_100, 'no turn is wasted')
  assert.ok(elapsed() > 0)
})

test('[O3] a device that asks repeatedly keeps its own turn and takes no other', () => {
  const { ask, admission, clock } = bench(1)
  for (let device = 1; device <= 10; device++) ask(device)
  const first = ask(50)
  assert.deepEqual(first, { kind: 'later', retryAfterMs: 10_000 })
  for (let tries = 0; tries < 5; tries++) assert.deepEqual(ask(50), first)
  assert.deepEqual(ask(51), { kind: 'later', retryAfterMs: 11_000 })
  clock.advance(9_999 - ADMISSION_BOUNDS.holdMs)
  assert.deepEqual(ask(50), { kind: 'later', retryAfterMs: ADMISSION_BOUNDS.holdMs + 1 })
  clock.advance(1)
  assert.equal(ask(50).kind, 'held')
  assert.ok(admission.places >= 2)
})

test('[O3] a place is kept for a while after its time; later the device gets a new one, and no trace is left', () => {
  const { ask, admission, clock } = bench(1)
  for (let device = 1; device <= 10; device++) ask(device)
  clock.advance(9_000)
  const before = ask(11)
  assert.equal(before.kind, 'held')
  const late = bench(1)
  for (let device = 1; device <= 10; device++) late.ask(device)
  late.clock.advance(9_000 + ADMISSION_BOUNDS.keepMs)
  assert.deepEqual(late.ask(10), { kind: 'now' }, 'a millisecond before it is forgotten')
  late.clock.advance(60_000)
  for (let device = 100; device < 120; device++) late.ask(device)
  late.clock.advance(60_000)
  for (let device = 200; device < 240; device++) late.ask(device)
  late.clock.advance(120_000)
  for (let device = 300; device < 340; device++) late.ask(device)
  assert.ok(late.admission.places < 100, `${late.admission.places} places`)
  assert.ok(admission.places < 100)
})

test('[O3] devices that cannot continue have a rate of their own and never delay those that can', () => {
  const { ask } = bench()
  const fresh = Array.from({ length: 100 }, (_, index) => ask(index, { fresh: true }).kind)
  assert.equal(fresh.filter((kind) => kind === 'now').length, 1)
  for (let device = 1_000; device < 1_000 + BURST; device++) assert.deepEqual(ask(device), { kind: 'now' })
})

test('[O2] under overload turns are twice as far apart', () => {
  let shed = false
  const { ask } = bench(1, { ...CALM, sheds: (work) => work === 'resume' && shed })
  ask(1)
  shed = true
  ask(2)
  ask(3)
  assert.deepEqual(ask(4), { kind: 'later', retryAfterMs: 5_000 })
})

test('[O1] held hellos are bounded in number and in text; beyond it a device is told its turn instead', () => {
  const { heldMax, heldCharsMax } = ADMISSION_BOUNDS
  const many = bench(100_000)
  const burst = 100_000 * ADMISSION_BOUNDS.burstSeconds
  for (let device = 0; device < burst; device++) many.ask(device)
  for (let device = burst; device < burst + heldMax; device++) assert.equal(many.ask(device).kind, 'held')
  assert.equal(many.ask(99_999).kind, 'later')
  const large = bench(1)
  large.ask(1)
  assert.equal(large.ask(2, { chars: heldCharsMax }).kind, 'held')
  assert.equal(large.ask(3, { chars: 1 }).kind, 'later')
  large.clock.advance(1_000)
  assert.equal(large.admission.held, 0)
  assert.equal(large.ask(4, { chars: 1 }).kind, 'held')
})

test('[O3] a held device that connects again keeps its turn, for its newest connection', () => {
  const { ask, admission, clock, inAt, replaced } = bench(1)
  ask(1)
  ask(2)
  assert.equal(ask(3, { gone: () => true }).kind, 'held')
  clock.advance(1_500)
  assert.equal(ask(3).kind, 'held')
  assert.deepEqual(replaced, [3])
  assert.equal(admission.held, 1)
  clock.advance(499)
  assert.equal(inAt.get(3), undefined)
  clock.advance(1)
  assert.equal(inAt.get(3), 2_000, 'the turn it had from the beginning')
  assert.deepEqual([admission.held, admission.places], [0, 0])
})

test('[O3] a held device whose connection broke keeps its turn, and only for a while after it', () => {
  const { ask, admission, clock } = bench(1)
  ask(1)
  for (const device of [2, 3]) assert.equal(ask(device, { gone: () => true }).kind, 'held')
  clock.advance(2_000)
  assert.deepEqual([admission.held, admission.places], [0, 2], 'nobody was there, and the places stay')
  for (let device = 10; device < 20; device++) ask(device)
  assert.deepEqual(ask(3), { kind: 'now' })
  clock.advance(ADMISSION_BOUNDS.keepMs - 1_000)
  assert.deepEqual(ask(2), { kind: 'now' }, 'up to the time for which a place is kept')
  const late = bench(1)
  late.ask(1)
  assert.equal(late.ask(2, { gone: () => true }).kind, 'held')
  late.clock.advance(1_000 + ADMISSION_BOUNDS.keepMs)
  for (let device = 10; device < 40; device++) late.ask(device)
  late.clock.advance(1)
  assert.notEqual(late.ask(2).kind, 'now')
})

test('[O3] after a pause waiting devices are admitted a few in each turn of the event loop', () => {
  const waiting: (() => void)[] = []
  let now = 0
  const clock = { now: () => now, monotonic: () => now, every: () => () => {}, after: (_: number, run: () => void) => (waiting.push(run), () => {}) }
  const admission = new Admission(clock, 1_000, CALM)
  let entered = 0
  for (let n = 0; n < 120; n++) admission.ask(deviceId(n), false, 1, { enter: () => (entered++, true), replaced() {} })
  assert.equal(waiting.length, 100, 'all but the burst are held')
  // The event loop stood still, and every timer is due.
  now = 200
  const counts: number[] = []
  while (waiting.length > 0) {
    const before = entered
    for (const run of waiting.splice(0)) run()
    counts.push(entered - before)
  }
  const { stepMs, stepsPerTurn } = ADMISSION_BOUNDS
  assert.ok(Math.max(...counts) <= stepMs * stepsPerTurn && Math.max(...counts) > 1, counts.join())
  assert.equal(entered, 100)
})

test('[O11] a held device that connects again keeps its turn, however late it comes, and for a while after it', () => {
  const waiting: (() => void)[] = []
  let now = 0
  const clock = { now: () => now, monotonic: () => now, every: () => () => {}, after: (_: number, run: () => void) => (waiting.push(run), () => {}) }
  const admission = new Admission(clock, 10, CALM)
  const ask = (device: number, isThere = true): Turn => admission.ask(deviceId(device), false, 1, { enter: () => isThere, replaced() {} })
  const crowd = (from: number): void => {
    for (let device = from; device < from + 60; device++) ask(device)
  }
  ask(1)
  assert.deepEqual(ask(2), { kind: 'held', inMs: 100 })
  // The machine stands still for longer than a place is kept, and others come meanwhile.
  now = 101 + ADMISSION_BOUNDS.keepMs
  crowd(100)
  assert.deepEqual(ask(2, false), { kind: 'held', inMs: 0 })
  for (const run of waiting.splice(0, 1)) run()
  crowd(200)
  assert.deepEqual(ask(2), { kind: 'now' }, 'its connection was gone at its turn, which came late')
})

test('[O3] the rate falls at each look while work is late, rises while it is on time, and has both bounds', () => {
  const { lookMs, lateMsHigh, lateMsLow, rateFalls, rateRises, rateShareMin, holdMs } = ADMISSION_BOUNDS
  let lateMs = 0
  const { ask, admission, clock } = bench(RATE, { ...CALM, lateMs: () => lateMs })
  let device = 0
  const look = (): number => {
    clock.advance(lookMs)
    ask(++device)
    return admission.perSecond
  }
  lateMs = lateMsHigh
  assert.equal(look(), RATE, 'at the bound nothing falls')
  lateMs = lateMsHigh + 0.01
  const falling = Array.from({ length: 15 }, look)
  assert.ok(Math.abs((falling[0] ?? 0) - RATE * rateFalls) < RATE * 0.2, `${falling[0]}`)
  assert.equal(falling.at(-1), RATE * rateShareMin)
  lateMs = lateMsLow
  const rising = Array.from({ length: 30 }, look)
  assert.ok((rising[0] ?? 0) >= RATE * rateShareMin * rateRises)
  assert.equal(rising.at(-1), RATE)
  // The told turns follow the rate.
  lateMs = lateMsHigh + 1
  for (let looks = 0; looks < 15; looks++) look()
  const perTurnMs = 1_000 / (RATE * rateShareMin)
  for (let waited = 0; waited <= holdMs; waited += perTurnMs) ask(++device)
  const [one, other] = [ask(++device), ask(++device)]
  assert.ok(one.kind === 'later' && other.kind === 'later')
  assert.equal(other.retryAfterMs - one.retryAfterMs, perTurnMs)
})

test('[O3] while work is late waiting devices enter at the lowest rate, and nobody passes them', () => {
  const { stepMs, lateMsHigh, rateShareMin } = ADMISSION_BOUNDS
  let lateMs = 0
  const { ask, clock, inAt, admission } = bench(2_000, { ...CALM, lateMs: () => lateMs })
  const burst = 2_000 * ADMISSION_BOUNDS.burstSeconds
  for (let device = 0; device < burst; device++) ask(device)
  // Its connection breaks before its turn.
  ask(7_000, { gone: () => true })
  for (let device = burst; device < burst + 399; device++) ask(device)
  assert.equal(admission.held, 400)
  lateMs = lateMsHigh + 1
  clock.advance(200)
  const entered = inAt.size - burst
  const most = 2_000 * rateShareMin * 0.2
  assert.ok(entered >= most * 0.85 && entered <= most * 1.15, `${entered} in 200 ms`)
  assert.equal(ask(7_000).kind, 'held', 'a turn that has come waits behind those that came before')
  assert.equal(inAt.get(7_000), undefined)
  lateMs = 0
  clock.advance(stepMs * 40)
  assert.equal(admission.held, 0)
  assert.equal(inAt.size, burst + 400)
})

test('[O3, O2] so many devices are let in at a time, fewer while work is late, and the next ones as soon as one is in', async () => {
  const { stepMs, lateMsHigh, enteringSeconds, enteringLateMax } = ADMISSION_BOUNDS
  const perSecond = 2_000
  let lateMs = 0
  const clock = createSimulatedClock()
  const admission = new Admission(clock, perSecond, { ...CALM, lateMs: () => lateMs })
  /** How each device that is being let in gets in. */
  const entering: (() => void)[] = []
  const letIn = (): boolean => {
    void admission.letIn(() => new Promise<void>((resolve) => entering.push(resolve)))
    return true
  }
  let come = 0
  const comes = (count: number): void => {
    for (let n = 0; n < count; n++) if (admission.ask(deviceId(come++), false, 1, { enter: letIn, replaced() {} }).kind === 'now') letIn()
  }
  const most = perSecond * enteringSeconds
  comes(4 * most)
  clock.advance(1_000)
  assert.equal(entering.length, most)
  assert.equal(admission.held, 3 * most)
  for (const enter of entering.splice(0, 5)) enter()
  await settle()
  clock.advance(2 * stepMs)
  assert.equal(entering.length, most, 'five of those that waited')
  comes(1)
  assert.equal(entering.length, most, 'nobody passes')
  lateMs = lateMsHigh + 1
  for (const enter of entering.splice(0, most - enteringLateMax + 1)) enter()
  await settle()
  clock.advance(1_000)
  assert.equal(entering.length, enteringLateMax, 'one more')
  lateMs = 0
  while (admission.held > 0 || entering.length > 0) {
    for (const enter of entering.splice(0)) enter()
    await settle()
    clock.advance(100)
  }
  assert.equal(come, 4 * most + 1)
})

test('[O3] what fails while a device is let in takes no place for ever', async () => {
  const { enteringLateMax } = ADMISSION_BOUNDS
  const { admission, ask } = bench(RATE)
  for (let n = 0; n <= enteringLateMax; n++) await assert.rejects(admission.letIn(() => Promise.reject(new Error('the store is away'))))
  assert.deepEqual(ask(1), { kind: 'now' })
})

test('[O11] while work is late slow turns of the event loop do not push the lowest rate lower, and one turn has a bound', () => {
  const { stepMs, stepsPerTurn, lateMsHigh, rateShareMin, burstSeconds } = ADMISSION_BOUNDS
  const waiting: (() => void)[] = []
  let now = 0
  let lateMs = 0
  const clock = { now: () => now, monotonic: () => now, every: () => () => {}, after: (_: number, run: () => void) => (waiting.push(run), () => {}) }
  const admission = new Admission(clock, 2_000, { ...CALM, lateMs: () => lateMs })
  let entered = 0
  const held = 400
  for (let n = 0; n < 2_000 * burstSeconds + held; n++) admission.ask(deviceId(n), false, 1, { enter: () => (entered++, true), replaced() {} })
  assert.equal(waiting.length, held)
  lateMs = lateMsHigh + 1
  const turn = (afterMs: number): number => {
    const before = entered
    now += afterMs
    for (const run of waiting.splice(0)) run()
    return entered - before
  }
  const lowest = 2_000 * rateShareMin
  turn(1_000)
  assert.equal(turn(1), (lowest * stepMs) / 1_000, 'a short turn')
  assert.equal(turn(80), (lowest * 80) / 1_000, 'a turn of 80 ms')
  assert.equal(turn(10_000), (2_000 * stepMs * stepsPerTurn) / 1_000, 'as many as a step at the highest rate')
})

test('[O1] one device may say hello ten times at once and then once a second, and is held once', () => {
  const { ask, clock } = bench(1_000)
  const { burst, intervalMs } = ADMISSION_BOUNDS.perDevice
  for (let tries = 0; tries < burst; tries++) assert.deepEqual(ask(1), { kind: 'now' })
  for (let tries = 0; tries < 100; tries++) assert.deepEqual(ask(1), { kind: 'later', retryAfterMs: intervalMs })
  assert.deepEqual(ask(2), { kind: 'now' })
  clock.advance(intervalMs)
  assert.deepEqual(ask(1), { kind: 'now' })
  assert.equal(ask(1).kind, 'later')
  const slow = bench(1)
  slow.ask(1)
  assert.equal(slow.ask(2).kind, 'held')
  assert.equal(slow.ask(2).kind, 'held')
  assert.equal(slow.admission.held, 1)
})

test('[O1] places are bounded: beyond it a device is told a time without using a turn', () => {
  const { ask, admission } = bench(1)
  ask(0)
  const id = (n: number): DeviceId => `device-${n}` as DeviceId
  for (let n = 1; n <= ADMISSION_BOUNDS.placesMax; n++) admission.ask(id(n), false, 1, { enter: () => true, replaced() {} })
  assert.equal(admission.places, ADMISSION_BOUNDS.placesMax)
  const told = [ask(90_001), ask(90_002)]
  assert.deepEqual(told[0], told[1])
  assert.equal(admission.places, ADMISSION_BOUNDS.placesMax)
})

test('[O3] a hello over the rate is held and welcomed at its turn; a hello with a distant turn is told it, and its socket closed', async () => {
  const gateway = createGatewayWorld({ hellosPerSecond: 16, accounts: 9 })
  await gateway.device(1)
  const waiting = [2, 3, 4, 5, 6, 7].map(() => gateway.stranger())
  for (const [index, caller] of waiting.entries()) {
    caller.say(await gateway.hello(index + 2))
    await settle()
  }
  const far = gateway.stranger()
  far.say(await gateway.hello(8))
  await settle()
  assert.deepEqual(far.socket.frames, [{ t: 'refused', re: 'hello', code: 'busy', retryAfterMs: 3_500 }])
  assert.equal(far.socket.closedWith, CLOSE_CODES.unavailable.code)
  assert.deepEqual(
    waiting.map(({ socket }) => socket.frames.length),
    [0, 0, 0, 0, 0, 1],
    'the sixth of them would wait three seconds',
  )
  assert.equal(gateway.kernel.admission.held, 5)
  gateway.world.clock.advance(500)
  await until('the first of those held to be let in', () => waiting[0]?.socket.of('caught-up').length === 1)
  assert.equal(waiting[1]?.socket.frames.length, 0)
  gateway.world.clock.advance(GATEWAY_BOUNDS.helloMs - 500)
  await until('the last of those held to be let in', () => waiting[4]?.socket.of('caught-up').length === 1)
})

test('[O3] a device that names the feature is told a distant turn and welcomed on the same connection', async () => {
  const gateway = createGatewayWorld({ hellosPerSecond: 16, accounts: 9 })
  await gateway.device(1)
  const waiting = [2, 3, 4, 5, 6, 7].map(() => gateway.stranger())
  for (const [index, caller] of waiting.entries()) {
    caller.say({ ...(await gateway.hello(index + 2)), features: ['turns'] })
    await settle()
  }
  // One that cannot continue in each half second. A turn within a second needs no word.
  assert.deepEqual(
    waiting.map(({ socket }) => socket.frames),
    [[], [], [1_500], [2_000], [2_500], [3_000]].map((told) => told.map((inMs) => ({ t: 'turn', inMs }))),
  )
  gateway.world.clock.advance(3_000)
  await until('the last to be let in', () => waiting[5]?.socket.of('caught-up').length === 1)
  assert.equal(waiting[5]?.socket.closedWith, null)
})

test('[O3, C4] an app that comes to the front and reconnects while waiting is admitted at its first turn', async () => {
  const gateway = createGatewayWorld({ hellosPerSecond: 16, accounts: 9 })
  const { clock } = gateway.world
  await gateway.device(1)
  for (const account of [2, 3, 4]) {
    gateway.stranger().say(await gateway.hello(account))
    await settle()
  }
  const first = gateway.stranger()
  first.say(await gateway.hello(5))
  await settle()
  assert.equal(gateway.kernel.admission.held, 4)
  for (const account of [6, 7, 8]) {
    gateway.stranger().say(await gateway.hello(account))
    await settle()
  }
  clock.advance(1_900)
  // The device gives up the first connection: it closes it and opens another.
  first.connection.closed(1_000)
  const second = gateway.stranger()
  second.say(await gateway.hello(5))
  await settle()
  assert.deepEqual(second.socket.frames, [], 'neither let in before its turn nor told to come later')
  clock.advance(100)
  await until('the second to be let in', () => second.socket.of('caught-up').length === 1)
  const third = gateway.stranger()
  third.say(await gateway.hello(5))
  await settle()
  assert.equal(second.socket.closedWith, null, 'and one that is in stays until the newer one is')
})

test('[O1] of two waiting connections of one device the older is closed and told why', async () => {
  const gateway = createGatewayWorld({ hellosPerSecond: 16 })
  await gateway.device(1)
  const [first, second] = [gateway.stranger(), gateway.stranger()]
  for (const caller of [first, second]) {
    caller.say(await gateway.hello(2))
    await settle()
  }
  assert.equal(first.socket.closedWith, CLOSE_CODES.superseded.code)
  assert.equal(second.socket.closedWith, null)
  gateway.world.clock.advance(500)
  await until('the second to be let in', () => second.socket.of('caught-up').length === 1)
})

test('[O3] a held device that closes is forgotten, and a device revoked meanwhile is not admitted', async () => {
  const gateway = createGatewayWorld({ hellosPerSecond: 8, accounts: 3 })
  await gateway.device(1)
  const [going, revoked] = [gateway.stranger(), gateway.stranger()]
  going.say(await gateway.hello(2))
  revoked.say(await gateway.hello(3))
  await settle()
  going.connection.closed(1_006)
  gateway.revoke(deviceId(3))
  gateway.world.clock.advance(3_000)
  await settle()
  assert.deepEqual(going.socket.frames, [])
  assert.equal(revoked.socket.closedWith, CLOSE_CODES.revoked.code)
  assert.equal(gateway.connections.size, 2, 'the first device, and the one being closed')
  assert.equal(gateway.kernel.admission.held, 0)
})

test('[O3] a forged token neither gets nor uses a turn', async () => {
  const gateway = createGatewayWorld({ hellosPerSecond: 8 })
  for (let count = 0; count < 50; count++) gateway.stranger().say({ ...(await gateway.hello(1)), token: 'x.y.z' })
  await settle()
  await gateway.device(1)
  assert.equal(gateway.kernel.admission.places, 0)
})

test('[O2] under overload typing is silently dropped, while a send is accepted', async () => {
  let level: readonly string[] = []
  const gateway = createGatewayWorld({ sheds: (work) => level.includes(work) })
  const room = await gateway.world.group(1, 1, 2)
  const [one, two] = [await gateway.device(1), await gateway.device(2)]
  two.say({ t: 'watch', conversationId: room, from: 1, to: null })
  await settle()
  level = ['typing']
  one.say({ t: 'typing', conversationId: room })
  one.say({ t: 'send', id: crypto.randomUUID() as never, conversationId: room, body: { kind: 'text', text: '안녕' } })
  await until('the message', () => one.socket.of('accepted').length === 1)
  assert.equal(two.socket.of('typing').length, 0)
  level = []
  one.say({ t: 'typing', conversationId: room })
  await until('typing', () => two.socket.of('typing').length === 1)
  level = ['send']
  one.say({ t: 'send', id: crypto.randomUUID() as never, conversationId: room, body: { kind: 'text', text: '다시' } })
  await settle()
  assert.deepEqual(
    one.socket.of('refused').map(({ code, retryAfterMs }) => [code, retryAfterMs]),
    [['busy', GATEWAY_BOUNDS.busyRetryMs]],
  )
})

test('[O3] a hello with made-up cursors that needs mostly resets waits like one without cursors, and is admitted after its turn', async () => {
  const gateway = createGatewayWorld({ hellosPerSecond: 80, accounts: 20 })
  const rooms: ConversationId[] = []
  for (let n = 1; n <= 6; n++) rooms.push(await gateway.world.group(n, ...Array.from({ length: 20 }, (_, index) => index + 1)))
  const come = async (account: number, good: number): Promise<Caller> => {
    const caller = gateway.stranger()
    const cursors = rooms.map((room, index): [ConversationId, number] => [room, index < good ? 1 : 99])
    caller.say({ ...(await gateway.hello(account)), epoch: EPOCH, account: gateway.world.store.accountHead(accountId(account)), cursors })
    await settle()
    return caller
  }
  const told = (caller: Caller): unknown => caller.socket.of('refused').map(({ code, retryAfterMs }) => [code, retryAfterMs])
  const isIn = (caller: Caller): Promise<void> => until('it to be in', () => caller.socket.of('caught-up').length === 1)
  // Ten in a second that cannot continue. This is the first of them.
  await gateway.device(1)
  const liar = await come(2, 0)
  assert.deepEqual(told(liar), [['busy', 100]])
  assert.equal(liar.socket.closedWith, CLOSE_CODES.unavailable.code)
  gateway.world.clock.advance(50)
  await isIn(await come(3, 6))
  gateway.world.clock.advance(20)
  await isIn(await come(4, 3))
  gateway.world.clock.advance(20)
  assert.deepEqual(told(await come(5, 0)), [['busy', 110]], 'after the first one’s turn, which is paid')
  gateway.world.clock.advance(10)
  const again = await come(2, 0)
  await isIn(again)
  assert.equal(again.socket.of('reset').length, 6)
})
