import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import type { CaseDetails, ClientMessageId, Reply } from '@bongsu/protocol'
import { by, openBrowser, openContext, openPage, picture, type Look } from './browser.ts'
import { bongsu } from './operator.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { got, goLive, makeDevice, makeGroup, makePeople, PASSWORD, textsOf, untilRoom, type Person } from './world.ts'

const LOOKS: readonly Look[] = [
  { width: 1280, language: 'ko', theme: 'light' },
  { width: 360, language: 'en', theme: 'dark' },
  { width: 360, language: 'ko', theme: 'light' },
  { width: 1280, language: 'en', theme: 'dark' },
]
const named = (name: string, { width, language, theme }: Look): string => `${name}-${width}-${theme}-${language}`

async function signIn(page: Page, { profile }: Person): Promise<void> {
  await by(page, 'handle').fill(profile.handle)
  await by(page, 'password').fill(PASSWORD)
  await by(page, 'submit').click()
  await by(page, 'tab-chats').first().click()
}

test('[B60, B62, B66] a message is reported from its menu, read and hidden by staff, and gone on every device', { timeout: 180_000 }, async (t) => {
  const server = await startServerProcess(t)
  const [admin, reporter, bad, bystander] = await makePeople(server, 4)
  assert.ok(admin !== undefined && reporter !== undefined && bad !== undefined && bystander !== undefined)
  const room = await makeGroup(bad, '한강서점 손님방', [reporter, bystander])
  const [theirs, other] = [makeDevice(server.url, bad, { name: 'theirs' }), makeDevice(server.url, bystander, { name: 'other' })]
  await goLive(t, [theirs, other])
  for (const device of [theirs, other]) await untilRoom(device, room)
  const say = async (device: typeof theirs, text: string): Promise<void> =>
    assert.equal((await device.handle.settled(await device.handle.send(room, { kind: 'text', text }))).accepted, true)
  await say(other, '내일 몇 시에 만날까요?')
  await say(theirs, '최저가 상품권 팝니다. 지금 바로 아래 주소로 문의 주세요.')
  const browser = await openBrowser(t)
  const site = server.url.replace('127.0.0.1', 'localhost')

  const { page, faults } = await openPage(await openContext(browser, LOOKS[0] as Look), site)
  await signIn(page, reporter)
  await page.locator(`[data-conversation="${room}"]`).click()
  const message = by(page, 'message').filter({ hasText: '최저가' })
  await message.locator('.bubble').click({ button: 'right' })
  await by(page, 'message-menu').waitFor()
  await picture(page, 'report-menu-1280-light-ko')
  await by(page, 'menu-report').click()
  await by(page, 'report-sheet').waitFor()
  assert.equal(await by(page, 'send-report').isDisabled(), true, 'a reason is needed')
  await by(page, 'reason-spam').click()
  await by(page, 'report-text').fill('매일 같은 글을 올려요')
  await picture(page, 'report-sheet-1280-light-ko')
  await by(page, 'send-report').click()
  await by(page, 'report-sheet').waitFor({ state: 'detached' })
  await by(page, 'room-menu').click()
  await by(page, 'report-room').click()
  await picture(page, 'report-room-1280-light-ko')
  await by(page, 'reason-other').click()
  await by(page, 'send-report').click()
  await by(page, 'report-sheet').waitFor({ state: 'detached' })
  assert.deepEqual(faults, [])

  for (const look of LOOKS.slice(1)) {
    const asReporter = (await openPage(await openContext(browser, look), site)).page
    await signIn(asReporter, bystander)
    await asReporter.locator(`[data-conversation="${room}"]`).click()
    await by(asReporter, 'message').filter({ hasText: '최저가' }).locator('.bubble').click({ button: 'right' })
    await by(asReporter, 'message-menu').waitFor()
    await picture(asReporter, named('report-menu', look))
    await by(asReporter, 'menu-report').click()
    await by(asReporter, 'report-sheet').waitFor()
    await picture(asReporter, named('report-sheet', look))
    await asReporter.context().close()
  }
  const asked = { id: randomUUID() as ClientMessageId, reported: { kind: 'person', accountId: bad.accountId }, reason: 'harassment' } as const
  for (let times = 0; times < 2; times++) got(await bystander.api.call('report', { body: asked }))

  for (const look of LOOKS) {
    const opened = await openPage(await openContext(browser, look), site)
    await signIn(opened.page, admin)
    await by(opened.page, 'tab-reports').first().click()
    await by(opened.page, 'case').first().waitFor()
    assert.equal(await by(opened.page, 'case').count(), 2)
    await picture(opened.page, named('reports', look))
    // A reported group shows what was reported in it [B81].
    await by(opened.page, 'case').filter({ hasText: '한강서점 손님방' }).click()
    await by(opened.page, 'act-remove').click()
    await by(opened.page, 'close-case').scrollIntoViewIfNeeded()
    await picture(opened.page, named('case-group', look))
    if (look.width === 360) await by(opened.page, 'case-back').click()
    await by(opened.page, 'case').filter({ hasText: bad.profile.displayName }).click()
    await by(opened.page, 'copied').waitFor()
    assert.match(await by(opened.page, 'copied').innerText(), /내일 몇 시에.*최저가/s)
    await by(opened.page, 'act-suspend').click()
    await by(opened.page, 'case-told').fill('광고를 여러 번 올렸습니다.')
    await by(opened.page, 'close-case').scrollIntoViewIfNeeded()
    await picture(opened.page, named('case-suspend', look))
    await by(opened.page, 'act-warn').click()
    await by(opened.page, 'close-case').scrollIntoViewIfNeeded()
    await picture(opened.page, named('case-warn', look))
    await by(opened.page, 'act-hide').click()
    await picture(opened.page, named('case', look))
    await by(opened.page, 'case-note').scrollIntoViewIfNeeded()
    await picture(opened.page, named('case-decide', look))
    if (look === LOOKS.at(-1)) {
      await by(opened.page, 'case-note').fill('도배')
      await by(opened.page, 'close-case').click()
      await waitFor('the case to go', async () => (await by(opened.page, 'case').count()) === 1)
      await by(opened.page, 'cases-decided').click()
      await by(opened.page, 'case').first().click()
      await by(opened.page, 'case-decision').waitFor()
      await picture(opened.page, named('case-decided', look))
    }
    assert.deepEqual(opened.faults, [])
    await opened.page.context().close()
  }
  for (const device of [theirs, other])
    await waitFor(
      `${device.name} to have it hidden`,
      () => textsOf(device, room).length === 1 && textsOf(device, room)[0] === '내일 몇 시에 만날까요?',
    )
  // Who reported is told so [B80].
  await by(page, 'notice').waitFor()
  await picture(page, 'report-answered-1280-light-ko')
  await by(page, 'notice-read').click()
  await by(page, 'notice').waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await page.getByText('운영진이 가린 메시지예요').first().waitFor()
  await picture(page, 'report-hidden-1280-light-ko')

  // The operator does the same beside the running server [B62].
  const operate = async (...args: readonly string[]): Promise<unknown> => {
    const { code, out, note } = await bongsu(['reports', ...args, '--json'], { BONGSU_DATA: server.directory })
    assert.equal(code, 0, note)
    return JSON.parse(out)
  }
  await say(theirs, '또 팝니다')
  const { entries } = got(await bystander.api.call('readHistory', { params: { conversationId: room } }))
  const last = entries.at(-1)
  assert.ok(last !== undefined)
  const reported = { kind: 'message', conversationId: room, seq: last.seq, subject: last.id } as const
  got(await bystander.api.call('report', { body: { id: randomUUID() as ClientMessageId, reported, reason: 'fraud' } }))
  const { cases } = (await operate('list')) as Reply<'listCases'>
  const next = cases.find(({ person }) => person?.accountId === bad.accountId)
  assert.deepEqual([cases.length, next?.earlier], [2, 1])
  const shown = (await operate('show', next?.caseId.slice(0, 13) ?? '')) as CaseDetails
  assert.deepEqual(shown.kept[0]?.message?.entries.at(-1)?.body, last.body)
  await operate('close', shown.caseId, '--act', 'hide', '--reason', '도배')
  for (const device of [theirs, other])
    await waitFor(`${device.name} to have it hidden`, () => !textsOf(device, room).includes('또 팝니다'), { withinMs: 60_000 })
  const again = await bongsu(['reports', 'close', shown.caseId, '--act', 'none'], { BONGSU_DATA: server.directory })
  assert.deepEqual([again.code, again.note.trim()], [1, 'Somebody else has decided this case: see `reports show`.'])
  assert.deepEqual(faults, [])
})
