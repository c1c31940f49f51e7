import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { systemRandom } from '@bongsu/client'
import { startTestServer, type Person, type TestServer } from '../../../../tests/worlds/running-server.ts'
import { systemClock, type Clock } from '../clock.ts'
import { awaitedMs, createCanaryDevice, type CanaryDevice } from './canary-device.ts'

interface Heard {
  readonly device: CanaryDevice
  readonly arrived: string[]
  readonly accepted: Map<string, number>
  readonly stood: string[]
  skipped: number
}

function open(server: TestServer, person: Person, conversationId: string, storedMax: number, clock: Clock = systemClock): Heard {
  const [arrived, stood, accepted]: [string[], string[], Map<string, number>] = [[], [], new Map()]
  const heard: Heard = {
    arrived,
    stood,
    accepted,
    skipped: 0,
    device: createCanaryDevice({
      clock,
      random: systemRandom,
      serverUrl: server.base,
      userAgent: 'Test/1',
      token: person.token,
      conversationId,
      storedMax,
      events: {
        stands: (now, failed) => stood.push(failed ? `${now} after failing` : now),
        accepted: (id, seq) => accepted.set(id, seq),
        refused: (id) => assert.fail(`${id} was refused`),
        arrived: (id) => arrived.push(id),
        skipped: () => heard.skipped++,
        changed: () => undefined,
        newHistory: () => assert.fail('there is one history'),
        renewedToken: () => undefined,
      },
    }),
  }
  return heard
}

async function until(what: string, look: () => boolean): Promise<void> {
  for (let waited = 0; !look(); waited += 10) {
    assert.ok(waited < 10_000, `waited for ${what}`)
    await pause(10)
  }
}

interface Two {
  readonly sender: Heard
  readonly receiver: Heard
  /** Sends that many messages, one after the other, and calls `after` when each has arrived. */
  readonly say: (count: number, after: () => void) => Promise<readonly string[]>
}

async function openTwo(t: TestContext, storedMax: number): Promise<Two> {
  const server = await startTestServer(t)
  const [one, other] = [await server.person('one'), await server.person('other')]
  const opened = await server.ask('openDirect', { token: one.token, params: { accountId: other.accountId } })
  const { conversationId } = opened.body as { conversationId: string }
  const [sender, receiver] = [open(server, one, conversationId, storedMax), open(server, other, conversationId, storedMax)]
  const devices = [sender.device, receiver.device]
  for (const device of devices) device.start()
  t.after(() => {
    for (const device of devices) device.stop()
  })
  return {
    sender,
    receiver,
    async say(count, after) {
      const sent: string[] = []
      for (let number = 0; number < count; number++) {
        const id = randomUUID()
        sent.push(id)
        // Also right after the start, and right after the store was emptied.
        sender.device.send(id, `탐침 ${number}`)
        await until(`message ${number}`, () => receiver.arrived.at(-1) === id && sender.accepted.has(id))
        after()
      }
      return sent
    },
  }
}

const connectionsOf = ({ stood }: Heard): number => stood.filter((standing) => standing === 'live').length

test('[O1] a canary with a full store starts over, and every message still arrives once', async (t) => {
  const { sender, receiver, say } = await openTwo(t, 30)
  const sent: string[] = []
  const tidy = (): void => {
    for (const { device } of [sender, receiver]) device.tidy(true)
  }
  // After a restart the device holds the newest 20 messages, so it restarts every ten messages or more: messages are stored shortly after they are
  // shown.
  while (connectionsOf(receiver) < 4) {
    assert.ok(sent.length < 300, `${connectionsOf(receiver)} connections after ${sent.length} messages`)
    sent.push(...(await say(10, tidy)))
  }
  assert.ok(sent.length >= 50, `4 connections after ${sent.length} messages`)
  assert.deepEqual(receiver.arrived, sent)
  assert.deepEqual(
    [...sender.accepted.values()],
    sent.map((_, index) => index + 2),
    'seq 1 is the making of the conversation',
  )
  assert.deepEqual(sender.arrived, [], 'its own messages do not arrive')
  assert.equal(receiver.skipped, 0)
  await until('the last to be read', () => sender.device.isRead(sent.length + 1))

  // A phone that changes its network loses nothing either.
  receiver.device.reopen()
  await say(1, () => undefined)
  assert.deepEqual(
    [...sender.stood, ...receiver.stood].filter((standing) => standing.includes('failing')),
    [],
  )
})

test('[O1] without a moment between tries, starting over waits up to ten times the bound', async (t) => {
  const { receiver, say } = await openTwo(t, 3)
  const tidy = (): void => receiver.device.tidy(false)
  await say(28, tidy)
  assert.equal(connectionsOf(receiver), 1)
  await say(4, () => undefined)
  await until('a new beginning', () => {
    // Repeated: an arrived message is stored a moment later.
    tidy()
    return connectionsOf(receiver) === 2
  })
})

test('[O1] messages sent before starting over are seen as read after it', async (t) => {
  const { sender, say } = await openTwo(t, 5)
  const sent = await say(8, () => undefined)
  await until('a new beginning', () => {
    sender.device.tidy(true)
    return connectionsOf(sender) === 2
  })
  await until('the last to be read', () => sender.device.isRead(sent.length + 1))
})

test('[S1] a closed server is reported as a failed connection each time the device is woken', async (t) => {
  const server = await startTestServer(t)
  const person = await server.person('one')
  const gone = open({ ...server, base: 'http://127.0.0.1:1' }, person, randomUUID(), 100)
  t.after(() => gone.device.stop())
  gone.device.start()
  await until('the first failure', () => gone.stood.length === 2)
  gone.device.wake()
  await until('the second', () => gone.stood.length === 4)
  assert.deepEqual(gone.stood, ['connecting', 'waiting after failing', 'connecting', 'waiting after failing'])
})

test('[S1] a new connection that is awaited for long has not failed for the tries begun meanwhile', async (t) => {
  const silent = createServer().listen(0, '127.0.0.1')
  t.after(() => void silent.close())
  await once(silent, 'listening')
  const sockets: Socket[] = []
  silent.on('connection', (socket) => sockets.push(socket))
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs }
  let aheadMs = 0
  const server = await startTestServer(t)
  const { port } = silent.address() as AddressInfo
  const late = open({ ...server, base: `http://127.0.0.1:${port}` }, await server.person('one'), randomUUID(), 100, clock)
  t.after(() => late.device.stop())
  late.device.start()
  for (const passedMs of [0, awaitedMs]) {
    await until('the connection to be tried', () => sockets.length > 0)
    aheadMs += passedMs
    sockets.pop()?.destroy()
    await until('it to be gone', () => late.stood.at(-1)?.startsWith('waiting') === true)
    late.device.wake()
  }
  assert.deepEqual(late.stood.slice(0, 4), ['connecting', 'waiting after failing', 'connecting', 'waiting'])
})
