import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ConversationId } from '@bongsu/protocol'
import type { BrowserContext, Page } from 'playwright-core'
import { by, messages, openBrowser, openContext, openPage } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { makeGroup, makePeople, PASSWORD } from './world.ts'

interface Scene {
  readonly context: BrowserContext
  readonly page: Page
  readonly faults: string[]
  readonly rooms: readonly [ConversationId, ConversationId]
}

/** Somebody with two rooms, the first of them open. */
async function setScene(t: TestContext): Promise<Scene> {
  const server = await startServerProcess(t)
  const [me, other] = await makePeople(server, 2)
  assert.ok(me !== undefined && other !== undefined)
  const rooms = [await makeGroup(me, '첫째 방', [other]), await makeGroup(me, '둘째 방', [other])] as const
  const context = await openContext(await openBrowser(t), { width: 1280 })
  const { page, faults } = await openPage(context, `${server.url.replace('127.0.0.1', 'localhost')}/`)
  await by(page, 'handle').fill(me.profile.handle)
  await by(page, 'password').fill(PASSWORD)
  await by(page, 'submit').click()
  await by(page, 'tab-chats').first().click()
  await go(page, rooms[0])
  return { context, page, faults, rooms }
}

async function go(page: Page, room: ConversationId): Promise<void> {
  await page.locator(`[data-conversation="${room}"]`).click()
  await by(page, 'composer').waitFor()
}

const draft = (page: Page): Promise<string> => by(page, 'composer').inputValue()

test(
  '[C11] a draft goes along to the window that takes over, in both directions, and is not there once it was sent',
  { timeout: 90_000 },
  async (t) => {
    const { context, page: first, faults } = await setScene(t)
    const { page: second, faults: others } = await openPage(context, first.url())
    await by(second, 'use-here').waitFor()
    await by(first, 'composer').fill('하나')
    await first.waitForTimeout(600)
    // Typed a moment ago, and not stored yet.
    await by(first, 'composer').fill('하나 둘')
    await by(second, 'use-here').click()
    await by(second, 'composer').waitFor()
    await waitFor('the draft in the second window', async () => (await draft(second)) === '하나 둘')
    await by(second, 'composer').pressSequentially(' 셋')
    await by(second, 'send').click()
    await waitFor('the message', async () => (await messages(second)).includes('하나 둘 셋'))
    await by(first, 'use-here').click()
    await by(first, 'composer').waitFor()
    await waitFor('the message', async () => (await messages(first)).includes('하나 둘 셋'))
    assert.equal(await draft(first), '')
    assert.deepEqual(await messages(first), ['하나 둘 셋'])
    assert.deepEqual([...faults, ...others], [])
  },
)

test('[C11] a text that the device could not store comes back as the draft of its room, with a word', { timeout: 90_000 }, async (t) => {
  const { page, rooms } = await setScene(t)
  await page.evaluate(() => {
    const { put } = IDBObjectStore.prototype as { put: (this: IDBObjectStore, value: unknown, key?: IDBValidKey) => IDBRequest<IDBValidKey> }
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
      const request = key === undefined ? put.call(this, value) : put.call(this, value, key)
      if (this.name === 'outbox') {
        const until = Date.now() + 800
        const wait = (): void => {
          if (Date.now() > until) this.transaction.abort()
          else this.count().onsuccess = wait
        }
        wait()
      }
      return request
    }
  })
  await by(page, 'composer').fill('잃어버릴 수 없는 말')
  await by(page, 'send').click()
  await go(page, rooms[1])
  await page.locator('.toast').filter({ hasText: '첫째 방' }).waitFor()
  assert.equal(await draft(page), '')
  await go(page, rooms[0])
  assert.equal(await draft(page), '잃어버릴 수 없는 말')
})

test('[C11] people mentioned in a draft are mentioned after a reload', { timeout: 90_000 }, async (t) => {
  const { page, rooms, faults } = await setScene(t)
  await by(page, 'composer').pressSequentially('@사람')
  await by(page, 'mention-list').waitFor()
  await page.keyboard.press('Enter')
  await page.waitForTimeout(600)
  await page.reload()
  await by(page, 'composer').waitFor()
  await waitFor('the draft', async () => (await draft(page)).startsWith('@사람 person1'))
  await go(page, rooms[1])
  await go(page, rooms[0])
  await by(page, 'send').click()
  await by(page, 'mention').waitFor()
  assert.deepEqual(faults, [])
})
