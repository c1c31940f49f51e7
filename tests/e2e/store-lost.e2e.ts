import assert from 'node:assert/strict'
import { test } from 'node:test'
import { by, openBrowser, openContext, openPage, signUp } from './browser.ts'
import { startServerProcess } from './server-process.ts'

test('[C20] an app whose store the browser has closed starts anew', { timeout: 60_000 }, async (t) => {
  const server = await startServerProcess(t)
  const site = server.url.replace('127.0.0.1', 'localhost')
  const context = await openContext(await openBrowser(t), { width: 1280 })
  const { page, faults } = await openPage(context, `${site}/#/invite/${server.firstAdminCode}`)
  await signUp(page, { handle: 'keeper', displayName: '봉수지기', password: '봉수대에 불이 오르면' })

  // The data of the site are deleted, as a person can do in the settings of a browser. Connections to the store are closed first.
  const session = await context.newCDPSession(page)
  await session.send('Storage.clearDataForOrigin', { origin: site, storageTypes: 'indexeddb' })
  await by(page, 'handle').waitFor()

  await by(page, 'handle').fill('keeper')
  await by(page, 'password').fill('봉수대에 불이 오르면')
  await by(page, 'submit').click()
  await by(page, 'tab-friends').first().waitFor()
  assert.deepEqual(faults, [])
})
