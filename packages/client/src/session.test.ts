import { test } from 'node:test'
import assert from 'node:assert/strict'
import { CLOSE_CODES, type DownFrame, type UpFrame } from '@bongsu/protocol'
import { createFakeClock, uuidOf, type FakeClock } from '../fakes/clock.ts'
import { baseMs, capMs } from './back-off.ts'
import type { Connection } from './connection.ts'
import type { SocketEvents } from './ports.ts'
import { besideMs, createSession, expiredAgainMs, helloMs, pongMs, silentBeats, type Session } from './session.ts'

const heartbeatMs = 10_000
const welcome = {
  t: 'welcome',
  epoch: 'e',
  accountId: uuidOf(1, 1),
  deviceId: uuidOf(1, 2),
  now: 0,
  heartbeatMs,
  reconnectSpreadMs: 0,
}
const caughtUp = { t: 'caught-up', account: 0, total: 0 }
const beat = { t: 'beat', now: 0, account: 0, total: 0 }

interface Line {
  readonly events: SocketEvents
  readonly up: UpFrame[]
  closed: number | null
  say(frame: unknown): void
}

interface Bench {
  readonly session: Session
  readonly clock: FakeClock
  readonly lines: Line[]
  readonly line: () => Line
  readonly frames: DownFrame[]
  readonly states: Connection['state'][]
  random: number
  /** Duration of the machine's sleep: the clock went on, timers did not. */
  asleepMs: number
  /** Opens the newest connection and answers hello. */
  greet(more?: object): void
}

function createBench(): Bench {
  const clock = createFakeClock()
  const lines: Line[] = []
  const bench: Bench = {
    clock,
    lines,
    line: () => lines.at(-1) as Line,
    frames: [],
    states: [],
    random: 0.5,
    asleepMs: 0,
    greet(more = {}) {
      bench.line().events.opened()
      bench.line().say({ ...welcome, ...more })
    },
    session: createSession({
      openSocket(events) {
        const line: Line = { events, up: [], closed: null, say: (frame) => events.message(JSON.stringify(frame)) }
        lines.push(line)
        return {
          send: (text) => line.up.push(JSON.parse(text) as UpFrame),
          close: (code) => {
            line.closed = code
          },
        }
      },
      clock: { now: () => clock.now() + bench.asleepMs, after: (delayMs, run) => clock.after(delayMs, run) },
      random: { next: () => bench.random, uuid: () => '' },
      events: {
        hello: () => ({ t: 'hello', token: 't', epoch: null, account: 0, cursors: [] }),
        frame: (frame) => bench.frames.push(frame),
        changed: (connection) => bench.states.push(connection.state),
      },
    }),
  }
  bench.session.start()
  return bench
}

test('[C3] connecting, catching up and live are told apart', () => {
  const bench = createBench()
  assert.deepEqual(bench.states, ['connecting'])
  bench.line().events.opened()
  assert.deepEqual(
    bench.line().up.map((frame) => frame.t),
    ['hello'],
  )
  assert.equal(bench.session.isOpen(), false)
  bench.line().say(welcome)
  assert.equal(bench.session.isOpen(), true)
  bench.line().say(caughtUp)
  assert.deepEqual(bench.states, ['connecting', 'catching-up', 'live'])
  assert.deepEqual(
    bench.frames.map((frame) => frame.t),
    ['welcome', 'caught-up'],
  )
})

test('[W1] frames before the welcome are ignored', () => {
  const bench = createBench()
  bench.line().events.opened()
  for (const frame of [caughtUp, beat, { t: 'heads', account: 0, heads: [] }]) bench.line().say(frame)
  assert.deepEqual(bench.frames, [])
  assert.equal(bench.session.send({ t: 'ping', n: 1 }), false)
})

test('[C4] an unanswered hello is given up at its time limit and not before', async () => {
  const bench = createBench()
  bench.line().events.opened()
  await bench.clock.pass(helloMs - 1)
  assert.equal(bench.line().closed, null)
  await bench.clock.pass(1)
  assert.equal(bench.line().closed, 4_099, 'given up, and no farewell')
  assert.equal(bench.session.connection().state, 'waiting')
})

test('[C4] a connection that has been silent for one heartbeat and a half is dead', async () => {
  const bench = createBench()
  bench.greet()
  await bench.clock.pass(heartbeatMs)
  bench.line().say({ t: 'something new' })
  await bench.clock.pass(heartbeatMs * silentBeats - 1)
  assert.equal(bench.session.isOpen(), true, 'anything heard is a sign of life')
  await bench.clock.pass(1)
  assert.equal(bench.session.isOpen(), false)
})

test('[C4] a wake-up checks the connection, and opens a new one without an answer in time', async () => {
  const bench = createBench()
  bench.greet()
  bench.session.wake()
  bench.session.wake()
  assert.deepEqual(bench.line().up.slice(1), [{ t: 'ping', n: 1 }])
  await bench.clock.pass(pongMs - 1)
  bench.line().say({ t: 'pong', n: 1 })
  await bench.clock.pass(1)
  assert.equal(bench.lines.length, 1)
  bench.session.wake()
  bench.line().say({ t: 'pong', n: 1 })
  await bench.clock.pass(pongMs - 1)
  assert.equal(bench.lines.length, 1, 'an answer to an older question is none')
  await bench.clock.pass(1)
  assert.equal(bench.lines.length, 2, 'at once: the person is waiting')
  assert.ok(pongMs < 5_000)
})

test('[C4] after a wake-up a new connection is opened at once when the old one ends before its answer', async () => {
  const bench = createBench()
  bench.random = 0.9
  bench.greet({ reconnectSpreadMs: 20_000 })
  // The connection is silent for the allowed time while an answer is awaited.
  await bench.clock.pass(heartbeatMs * silentBeats - 1_000)
  bench.session.wake()
  await bench.clock.pass(1_000)
  assert.equal(bench.lines.length, 2, 'the person is waiting: not after a time over which all come back')
  // The socket breaks.
  bench.greet({ reconnectSpreadMs: 20_000 })
  bench.session.wake()
  bench.line().events.closed(1_006)
  assert.equal(bench.lines.length, 3)
  // Nobody looks, or the server gives a time: the device still does not return at once.
  bench.greet({ reconnectSpreadMs: 20_000 })
  bench.line().events.closed(1_006)
  assert.equal(bench.lines.length, 3)
  bench.session.wake()
  bench.greet()
  bench.session.wake()
  bench.line().say({ t: 'drain', spreadMs: 20_000 })
  bench.line().events.closed(1_006)
  assert.equal(bench.lines.length, 4)
})

test('[C4] a wake-up while waiting connects at once; while connecting it limits the try to the time of a pong', async () => {
  const bench = createBench()
  bench.line().events.closed(1_006)
  assert.equal(bench.session.connection().state, 'waiting')
  bench.session.wake()
  assert.equal(bench.lines.length, 2)
  bench.session.wake()
  await bench.clock.pass(pongMs)
  assert.equal(bench.lines.length, 3)
})

test('[O3] tries are spread over a bound that doubles up to the cap, until a connection lives to its first heartbeat', async () => {
  const bench = createBench()
  const waitMs = () => {
    const connection = bench.session.connection()
    return connection.state === 'waiting' ? connection.retryAt - bench.clock.now() : assert.fail(connection.state)
  }
  const waits: number[] = []
  for (let round = 0; round < 8; round++) {
    bench.line().events.closed(1_006)
    waits.push(waitMs())
    await bench.clock.pass(waitMs())
  }
  assert.deepEqual(
    waits,
    [1, 2, 4, 8, 16, 30, 30, 30].map((bound) => (bound * 1_000) / 2),
  )
  assert.equal(capMs, 30_000)
  bench.greet()
  bench.line().events.closed(4_001)
  assert.equal(waitMs(), capMs / 2, 'letting in and then failing is a failure too')
  await bench.clock.pass(waitMs())
  bench.greet()
  bench.line().say(beat)
  bench.line().events.closed(4_001)
  assert.equal(waitMs(), baseMs / 2)
})

test('[O5] after a break and after a drain the first wait is spread as stated by the server', async () => {
  const waitAfter = (code: number, drain: boolean) => {
    const bench = createBench()
    bench.greet({ reconnectSpreadMs: 30_000 })
    if (drain) bench.line().say({ t: 'drain', spreadMs: 8_000 })
    assert.equal(bench.session.isOpen(), true, 'a drained connection serves until it is closed')
    bench.line().events.closed(code)
    const connection = bench.session.connection()
    return connection.state === 'waiting' ? connection.retryAt - bench.clock.now() : assert.fail(connection.state)
  }
  assert.equal(waitAfter(1_006, false), 15_000)
  assert.equal(waitAfter(1_012, false), 15_000)
  assert.equal(waitAfter(4_000, true), 4_000)
  assert.equal(waitAfter(4_005, false), 15_000)
  assert.equal(waitAfter(4_001, false), baseMs / 2, 'what concerns this device alone needs no spreading')
})

test('[O15] after a drain the next connection is opened beside this one, which serves until the welcome of the next', async () => {
  const bench = createBench()
  bench.greet()
  bench.line().say(caughtUp)
  const [first] = bench.lines
  first!.say({ t: 'drain', spreadMs: 0 })
  await bench.clock.pass(besideMs)
  assert.equal(bench.lines.length, 2)
  const second = bench.line()
  second.events.opened()
  assert.deepEqual(
    second.up.map((frame) => frame.t),
    ['hello'],
  )
  assert.deepEqual([bench.session.connection().state, first!.closed], ['live', null])
  first!.say({ t: 'pong', n: 1 })
  const before = bench.states.length
  second.say(welcome)
  assert.deepEqual(bench.states.slice(before), ['connecting', 'catching-up'], 'what was unanswered is sent again')
  assert.equal(first!.closed, 1_000)
  first!.say(caughtUp)
  assert.equal(bench.session.connection().state, 'catching-up', 'the earlier connection is not heard any more')
  first!.events.closed(4_000)
  second.say(caughtUp)
  assert.deepEqual([bench.session.connection().state, bench.lines.length], ['live', 2])
})

test('[O15] a next connection that is refused, told to wait or broken takes nothing from the present one', async () => {
  for (const fail of [
    (line: Line) => line.say({ t: 'turn', inMs: 5_000 }),
    (line: Line) => line.say({ t: 'refused', re: 'hello', code: 'busy', retryAfterMs: 5_000 }),
    (line: Line) => line.events.message('{'),
    (line: Line) => line.events.closed(1_006),
  ]) {
    const bench = createBench()
    bench.greet()
    bench.line().say(caughtUp)
    const [first] = bench.lines
    first!.say({ t: 'drain', spreadMs: 0 })
    await bench.clock.pass(besideMs)
    bench.line().events.opened()
    fail(bench.line())
    bench.line().say(welcome)
    assert.deepEqual([bench.session.connection().state, first!.closed, bench.lines.length], ['live', null, 2])
    first!.events.closed(4_000)
    assert.equal(bench.session.connection().state, 'waiting')
  }
})

test('[O15] when the present connection ends first, the next one is in use; a revoked device uses none', async () => {
  const start = async () => {
    const bench = createBench()
    bench.greet()
    bench.line().say({ t: 'drain', spreadMs: 0 })
    await bench.clock.pass(besideMs)
    bench.line().events.opened()
    return bench
  }
  const bench = await start()
  bench.lines[0]!.events.closed(4_000)
  assert.equal(bench.session.connection().state, 'connecting')
  bench.line().say(welcome)
  assert.deepEqual([bench.session.isOpen(), bench.lines.length], [true, 2])
  const revoked = await start()
  revoked.lines[0]!.events.closed(CLOSE_CODES.revoked.code)
  assert.deepEqual([revoked.session.connection().state, revoked.line().closed !== null], ['signed-out', true])
  const stopped = await start()
  stopped.session.stop()
  assert.ok(stopped.lines.every((line) => line.closed !== null))
  const quick = createBench()
  quick.greet()
  quick.line().say({ t: 'drain', spreadMs: 0 })
  quick.line().events.closed(4_000)
  assert.equal(quick.session.connection().state, 'waiting', 'a server that closes at once needs no second one')
})

test('[O3] a given time to come back is kept, also after a wake-up', async () => {
  const bench = createBench()
  bench.line().events.opened()
  bench.line().say({ t: 'refused', re: 'hello', code: 'busy', retryAfterMs: 8_000 })
  bench.session.wake()
  await bench.clock.pass(8_000 + baseMs / 2 - 1)
  assert.equal(bench.lines.length, 1)
  await bench.clock.pass(1)
  assert.equal(bench.lines.length, 2)
  bench.line().events.closed(1_006)
  bench.session.wake()
  assert.equal(bench.lines.length, 3, 'the next wait is the own one')
})

test('[C4] a turn that came during the machine’s sleep is used at once after it', async () => {
  const bench = createBench()
  bench.line().events.opened()
  bench.line().say({ t: 'refused', re: 'hello', code: 'busy', retryAfterMs: 60_000 })
  bench.asleepMs = 60_499
  bench.session.wake()
  assert.equal(bench.lines.length, 1, 'not before its turn')
  bench.asleepMs = 60_500
  bench.session.wake()
  assert.equal(bench.lines.length, 2)
  bench.greet({ heartbeatMs: 600_000 })
  await bench.clock.pass(60_500)
  assert.equal(bench.lines.length, 2, 'the wait itself is over')
})

test('[O3] repeated wake-ups during a held hello have the same time limit as one', async () => {
  const bench = createBench()
  bench.line().events.opened()
  for (let ms = 0; ms < pongMs; ms += 100) {
    bench.session.wake()
    await bench.clock.pass(100)
    assert.equal(bench.lines.length, ms + 100 < pongMs ? 1 : 2, `${ms} ms`)
  }
  bench.session.wake()
  await bench.clock.pass(pongMs - 1)
  assert.equal(bench.lines.length, 2)
  bench.greet()
  await bench.clock.pass(1)
  assert.deepEqual([bench.lines.length, bench.session.isOpen()], [2, true])
})

test('[C2] after close codes up to 4099 the client comes back, after 4100 to 4199 it does not', () => {
  const after = (code: number) => {
    const bench = createBench()
    bench.greet()
    bench.line().events.closed(code)
    const { state } = bench.session.connection()
    bench.session.wake()
    assert.equal(bench.lines.length, state === 'waiting' ? 2 : 1)
    return state
  }
  assert.equal(after(1_000), 'waiting')
  assert.equal(after(4_000), 'waiting')
  assert.equal(after(4_099), 'waiting')
  assert.equal(after(4_100), 'signed-out')
  assert.equal(after(4_101), 'outdated')
  assert.equal(after(4_199), 'signed-out')
  assert.equal(after(4_200), 'waiting')
})

test('[C2] a refused hello ends as its close code would', async () => {
  for (const [code, state] of [
    ['unauthenticated', 'signed-out'],
    ['version-unsupported', 'outdated'],
    ['internal', 'waiting'],
  ]) {
    const bench = createBench()
    bench.line().events.opened()
    bench.line().say({ t: 'refused', re: 'hello', code })
    // A server that does not close after refusing the token means the same.
    if (code === 'unauthenticated') await bench.clock.pass(pongMs)
    assert.equal(bench.session.connection().state, state)
  }
})

test('[C2, O8] a refused token is given up by a close code that says why; without one it is kept and tried again', async () => {
  for (const code of [1_005, 1_006, 4_005, null]) {
    const bench = createBench()
    bench.line().events.opened()
    bench.line().say({ t: 'refused', re: 'hello', code: 'unauthenticated' })
    if (code === null) await bench.clock.pass(pongMs)
    else bench.line().events.closed(code)
    assert.deepEqual(bench.session.connection(), { state: 'signed-out', expired: true }, `closed with ${code}`)
    await bench.clock.pass(expiredAgainMs)
    assert.equal(bench.lines.length, 2)
    bench.line().events.opened()
    bench.line().say({ t: 'refused', re: 'hello', code: 'unauthenticated' })
    bench.line().events.closed(4_100)
    assert.deepEqual(bench.session.connection(), { state: 'signed-out' })
  }
})

test('[O8] a token whose time is over by the server is kept, and tried again until it is good or the device was revoked', async () => {
  const bench = createBench()
  const refuse = (code: number): void => {
    bench.line().events.opened()
    bench.line().say({ t: 'refused', re: 'hello', code: 'unauthenticated' })
    bench.line().events.closed(code)
  }
  refuse(4_102)
  assert.deepEqual(bench.session.connection(), { state: 'signed-out', expired: true })
  await bench.clock.pass(expiredAgainMs - 1)
  assert.equal(bench.lines.length, 1)
  await bench.clock.pass(1)
  assert.equal(bench.lines.length, 2)
  bench.greet()
  assert.equal(bench.session.isOpen(), true)
  bench.line().events.closed(4_102)
  await bench.clock.pass(expiredAgainMs)
  refuse(4_100)
  assert.deepEqual(bench.session.connection(), { state: 'signed-out' })
  await bench.clock.pass(2 * expiredAgainMs)
  assert.equal(bench.lines.length, 3)
})

test('[W1] a malformed frame is counted and ends the connection; an unknown one is passed over [W3]', () => {
  const bench = createBench()
  bench.greet()
  bench.line().say({ t: 'vote' })
  assert.equal(bench.session.isOpen(), true)
  assert.equal(bench.session.malformed(), 0)
  bench.line().say({ t: 'beat', now: 'noon' })
  assert.equal(bench.session.isOpen(), false)
  assert.equal(bench.session.malformed(), 1)
})

test('[D7] later frames of a given-up connection are ignored', async () => {
  const bench = createBench()
  bench.greet()
  const old = bench.line()
  bench.session.resume()
  old.say(caughtUp)
  old.events.closed(4_100)
  assert.deepEqual(
    bench.frames.map((frame) => frame.t),
    ['welcome'],
  )
  assert.equal(bench.session.connection().state, 'waiting')
  await bench.clock.pass(baseMs)
  old.events.opened()
  assert.deepEqual(bench.line().up, [])
  bench.greet()
  assert.equal(bench.session.isOpen(), true)
})

test('[C3] without a network it is offline until woken, and stopped it leaves no timer', async () => {
  const bench = createBench()
  bench.greet()
  bench.session.wake()
  bench.session.networkLost()
  assert.equal(bench.session.connection().state, 'offline')
  assert.equal(bench.clock.waiting(), 0)
  bench.session.wake()
  assert.equal(bench.lines.length, 2)
  bench.session.stop()
  assert.equal(bench.clock.waiting(), 0)
  await bench.clock.pass(600_000)
  assert.equal(bench.lines.length, 2)
})

test('[C2] signed out stays signed out when the network goes', () => {
  const bench = createBench()
  bench.line().events.closed(4_100)
  bench.session.networkLost()
  assert.equal(bench.session.connection().state, 'signed-out')
})

test('[O3] a beat replaces the spread of the welcome', () => {
  const bench = createBench()
  bench.greet({ reconnectSpreadMs: 1_000 })
  bench.line().say({ ...beat, reconnectSpreadMs: 20_000 })
  bench.line().say(beat)
  bench.line().events.closed(1_006)
  const connection = bench.session.connection()
  assert.equal(connection.state === 'waiting' && connection.retryAt - bench.clock.now(), 10_000)
  assert.equal(connection.state === 'waiting' && connection.directed, false)
})

test('[O3] a device with a turn shows it, and comes at its turn and not sooner, whatever is pressed', async () => {
  const bench = createBench()
  bench.line().events.opened()
  bench.line().say({ t: 'refused', re: 'hello', code: 'busy', retryAfterMs: 6_000 })
  const connection = bench.session.connection()
  assert.deepEqual(connection, { state: 'waiting', retryAt: bench.clock.now() + 6_500, directed: true })
  bench.session.wake()
  await bench.clock.pass(5_999)
  assert.equal(bench.lines.length, 1)
  await bench.clock.pass(501)
  assert.equal(bench.lines.length, 2)
})

test('[O3] a device that is told its turn shows it, and waits for it on its connection', async () => {
  const bench = createBench()
  bench.line().events.opened()
  bench.line().say({ t: 'turn', inMs: 7_500 })
  assert.deepEqual(bench.session.connection(), { state: 'waiting', retryAt: bench.clock.now() + 7_500, directed: true })
  assert.deepEqual(bench.frames, [])
  await bench.clock.pass(helloMs + 7_499)
  assert.equal(bench.lines.length, 1)
  bench.line().say(welcome)
  bench.line().say({ t: 'turn', inMs: 1 })
  assert.equal(bench.session.connection().state, 'catching-up', 'the turn is over')
  assert.equal(bench.lines.length, 1)
  const late = createBench()
  late.line().events.opened()
  late.line().say({ t: 'turn', inMs: 7_500 })
  await late.clock.pass(helloMs + 7_500)
  assert.equal(late.line().closed, 4_099, 'a server that does not answer is given up')
})

test('[C4, O3] a device that waits for its turn and comes to the front makes sure of its connection', async () => {
  const bench = createBench()
  bench.line().events.opened()
  bench.line().say({ t: 'turn', inMs: 7_500 })
  bench.session.wake()
  await bench.clock.pass(pongMs - 1)
  assert.equal(bench.lines.length, 1)
  bench.session.wake()
  await bench.clock.pass(1)
  assert.equal(bench.lines.length, 2)
  assert.equal(bench.lines[0]?.closed, 4_099)
  bench.line().events.opened()
  bench.session.wake()
  // The server is there, and the turn is the same.
  bench.line().say({ t: 'turn', inMs: 4_500 })
  await bench.clock.pass(pongMs)
  assert.equal(bench.lines.length, 2)
  bench.line().say(welcome)
  assert.equal(bench.session.isOpen(), true)
})

test('[O3] a turn told on a connection is kept when the network is lost and returns', async () => {
  const bench = createBench()
  bench.line().events.opened()
  bench.line().say({ t: 'turn', inMs: 7_500 })
  const given = bench.session.connection()
  bench.session.networkLost()
  assert.equal(bench.line().closed, 1_000)
  await bench.clock.pass(1_000)
  bench.session.wake()
  assert.deepEqual(bench.session.connection(), given)
  await bench.clock.pass(6_500)
  assert.equal(bench.lines.length, 2)
})

test('[O3] a turn is kept, and not prolonged, when the network is lost and returns', async () => {
  const bench = createBench()
  bench.line().events.opened()
  bench.line().say({ t: 'refused', re: 'hello', code: 'busy', retryAfterMs: 6_000 })
  const given = bench.session.connection()
  await bench.clock.pass(1_000)
  bench.session.networkLost()
  assert.equal(bench.session.connection().state, 'offline')
  await bench.clock.pass(2_000)
  bench.session.wake()
  assert.deepEqual(bench.session.connection(), given)
  bench.session.networkLost()
  bench.session.wake()
  await bench.clock.pass(3_499)
  assert.equal(bench.lines.length, 1)
  await bench.clock.pass(1)
  assert.equal(bench.lines.length, 2)
  bench.session.networkLost()
  bench.session.wake()
  assert.equal(bench.lines.length, 3, 'the turn was taken')
})

test('[F2] only stopping is a farewell: given-up and replaced connections are closed as such', async () => {
  const bench = createBench()
  bench.greet()
  bench.session.resume()
  assert.equal(bench.line().closed, 4_099)
  await bench.clock.pass(1_000)
  bench.greet()
  bench.session.wake()
  const dead = bench.line()
  await bench.clock.pass(pongMs)
  assert.equal(dead.closed, 4_099)
  assert.notEqual(bench.line(), dead)
  bench.session.stop()
  assert.equal(bench.line().closed, 1_000)
})

test('[B55] a device of a suspended account keeps its token, asks again in a while, and at once when it comes to the front', async () => {
  const bench = createBench()
  const refuse = (): void => {
    bench.line().events.opened()
    bench.line().say({ t: 'refused', re: 'hello', code: 'suspended' })
    bench.line().events.closed(4_104)
  }
  refuse()
  assert.deepEqual(bench.session.connection(), { state: 'signed-out', expired: true, suspended: true })
  await bench.clock.pass(expiredAgainMs - 1)
  assert.equal(bench.lines.length, 1)
  await bench.clock.pass(1)
  assert.equal(bench.lines.length, 2)
  refuse()
  bench.session.wake()
  assert.equal(bench.lines.length, 3)
  bench.greet()
  assert.equal(bench.session.isOpen(), true)
  bench.line().events.closed(4_104)
  assert.deepEqual(bench.session.connection(), { state: 'signed-out', expired: true, suspended: true }, 'in mid-sentence')
  bench.session.wake()
  bench.line().events.opened()
  bench.line().say({ t: 'refused', re: 'hello', code: 'unauthenticated' })
  bench.line().events.closed(4_102)
  bench.session.wake()
  assert.equal(bench.lines.length, 4, 'only a suspended one asks when it comes to the front')
})
