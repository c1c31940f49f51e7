import assert from 'node:assert/strict'
import { test } from 'node:test'
import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { by, openBrowser, openContext, openPage } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { goLive, got, makeDevice, makeGroup, makePeople, PASSWORD, untilRoom } from './world.ts'

/** What axe-core finds on the screen that keeps somebody from using it. @param rules all when left out. */
async function findings(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  // Colours are compared when they have arrived. A change begins with the next frame.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'))
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source)
  const { violations } = await page.evaluate(async (only): Promise<AxeResults> => {
    const { axe: engine } = globalThis as unknown as { readonly axe: typeof axe }
    return engine.run(document, { resultTypes: ['violations'], ...(only === undefined ? {} : { runOnly: [...only] }) })
  }, rules)
  return violations.flatMap(({ id, impact, nodes }) =>
    impact === 'serious' || impact === 'critical' ? nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`) : [],
  )
}

for (const width of [360, 1280] as const) {
  test(`[C27] axe-core finds nothing serious on the main screens, by day and by night: ${width} px`, { timeout: 180_000 }, async (t) => {
    const server = await startServerProcess(t)
    const [reader, other, third] = await makePeople(server, 3)
    assert.ok(reader !== undefined && other !== undefined && third !== undefined)
    const room = await makeGroup(other, '첫째 방', [reader, third])
    const writer = makeDevice(server.url, other)
    await goLive(t, [writer])
    await untilRoom(writer, room)
    for (const text of ['안녕하세요', 'https://example.kr 를 보세요', '😀'])
      await writer.handle.settled(await writer.handle.send(room, { kind: 'text', text }))
    const { code } = got(await other.api.call('createInvite', { body: { validMs: 3_600_000, uses: 1 } }))
    const site = server.url.replace('127.0.0.1', 'localhost')
    const context = await openContext(await openBrowser(t), { width })
    const { page, faults } = await openPage(context, `${site}/#/invite/${code}`)

    const found: string[] = []
    const check = async (screen: string): Promise<void> => {
      for (const finding of await findings(page)) found.push(`${screen}: ${finding}`)
      // The night has the same elements in other colours.
      await page.emulateMedia({ colorScheme: 'dark' })
      for (const finding of await findings(page, ['color-contrast'])) found.push(`${screen}, by night: ${finding}`)
      await page.emulateMedia({ colorScheme: 'light' })
    }
    const close = async (sheet: string): Promise<void> => {
      await page.keyboard.press('Escape')
      await by(page, sheet).waitFor({ state: 'detached' })
    }
    await by(page, 'invited').waitFor()
    await check('joining')
    await by(page, 'submit').click()
    await check('joining, with faults')
    await by(page, 'to-sign-in').click()
    await by(page, 'handle').fill(reader.profile.handle)
    await check('signing in')
    await by(page, 'password').fill(PASSWORD)
    await by(page, 'submit').click()

    await by(page, 'tab-friends').first().click()
    await by(page, 'friend-row').first().waitFor()
    await check('friends')
    await by(page, 'friend-row').first().click()
    await by(page, 'profile-sheet').waitFor()
    await check('a profile')
    await by(page, 'remove-friend').click()
    await by(page, 'confirm').waitFor()
    await check('a question')
    await close('confirm')
    await close('profile-sheet')
    await by(page, 'invites').click()
    await by(page, 'make-invite').click()
    await by(page, 'invite-link').waitFor()
    await check('invites')
    await close('invites-sheet')
    await by(page, 'tab-chats').first().click()
    await by(page, 'chat-row').first().waitFor()
    await check('chats')
    await by(page, 'new-group').first().click()
    await by(page, 'picker-row').first().click()
    await check('a new group')
    await page.keyboard.press('Escape')

    await page.locator(`[data-conversation="${room}"]`).click()
    await by(page, 'message').last().waitFor()
    await by(page, 'composer').fill('@사람')
    await by(page, 'mention-option').first().waitFor()
    await check('a room, with somebody being mentioned')
    await by(page, 'composer').fill('쓰던 글')
    await check('a room')
    await by(page, 'message').first().focus()
    await page.keyboard.press('Enter')
    await by(page, 'message-menu').waitFor()
    await check('the menu of a message')
    await by(page, 'menu-details').click()
    await by(page, 'message-details').waitFor()
    await by(page, 'reader').first().waitFor()
    await check('the details of a message')
    await close('message-details')
    await by(page, 'emoji-button').click()
    await by(page, 'emoji-picker').waitFor()
    await check('emoji')
    await page.keyboard.press('Escape')
    await by(page, 'room-menu').click()
    await by(page, 'member-row').first().waitFor()
    await check('members')
    await close('room-sheet')
    if (width === 360) await by(page, 'back').click()
    await by(page, 'tab-settings').first().click()
    await by(page, 'password-fold').locator('summary').click()
    await check('settings')
    assert.deepEqual(found, [])
    assert.deepEqual(faults, [])
  })
}
