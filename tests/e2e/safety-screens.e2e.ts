import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { by, openBrowser, openContext, openPage, picture, type Look } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { got, makeDevice, makeGroup, makePeople, openDirect, PASSWORD, untilRoom, goLive, textsOf, type Person } from './world.ts'

const LOOKS: readonly Look[] = ([360, 1280] as const).flatMap((width) =>
  (['ko', 'en'] as const).flatMap((language) => (['light', 'dark'] as const).map((theme) => ({ width, language, theme }))),
)
const nameOf = ({ width, language, theme }: Look): string => `${width}-${theme}-${language}`

async function enter(browser: Browser, url: string, look: Look, person: Person): Promise<{ page: Page; faults: string[] }> {
  const opened = await openPage(await openContext(browser, look), url.replace('127.0.0.1', 'localhost'))
  await by(opened.page, 'handle').fill(person.profile.handle)
  await by(opened.page, 'password').fill(PASSWORD)
  await by(opened.page, 'submit').click()
  await by(opened.page, 'tab-chats').first().waitFor()
  return opened
}

const tab = async (page: Page, name: string): Promise<void> => by(page, `tab-${name}`).first().click()
const memberNamed = (page: Page, person: Person) => by(page, 'member-row').filter({ hasText: person.profile.displayName })

async function openSheet(page: Page, room: string): Promise<void> {
  await tab(page, 'chats')
  await page.locator(`[data-conversation="${room}"]`).click()
  await by(page, 'room-menu').click()
  await by(page, 'member-row').first().waitFor()
}

/** Closes what is open, and goes back to the list on a phone. */
async function leaveRoom(page: Page): Promise<void> {
  while ((await page.locator('[role="dialog"]:visible, [role="alertdialog"]:visible').count()) > 0) await page.keyboard.press('Escape')
  if (await by(page, 'back').isVisible()) await by(page, 'back').click()
}

async function stage(t: TestContext) {
  const server = await startServerProcess(t)
  const people = await makePeople(server, 6)
  const [host, deputy, member, gone, friend, blocked] = people as [Person, Person, Person, Person, Person, Person]
  const room = await makeGroup(host, '달여울 주민회', [deputy, member, gone, blocked])
  const direct = await openDirect(host, friend)
  got(await host.api.call('block', { params: { accountId: blocked.accountId } }))
  const devices = [host, friend, member].map((person) => makeDevice(server.url, person, { name: person.profile.handle }))
  await goLive(t, devices)
  for (const [device, id] of [
    [devices[0]!, room],
    [devices[1]!, direct],
    [devices[2]!, room],
  ] as const)
    await untilRoom(device, id)
  await devices[0]!.handle.settled(await devices[0]!.handle.send(room, { kind: 'role', accountId: deputy.accountId, role: 'deputy' }))
  await devices[1]!.handle.settled(await devices[1]!.handle.send(direct, { kind: 'text', text: '내일 회관에서 봐요' }))
  return { server, host, deputy, member, gone, friend, blocked, room, direct, devices }
}

test(
  '[B5, B12, B13, B76] the screens of roles, blocks and leaving are there in each look, and nothing goes beyond its width',
  { timeout: 240_000 },
  async (t) => {
    const { server, host, member, friend, room, direct } = await stage(t)
    const browser = await openBrowser(t)
    for (const look of LOOKS) {
      const { page, faults } = await enter(browser, server.url, look, host)
      const show = async (name: string): Promise<void> => {
        await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))))
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        assert.equal(beyond, 0, `${name} ${nameOf(look)}`)
        await picture(page, `${name}-${nameOf(look)}`)
      }
      await openSheet(page, room)
      await show('room-sheet')
      await by(page, 'rights').click()
      await by(page, 'rights-sheet').waitFor()
      await show('rights')
      await by(page, 'rights-sheet').locator('[data-testid="close-sheet"]').click()
      await memberNamed(page, member).click()
      await by(page, 'remove-member').waitFor()
      await show('member-acts')
      await by(page, 'remove-member').click()
      await by(page, 'bar-member').check()
      await show('remove-member')
      await leaveRoom(page)
      await openSheet(page, direct)
      await by(page, 'leave').click()
      await by(page, 'confirm').waitFor()
      await show('leave-direct')
      await leaveRoom(page)
      await tab(page, 'friends')
      await by(page, 'friend-row').filter({ hasText: friend.profile.displayName }).click()
      await by(page, 'block').click()
      await by(page, 'confirm').waitFor()
      await show('block-ask')
      await leaveRoom(page)
      await tab(page, 'settings')
      await by(page, 'blocked-people').scrollIntoViewIfNeeded()
      await show('blocked-people')
      await by(page, 'privacy').scrollIntoViewIfNeeded()
      await show('privacy')
      assert.deepEqual(faults, [], nameOf(look))
      await page.context().close()
    }
  },
)

test(
  '[B4, B5, B11, B13] on the screen a deputy is made, a member removed, a conversation of two left and a group put aside',
  { timeout: 120_000 },
  async (t) => {
    const { server, host, member, gone, room, direct, devices } = await stage(t)
    const browser = await openBrowser(t)
    const { page, faults } = await enter(browser, server.url, { width: 1280 }, host)
    const meta = () => devices[0]!.handle.view().replica.rooms.get(room)?.meta
    await openSheet(page, room)
    await memberNamed(page, member).click()
    await by(page, 'make-deputy').click()
    await waitFor('the second deputy', () => meta()?.deputies?.includes(member.accountId) === true)
    await memberNamed(page, gone).click()
    await by(page, 'remove-member').click()
    await by(page, 'bar-member').check()
    await by(page, 'confirm-action').click()
    await waitFor('the removal', () => meta()?.memberCount === 4)
    await memberNamed(page, gone).waitFor({ state: 'detached' })
    await leaveRoom(page)

    await openSheet(page, direct)
    await by(page, 'leave').click()
    await by(page, 'confirm-action').click()
    await page.locator(`[data-conversation="${direct}"]`).waitFor({ state: 'detached' })
    assert.deepEqual(textsOf(devices[1]!, direct), ['내일 회관에서 봐요'], 'the other keeps it')

    await openSheet(page, room)
    await by(page, 'put-aside').click()
    await page.locator(`[data-conversation="${room}"]`).waitFor({ state: 'detached' })
    await by(page, 'search-chats').fill('주민회')
    await page.locator(`[data-conversation="${room}"]`).waitFor()
    await by(page, 'search-chats').fill('')
    await devices[2]!.handle.settled(await devices[2]!.handle.send(room, { kind: 'text', text: '소식이 있어요' }))
    await page.locator(`[data-conversation="${room}"]`).waitFor()
    assert.deepEqual(faults, [])
  },
)

for (const isLost of [false, true])
  test(
    `[B70] a device that changes its password goes on, with its draft and its rooms, and a copy of its token is refused${isLost ? ', also after a lost answer' : ''}`,
    { timeout: 120_000 },
    async (t) => {
      const server = await startServerProcess(t)
      const [me, other] = (await makePeople(server, 2)) as [Person, Person]
      const room = await makeGroup(other, '첫째 방', [me])
      const browser = await openBrowser(t)
      const { page, faults } = await enter(browser, server.url, { width: 1280 }, me)
      await page.locator(`[data-conversation="${room}"]`).click()
      await by(page, 'composer').fill('아직 쓰는 중')
      const tokens: string[] = []
      page.on('request', (request) => {
        const { authorization } = request.headers()
        if (authorization !== undefined) tokens.push(authorization)
      })
      await tab(page, 'settings')
      await by(page, 'password-fold').locator('summary').click()
      await by(page, 'password-current').fill(PASSWORD)
      await by(page, 'password-next').fill('또 하나의 봉수대 불빛')
      if (isLost)
        await page.route('**/v1/password', async (route) => {
          await route.fetch()
          await route.abort()
        })
      await by(page, 'change-password').click()
      await page
        .getByText(/비밀번호를 바꿨/)
        .first()
        .waitFor()
      assert.ok(tokens.length > 0)
      const copied = await fetch(`${server.url}/v1/devices`, { headers: { authorization: tokens[0]! } })
      assert.equal(copied.status, 401, 'the copy')
      await tab(page, 'chats')
      await page.locator(`[data-conversation="${room}"]`).click()
      assert.equal(await by(page, 'composer').inputValue(), '아직 쓰는 중')
      await by(page, 'composer').press('Enter')
      const device = makeDevice(server.url, other)
      await goLive(t, [device])
      await untilRoom(device, room)
      await waitFor('the text to be said', () => textsOf(device, room).includes('아직 쓰는 중'))
      await page.reload()
      await page.locator(`[data-conversation="${room}"]`).waitFor()
      assert.deepEqual(faults, [])
    },
  )
