import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createSimulatedClock, type SimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { systemClock } from '../clock.ts'
import { createOnlineCheck, DEFAULT_ONLINE_CHECKS, onlineHoldsMs, onlineWithinMs, readTarget, type Network, type Target } from './online.ts'

const TARGETS: readonly Target[] = [
  { host: '192.0.2.1', port: 53 },
  { host: '192.0.2.2', port: 53 },
  { host: '192.0.2.3', port: 53 },
]

interface Asking {
  readonly asked: string[]
  readonly network: Network
}

/** @param answers by host: true or false; a missing host never answers. */
function networkOf(answers: Readonly<Record<string, boolean>>, addresses: readonly string[] = ['203.0.113.9'], hasAddress = true): Asking {
  const asked: string[] = []
  return {
    asked,
    network: {
      connect({ host }) {
        asked.push(host)
        const answer = answers[host]
        return answer === undefined ? new Promise(() => undefined) : Promise.resolve(answer ? 'made' : 'refused')
      },
      hasAddress: () => hasAddress,
      resolve: () => Promise.resolve(addresses),
    },
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Passes time until there is an answer. */
async function answerOf(clock: SimulatedClock, answer: Promise<boolean>): Promise<{ online: boolean; afterMs: number }> {
  const begun = clock.monotonic()
  const given: boolean[] = []
  void answer.then((online) => given.push(online))
  for (await settle(); given.length === 0; await settle()) {
    assert.ok(clock.monotonic() - begun <= onlineWithinMs, 'an answer within its time')
    clock.advance(50)
  }
  return { online: given[0] === true, afterMs: clock.monotonic() - begun }
}

const SERVER = 'https://talk.example.kr'

test('[S1] this place is online when one host answers; the others are not asked then', async () => {
  const clock = createSimulatedClock()
  const { asked, network } = networkOf({ '192.0.2.1': true })
  const check = createOnlineCheck({ clock, serverUrl: SERVER, targets: TARGETS, network })
  assert.equal((await answerOf(clock, check.isOnline())).online, true)
  clock.advance(5_000)
  assert.deepEqual(asked, ['192.0.2.1'])
})

test('[S1] one refusing or silent resolver alone does not mean offline', async () => {
  const clock = createSimulatedClock()
  const { asked, network } = networkOf({ '192.0.2.1': false, '192.0.2.3': true })
  const check = createOnlineCheck({ clock, serverUrl: SERVER, targets: TARGETS, network })
  assert.equal((await answerOf(clock, check.isOnline())).online, true)
  assert.deepEqual(asked, ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
})

test('[S1] this place is offline when nobody answers within the time, or nobody can be reached', async () => {
  for (const answers of [{}, { '192.0.2.1': false, '192.0.2.2': false, '192.0.2.3': false }]) {
    const clock = createSimulatedClock()
    const check = createOnlineCheck({ clock, serverUrl: SERVER, targets: TARGETS, network: networkOf(answers).network })
    const { online, afterMs } = await answerOf(clock, check.isOnline())
    assert.equal(online, false)
    assert.ok(afterMs <= onlineWithinMs)
  }
})

test('[S1] a machine without an address asks nobody', async () => {
  const clock = createSimulatedClock()
  const { asked, network } = networkOf({ '192.0.2.1': true }, [], false)
  const check = createOnlineCheck({ clock, serverUrl: SERVER, targets: TARGETS, network })
  assert.equal((await answerOf(clock, check.isOnline())).online, false)
  assert.deepEqual(asked, [])
})

test('[S1] an answer is valid for two seconds, and simultaneous questions share one answer', async () => {
  const clock = createSimulatedClock()
  const { asked, network } = networkOf({ '192.0.2.1': true })
  const check = createOnlineCheck({ clock, serverUrl: SERVER, targets: TARGETS, network })
  const [one, other] = [check.isOnline(), check.isOnline()]
  await answerOf(clock, one)
  assert.equal(await other, true)
  clock.advance(onlineHoldsMs - 100)
  await answerOf(clock, check.isOnline())
  assert.equal(asked.length, 1)
  clock.advance(200)
  await answerOf(clock, check.isOnline())
  assert.equal(asked.length, 2)
})

test('[S1] a messenger on this machine or in a private network is judged with or without internet', async () => {
  for (const serverUrl of [
    'http://127.0.0.1:8080',
    'http://localhost:8080',
    'http://[::1]:8080',
    'http://10.1.2.3',
    'http://192.168.0.7',
    'http://[fd00::7]',
  ]) {
    const clock = createSimulatedClock()
    const { asked, network } = networkOf({}, [], false)
    assert.equal((await answerOf(clock, createOnlineCheck({ clock, serverUrl, targets: TARGETS, network }).isOnline())).online, true, serverUrl)
    assert.deepEqual(asked, [], serverUrl)
  }
  const clock = createSimulatedClock()
  const { network } = networkOf({}, ['10.9.8.7'])
  assert.equal(
    (await answerOf(clock, createOnlineCheck({ clock, serverUrl: SERVER, targets: TARGETS, network }).isOnline())).online,
    true,
    'by its name',
  )
  for (const serverUrl of ['http://203.0.113.9', 'http://172.32.0.1', 'http://[2001:db8::1]'])
    assert.equal((await answerOf(clock, createOnlineCheck({ clock, serverUrl, targets: TARGETS, network }).isOnline())).online, false, serverUrl)
})

test('[S1] an empty list of hosts means always online', async () => {
  const clock = createSimulatedClock()
  const check = createOnlineCheck({ clock, serverUrl: SERVER, targets: [], network: networkOf({}, [], false).network })
  assert.equal(await check.isOnline(), true)
})

test('[S1] a real connection counts, and a port where nobody listens does not', async (t) => {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const ask = (ports: readonly number[]): Promise<boolean> =>
    createOnlineCheck({
      clock: systemClock,
      serverUrl: 'http://203.0.113.9',
      targets: ports.map((one) => ({ host: '127.0.0.1', port: one })),
    }).isOnline()
  assert.equal(await ask([1, port]), true)
  assert.equal(await ask([1]), false)
})

test('[S1] addresses of the list are read strictly', () => {
  assert.deepEqual(readTarget('[2606:4700:4700::1111]:443'), { host: '2606:4700:4700::1111', port: 443 })
  assert.deepEqual(readTarget('dns.example.kr:53'), { host: 'dns.example.kr', port: 53 })
  for (const given of DEFAULT_ONLINE_CHECKS) assert.ok(readTarget(given) !== null, given)
  for (const wrong of ['', '1.1.1.1', '1.1.1.1:0', '1.1.1.1:65536', 'https://x:1', '[1.1.1.1]:53', ':53', 'a b:53'])
    assert.equal(readTarget(wrong), null, wrong)
})
