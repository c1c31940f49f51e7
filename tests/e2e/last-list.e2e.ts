import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { by, openBrowser, openContext, openPage, picture, signUp } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'

const PASSWORD = '봉수대에 불이 오르면'
const kept = (page: Page): Promise<string | null> => page.evaluate(() => localStorage.getItem('bongsu.list'))

test('[C21] the first screen needs one file of the app', { timeout: 90_000 }, async (t) => {
  const server = await startServerProcess(t)
  const page = await (await openContext(await openBrowser(t), { width: 360 })).newPage()
  const scripts: string[] = []
  page.on(
    'request',
    (request) => void (request.resourceType() === 'script' && scripts.push(new URL(request.url()).pathname.replace(/-[\w-]{8}\./, '.'))),
  )
  await page.goto(`${server.url.replace('127.0.0.1', 'localhost')}/#/invite/${server.firstAdminCode}`, { waitUntil: 'networkidle' })
  await by(page, 'submit').waitFor()
  assert.deepEqual(scripts.toSorted(), ['/assets/index.js', '/first-paint.js'])
})

for (const width of [360, 1280] as const) {
  test(`[C5] before the app is there, the list of chats stands as it was last seen (${width} px)`, { timeout: 90_000 }, async (t) => {
    const server = await startServerProcess(t)
    const site = server.url.replace('127.0.0.1', 'localhost')
    const { page, faults } = await openPage(await openContext(await openBrowser(t), { width }), `${site}/#/invite/${server.firstAdminCode}`)
    await signUp(page, { handle: 'keeper', displayName: '봉수지기', password: PASSWORD })
    await by(page, 'tab-friends').first().click()
    await by(page, 'self-row').click()
    await by(page, 'start-chat').click()
    await by(page, 'composer').fill('비상 연락망 확인')
    await by(page, 'send').click()
    await by(page, 'message').first().waitFor()
    await page.goto(`${site}/#/chats`)
    await waitFor('the list to be kept', async () => ((await kept(page)) ?? '').includes('비상 연락망 확인'))

    // The program does not come, from no cache either.
    await page.evaluate(async () => {
      for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister()
    })
    const [asks, never] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await page.route(/\/assets\/index-[^/]*\.js$/, async (route) => {
      asks.resolve()
      await never.promise
      await route.continue()
    })
    await page.goto(site, { waitUntil: 'commit' })
    await asks.promise
    const last = page.locator('#last-list')
    await last.locator('a.row').first().waitFor()
    assert.match((await last.textContent()) ?? '', /비상 연락망 확인/)
    assert.equal(await by(page, 'chat-row').count(), 0)
    assert.notEqual(await last.getAttribute('inert'), null)
    await picture(page, `last-list-${width}`)
    const before = await last.locator('a.row').first().boundingBox()

    never.resolve()
    await by(page, 'chat-row').first().waitFor()
    assert.equal(await last.count(), 0)
    // One takes the place of the other: nothing jumps.
    assert.deepEqual(await by(page, 'chat-row').first().boundingBox(), before)
    await page.unroute(/\/assets\/index-[^/]*\.js$/)

    // Whoever signs out leaves nothing to see.
    await by(page, 'tab-settings').first().click()
    await by(page, 'sign-out').click()
    await by(page, 'confirm-action').click()
    await by(page, 'submit').waitFor()
    assert.equal(await kept(page), null)
    assert.deepEqual(faults, [])
  })
}
