import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { by, openBrowser, openContext, openPage, picture, signUp, type Look } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { incidentOf, startStatusServer, type StatusServer } from './status-server.ts'
import { waitFor } from './wait-for.ts'

const PASSWORD = '봉수대에 불이 오르면'
/** By the clock of the page: the first look within 10 s, the others every 15 s, give or take a quarter. */
const SOON_MS = 25_000
/** The clock of the page goes this much faster while a look is awaited. */
const STEP_MS = 500

/** Waits by the clock of the page, which is put forward meanwhile. */
async function within(pageMs: number, page: Page, status: StatusServer, what: () => string, is: () => boolean | Promise<boolean>): Promise<void> {
  for (let passedMs = 0; !(await is()); passedMs += STEP_MS) {
    assert.ok(passedMs < pageMs, `Waited ${pageMs} ms of the page for ${what()}.`)
    await page.clock.fastForward(STEP_MS)
    status.aheadMs += STEP_MS
    // What the page asks for now needs real time.
    await page.waitForTimeout(50)
  }
}

async function banner(page: Page, status: StatusServer, expected: RegExp): Promise<void> {
  let seen: string | null = null
  await within(
    SOON_MS,
    page,
    status,
    () => `a banner ${String(expected)}; there is ${seen}`,
    async () => {
      seen = (await by(page, 'status-banner').count()) === 0 ? null : await by(page, 'status-banner').innerText()
      return expected.test(seen ?? '')
    },
  )
}

/** Until the page has asked once more, and shows what it heard. */
async function anotherLook(page: Page, status: StatusServer): Promise<void> {
  const { asked } = status
  await within(
    SOON_MS,
    page,
    status,
    () => 'another look',
    () => status.asked > asked,
  )
  await page.waitForTimeout(300)
}

test('[F6] an app that was stored before there were status pages shows what they say from its second opening on', { timeout: 120_000 }, async (t) => {
  const status = await startStatusServer(t)
  status.document = { incidents: [incidentOf(status)] }
  const plain = await startServerProcess(t)
  const browser = await openBrowser(t)
  const phone = await openContext(browser, { width: 360 })
  await phone.clock.install()
  const { page } = await openPage(phone, plain.url.replace('127.0.0.1', 'localhost'))
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.reload()
  await by(page, 'submit').waitFor()
  assert.ok(await page.evaluate(() => navigator.serviceWorker.controller !== null), 'the page comes from the store of the device')
  await plain.kill()
  await startServerProcess(t, { directory: plain.directory, port: plain.port, env: { BONGSU_STATUS_URL: status.url } })
  await page.reload()
  await by(page, 'submit').waitFor()
  // The stored page allows no such address; asking is in vain, and the fresh page is stored meanwhile.
  await waitFor('the fresh page', () =>
    page.evaluate(async (url) => {
      for (const name of await caches.keys()) {
        const cache = await caches.open(name)
        for (const request of await cache.keys()) {
          if (new URL(request.url).pathname !== '/index.html') continue
          if ((await cache.match(request))?.headers.get('content-security-policy')?.includes(url) === true) return true
        }
      }
      return false
    }, status.url),
  )
  assert.equal(status.asked, 0)
  await page.reload()
  await banner(page, status, /PC에서 로그인이 되지 않습니다/)
})

test('[F6, C16] the app shows what the sentinel says: signed in or not, with the messenger there or gone', { timeout: 240_000 }, async (t) => {
  const status = await startStatusServer(t)
  const server = await startServerProcess(t, { env: { BONGSU_STATUS_URL: status.url } })
  const browser = await openBrowser(t)
  const site = server.url.replace('127.0.0.1', 'localhost')
  const pc = await openContext(browser, { width: 1280 })
  await pc.clock.install()
  const { page, faults } = await openPage(pc, `${site}/#/invite/${server.firstAdminCode}`)
  status.document = { incidents: [incidentOf(status)] }
  await banner(page, status, /PC에서 로그인이 되지 않습니다/)
  await picture(page, 'status-join-1280-light-ko')
  await signUp(page, { handle: 'seoyeon', displayName: '김서연', password: PASSWORD })
  await by(page, 'tab-chats').first().waitFor()
  await banner(page, status, /메시지 보내기와 받기는 정상입니다/)
  assert.equal(await by(page, 'status-more').getAttribute('href'), `${status.url}/incidents/sign-in-1/`)
  await picture(page, 'status-1280-light-ko')

  // Read and put away, it stays away, also after a reload; the next word is shown.
  await by(page, 'status-away').click()
  assert.equal(await by(page, 'status-banner').count(), 0)
  await page.reload()
  await anotherLook(page, status)
  assert.equal(await by(page, 'status-banner').count(), 0)
  const grave = { impact: 'critical', title: { ko: '메시지를 주고받을 수 없습니다', en: 'Messages do not get through' } } as const
  status.document = { incidents: [incidentOf(status, { ...grave, updatedAt: Date.now() + status.aheadMs })] }
  await banner(page, status, /메시지를 주고받을 수 없습니다/)

  // The messenger is gone: the banner is there all the same, on every screen, and nothing is beside it that cannot be read.
  await server.kill()
  await page.reload()
  await banner(page, status, /메시지를 주고받을 수 없습니다/)
  await by(page, 'tab-chats').first().click()
  await by(page, 'connection-line').first().waitFor()
  await picture(page, 'status-down-1280-light-ko')
  const looks: readonly Look[] = [
    { width: 360, theme: 'dark', language: 'ko' },
    { width: 360, theme: 'light', language: 'en' },
    { width: 1280, theme: 'dark', language: 'en' },
  ]
  for (const { width, theme = 'light', language = 'ko' } of looks) {
    await page.setViewportSize({ width, height: width === 360 ? 760 : 800 })
    await page.emulateMedia({ colorScheme: theme })
    await page.evaluate((chosen) => localStorage.setItem('bongsu.language', chosen), language)
    await page.reload()
    await banner(page, status, language === 'ko' ? /메시지를 주고받을 수 없습니다/ : /Messages do not get through/)
    await by(page, 'connection-line').first().waitFor()
    await picture(page, `status-down-${width}-${theme}-${language}`)
    // [C16] One trouble is told in one place.
    assert.equal(await page.locator('.connection-line').count(), 1)
    assert.equal(await by(by(page, 'status-banner'), 'connection-line').count(), 1)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.equal(wide, 0, 'nothing is wider than the screen')
  }

  // Without a network of its own, the device says only that: the banner could not be checked, and its link leads nowhere.
  await pc.setOffline(true)
  await page.locator('.connection-line[data-state="offline"]').first().waitFor()
  assert.equal(await by(page, 'status-banner').count(), 0)
  assert.equal(await page.locator('.connection-line').count(), 1)
  await pc.setOffline(false)

  // [C16] An answer that was fresh, and grew old because no other came, says nothing about the monitoring.
  status.document = { incidents: [] }
  status.staleAfterMs = 5_000
  await anotherLook(page, status)
  status.document = null
  await anotherLook(page, status)
  assert.equal(await by(page, 'status-banner').count(), 0)
  status.document = { incidents: [] }
  status.staleAfterMs = 60_000

  // The watch is silent as well: said to whoever is cut off, and to nobody else.
  status.ageMs = 120_000
  await banner(page, status, /The status is unknown right now/)
  await picture(page, 'status-silent-1280-dark-en')
  await server.start()
  await by(page, 'connection-line').getByText('Try now').click()
  await by(page, 'status-banner').waitFor({ state: 'detached' })

  // Nonsense is nothing.
  status.ageMs = 0
  status.raw = '{"incidents":[{"title":"<img src=x onerror=alert(1)>"}]}'
  await page.reload()
  await anotherLook(page, status)
  assert.equal(await by(page, 'status-banner').count(), 0)
  assert.deepEqual(faults, [])
})
