import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { by, openBrowser, openContext, openPage, picture, signUp } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'

const PASSWORD = '봉수대에 불이 오르면'
/** Longer than a long press has to be. */
const pressMs = 700

/** Two people in one group: one at a PC, one with a phone. */
async function twoInAGroup(t: TestContext, browser: Browser) {
  const server = await startServerProcess(t)
  const site = server.url.replace('127.0.0.1', 'localhost')
  const seoyeon = await openPage(await openContext(browser, { width: 1280 }), `${site}/#/invite/${server.firstAdminCode}`)
  await signUp(seoyeon.page, { handle: 'seoyeon', displayName: '김서연', password: PASSWORD })
  await by(seoyeon.page, 'tab-friends').first().click()
  await by(seoyeon.page, 'invites').click()
  await by(seoyeon.page, 'make-invite').click()
  const link = await by(seoyeon.page, 'invite-link').inputValue()
  await seoyeon.page.keyboard.press('Escape')
  const dohyun = await openPage(await openContext(browser, { width: 360, theme: 'dark' }), link)
  await signUp(dohyun.page, { handle: 'dohyun', displayName: '이도현', password: PASSWORD })

  await by(seoyeon.page, 'tab-chats').first().click()
  await by(seoyeon.page, 'new-group').click()
  await by(seoyeon.page, 'group-title').fill('김장 모임')
  await by(seoyeon.page, 'picker-row').first().click()
  await by(seoyeon.page, 'create-group').click()
  await by(seoyeon.page, 'composer').waitFor()
  await by(dohyun.page, 'tab-chats').first().click()
  await by(dohyun.page, 'chat-row').first().click()
  await by(dohyun.page, 'composer').waitFor()
  return { server, seoyeon: seoyeon.page, dohyun: dohyun.page, faults: [seoyeon.faults, dohyun.faults] }
}

const message = (page: Page, text: string): Locator => by(page, 'message').filter({ hasText: text })

async function write(page: Page, text: string): Promise<void> {
  await by(page, 'composer').fill(text)
  await by(page, 'send').click()
}

/** Chooses from the menu of a message: by right click at a PC, by a long press on a phone. */
async function choose(page: Page, target: Locator, item: string): Promise<void> {
  const bubble = target.locator('.bubble').first()
  if ((page.viewportSize()?.width ?? 0) > 720) await bubble.click({ button: 'right' })
  else {
    // A trial click waits until the bubble is still: a line that comes or goes above moves it under the finger.
    await bubble.click({ trial: true })
    const { x, y, height } = (await bubble.boundingBox()) ?? { x: 0, y: 0, height: 0 }
    const session = await page.context().newCDPSession(page)
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 16, y: y + height - 14 }] })
    await page.waitForTimeout(pressMs)
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await session.detach()
  }
  await by(page, 'message-menu').waitFor()
  await by(page, item).first().click()
}

const reactions = (target: Locator): Promise<string[]> => by(target, 'reaction').evaluateAll((pills) => pills.map((pill) => pill.textContent))

async function waitForReactions(target: Locator, expected: readonly string[]): Promise<void> {
  await waitFor(`the reactions ${expected.join(', ')}`, async () => JSON.stringify(await reactions(target)) === JSON.stringify(expected), {
    withinMs: 45_000,
  })
}

test(
  '[I1] [I2] [I5] [I6] [I7] [I9] [I11] two people reply, react, edit, mention, erase and hide, also while the server is away',
  { timeout: 180_000 },
  async (t) => {
    const browser = await openBrowser(t)
    const { server, seoyeon, dohyun, faults } = await twoInAGroup(t, browser)
    /** Ids of the acts that the phone has sent, by connection. */
    const acts: string[] = []
    dohyun.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        const frame = JSON.parse(String(payload)) as { t: string; id: string }
        if (frame.t === 'set') acts.push(frame.id)
      }),
    )
    await dohyun.reload()
    await by(dohyun, 'composer').waitFor()

    // [I9] A reply shows what it answers, and leads there.
    await write(seoyeon, '김장은 토요일 아침입니다')
    await message(dohyun, '김장은').waitFor()
    await choose(dohyun, message(dohyun, '김장은'), 'menu-reply')
    await by(dohyun, 'writing-bar').waitFor()
    await picture(dohyun, 'reply-360-dark-ko')
    await write(dohyun, '네 갈게요')
    const reply = message(seoyeon, '네 갈게요')
    await reply.waitFor()
    assert.match((await by(reply, 'quote').textContent()) ?? '', /김장은 토요일 아침입니다/)
    await by(reply, 'quote').click()
    await seoyeon.locator('.message-marked', { hasText: '김장은' }).first().waitFor()

    // [I7] A reaction is there for both, and counts as nothing new.
    await choose(seoyeon, reply, 'quick-reaction')
    await waitForReactions(message(dohyun, '네 갈게요'), ['❤️1'])
    await by(message(dohyun, '네 갈게요'), 'reaction').click()
    await waitForReactions(reply, ['❤️2'])
    assert.equal(await by(reply, 'reaction').getAttribute('aria-pressed'), 'true')

    // [I5] [I6] An edited text takes the place of the earlier one.
    await choose(dohyun, message(dohyun, '네 갈게요'), 'menu-edit')
    await by(dohyun, 'writing-bar').waitFor()
    await write(dohyun, '네, 일곱 시까지 갈게요')
    await message(seoyeon, '네, 일곱 시까지 갈게요').waitFor()
    await by(message(seoyeon, '일곱 시'), 'mark-edit').waitFor()
    assert.equal(await message(seoyeon, '네 갈게요').count(), 0)
    await waitForReactions(message(seoyeon, '일곱 시'), ['❤️2'])

    // [I9] Somebody who is named sees it.
    await by(seoyeon, 'composer').fill('')
    await by(seoyeon, 'composer').pressSequentially('@ㅇㄷ')
    await by(seoyeon, 'mention-option').first().waitFor()
    await picture(seoyeon, 'mention-1280-light-ko')
    await seoyeon.keyboard.press('Enter')
    await seoyeon.keyboard.type('장갑 부탁해요')
    await seoyeon.keyboard.press('Enter')
    const mentioned = message(dohyun, '장갑 부탁해요')
    await mentioned.locator('.mention-me').waitFor()
    assert.equal(await mentioned.locator('.mention-me').textContent(), '@이도현')
    await picture(dohyun, 'marks-360-dark-ko')

    // [R7] The author sees by name who has read it.
    await choose(seoyeon, message(seoyeon, '장갑 부탁해요'), 'menu-details')
    await by(seoyeon, 'reader').filter({ hasText: '이도현' }).waitFor()
    await picture(seoyeon, 'details-1280-light-ko')
    await by(seoyeon, 'readers-unread').click()
    await by(seoyeon, 'reader').waitFor({ state: 'detached' })
    await seoyeon.keyboard.press('Escape')

    // [I11] [I2] What is done without the server shows at once, and goes out once.
    await server.kill()
    await by(by(dohyun, 'room'), 'connection-line').waitFor()
    const sentBefore = acts.length
    await choose(dohyun, mentioned, 'quick-reaction')
    await waitForReactions(mentioned, ['❤️1'])
    await choose(dohyun, message(dohyun, '일곱 시'), 'menu-edit')
    await write(dohyun, '네, 여덟 시까지 갈게요')
    await message(dohyun, '여덟 시').waitFor()
    await picture(dohyun, 'marks-offline-360-dark-ko')
    await server.start()
    await waitForReactions(message(seoyeon, '장갑 부탁해요'), ['❤️1'])
    await message(seoyeon, '여덟 시').waitFor()
    await waitFor('both acts to be sent', () => acts.length >= sentBefore + 2)
    assert.deepEqual(acts.length, new Set(acts).size, 'Each act was sent once.')
    assert.equal(acts.length, sentBefore + 2)

    // [I6] What its author erases is gone from every screen, from quotes, and in a group nobody is named.
    await choose(seoyeon, message(seoyeon, '김장은').first(), 'menu-erase')
    await picture(seoyeon, 'erase-1280-light-ko')
    await by(seoyeon, 'confirm-action').click()
    const line = by(dohyun, 'system-line').filter({ hasText: '삭제된 메시지예요' })
    await line.waitFor()
    assert.equal(await line.textContent(), '삭제된 메시지예요')
    await waitFor('the quote to be gone', async () => (await by(message(dohyun, '여덟 시'), 'quote').textContent()) === '삭제된 메시지예요')
    assert.equal(await dohyun.getByText('김장은 토요일').count(), 0)

    // Erased for oneself, on this device and after a start, and for nobody else.
    await choose(dohyun, mentioned, 'menu-hide')
    await by(dohyun, 'confirm-action').click()
    await waitFor('the message to be hidden', async () => (await mentioned.count()) === 0)
    await dohyun.reload()
    await message(dohyun, '여덟 시').waitFor()
    assert.equal(await mentioned.count(), 0)
    assert.equal(await message(seoyeon, '장갑 부탁해요').count(), 1)

    // The list says what was said last, for each of them.
    await by(dohyun, 'back').click()
    await waitFor('the last line', async () => /여덟 시까지/.test((await by(dohyun, 'chat-row').first().textContent()) ?? ''))
    assert.match((await by(seoyeon, 'chat-row').first().textContent()) ?? '', /장갑 부탁해요/)
    await picture(seoyeon, 'marks-1280-light-ko')

    // Several messages are copied as lines.
    await choose(seoyeon, message(seoyeon, '여덟 시'), 'menu-select')
    await by(message(seoyeon, '장갑 부탁해요'), 'pick').check({ force: true })
    assert.match((await by(seoyeon, 'select-bar').textContent()) ?? '', /2개 선택/)
    await seoyeon.keyboard.press('Escape')
    await by(seoyeon, 'composer').waitFor()

    assert.deepEqual(faults.flat(), [], 'No script error and nothing against the content security policy, on any page.')
  },
)
