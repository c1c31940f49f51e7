import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ConversationId } from '@bongsu/protocol'
import type { Page } from 'playwright-core'
import { by, openBrowser, openContext, openPage } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, makeDevice, makeGroup, makePeople, PASSWORD, untilRoom, type TestDevice } from './world.ts'

interface Scene {
  readonly page: Page
  readonly faults: string[]
  readonly room: ConversationId
  /** A second room, without messages. */
  readonly other: ConversationId
  readonly writer: TestDevice
}

/** A reader in a browser, and a writer who has said `said` messages that the reader has not seen. */
async function setScene(t: TestContext, said: number, width: 360 | 1280 = 1280): Promise<Scene> {
  const server = await startServerProcess(t)
  const [reader, other] = await makePeople(server, 2)
  assert.ok(reader !== undefined && other !== undefined)
  const room = await makeGroup(other, '마을', [reader])
  const second = await makeGroup(other, '다른 방', [reader])
  const writer = makeDevice(server.url, other)
  await goLive(t, [writer])
  await untilRoom(writer, room)
  await say(writer, room, 1, said)
  const context = await openContext(await openBrowser(t), { width })
  const { page, faults } = await openPage(context, `${server.url.replace('127.0.0.1', 'localhost')}/`)
  await by(page, 'handle').fill(reader.profile.handle)
  await by(page, 'password').fill(PASSWORD)
  await by(page, 'submit').click()
  await by(page, 'tab-chats').first().click()
  return { page, faults, room, other: second, writer }
}

/** Says the numbers from..to as texts, at most a few at a time. */
async function say({ handle }: TestDevice, room: ConversationId, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    const id = await handle.send(room, { kind: 'text', text: `글 ${n}` })
    if (n % 20 === 0 || n === to) await handle.settled(id)
  }
}

async function openRoom(page: Page, room: ConversationId): Promise<void> {
  await page.locator(`[data-conversation="${room}"]`).click()
  await by(page, 'message').first().waitFor()
  await page.waitForTimeout(800)
}

/** The badge of the room in the list; 0 without one. */
async function unread(page: Page, room: ConversationId): Promise<number> {
  const [badge] = await page.locator(`[data-conversation="${room}"] .badge [aria-hidden]`).allTextContents()
  return Number(badge ?? 0)
}

/** Numbers of the messages that are wholly in view. */
async function inView(page: Page): Promise<number[]> {
  return by(page, 'log').evaluate((log) => {
    const { top, bottom } = log.getBoundingClientRect()
    return [...log.querySelectorAll('[data-testid="message"]')].flatMap((row) => {
      const edges = row.getBoundingClientRect()
      const number = /글 (\d+)/.exec(row.querySelector('.bubble')?.textContent ?? '')?.[1]
      return edges.top >= top - 4 && edges.bottom <= bottom + 4 && number !== undefined ? [Number(number)] : []
    })
  })
}

/** Another window of the machine has the focus, or gives it back. */
async function focus(page: Page, has: boolean): Promise<void> {
  await page.evaluate((is) => {
    document.hasFocus = () => is
    dispatchEvent(new Event(is ? 'focus' : 'blur'))
  }, has)
}

test('[R5] nothing is read while the entries after the last read one cannot be loaded', { timeout: 120_000 }, async (t) => {
  const { page, room, faults } = await setScene(t, 300)
  await waitFor('the badge', async () => (await unread(page, room)) === 300)
  await page.route('**/entries*', (route) => route.abort())
  await openRoom(page, room)
  assert.ok((await inView(page)).includes(300))
  // A page that is still on its way would fail the jump too.
  await page.locator('[data-testid="older-line"][data-state="failed"]').waitFor({ state: 'attached' })
  await page.waitForTimeout(800)
  assert.equal(await unread(page, room), 300)
  await page.unroute('**/entries*')
  await by(page, 'to-line').click()
  await waitFor('the first unread message', async () => (await inView(page)).includes(1))
  // The line with the way to the newest takes up to two messages out of a view in which they were read.
  await waitFor('what is in view to be read', async () => (await unread(page, room)) < 300)
  await page.waitForTimeout(600)
  const read = 300 - (await unread(page, room)) - ((await inView(page)).at(-1) ?? 0)
  assert.ok(read >= 0 && read <= 2, String(read))
  assert.deepEqual(faults, [])
})

test('[R5] a room with many unread opens where reading stopped, and its number falls as the view moves', { timeout: 120_000 }, async (t) => {
  const scene = await setScene(t, 300)
  const { page, room, faults } = scene
  await waitFor('the badge', async () => (await unread(page, room)) > 0)
  await openRoom(page, room)
  const first = await inView(page)
  assert.ok(first.includes(1) && first.length >= 5, `in view: ${first.join()}`)
  const last = first.at(-1) ?? 0
  await waitFor('what is in view to be read', async () => (await by(page, 'to-latest').getAttribute('data-count')) === String(300 - last))
  await page.waitForTimeout(600)
  assert.equal(await by(page, 'to-latest').getAttribute('data-count'), String(300 - last), 'nothing else is read')
  await by(page, 'log').hover()
  await page.mouse.wheel(0, 600)
  await page.waitForTimeout(600)
  const next = (await inView(page)).at(-1) ?? 0
  assert.ok(next > last && next < 60)
  assert.equal(await by(page, 'to-latest').getAttribute('data-count'), String(300 - next))
  // The same over a reload: what was read was told.
  await page.waitForTimeout(600)
  await page.reload()
  await by(page, 'message').first().waitFor()
  await page.waitForTimeout(800)
  assert.ok((await inView(page)).includes(next), 'the room opens at the same place')
  // The way to the end and back.
  await by(page, 'to-latest').click()
  await waitFor('everything to be read', async () => (await unread(page, room)) === 0)
  assert.ok((await inView(page)).includes(300))
  await by(page, 'to-line').click()
  await by(page, 'read-line').waitFor()
  assert.deepEqual(faults, [])
})

test('[R5] what comes while the window is not in front is unread, and stands below a line', { timeout: 120_000 }, async (t) => {
  const { page, room, writer, faults } = await setScene(t, 3)
  await openRoom(page, room)
  await waitFor('everything to be read', async () => (await unread(page, room)) === 0)
  await focus(page, false)
  await say(writer, room, 4, 63)
  await waitFor('60 unread', async () => (await unread(page, room)) === 60)
  await focus(page, true)
  await page.waitForTimeout(600)
  await by(page, 'read-line').waitFor()
  const seen = await inView(page)
  assert.ok(seen.includes(4), `the first unseen is in view: ${seen.join()}`)
  assert.equal(await unread(page, room), 63 - (seen.at(-1) ?? 0))
  // A text that comes now does not move the reader.
  await say(writer, room, 64, 64)
  await waitFor('one more', async () => (await unread(page, room)) === 64 - (seen.at(-1) ?? 0))
  assert.deepEqual(await inView(page), seen)
  await by(page, 'read-all').click()
  await waitFor('everything to be read', async () => (await unread(page, room)) === 0)
  assert.deepEqual(await inView(page), seen, 'marking as read does not move the reader')
  assert.deepEqual(faults, [])
})

test('[R5] what comes behind a sheet is unread when the sheet closes', { timeout: 120_000 }, async (t) => {
  const { page, room, writer, faults } = await setScene(t, 3)
  await openRoom(page, room)
  await waitFor('everything to be read', async () => (await unread(page, room)) === 0)
  await by(page, 'room-menu').click()
  await by(page, 'members').waitFor()
  // One by one, so that each fits into the view when it comes.
  for (let seq = 4; seq <= 43; seq++) await say(writer, room, seq, seq)
  await waitFor('40 unread', async () => (await unread(page, room)) === 40)
  await page.keyboard.press('Escape')
  await page.waitForTimeout(600)
  await by(page, 'read-line').waitFor()
  const seen = await inView(page)
  assert.ok(seen.includes(4), `the first unseen is in view: ${seen.join()}`)
  assert.equal(await unread(page, room), 43 - (seen.at(-1) ?? 0))
  assert.deepEqual(faults, [])
})

test('[R5] a burst that does not fit into the view is not read by arriving', { timeout: 120_000 }, async (t) => {
  const { page, room, writer, faults } = await setScene(t, 3, 360)
  await openRoom(page, room)
  await page.waitForTimeout(600)
  await page.context().setOffline(true)
  await say(writer, room, 4, 80)
  await page.context().setOffline(false)
  await waitFor('the way to the newest', async () => Number(await by(page, 'to-latest').getAttribute('data-count')) > 0, { withinMs: 30_000 })
  await page.waitForTimeout(800)
  const seen = await inView(page)
  assert.ok(seen.includes(4), `the first unseen is in view: ${seen.join()}`)
  assert.equal(await by(page, 'to-latest').getAttribute('data-count'), String(80 - (seen.at(-1) ?? 0)))
  assert.deepEqual(faults, [])
})

test('[R6] the place in a room is kept over other rooms and over a reload', { timeout: 120_000 }, async (t) => {
  const { page, room, other, faults } = await setScene(t, 200)
  await openRoom(page, room)
  await by(page, 'to-latest').click()
  await page.waitForTimeout(500)
  await by(page, 'log').hover()
  for (let turn = 0; turn < 4; turn++) {
    await page.mouse.wheel(0, -700)
    await page.waitForTimeout(200)
  }
  await page.waitForTimeout(300)
  const place = await inView(page)
  assert.ok((place.at(-1) ?? 0) < 195 && (place[0] ?? 0) > 1, `in view: ${place.join()}`)
  await page.locator(`[data-conversation="${other}"]`).click()
  await page.waitForTimeout(300)
  await page.locator(`[data-conversation="${room}"]`).click()
  const isThere = async (): Promise<boolean> => (await inView(page))[0] === place[0]
  await waitFor(() => `the place ${place.join()}`, isThere)
  await page.reload()
  await waitFor(() => `the place ${place.join()} after the reload`, isThere)
  assert.deepEqual(faults, [])
})

/** The place that this tab remembers in the room. */
async function remember(page: Page, room: ConversationId, seq: number): Promise<void> {
  // The leaving page stores its own place, so the next one replaces it before the app reads it.
  await page.addInitScript((place) => sessionStorage.setItem('bongsu.places', JSON.stringify([place])), [room, seq, 0] as const)
}

test('[R6] a remembered place that is not there opens the room at its end', { timeout: 120_000 }, async (t) => {
  const { page, room, faults } = await setScene(t, 60)
  await openRoom(page, room)
  await by(page, 'to-latest').click()
  await waitFor('everything to be read', async () => (await unread(page, room)) === 0)
  await page.waitForTimeout(600)
  // As after a second invite: the place is from before the person joined anew.
  await remember(page, room, -5)
  await page.reload()
  await by(page, 'message').first().waitFor()
  await page.waitForTimeout(800)
  const seen = await inView(page)
  assert.ok(seen.includes(60), `in view: ${seen.join()}`)
  assert.deepEqual(faults, [])
})

test('[R6] a room that is loaded anew while it is open does not go back to where it was opened', { timeout: 120_000 }, async (t) => {
  const { page, room, faults } = await setScene(t, 200)
  await openRoom(page, room)
  await by(page, 'to-latest').click()
  await waitFor('everything to be read', async () => (await unread(page, room)) === 0)
  await page.waitForTimeout(600)
  await remember(page, room, 120)
  // Rooms are compared with the server every 1.5 s instead of once a minute.
  await page.addInitScript(() => {
    const later = setTimeout
    Math.random = () => 0.5
    Object.assign(globalThis, { setTimeout: (run: () => void, ms: number) => later(run, ms === 60_000 || ms === 30_000 ? 1_500 : ms) })
  })
  await page.reload()
  await waitFor('the place', async () => ((place) => place.includes(120) && !place.includes(200))(await inView(page)))
  await page.waitForTimeout(800)
  await by(page, 'to-latest').click()
  await waitFor('the end', async () => (await inView(page)).includes(200))
  // One message is missing in the store, which a comparison finds.
  const isStored = (erase: boolean): Promise<boolean> =>
    page.evaluate(
      ([conversationId, erases]) =>
        new Promise<boolean>((resolve) => {
          const opening = indexedDB.open('bongsu')
          opening.addEventListener('success', () => {
            const entries = opening.result.transaction('entries', 'readwrite').objectStore('entries')
            const counting = entries.count([conversationId, 198])
            if (erases) entries.delete([conversationId, 198])
            counting.addEventListener('success', () => {
              opening.result.close()
              resolve(counting.result === 1)
            })
          })
        }),
      [room, erase] as const,
    )
  assert.equal(await isStored(true), true)
  await waitFor('the room to be loaded anew', () => isStored(false), { withinMs: 30_000 })
  for (let look = 0; look < 10; look++) {
    await page.waitForTimeout(200)
    const seen = await inView(page)
    assert.ok(seen.length === 0 || seen.includes(200), `in view: ${seen.join()}`)
  }
  assert.deepEqual(faults, [])
})
