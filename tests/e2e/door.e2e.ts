import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Refusal } from '@bongsu/protocol'
import { by, openBrowser, openContext, openPage, signUp } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'

// A class that joins by one link from one address: the server puts some of them off.

test('[O3, C3] whoever is put off at the door is asked to wait, and comes in without pressing anything', { timeout: 90_000 }, async (t) => {
  const server = await startServerProcess(t)
  const { page, faults } = await openPage(await openContext(await openBrowser(t), { width: 360 }), 'about:blank')
  const asked = new Map<string, number>()
  const putOff: Refusal = { code: 'rate-limited', retryAfterMs: 3_000 }
  await page.route(/\/v1\/(?:server|invites\/check)$/, async (route) => {
    const { pathname } = new URL(route.request().url())
    const times = (asked.get(pathname) ?? 0) + 1
    asked.set(pathname, times)
    if (times === 1) await route.fulfill({ status: 429, json: putOff })
    else if (times === 2) await route.abort('connectionrefused')
    else await route.continue()
  })
  await page.goto(`${server.url.replace('127.0.0.1', 'localhost')}/#/invite/${server.firstAdminCode}`)

  await by(page, 'invite-later').waitFor()
  assert.match((await by(page, 'invite-later').textContent()) ?? '', /저절로 다시 확인/)
  assert.equal(await page.locator('[role="alert"]').count(), 0, 'nothing is wrong')
  assert.equal(await by(page, 'display-name').isVisible(), true, 'the form can be filled in meanwhile')
  await by(page, 'invited').waitFor({ timeout: 30_000 })
  assert.equal(await by(page, 'invite-later').count(), 0)
  await waitFor('the name of the server', () => (asked.get('/v1/server') ?? 0) >= 3, { withinMs: 30_000 })
  assert.deepEqual([...asked.values()], [3, 3], 'not more often than needed')
  await signUp(page, { handle: 'pupil', displayName: '학생', password: '봉수대에 불이 오르면' })
  assert.deepEqual(faults, [])
})

test('[C3] an invite that is no good is said to be so at once, and asked for once', { timeout: 60_000 }, async (t) => {
  const server = await startServerProcess(t)
  const { page } = await openPage(await openContext(await openBrowser(t), { width: 360 }), 'about:blank')
  let asked = 0
  page.on('request', (request) => void (request.url().endsWith('/v1/invites/check') && asked++))
  await page.goto(`${server.url.replace('127.0.0.1', 'localhost')}/#/invite/${'x'.repeat(43)}`)
  await page.locator('[role="alert"]').waitFor()
  await by(page, 'switch-language').click()
  await waitFor('the other language', async () => /invite/i.test((await page.locator('[role="alert"]').textContent()) ?? ''))
  assert.equal(asked, 1)
})
