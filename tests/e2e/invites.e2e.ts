import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { by, openBrowser, openContext, openPage, signUp } from './browser.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { got, makePeople, type Person } from './world.ts'

const PASSWORD = '봉수대에 불이 오르면'

interface Door {
  readonly server: ServerProcess
  readonly site: string
  readonly browser: Browser
  readonly admin: Person
  readonly invite: (uses?: number) => Promise<{ readonly code: string; readonly inviteId: string }>
}

async function openDoor(t: TestContext): Promise<Door> {
  const server = await startServerProcess(t)
  const [admin] = (await makePeople(server, 1)) as [Person]
  return {
    server,
    site: server.url.replace('127.0.0.1', 'localhost'),
    browser: await openBrowser(t),
    admin,
    invite: async (uses = 1) => got(await admin.api.call('createInvite', { body: { validMs: 3_600_000, uses } })),
  }
}

/** The next answer of this path is lost after the server has acted. */
async function loseAnswer(page: Page, path: string): Promise<void> {
  let isLost = false
  await page.route(
    (url) => url.pathname === path,
    async (route) => {
      if (isLost || route.request().method() !== 'POST') return route.continue()
      isLost = true
      await route.fetch()
      await route.abort('connectionreset')
    },
  )
}

async function submit(page: Page, who: { handle: string; displayName: string; password: string }): Promise<void> {
  await by(page, 'display-name').fill(who.displayName)
  await by(page, 'handle').fill(who.handle)
  await by(page, 'password').fill(who.password)
  await by(page, 'submit').click()
}

test(
  '[C8] an invite survives a reload, a closed page and a look at the sign-in form, and is gone once it is used',
  { timeout: 120_000 },
  async (t) => {
    const { site, browser, invite } = await openDoor(t)
    const { code } = await invite()
    const context = await openContext(browser, { width: 360 })
    const first = await openPage(context, `${site}/#/invite/${code}`)
    await by(first.page, 'invited').waitFor()
    assert.equal(new URL(first.page.url()).hash, '', 'the address is not passed on with the code in it')
    await first.page.reload()
    await by(first.page, 'invited').waitFor()
    await by(first.page, 'to-sign-in').click()
    await first.page.close()
    const { page, faults } = await openPage(context, site)
    await by(page, 'invited').waitFor()
    await signUp(page, { handle: 'guest', displayName: '손님', password: PASSWORD })
    assert.equal(await page.evaluate(() => JSON.stringify(localStorage)).then((kept) => kept.includes('bongsu.invite')), false)
    // A member needs no invite, and is told so.
    await page.evaluate((fragment) => (location.hash = fragment), `#/invite/${(await invite()).code}`)
    await page.getByText('이미 가입되어 있어').waitFor()
    assert.deepEqual(faults, [])
  },
)

test('[C8] an invite that is no good is said to be so in its words, before any form that needs it', { timeout: 120_000 }, async (t) => {
  const { site, browser, invite, admin } = await openDoor(t)
  const used = await invite()
  const guest = await openPage(await openContext(browser, { width: 360 }), `${site}/#/invite/${used.code}.`)
  await by(guest.page, 'invited').waitFor()
  await signUp(guest.page, { handle: 'guest', displayName: '손님', password: PASSWORD })
  const revoked = await invite()
  got(await admin.api.call('revokeInvite', { params: { inviteId: revoked.inviteId } }))
  for (const [code, why] of [
    [used.code, 'used'],
    [revoked.code, 'revoked'],
    ['x'.repeat(43), 'mistyped'],
    ['short', 'mistyped'],
  ] as const) {
    const context = await openContext(browser, { width: 360 })
    const { page } = await openPage(context, `${site}/#/invite/${code}`)
    await by(page, 'invite-broken').waitFor()
    assert.equal(await by(page, 'invite-broken').getAttribute('data-why'), why)
    assert.equal(await by(page, 'display-name').count(), 0, 'no form that cannot work')
    assert.equal(await by(page, 'handle').count(), 1, 'whoever has an account can sign in')
    await page.reload()
    await by(page, 'handle').waitFor()
    assert.equal(await by(page, 'invite-broken').count(), 0, 'it was said, and is not kept')
    await context.close()
  }
})

test('[C7] a sign-up whose answer was lost is pressed again and leads into the same account', { timeout: 120_000 }, async (t) => {
  const { site, browser, invite } = await openDoor(t)
  const { page } = await openPage(await openContext(browser, { width: 360 }), `${site}/#/invite/${(await invite()).code}`)
  await by(page, 'invited').waitFor()
  await loseAnswer(page, '/v1/accounts')
  const who = { handle: 'guest', displayName: '손님', password: PASSWORD }
  await submit(page, who)
  await by(page, 'form-error').waitFor()
  await submit(page, { ...who, handle: 'other' })
  await by(page, 'tab-friends').first().waitFor()
  await page.getByText('@guest').first().waitFor()
})

test('[C7] a sign-up whose answer was lost with the page: the invite is used, and signing in keeps the device', { timeout: 120_000 }, async (t) => {
  const { site, browser, invite } = await openDoor(t)
  const { page } = await openPage(await openContext(browser, { width: 360 }), `${site}/#/invite/${(await invite()).code}`)
  await by(page, 'invited').waitFor()
  await loseAnswer(page, '/v1/accounts')
  await submit(page, { handle: 'guest', displayName: '손님', password: PASSWORD })
  await by(page, 'form-error').waitFor()
  await page.reload()
  await by(page, 'invite-broken').waitFor()
  await by(page, 'handle').fill('guest')
  await by(page, 'password').fill(PASSWORD)
  await by(page, 'submit').click()
  await by(page, 'tab-settings').first().click()
  await waitFor('the devices', async () => (await by(page, 'device-row').count()) > 0)
  assert.equal(await by(page, 'device-row').count(), 1)
})

test('[C7, C8] groups and invites whose answers were lost are made once, and an invite is shown as it is', { timeout: 120_000 }, async (t) => {
  const { site, browser, invite } = await openDoor(t)
  const { page } = await openPage(await openContext(browser, { width: 1280 }), `${site}/#/invite/${(await invite()).code}`)
  await by(page, 'invited').waitFor()
  await signUp(page, { handle: 'guest', displayName: '손님', password: PASSWORD })

  const makeInvite = async (): Promise<void> => {
    await by(page, 'invites').click()
    await by(page, 'make-invite').click()
  }
  await by(page, 'tab-friends').first().click()
  await loseAnswer(page, '/v1/invites')
  await makeInvite()
  await page.locator('.form-error').waitFor()
  await page.reload()
  await makeInvite()
  await by(page, 'invite-link').waitFor()
  await waitFor('one invite', async () => (await by(page, 'invite-row').count()) === 1)
  assert.match((await by(page, 'invite-facts').textContent()) ?? '', /1명/)
  assert.equal(await page.locator('[data-testid="invites-sheet"] .choice').count(), 0)
  await by(page, 'another-invite').click()
  await by(page, 'make-invite').waitFor()
  await page.keyboard.press('Escape')

  const makeGroup = async (): Promise<void> => {
    await by(page, 'tab-chats').first().click()
    await by(page, 'new-group').first().click()
    await by(page, 'group-title').fill('한 번만')
    await by(page, 'picker-row').first().click()
    await by(page, 'create-group').click()
  }
  await loseAnswer(page, '/v1/groups')
  await makeGroup()
  await page.locator('.form-error').waitFor()
  await page.reload()
  await makeGroup()
  await by(page, 'composer').waitFor()
  await waitFor('the group', async () => (await by(page, 'chat-row').count()) > 0)
  assert.equal(await by(page, 'chat-row').filter({ hasText: '한 번만' }).count(), 1)
})
