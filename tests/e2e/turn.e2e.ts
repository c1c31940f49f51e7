import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import type { ConversationId } from '@bongsu/protocol'
import { pongMs } from '../../packages/client/src/session.ts'
import { ADMISSION_BOUNDS } from '../../apps/server/src/gateway/admission.ts'
import { by, messages, openBrowser, openContext, openPage, signUp } from './browser.ts'
import { freePort } from './free-port.ts'
import { openRaw } from './raw-socket.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, got, makeDevice, makePeople, openDirect, untilRoom, type Person, type TestDevice } from './world.ts'

// A server that lets one device in each second, others that came first, and one whose turn is awaited here.

interface Crowd {
  readonly site: string
  readonly people: readonly Person[]
  /** A device of the first of them, to talk to the others with. */
  readonly friend: TestDevice
  /** Starts the server anew, letting in one a second, and lets devices of so many people take the first turns. */
  fill(t: TestContext, count: number, room: ConversationId): Promise<ServerProcess>
}

async function gather(t: TestContext, count: number): Promise<Crowd> {
  const port = await freePort()
  const site = `http://localhost:${port}`
  const env = { BONGSU_ORIGINS: site }
  const server = await startServerProcess(t, { port, env })
  const people = await makePeople(server, count)
  const friend = makeDevice(server.url, people[0] as Person)
  await goLive(t, [friend])
  return {
    site,
    people,
    friend,
    async fill(until, fillers, room) {
      const { epoch } = friend.handle.view().replica
      await friend.handle.stop()
      await server.kill()
      const slow = await startServerProcess(until, { port, directory: server.directory, env: { ...env, BONGSU_HELLOS_PER_SECOND: '1' } })
      for (const { token } of people.slice(-fillers)) {
        const raw = await openRaw(until, slow.url, null)
        // As one that can continue: those who cannot wait in a queue of their own.
        raw.say({ t: 'hello', token, epoch, account: 0, cursors: [[room, 1]] })
      }
      return slow
    },
  }
}

interface Said {
  readonly atMs: number
  readonly sentence: string
  readonly tail: string
  readonly buttons: number
}

/** Notes whatever the line on the screen says, from the next load of the page on. */
async function noteLine(page: Page): Promise<() => Promise<readonly Said[]>> {
  await page.addInitScript(() => {
    const notes: Said[] = []
    Object.assign(globalThis, { notes })
    new MutationObserver(() => {
      const line = document.querySelector('[data-testid="room"] [data-testid="connection-line"]')
      const sentence = line?.querySelector('p')?.textContent?.trim() ?? ''
      const tail = line?.querySelector('.connection-next')?.textContent ?? ''
      const last = notes.at(-1)
      if (last?.sentence === sentence && last.tail === tail) return
      notes.push({ atMs: performance.now(), sentence, tail, buttons: line?.querySelectorAll('button').length ?? 0 })
    }).observe(document, { subtree: true, childList: true, characterData: true })
  })
  return () => page.evaluate(() => (globalThis as unknown as { notes: Said[] }).notes)
}

test('[O3, C3] a browser that was given a turn says so, counts down evenly, and goes on by itself', { timeout: 120_000 }, async (t) => {
  const crowd = await gather(t, 13)
  const invite = got(await (crowd.people[0] as Person).api.call('createInvite', { body: { validMs: 3_600_000, uses: 1 } }))
  const { page } = await openPage(await openContext(await openBrowser(t), { width: 1280 }), `${crowd.site}/#/invite/${invite.code}`)
  await by(page, 'invited').waitFor()
  await signUp(page, { handle: 'waiting', displayName: '기다리는 사람', password: '봉수대에 불이 오르면' })
  const waiting = got(await (crowd.people[0] as Person).api.call('lookUpHandle', { body: { handle: 'waiting' } }))
  const room = await openDirect(crowd.people[0] as Person, { accountId: waiting.accountId } as Person)
  await untilRoom(crowd.friend, room)
  await crowd.friend.handle.settled(await crowd.friend.handle.send(room, { kind: 'text', text: '곧 봐요' }))
  await by(page, 'tab-chats').first().click()
  await by(page, 'chat-row').first().click()
  await waitFor('the first message', async () => (await messages(page)).includes('곧 봐요'))

  // Not there while the others come: its turn would be before theirs, and soon.
  const here = page.url()
  await page.goto('about:blank')
  await crowd.fill(t, 12, room)
  const notes = await noteLine(page)
  let sockets = 0
  page.on('websocket', () => sockets++)
  await page.goto(here)
  await by(by(page, 'room'), 'connection-line').waitFor()
  await by(page, 'composer').fill('차례를 기다려요')
  await by(page, 'send').click()
  await page.locator('[data-testid="message"][data-state="waiting"]').waitFor()
  await waitFor('the line to go', async () => (await by(page, 'connection-line').count()) === 0, { withinMs: 30_000 })
  await waitFor('everything to be sent', async () => (await page.locator('[data-testid="message"]:not([data-state="sent"])').count()) === 0)

  const said = (await notes()).filter(({ sentence }) => sentence !== '')
  assert.equal(new Set(said.map(({ sentence }) => sentence)).size, 1, `one sentence from first to last: ${JSON.stringify(said)}`)
  assert.match(said[0]?.sentence ?? '', /차례가 되면 저절로/)
  assert.ok(
    said.every(({ buttons }) => buttons === 0),
    'pressing would not bring it sooner',
  )
  const counted = said.flatMap(({ atMs, tail }) => (/^\d+초/.test(tail) ? [{ atMs, seconds: Number.parseInt(tail) }] : []))
  assert.ok(counted.length >= 5, JSON.stringify(said))
  for (const [index, { atMs, seconds }] of counted.entries()) {
    const before = counted[index - 1]
    if (before === undefined) continue
    assert.equal(seconds, before.seconds - 1, 'no number twice, none left out')
    // Of the first only the rest of its second is seen.
    const lastedMs = atMs - before.atMs
    assert.ok(lastedMs < 1_700 && (index === 1 || lastedMs > 300), `${before.seconds} was shown for ${Math.round(lastedMs)} ms`)
  }
  assert.ok(sockets <= 2, `one try, and one at its turn: ${sockets}`)
  assert.ok((await messages(page)).includes('차례를 기다려요'))
})

for (const [ahead, what] of [
  [2, 'held'],
  [4, 'told its turn'],
  [10, 'told a late turn'],
] as const) {
  test(`[O3, C4] a device that is woken again and again while its hello is ${what} keeps its turn`, { timeout: 60_000 }, async (t) => {
    assert.ok(ADMISSION_BOUNDS.holdMs + 100 < pongMs, 'no hello is held for longer than a woken device waits')
    const crowd = await gather(t, 2 + ahead)
    const mine = crowd.people[1] as Person
    const device = makeDevice(crowd.site, mine)
    const room = await openDirect(crowd.people[0] as Person, mine)
    await goLive(t, [device])
    await untilRoom(device, room)
    await device.handle.stop()
    await crowd.fill(t, ahead, room)
    const refusedBefore = device.tap.refused.length
    const startedAt = performance.now()
    await device.handle.start()
    // The first is let in at once, and one more each second.
    while (device.handle.view().connection.state !== 'live') {
      device.handle.wake()
      await pause(50)
      assert.ok(performance.now() - startedAt < 15_000, device.handle.view().connection.state)
    }
    const tookMs = performance.now() - startedAt
    t.diagnostic(`live after ${Math.round(tookMs)} ms`)
    // Who loses a turn waits for as long again, and longer with each wake.
    assert.ok(tookMs < ahead * 1_000 + 3_500, `${Math.round(tookMs)} ms`)
    assert.equal(device.tap.refused.length, refusedBefore, 'it waits on its connection')
  })
}
