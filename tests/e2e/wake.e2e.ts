import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import type { ConversationId } from '@bongsu/protocol'
import { by, messages, openContext, openPage, signUp } from './browser.ts'
import { startFaultProxy, type FaultProxy } from '../../apps/server/src/conformance/fault-proxy.ts'
import { freePort } from './free-port.ts'
import { readMetric } from './read-metric.ts'
import { openSleepingBrowser } from './sleeping-browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, makeDevice, makePeople, openDirect, untilRoom, type Person, type TestDevice } from './world.ts'

// A real browser sleeps; its line dies without a word; somebody writes; it wakes.

/** The longer form for drills is 600. */
const ASLEEP_SECONDS = Number(process.env['ASLEEP_SECONDS'] ?? '5')
const WAKE_MS = 5_000

interface Sleeper {
  readonly page: Page
  readonly proxy: FaultProxy
  readonly friend: TestDevice
  readonly room: ConversationId
  sleep(stops: 'page' | 'machine'): Promise<void>
  wake(): void
  /** By the server's own figures: the friend's, and the sleeper's while it believes in it. */
  connections(): Promise<number>
}

/** One person in a browser behind a proxy, in a room with another who is not behind it. */
async function layDown(t: TestContext, heartbeatMs: number): Promise<Sleeper> {
  const port = await freePort()
  const proxy = await startFaultProxy(t, port)
  const site = `http://localhost:${proxy.port}`
  const server = await startServerProcess(t, { port, env: { BONGSU_HEARTBEAT_MS: String(heartbeatMs), BONGSU_ORIGINS: site } })
  const [friendly] = (await makePeople(server, 1)) as [Person]
  const invite = await friendly.api.call('createInvite', { body: { validMs: 3_600_000, uses: 1 } })
  assert.ok(invite.ok)
  const sleeping = await openSleepingBrowser(t)
  const { page } = await openPage(await openContext(sleeping.browser, { width: 360 }), `${site}/#/invite/${invite.value.code}`)
  await by(page, 'invited').waitFor()
  await signUp(page, { handle: 'sleeper', displayName: '잠든 사람', password: '봉수대에 불이 오르면' })

  const friend = makeDevice(server.url, friendly)
  await goLive(t, [friend])
  const sleeper = await friendly.api.call('lookUpHandle', { body: { handle: 'sleeper' } })
  assert.ok(sleeper.ok)
  const room = await openDirect(friendly, { accountId: sleeper.value.accountId } as Person)
  await untilRoom(friend, room)
  await friend.handle.settled(await friend.handle.send(room, { kind: 'text', text: '자기 전에' }))
  await by(page, 'tab-chats').first().click()
  await by(page, 'chat-row').first().click()
  await waitFor('the first message', async () => (await messages(page)).includes('자기 전에'))
  const connections = (): Promise<number> => readMetric(server.url, 'bongsu_connections')
  return { page, proxy, friend, room, sleep: (stops) => sleeping.sleep(stops), wake: () => sleeping.wake(), connections }
}

/** The line says nothing any more and nobody is told; then the friend writes. @returns what must be on the screen after waking. */
async function whileAsleep({ proxy, friend, room }: Sleeper, seconds: number): Promise<readonly string[]> {
  for (const line of proxy.lines) line.silence('both')
  const texts = ['자는 동안 1', '자는 동안 2', '자는 동안 3']
  for (const text of texts) assert.ok((await friend.handle.settled(await friend.handle.send(room, { kind: 'text', text }))).accepted)
  await pause(seconds * 1_000)
  return ['자기 전에', ...texts]
}

/** Live and complete: everything is there, nothing says that the connection is gone, and what the person writes now is sent. @returns after how long. */
async function untilAwake({ page, friend, room }: Sleeper, texts: readonly string[], wokenAt: number): Promise<number> {
  await waitFor(
    'everything to be there after waking',
    async () => JSON.stringify(await messages(page)) === JSON.stringify(texts) && (await by(page, 'connection-line').count()) === 0,
    { withinMs: 40_000, everyMs: 20 },
  )
  const aliveMs = performance.now() - wokenAt
  await by(page, 'composer').fill('일어났어요')
  await by(page, 'send').click()
  await waitFor('the friend to hear', () =>
    friend.handle
      .view()
      .replica.rooms.get(room)
      ?.entries.some(({ body }) => body.kind === 'text' && body.text === '일어났어요'),
  )
  return aliveMs
}

interface Night {
  readonly what: string
  /** Stops the page alone, or every process of the browser. */
  readonly stops: 'page' | 'machine'
  readonly heartbeatMs: number
  readonly givenUp: boolean
}

/** The longest that a goodbye to a socket that says nothing takes. */
const GOODBYE_MS = 10_000

const NIGHTS: readonly Night[] = [
  // The server believes in the connection all the while.
  { what: 'in front of a machine asleep', stops: 'machine', heartbeatMs: 25_000, givenUp: ASLEEP_SECONDS > 65 },
  // The server gave it up long before, as after ten minutes with the heartbeat as it is by default.
  { what: 'frozen, and given up by the server,', stops: 'page', heartbeatMs: 1_000, givenUp: true },
]

for (const { what, stops, heartbeatMs, givenUp } of NIGHTS) {
  test(`[C4, D2] an app that was ${what} for ${ASLEEP_SECONDS} s is live and complete within 5 s of waking`, async (t) => {
    const sleeper = await layDown(t, heartbeatMs)
    await sleeper.sleep(stops)
    const texts = await whileAsleep(sleeper, ASLEEP_SECONDS)
    if (givenUp) await waitFor('the server to give it up', async () => (await sleeper.connections()) === 1, { withinMs: GOODBYE_MS, everyMs: 100 })
    else assert.equal(await sleeper.connections(), 2)
    const wokenAt = performance.now()
    sleeper.wake()
    const aliveMs = await untilAwake(sleeper, texts, wokenAt)
    t.diagnostic(`${ASLEEP_SECONDS} s on a line that died silently, heartbeat ${heartbeatMs} ms: live and complete after ${Math.round(aliveMs)} ms`)
    assert.ok(aliveMs <= WAKE_MS, `${Math.round(aliveMs)} ms`)
  })
}
