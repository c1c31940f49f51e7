import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { by, picture, openBrowser, openContext, openPage, signUp } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { makeDevice, goLive, makePeople, openDirect, untilRoom, type Person } from './world.ts'

/** A page without a service worker, in a room with a friend, whose further files do not come while `broken` holds. */
async function openWithoutParts(t: TestContext): Promise<{ readonly page: Page; readonly faults: string[]; readonly breaks: (is: boolean) => void }> {
  const server = await startServerProcess(t)
  const [admin] = (await makePeople(server, 1)) as [Person]
  const invite = await admin.api.call('createInvite', { body: { validMs: 3_600_000, uses: 1 } })
  assert.ok(invite.ok)
  const browser = await openBrowser(t)
  const context = await openContext(browser, { width: 1280 })
  // An installation without a service worker, as on plain HTTP in a home network.
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined }))
  await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'))
  let broken = false
  await context.route('**/assets/*.js', (route) => (broken ? route.abort('connectionreset') : route.continue()))
  const { page, faults } = await openPage(context, `${server.url.replace('127.0.0.1', 'localhost')}/#/invite/${invite.value.code}`)
  await by(page, 'invited').waitFor()
  await signUp(page, { handle: 'guest', displayName: '손님', password: '봉수대에 불이 오르면' })
  const device = makeDevice(server.url, admin)
  await goLive(t, [device])
  const guest = await admin.api.call('lookUpHandle', { body: { handle: 'guest' } })
  assert.ok(guest.ok)
  const room = await openDirect(admin, { accountId: guest.value.accountId } as Person)
  await untilRoom(device, room)
  await device.handle.settled(await device.handle.send(room, { kind: 'text', text: '안녕하세요' }))
  await by(page, 'tab-chats').first().click()
  await by(page, 'chat-row').first().click()
  await by(page, 'message').first().waitFor()
  return { page, faults, breaks: (is) => void (broken = is) }
}

test('[C9] a part that does not come says so in its place and is tried again; the app stays', { timeout: 120_000 }, async (t) => {
  const { page, faults, breaks } = await openWithoutParts(t)
  const tab = (name: string) => by(page, `tab-${name}`).first()
  const parts: readonly (readonly [what: string, open: () => Promise<void>, there: string])[] = [
    ['emoji', () => by(page, 'emoji-button').click(), '[data-testid="emoji-picker"]'],
    ['message menu', () => by(page, 'message').first().click({ button: 'right' }), '[data-testid="message-menu"]'],
    ['room sheet', () => by(page, 'room-menu').first().click(), '[data-testid="room-sheet"]'],
    ['new group', () => by(page, 'new-group').first().click(), '[data-testid="new-group-sheet"]'],
    // Adding a friend and profiles are in the same file.
    ['invites', async () => (await tab('friends').click(), await by(page, 'invites').click()), '[data-testid="invites-sheet"]'],
    ['settings', () => tab('settings').click(), '[data-testid="device-row"]'],
  ]
  for (const [what, open, there] of parts) {
    breaks(true)
    await open()
    await by(page, 'part-failed').waitFor()
    assert.ok(await tab('chats').isVisible(), `${what}: the app is there`)
    assert.equal(await by(page, 'part-failed').getAttribute('data-replaced'), 'false')
    await by(page, 'part-retry').click()
    await by(page, 'part-failed').waitFor()
    breaks(false)
    await by(page, 'part-retry').click()
    await page.locator(there).first().waitFor()
    assert.equal(await by(page, 'part-failed').count(), 0, what)
    await page.keyboard.press('Escape')
    await page
      .locator(there)
      .first()
      .waitFor({ state: what === 'settings' ? 'visible' : 'hidden' })
  }
  assert.deepEqual(faults, [])
})

test('[C9] a screen that fails says so in its place, with a way out, and the rest stays', { timeout: 120_000 }, async (t) => {
  const { page } = await openWithoutParts(t)
  // The room and the settings write a month as a word; the list does not.
  const fails = (is: boolean): Promise<void> =>
    page.evaluate((broken) => {
      const real = ((globalThis as unknown as { real?: typeof Intl.DateTimeFormat }).real ??= Intl.DateTimeFormat)
      Object.assign(globalThis, { real })
      const failing = function (locale: string, options: Intl.DateTimeFormatOptions) {
        if (options.month === 'long') throw new Error('a broken screen')
        return new real(locale, options)
      }
      Intl.DateTimeFormat = broken ? (failing as unknown as typeof real) : real
    }, is)
  await page.setViewportSize({ width: 360, height: 760 })
  await page.evaluate(() => {
    location.hash = '#/chats'
    location.reload()
  })
  await by(page, 'chat-row').first().waitFor()
  await fails(true)
  await by(page, 'chat-row').first().click()
  await by(page, 'part-failed').waitFor()
  await picture(page, 'part-broken-360')
  await by(page, 'part-out').click()
  await by(page, 'chat-row').first().waitFor()
  await page.setViewportSize({ width: 1280, height: 800 })
  await by(page, 'chat-row').first().click()
  await by(page, 'part-failed').waitFor()
  assert.ok(await by(page, 'chat-row').first().isVisible())
  await picture(page, 'part-broken-1280')
  await fails(false)
  await by(page, 'part-retry').click()
  await by(page, 'message').first().waitFor()
  assert.equal(await by(page, 'part-failed').count(), 0)
})

test('[C9] a part that is gone after an upgrade is said to need a reload, and the draft stays', { timeout: 120_000 }, async (t) => {
  const { page, breaks } = await openWithoutParts(t)
  await by(page, 'composer').fill('아직 안 보낸 글')
  // The new version: the page names other files, and the old ones are gone.
  await page.route('**/index.html?*', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<script type="module" src="/assets/index-NEW.js"></script>' }),
  )
  breaks(true)
  await by(page, 'room-menu').first().click()
  await page.locator('[data-testid="part-failed"][data-replaced="true"]').waitFor()
  breaks(false)
  await by(page, 'part-reload').click()
  await by(page, 'composer').waitFor()
  assert.equal(await by(page, 'composer').inputValue(), '아직 안 보낸 글')
})

test('[WEB] beside an empty list stands what a person can do next', { timeout: 90_000 }, async (t) => {
  const server = await startServerProcess(t)
  const browser = await openBrowser(t)
  const link = `${server.url.replace('127.0.0.1', 'localhost')}/#/invite/${server.firstAdminCode}`
  const { page, faults } = await openPage(await openContext(browser, { width: 1280 }), link)
  await signUp(page, { handle: 'keeper', displayName: '봉수지기', password: '봉수대에 불이 오르면' })
  for (const tab of ['friends', 'chats']) {
    await by(page, `tab-${tab}`).first().click()
    await page.locator('.main-pane .empty-about').filter({ hasText: '초대해' }).waitFor()
    await picture(page, `no-room-${tab}`)
  }
  assert.deepEqual(faults, [])
})
