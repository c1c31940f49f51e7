import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { CDPSession, Page } from 'playwright-core'
import { by, messages, openBrowser, openContext, openPage, picture, signUp } from './browser.ts'
import type { ServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'

const PASSWORD = '봉수대에 불이 오르면'

async function write(page: Page, text: string): Promise<void> {
  await by(page, 'composer').fill(text)
  await by(page, 'send').click()
}

async function waitForTexts(page: Page, expected: readonly string[]): Promise<void> {
  let seen: string[] = []
  await waitFor(
    () => `the messages ${JSON.stringify(expected)}; there are ${JSON.stringify(seen)}`,
    async () => {
      seen = await messages(page)
      return JSON.stringify(seen) === JSON.stringify(expected)
    },
    { withinMs: 45_000, everyMs: 50 },
  )
}

/** What the last message says of its unread number, '' when it says none. */
async function lastUnread(page: Page): Promise<string> {
  return by(page, 'message').evaluateAll((nodes) => nodes.at(-1)?.querySelector('[data-testid="unread-number"] [aria-hidden]')?.textContent ?? '')
}

/** Types Hangul as an input method does: syllables grow in place and are committed by the next one. */
async function compose(session: CDPSession, steps: readonly string[]): Promise<void> {
  for (const text of steps) {
    await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', windowsVirtualKeyCode: 229, key: 'Process', code: 'KeyA' })
    await session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
    await session.send('Input.dispatchKeyEvent', { type: 'keyUp', windowsVirtualKeyCode: 65, key: 'a', code: 'KeyA' })
  }
}

export const MAIN_JOB_MS = 180_000

/** What people do with a messenger, in a real browser, whatever the server keeps its data in. */
export async function doMainJob(t: TestContext, server: ServerProcess): Promise<void> {
  const browser = await openBrowser(t)
  const site = server.url.replace('127.0.0.1', 'localhost')
  const pc = await openContext(browser, { width: 1280 })
  const phone = await openContext(browser, { width: 360, theme: 'dark' })
  const faults: string[][] = []

  // The first administrator joins by the link the first start prints.
  const seoyeon = await openPage(pc, `${site}/#/invite/${server.firstAdminCode}`)
  faults.push(seoyeon.faults)
  await by(seoyeon.page, 'invited').waitFor()
  assert.ok(!seoyeon.page.url().includes(server.firstAdminCode), 'The code is taken out of the address bar.')
  await picture(seoyeon.page, 'join-1280-light-ko')
  await signUp(seoyeon.page, { handle: 'seoyeon', displayName: '김서연', password: PASSWORD })
  await by(seoyeon.page, 'tab-friends').first().click()
  await picture(seoyeon.page, 'friends-empty-1280-light-ko')

  // She invites; he joins by the link, and they are friends.
  await by(seoyeon.page, 'invites').click()
  await by(seoyeon.page, 'make-invite').click()
  const link = await by(seoyeon.page, 'invite-link').inputValue()
  await picture(seoyeon.page, 'invite-1280-light-ko')
  await seoyeon.page.keyboard.press('Escape')
  const dohyun = await openPage(phone, link)
  faults.push(dohyun.faults)
  await by(dohyun.page, 'invited').waitFor()
  assert.match((await by(dohyun.page, 'invited').textContent()) ?? '', /김서연/)
  await picture(dohyun.page, 'join-360-dark-ko')
  await signUp(dohyun.page, { handle: 'dohyun', displayName: '이도현', password: PASSWORD })

  // She writes first.
  await seoyeon.page.locator('[data-handle="dohyun"]').click()
  await by(seoyeon.page, 'start-chat').click()
  await by(seoyeon.page, 'composer').waitFor()
  await write(seoyeon.page, '망원 유수지 도착했습니다 🙏')
  await waitForTexts(seoyeon.page, ['망원 유수지 도착했습니다 🙏'])
  await waitFor('the unread number 1', async () => (await lastUnread(seoyeon.page)) === '1')

  // He sees a badge; opening the room makes her number fall.
  await by(dohyun.page, 'tab-chats').first().click()
  const row = by(dohyun.page, 'chat-row').first()
  await row.waitFor()
  assert.equal(await by(row, 'badge').locator('[aria-hidden]').textContent(), '1')
  await picture(dohyun.page, 'chats-360-dark-ko')
  await row.click()
  await waitForTexts(dohyun.page, ['망원 유수지 도착했습니다 🙏'])
  await waitFor('the unread number to fall away', async () => (await lastUnread(seoyeon.page)) === '')

  // Hangul composition is never cut: Enter while composing sends nothing, and nothing is doubled after it.
  const ime = await pc.newCDPSession(seoyeon.page)
  await by(seoyeon.page, 'composer').focus()
  await compose(ime, ['ㅂ', '보', '봉'])
  await ime.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', windowsVirtualKeyCode: 229, key: 'Enter', code: 'Enter' })
  await ime.send('Input.dispatchKeyEvent', { type: 'keyUp', windowsVirtualKeyCode: 13, key: 'Enter', code: 'Enter' })
  await seoyeon.page.waitForTimeout(200)
  assert.equal((await messages(seoyeon.page)).length, 1, 'Enter that ends a composition sends nothing.')
  await ime.send('Input.insertText', { text: '봉' })
  await compose(ime, ['ㅅ', '수'])
  await ime.send('Input.insertText', { text: '수' })
  await seoyeon.page.keyboard.press('Shift+Enter')
  await ime.send('Input.insertText', { text: '두 번째 줄' })
  await seoyeon.page.keyboard.press('Enter')
  const talk = ['망원 유수지 도착했습니다 🙏', '봉수\n두 번째 줄']
  await waitForTexts(dohyun.page, talk)
  assert.equal(await by(seoyeon.page, 'composer').inputValue(), '')

  // [C3] The letters of what is said without a server are there before it is gone.
  await waitFor('the letters of the sentence', () =>
    dohyun.page.evaluate(() => document.fonts.check('1em "Pretendard Variable"', '연결이 끊겼어요. 쓴 글은 보관했다가 이어지는 대로 보내요.')),
  )

  // The server is killed. He goes on writing; the screen says so plainly and shows nothing as sent.
  await server.kill()
  await write(dohyun.page, '합정역 배수구 치우는 중입니다')
  await write(dohyun.page, '10분쯤 걸립니다')
  await by(by(dohyun.page, 'room'), 'connection-line').waitFor()
  await waitFor('two waiting messages', async () => (await dohyun.page.locator('[data-testid="message"][data-state="waiting"]').count()) === 2)
  await picture(dohyun.page, 'room-waiting-360-dark-ko')

  // Even a reload without a server opens the app, its history, and what waits.
  await dohyun.page.reload()
  await waitForTexts(dohyun.page, [...talk, '합정역 배수구 치우는 중입니다', '10분쯤 걸립니다'])
  assert.equal(await dohyun.page.locator('[data-testid="message"][data-state="waiting"]').count(), 2)

  // It comes back; what waited goes out once, in order, with nobody pressing anything.
  await server.start()
  const after = [...talk, '합정역 배수구 치우는 중입니다', '10분쯤 걸립니다']
  await waitForTexts(seoyeon.page, after)
  await waitForTexts(dohyun.page, after)
  await waitFor('everything to be sent', async () => (await dohyun.page.locator('[data-testid="message"]:not([data-state="sent"])').count()) === 0)

  // The phone loses its network, she writes, it comes back.
  await phone.setOffline(true)
  await write(seoyeon.page, '도착하면 사진 올려 주세요')
  await write(dohyun.page, '네')
  await phone.setOffline(false)
  await waitFor('both to have all six', async () => (await messages(seoyeon.page)).length === 6 && (await messages(dohyun.page)).length === 6, {
    withinMs: 20_000,
  })
  assert.deepEqual(await messages(seoyeon.page), await messages(dohyun.page), 'One order on all devices.')
  await waitFor('the connection line to go', async () => (await by(dohyun.page, 'connection-line').count()) === 0)

  // A second device has the same, without anything having been copied to it [D10].
  const tablet = await openPage(await openContext(browser, { width: 1280, language: 'en', theme: 'dark' }), site)
  faults.push(tablet.faults)
  await by(tablet.page, 'handle').fill('dohyun')
  await by(tablet.page, 'password').fill(PASSWORD)
  await by(tablet.page, 'submit').click()
  await by(tablet.page, 'tab-chats').first().click()
  await by(tablet.page, 'chat-row').first().click()
  await waitForTexts(tablet.page, await messages(seoyeon.page))
  await picture(tablet.page, 'room-1280-dark-en')
  await picture(seoyeon.page, 'room-1280-light-ko')

  // Revoking it in the settings closes it at once.
  await by(dohyun.page, 'back').click()
  await by(dohyun.page, 'tab-settings').first().click()
  await by(dohyun.page, 'device-row').nth(1).waitFor()
  await picture(dohyun.page, 'settings-360-dark-ko')
  await by(dohyun.page, 'device-row').nth(1).getByRole('button').click()
  await by(dohyun.page, 'confirm-action').click()
  // It has deleted what it held [C10], and gets it again by signing in.
  await by(tablet.page, 'left-texts').waitFor()
  await by(tablet.page, 'forget-left').click()
  await by(tablet.page, 'handle').fill('dohyun')
  await by(tablet.page, 'password').fill(PASSWORD)
  await by(tablet.page, 'submit').click()
  await by(tablet.page, 'tab-chats').first().click()
  await by(tablet.page, 'chat-row').first().click()
  await waitForTexts(tablet.page, await messages(seoyeon.page))

  assert.deepEqual(faults.flat(), [], 'No script error and nothing against the content security policy, on any page.')
}
