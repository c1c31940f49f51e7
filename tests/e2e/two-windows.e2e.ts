import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { by, messages, openBrowser, openContext, openPage, signUp } from './browser.ts'
import { startServerProcess } from './server-process.ts'

const PASSWORD = '봉수대에 불이 오르면'

/** A browser in which somebody is signed in, with the conversation with themselves on the screen. */
async function openFirst(t: TestContext): Promise<{ context: BrowserContext; page: Page; faults: string[]; site: string }> {
  const server = await startServerProcess(t)
  const site = server.url.replace('127.0.0.1', 'localhost')
  const context = await openContext(await openBrowser(t), { width: 1280 })
  const { page, faults } = await openPage(context, `${site}/#/invite/${server.firstAdminCode}`)
  await signUp(page, { handle: 'keeper', displayName: '봉수지기', password: PASSWORD })
  await by(page, 'tab-friends').first().click()
  await by(page, 'self-row').click()
  await by(page, 'start-chat').click()
  await say(page, '첫 창')
  return { context, page, faults, site }
}

async function say(page: Page, text: string): Promise<void> {
  await by(page, 'composer').fill(text)
  await by(page, 'send').click()
  await page.locator('[data-testid="message"][data-state="sent"]').filter({ hasText: text }).waitFor()
}

test(
  '[M6, C3] of two windows one is the device: the one that was asked last, and what both wrote stands once and in order',
  { timeout: 90_000 },
  async (t) => {
    const { context, page: first, faults } = await openFirst(t)
    const { page: second, faults: others } = await openPage(context, first.url())
    await by(second, 'use-here').click()
    await by(first, 'use-here').waitFor()
    await by(second, 'message').first().waitFor()
    await say(second, '둘째 창')
    await by(first, 'use-here').click()
    await by(second, 'use-here').waitFor()
    await by(first, 'message').first().waitFor()
    await say(first, '다시 첫 창')
    assert.deepEqual(await messages(first), ['첫 창', '둘째 창', '다시 첫 창'])
    assert.deepEqual([...faults, ...others], [])
  },
)

test('[C17] a window that was passed over goes on by itself when the other one is closed', { timeout: 90_000 }, async (t) => {
  const { context, page: first, faults } = await openFirst(t)
  const { page: second } = await openPage(context, first.url())
  const { page: third } = await openPage(context, first.url())
  await by(third, 'use-here').waitFor()
  await by(second, 'use-here').click()
  await by(first, 'use-here').waitFor()
  await by(second, 'message').first().waitFor()
  await by(third, 'use-here').click()
  await by(second, 'use-here').waitFor()
  await third.close()
  await second.close()
  await by(first, 'message').first().waitFor()
  await say(first, '다시 혼자')
  assert.deepEqual(faults, [])
})

test('[C17] a window that is reloaded stays the device', { timeout: 90_000 }, async (t) => {
  const { context, page: first, faults } = await openFirst(t)
  const { page: second, faults: others } = await openPage(context, first.url())
  await by(second, 'use-here').waitFor()
  for (let turn = 0; turn < 3; turn++) {
    await first.reload()
    await by(first, 'message').first().waitFor()
  }
  await say(first, '아직 첫 창')
  assert.equal(await by(second, 'use-here').count(), 1)
  assert.deepEqual([...faults, ...others], [])
})

test(
  '[C3] a window that is passed over while it still reads its store says so, and is no app that never connects',
  { timeout: 90_000 },
  async (t) => {
    const { context, page: first, faults } = await openFirst(t)
    // What it reads of its store does not come before it is let.
    await first.addInitScript(() => {
      const gate = Promise.withResolvers<void>()
      IDBRequest.prototype.addEventListener = function (this: IDBRequest, type: string, listener: EventListener) {
        const ofOutbox = type === 'success' && this.source instanceof IDBObjectStore && this.source.name === 'outbox'
        if (ofOutbox) Object.assign(globalThis, { letRead: gate.resolve })
        const late: EventListener = ofOutbox ? (event) => void gate.promise.then(() => listener(event)) : listener
        EventTarget.prototype.addEventListener.call(this, type, late)
      }
    })
    const url = first.url()
    await first.goto('about:blank')
    await first.goto(url)
    await first.waitForFunction(() => 'letRead' in globalThis)
    const { page: second, faults: others } = await openPage(context, url)
    await by(second, 'use-here').click()
    await by(second, 'message').first().waitFor()
    await by(first, 'use-here').waitFor()
    await first.evaluate(() => (globalThis as unknown as { letRead: () => void }).letRead())
    // Long enough for the app to come up where it should not.
    await first.waitForTimeout(2_000)
    assert.equal(await by(first, 'use-here').count(), 1)
    assert.equal(await by(first, 'tab-chats').count(), 0)
    await by(first, 'use-here').click()
    await by(first, 'message').first().waitFor()
    await say(first, '다시 첫 창')
    assert.deepEqual(await messages(first), ['첫 창', '다시 첫 창'])
    assert.deepEqual([...faults, ...others], [])
  },
)
