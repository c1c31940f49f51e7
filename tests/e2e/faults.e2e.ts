import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { runChaos } from './chaos.ts'
import { startFaultProxy, type Line, type Silence } from '../../apps/server/src/conformance/fault-proxy.ts'
import { readMetric } from './read-metric.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, makeDevice, makeGroup, makePeople, textsOf, untilRoom, type Person, type TestDevice } from './world.ts'

// Real processes, and between them a network that does what networks do.

/** The longer form for drills. */
const SECONDS = Number(process.env['FAULT_SECONDS'] ?? '15')
const SEED = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000)

test('[M1, M2, M3, M6, D1, D2, D4, D7, C2, R1] lines that are late, narrow, cut, in pieces or silent lose nothing, double nothing and keep one order', async (t) => {
  const report = await runChaos(t, { seed: SEED, forMs: SECONDS * 1_000, settleMs: 30_000 })
  const made = Object.entries(report.faults).map(([fault, count]) => `${fault} ${count}`)
  t.diagnostic(
    `seed ${SEED}: ${SECONDS} s, ${report.written} messages written, ${report.accepted} accepted, ${report.sentAgain} sent again, ` +
      `${report.connectionsBroken} connections broken; settled ${Math.round(report.settledMs)} ms after the last fault; ${made.join(', ')}`,
  )
  assert.deepEqual(report.violations.slice(0, 10), [], `seed ${SEED}: ${report.violations.length} violations`)
  // Without these the test would have watched a sound network, or nobody.
  for (const [fault, count] of Object.entries(report.faults)) assert.ok(count > 0, `there was no fault of the kind ${fault}`)
  assert.ok(report.accepted >= SECONDS * 40, `${report.accepted} accepted`)
  assert.ok(report.sentAgain > 0 && report.connectionsBroken >= SECONDS, `${report.sentAgain} sent again, ${report.connectionsBroken} broken`)
})

interface Pair {
  readonly url: string
  /** Behind the proxy. */
  readonly phone: TestDevice
  readonly line: () => Line
  /** Beside it. */
  readonly writer: TestDevice
  /** The writer says something. */
  say(text: string): Promise<void>
  untilPhoneHas(texts: readonly string[], withinMs: number): Promise<void>
}

async function makePair(t: { after(run: () => void | Promise<void>): void }, heartbeatMs: number): Promise<Pair> {
  const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: String(heartbeatMs) } })
  const proxy = await startFaultProxy(t, server.port)
  const [one, other] = (await makePeople(server, 2)) as [Person, Person]
  const room = await makeGroup(one, '', [other])
  const [phone, writer] = [makeDevice(proxy.url, one, { hasty: true }), makeDevice(server.url, other)]
  await goLive(t, [phone, writer])
  for (const device of [phone, writer]) await untilRoom(device, room)
  return {
    url: server.url,
    phone,
    writer,
    line: () => [...proxy.lines].at(-1) as Line,
    async say(text) {
      assert.ok((await writer.handle.settled(await writer.handle.send(room, { kind: 'text', text }))).accepted)
    },
    async untilPhoneHas(texts, withinMs) {
      const all = (): boolean => JSON.stringify(textsOf(phone, room)) === JSON.stringify(texts) && phone.handle.view().connection.state === 'live'
      await waitFor(() => `${texts.length} texts; there are ${textsOf(phone, room).length}, ${phone.handle.view().connection.state}`, all, {
        withinMs,
        everyMs: 5,
      })
    },
  }
}

const HEARTBEAT_MS = 1_000
/** The server looks at a connection once in a heartbeat, and gives the goodbye 5 s. */
const SERVER_MS = 2.5 * HEARTBEAT_MS + HEARTBEAT_MS + 5_000

async function giveUp(t: TestContext, ways: Silence): Promise<void> {
  const pair = await makePair(t, HEARTBEAT_MS)
  const line = pair.line()
  line.silence(ways)
  const silentAt = performance.now()
  await pair.say('조용한 사이에')
  const since = (): number => Math.round(performance.now() - silentAt)
  const byDevice = waitFor('the device to give it up', () => pair.phone.handle.view().connection.state !== 'live', { everyMs: 5 }).then(since)
  const byServer = waitFor('the server to give it up', () => line.serverEnded, { withinMs: SERVER_MS, everyMs: 5 }).then(since)
  const [deviceMs, serverMs] = [await byDevice, await byServer]
  t.diagnostic(`silent ${ways}, with a heartbeat of ${HEARTBEAT_MS} ms: the device gave it up after ${deviceMs} ms, the server after ${serverMs} ms`)
  // What the device is told still comes where only its own words are lost; then the server's goodbye is what it hears.
  assert.ok(deviceMs < (ways === 'up' ? SERVER_MS : 1.5 * HEARTBEAT_MS + HEARTBEAT_MS), `the device noticed after ${deviceMs} ms`)
  await pair.untilPhoneHas(['조용한 사이에'], 5_000)
  await waitFor('one connection for each device', async () => (await readMetric(pair.url, 'bongsu_connections')) === 2, { withinMs: SERVER_MS })
  assert.deepEqual(pair.writer.tap.closed, [], 'the other one noticed nothing')
}

test('[C4, D2] a line that is silent, one way or both, is given up by both sides, and what was missed comes on the next one', async (t) => {
  await Promise.all((['both', 'up', 'down'] as const).map((ways) => giveUp(t, ways)))
})

test('[C4] a silent line is noticed within 5 s of the app coming to the front, with the heartbeat as it is by default', async (t) => {
  const pair = await makePair(t, 25_000)
  pair.line().silence('both')
  await pair.say('잠든 사이에 1')
  await pair.say('잠든 사이에 2')
  const wokenAt = performance.now()
  pair.phone.handle.wake()
  await pair.untilPhoneHas(['잠든 사이에 1', '잠든 사이에 2'], 5_000)
  t.diagnostic(`live and complete ${Math.round(performance.now() - wokenAt)} ms after waking`)
})
