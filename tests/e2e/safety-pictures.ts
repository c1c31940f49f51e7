import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import type { ClientMessageId, Reported, SendBody } from '@bongsu/protocol'
import { by, CHROMIUM, openContext, openPage, picture, type Look } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, got, makeDevice, makeGroup, makePeople, openDirect, PASSWORD, untilRoom, type Person, type TestDevice } from './world.ts'

// Run by hand, after `npm run build`: node tools/run.js tests/e2e/safety-pictures.ts [part of a name…]
// Takes every screen by which people keep others away, and staff act, in both languages, on a phone and a PC, by day and night.
// screenshots/sheet-NAME.png has the eight pictures of one screen side by side.

const PICTURES = fileURLToPath(new URL('../../screenshots/', import.meta.url))
const LOOKS: readonly Look[] = (['ko', 'en'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((theme) => ([360, 1280] as const).map((width) => ({ width, language, theme }))),
)
const nameOf = ({ width, language, theme }: Look): string => `${width}-${theme}-${language}`

type Town = Awaited<ReturnType<typeof stage>>
type Show = (page: Page, name: string) => Promise<void>

const ends: (() => unknown)[] = []
const run = { after: (end: () => unknown): void => void ends.unshift(end) }
const wanted = process.argv.slice(2)
const taken = new Set<string>()
try {
  const town = await stage()
  const browser = await chromium.launch(CHROMIUM)
  run.after(() => browser.close())
  for (const look of LOOKS) {
    const show: Show = async (page, name) => {
      await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))))
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      if (beyond !== 0) process.stdout.write(`${name} ${nameOf(look)}: goes ${beyond} px beyond its width\n`)
      await picture(page, `${name}-${nameOf(look)}`)
      taken.add(name)
    }
    for (const [part, take] of Object.entries({ friends, requests, rooms, settings, told, staff }))
      if (wanted.length === 0 || wanted.includes(part)) await take(town, (person) => enter(browser, town.server.url, look, person), show)
    process.stdout.write(`${nameOf(look)}\n`)
  }
  for (const name of taken) await sheet(browser, name)
} finally {
  for (const end of ends) await end()
}

async function stage() {
  const server = await startServerProcess(run, { env: { BONGSU_REACH: 'acquainted' } })
  const names = ['이서준', '박하은', '최민준', '정지우', '강도윤', '조예린', '윤시우', '장하린', '임건우', '한소율']
  const people = await makePeople(server, names.length)
  for (const [index, person] of people.entries()) got(await person.api.call('changeProfile', { body: { displayName: names[index] ?? '' } }))
  const [admin, me, deputy, member, gone, blocked, stranger, inviter, warned, suspended] = people.map((person, index) => ({
    ...person,
    profile: { ...person.profile, displayName: names[index] ?? '' },
  })) as [Person, Person, Person, Person, Person, Person, Person, Person, Person, Person]
  const room = await makeGroup(admin, '달여울 주민회', [me, deputy, member, gone, blocked])
  const aside = await makeGroup(admin, '퇴근 후 산책', [me])
  const closed = await makeGroup(admin, '알림 전하는 방', [me, member])
  const devices = new Map<Person, TestDevice>()
  for (const person of [admin, me, member, blocked, stranger]) devices.set(person, makeDevice(server.url, person))
  await goLive(run, [...devices.values()])
  const say = async (person: Person, conversationId: typeof room, body: SendBody | string) => {
    const device = devices.get(person) as TestDevice
    await untilRoom(device, conversationId)
    const sent = await device.handle.send(conversationId, typeof body === 'string' ? { kind: 'text', text: body } : body)
    assert.equal((await device.handle.settled(sent)).accepted, true)
    const entries = device.handle.view().replica.rooms.get(conversationId)?.entries ?? []
    const { seq, id } = entries.at(-1) as (typeof entries)[number]
    return { kind: 'message', conversationId, seq, subject: id } as const
  }
  await say(admin, closed, { kind: 'rights', rights: { post: 'deputy' } })
  await say(admin, closed, '이 방에는 알림만 올라옵니다')
  await say(admin, room, '토요일 아침 아홉 시에 모여요')
  await say(admin, room, { kind: 'role', accountId: deputy.accountId, role: 'deputy' })
  await say(admin, room, { kind: 'role', accountId: me.accountId, role: 'host' })
  await say(member, room, '저도 갈게요. 장갑 챙길게요!')
  await say(blocked, room, '나만 빼고 다들 모이네')
  await say(blocked, room, '두고 봐')
  const report = (person: Person, reported: Reported, reason: 'spam' | 'harassment', text: string) =>
    person.api.call('report', { body: { id: randomUUID() as ClientMessageId, reported, reason, ...(text === '' ? {} : { text }) } })
  const hidden = await say(member, room, '최저가 상품권 팝니다')
  got(await report(me, hidden, 'spam', '광고예요'))
  const [first] = got(await admin.api.call('listCases', { query: {} })).cases
  const decision = { act: { kind: 'hide' }, note: '광고라서 가렸어요' } as const
  got(await admin.api.call('closeCase', { params: { caseId: first?.caseId ?? '' }, body: decision }))
  const bad = await say(member, room, '이 링크로 들어오면 30% 할인, 오늘만!')
  got(await report(me, bad, 'spam', '지난번에도 올렸어요'))
  got(await report(deputy, { kind: 'person', accountId: member.accountId }, 'harassment', ''))
  got(await report(deputy, { kind: 'room', conversationId: room }, 'spam', '광고가 너무 많아요'))
  await say(me, room, { kind: 'removed', accountId: gone.accountId, barred: true })
  got(await me.api.call('block', { params: { accountId: blocked.accountId } }))
  got(await me.api.call('putAside', { params: { conversationId: aside }, body: { seq: 1 } }))
  // Whom they do not know yet asks to talk, and invites; whom they know adds them.
  const asked = await openDirect(stranger, me)
  await say(stranger, asked, '안녕하세요, 지난 장터에서 인사드린 윤시우예요.')
  await say(stranger, asked, '사진을 보내 드리기로 해서요. https://example.com')
  await makeGroup(inviter, '새벽 달리기', [me])
  for (const person of [deputy, member]) got(await person.api.call('addFriend', { params: { accountId: me.accountId } }))
  const notice = {
    params: { accountId: warned.accountId, noticeId: randomUUID() },
    body: { text: '광장에는 광고를 올릴 수 없어요. 한 번 더 올리면 이용이 정지돼요.' },
  }
  got(await admin.api.call('warn', notice))
  return { server, admin, me, deputy, member, gone, blocked, stranger, warned, suspended, room, aside, closed }
}

type Enter = (person: Person) => Promise<Page>

async function enter(browser: Browser, url: string, look: Look, person: Person): Promise<Page> {
  const { page } = await openPage(await openContext(browser, look), url.replace('127.0.0.1', 'localhost'))
  await by(page, 'handle').fill(person.profile.handle)
  await by(page, 'password').fill(PASSWORD)
  await by(page, 'submit').click()
  return page
}

async function tab(page: Page, name: string): Promise<void> {
  await by(page, `tab-${name}`).first().click()
}

function rowOf(page: Page, id: string, person: Person): Locator {
  return by(page, id).filter({ hasText: person.profile.displayName })
}

/** Closes what is open, and goes back to the list on a phone. */
async function leave(page: Page): Promise<void> {
  while ((await page.locator('[role="dialog"]:visible, [role="alertdialog"]:visible').count()) > 0) await page.keyboard.press('Escape')
  if (await by(page, 'back').isVisible()) await by(page, 'back').click()
}

async function friends({ me, deputy, stranger, member }: Town, come: Enter, show: Show): Promise<void> {
  const page = await come(me)
  await tab(page, 'friends')
  await by(page, 'added').waitFor()
  await show(page, 'friends-added')
  await by(page, 'added').click()
  await by(page, 'added-row').first().waitFor()
  await show(page, 'added')
  await rowOf(page, 'added-row', deputy).locator('.row').click()
  await by(page, 'make-friend').waitFor()
  await show(page, 'profile')
  await by(page, 'report').click()
  await by(page, 'report-sheet').waitFor()
  await show(page, 'report-person')
  await leave(page)
  await by(page, 'add-friend').click()
  await by(page, 'friend-handle').fill(stranger.profile.handle)
  await by(page, 'find-friend').click()
  await by(page, 'confirm-add-friend').waitFor()
  await show(page, 'add-friend')
  await leave(page)
  await by(page, 'added').click()
  await rowOf(page, 'added-row', member).locator('.row').click()
  await by(page, 'block').click()
  await by(page, 'confirm').waitFor()
  await show(page, 'block-ask')
  await page.context().close()
}

async function requests({ me, stranger }: Town, come: Enter, show: Show): Promise<void> {
  const page = await come(me)
  await tab(page, 'chats')
  await by(page, 'requests').waitFor()
  await show(page, 'chats-requests')
  await by(page, 'requests').click()
  await by(page, 'request-row').first().waitFor()
  await show(page, 'requests')
  await rowOf(page, 'request-row', stranger).click()
  await by(page, 'request-said').waitFor()
  await show(page, 'request')
  await by(page, 'decline').click()
  await by(page, 'confirm').waitFor()
  await show(page, 'request-decline')
  await page.keyboard.press('Escape')
  await leave(page)
  await by(page, 'requests').click()
  await by(page, 'request-row').filter({ hasNotText: stranger.profile.displayName }).click()
  await by(page, 'request-group').waitFor()
  await show(page, 'request-group')
  await page.context().close()
}

async function rooms({ me, member, deputy, gone, room: conversation, aside, closed }: Town, come: Enter, show: Show): Promise<void> {
  const page = await come(me)
  await tab(page, 'chats')
  await page.locator(`[data-conversation="${conversation}"]`).click()
  await by(page, 'blocked-line').waitFor()
  await show(page, 'room')
  await by(page, 'message').filter({ hasText: '30%' }).locator('.bubble').click({ button: 'right' })
  await by(page, 'message-menu').waitFor()
  await show(page, 'message-menu')
  await by(page, 'menu-report').click()
  await by(page, 'report-sheet').waitFor()
  await show(page, 'report-message')
  await by(page, 'send-report').scrollIntoViewIfNeeded()
  await show(page, 'report-message-end')
  await page.keyboard.press('Escape')
  // Closing what was opened from the sheet of the room leads back to it.
  const info = async (): Promise<void> => {
    while (!(await by(page, 'room-sheet').isVisible())) {
      if (await page.locator('[role="dialog"]:visible, [role="alertdialog"]:visible').count()) await page.keyboard.press('Escape')
      else await by(page, 'room-menu').click()
      await page.waitForTimeout(200)
    }
    await by(page, 'member-row').first().waitFor()
  }
  await info()
  await show(page, 'room-sheet')
  await by(page, 'rights').click()
  await by(page, 'rights-sheet').waitFor()
  await show(page, 'rights')
  await info()
  await rowOf(page, 'member-row', member).click()
  await by(page, 'remove-member').waitFor()
  await show(page, 'member-acts')
  await by(page, 'remove-member').click()
  await by(page, 'bar-member').check()
  await show(page, 'remove-member')
  await info()
  await rowOf(page, 'member-row', deputy).click()
  await by(page, 'hand-over').click()
  await by(page, 'confirm').waitFor()
  await show(page, 'hand-over')
  await info()
  await by(page, 'report-room').click()
  await by(page, 'report-sheet').waitFor()
  await show(page, 'report-room')
  await info()
  await by(page, 'leave').click()
  await by(page, 'confirm').waitFor()
  await show(page, 'leave-group')
  await leave(page)
  await by(page, 'search-chats').fill('산책')
  await page.locator(`[data-conversation="${aside}"]`).waitFor()
  await show(page, 'aside-found')
  await page.locator(`[data-conversation="${aside}"]`).click()
  await info()
  await show(page, 'aside-back')
  await leave(page)
  await by(page, 'search-chats').fill('')
  await page.locator(`[data-conversation="${closed}"]`).click()
  await by(page, 'composer-closed').waitFor()
  await show(page, 'post-closed')
  await info()
  await by(page, 'rights').click()
  await show(page, 'rights-of-host')
  await leave(page)
  await by(page, 'new-group').click()
  await by(page, 'group-run').scrollIntoViewIfNeeded()
  await show(page, 'new-group')
  await page.context().close()
  const removed = await come(gone)
  await by(removed, 'tab-chats').first().waitFor()
  await removed.evaluate((hash) => (location.hash = hash), `#/chats/${conversation}`)
  await removed.getByText(/들어갈 수 없|cannot be opened/).waitFor()
  await show(removed, 'removed')
  await removed.context().close()
}

async function settings({ me }: Town, come: Enter, show: Show): Promise<void> {
  const page = await come(me)
  await tab(page, 'settings')
  for (const name of ['reach', 'blocked-people', 'privacy']) {
    await by(page, name).first().scrollIntoViewIfNeeded()
    await by(page, name)
      .first()
      .evaluate((node) => node.scrollIntoView({ block: 'center' }))
    await show(page, `settings-${name}`)
  }
  await page.context().close()
}

async function told({ admin, warned, suspended }: Town, come: Enter, show: Show): Promise<void> {
  const notice = await come(warned)
  await by(notice, 'notice').waitFor()
  await show(notice, 'notice')
  await notice.context().close()
  const page = await come(suspended)
  await by(page, 'tab-friends').first().waitFor()
  const suspensionId = randomUUID()
  const params = { accountId: suspended.accountId }
  const wish = { suspensionId, forMs: 7 * 86_400_000, reason: '경고한 뒤에도 광고를 거듭 올렸어요.', appeal: 'help@example.kr로 알려 주세요.' }
  got(await admin.api.call('suspend', { params, body: wish }))
  await by(page, 'suspension').waitFor()
  await show(page, 'suspended')
  const late = await come(suspended)
  await by(late, 'suspension').waitFor()
  await by(late, 'suspension').scrollIntoViewIfNeeded()
  await show(late, 'suspended-sign-in')
  const desk = await come(admin)
  await tab(desk, 'settings')
  await by(desk, 'staff-find').click()
  await by(desk, 'staff-handle').fill(suspended.profile.handle)
  await by(desk, 'staff-search').click()
  await by(desk, 'staff-suspended').waitFor()
  await show(desk, 'staff-suspended')
  got(await admin.api.call('liftSuspension', { params, body: { suspensionId, reason: '이의를 받아들였어요.' } }))
  for (const one of [page, late, desk]) await one.context().close()
}

async function staff({ admin, suspended, member }: Town, come: Enter, show: Show): Promise<void> {
  const page = await come(admin)
  await tab(page, 'settings')
  await by(page, 'staff-find').scrollIntoViewIfNeeded()
  await show(page, 'staff-desk')
  await by(page, 'staff-find').click()
  await by(page, 'staff-handle').fill(suspended.profile.handle)
  await by(page, 'staff-search').click()
  await by(page, 'staff-found').waitFor()
  await show(page, 'staff-person')
  for (const act of ['warn', 'suspend', 'set-role']) {
    await by(page, `staff-${act}`).click()
    await by(page, 'staff-act').waitFor()
    await show(page, `staff-${act}`)
    await by(page, 'staff-act').locator('.button-quiet').click()
  }
  await leave(page)
  await by(page, 'staff-journal').click()
  await waitFor('rows', async () => (await by(page, 'journal-rows').locator('li').count()) > 3)
  await show(page, 'journal')
  await leave(page)
  await tab(page, 'reports')
  await by(page, 'case').first().waitFor()
  await show(page, 'reports')
  await rowOf(page, 'case', member).click()
  await by(page, 'copied').waitFor()
  await show(page, 'case')
  await by(page, 'act-hide').check()
  await by(page, 'close-case').scrollIntoViewIfNeeded()
  await show(page, 'case-decide')
  if (await by(page, 'case-back').isVisible()) await by(page, 'case-back').click()
  await by(page, 'cases-decided').click()
  await by(page, 'case').first().click()
  await by(page, 'case-decision').waitFor()
  await show(page, 'case-decided')
  await page.context().close()
}

/** One picture with all looks of a screen. */
async function sheet(browser: Browser, name: string): Promise<void> {
  const cell = (look: Look): string => {
    const data = readFileSync(join(PICTURES, `${name}-${nameOf(look)}.png`)).toString('base64')
    return `<img style="width:${look.width === 360 ? 270 : 600}px" src="data:image/png;base64,${data}">`
  }
  const cells = LOOKS.map(cell)
  const row = (ats: readonly number[]): string =>
    `<div style="display:flex;gap:8px;align-items:start;margin:8px">${ats.map((at) => cells[at]).join('')}</div>`
  const page = await browser.newPage({ viewport: { width: 1_224, height: 800 } })
  await page.setContent(`<body style="margin:0;background:#888">${row([0, 2, 4, 6])}${row([1, 3])}${row([5, 7])}</body>`)
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `sheet-${name}.png`), fullPage: true })
  await page.close()
}
