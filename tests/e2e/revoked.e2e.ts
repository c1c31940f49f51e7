import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApi } from '@bongsu/client'
import { by, openBrowser, openContext, openPage, signUp } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { got } from './world.ts'

const PASSWORD = '봉수대에 불이 오르면'

test(
  '[C10] a browser that was revoked while it was offline wipes itself, shows what was not sent, and sends it after signing in again',
  { timeout: 120_000 },
  async (t) => {
    const server = await startServerProcess(t)
    const context = await openContext(await openBrowser(t), { width: 360 })
    const { page, faults } = await openPage(context, `${server.url.replace('127.0.0.1', 'localhost')}/#/invite/${server.firstAdminCode}`)
    await by(page, 'invited').waitFor()
    await signUp(page, { handle: 'keeper', displayName: '봉수지기', password: PASSWORD })
    await by(page, 'tab-friends').first().click()
    await by(page, 'self-row').click()
    await by(page, 'start-chat').click()
    await by(page, 'composer').fill('비밀 이야기')
    await by(page, 'send').click()
    await page.locator('[data-testid="message"][data-state="sent"]').first().waitFor()

    // The list of chats is stored for the next start, and shows what was said.
    await by(page, 'back').click()
    await by(page, 'tab-chats').first().click()
    await waitFor('the stored list', () => page.evaluate(() => (localStorage.getItem('bongsu.list') ?? '').includes('비밀 이야기')))
    await by(page, 'chat-row').first().click()

    await context.setOffline(true)
    await by(page, 'composer').fill('못 보낸 글')
    await by(page, 'send').click()
    await by(page, 'composer').fill('쓰다 만 글')
    await page.locator('[data-testid="message"][data-state="waiting"]').waitFor()

    // Another device signs this one out.
    const other = createApi({ baseUrl: server.url, token: () => token })
    let token: string | null = null
    const signedIn = got(await other.call('signIn', { body: { handle: 'keeper', password: PASSWORD, deviceName: '다른 기기' } }))
    token = signedIn.token
    const { devices } = got(await other.call('listDevices'))
    for (const { deviceId } of devices) if (deviceId !== signedIn.deviceId) got(await other.call('revokeDevice', { params: { deviceId } }))

    await context.setOffline(false)
    for (const reloaded of [false, true]) {
      if (reloaded) await page.reload()
      await by(page, 'left-texts').waitFor({ timeout: 45_000 })
      const left = (await by(page, 'left-text').allTextContents()).join('\n')
      assert.match(left, /못 보낸 글/)
      assert.match(left, /쓰다 만 글/)
      assert.equal(await by(page, 'handle').count(), 1)
      const everything = await page.evaluate(async () => {
        const open = indexedDB.open('bongsu')
        const database = await new Promise<IDBDatabase>((done) => (open.onsuccess = () => done(open.result)))
        const kept: unknown[] = [Object.entries(localStorage), Object.entries(sessionStorage)]
        for (const name of database.objectStoreNames) {
          const all = database.transaction(name).objectStore(name).getAll()
          kept.push(await new Promise((done) => (all.onsuccess = () => done(all.result))))
        }
        database.close()
        return JSON.stringify(kept)
      })
      assert.ok(!everything.includes('비밀 이야기'), 'what was sent is gone from the device')
      assert.ok(!everything.includes('token'), 'and so is the token')
    }

    await by(page, 'handle').fill('keeper')
    await by(page, 'password').fill(PASSWORD)
    await by(page, 'submit').click()
    await by(page, 'tab-chats').first().click()
    await by(page, 'chat-row').first().click()
    await waitFor('the text to go out', async () =>
      (await page.locator('[data-testid="message"][data-state="sent"]').allTextContents()).join().includes('못 보낸 글'),
    )
    assert.equal(await by(page, 'composer').inputValue(), '쓰다 만 글')
    assert.deepEqual(faults, [])
  },
)
