import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ConversationId } from '@bongsu/protocol'
import type { Page } from 'playwright-core'
import { by, openBrowser, openPage } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, makeDevice, makeGroup, makePeople, PASSWORD, untilRoom, type TestDevice } from './world.ts'

interface Scene {
  readonly page: Page
  readonly faults: string[]
  readonly rooms: readonly [ConversationId, ConversationId]
  readonly writer: TestDevice
  /** The writer's name. */
  readonly name: string
}

/**
 * A reader in the first of two rooms, in which the writer has said these texts. `at`: what the reader's clock says, local time. `touch`: on a phone whose
 * browser has no CloseWatcher, instead of with a mouse.
 */
async function setScene(
  t: TestContext,
  texts: readonly string[],
  { width = 1280, at, touch = false }: { width?: number; at?: Date; touch?: boolean } = {},
): Promise<Scene> {
  const server = await startServerProcess(t)
  const [reader, other] = await makePeople(server, 2)
  assert.ok(reader !== undefined && other !== undefined)
  const rooms = [await makeGroup(other, '첫째 방', [reader]), await makeGroup(other, '둘째 방', [reader])] as const
  const writer = makeDevice(server.url, other)
  await goLive(t, [writer])
  await untilRoom(writer, rooms[0])
  for (const text of texts) await writer.handle.settled(await writer.handle.send(rooms[0], { kind: 'text', text }))
  const browser = await openBrowser(t)
  const context = await browser.newContext({
    viewport: { width, height: 760 },
    hasTouch: touch,
    isMobile: touch,
    locale: 'ko-KR',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(15_000)
  if (touch) await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'CloseWatcher'))
  if (at !== undefined) await context.clock.install({ time: at })
  const { page, faults } = await openPage(context, `${server.url.replace('127.0.0.1', 'localhost')}/`)
  await by(page, 'handle').fill(reader.profile.handle)
  await by(page, 'password').fill(PASSWORD)
  await by(page, 'submit').click()
  await by(page, 'tab-chats').first().click()
  await page.locator(`[data-conversation="${rooms[0]}"]`).waitFor()
  return { page, faults, rooms, writer, name: other.profile.displayName }
}

async function open(page: Page, room: ConversationId): Promise<void> {
  await page.locator(`[data-conversation="${room}"]`).click()
  await by(page, 'message').first().waitFor()
  await page.waitForTimeout(600)
}

const focused = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['conversation'])

test(
  '[C13] a selection over several messages is copied as name, time and text, and nothing that is only for screen readers',
  { timeout: 90_000 },
  async (t) => {
    const { page, rooms, name, faults } = await setScene(t, ['하나 처음', '둘', '셋 끝'])
    await open(page, rooms[0])
    const copy = async (from: number, at: number, to: number, end: number): Promise<string> => {
      await page.evaluate(
        ([first, start, last, stop]) => {
          const bubbles = document.querySelectorAll('.bubble')
          const text = (index: number): Node => bubbles[index]?.firstChild ?? document.body
          getSelection()?.setBaseAndExtent(text(first), start, text(last), stop)
        },
        [from, at, to, end] as const,
      )
      await page.keyboard.press('Control+C')
      return page.evaluate(() => navigator.clipboard.readText())
    }
    const clock = String.raw`\d{4}\. \d{1,2}\. \d{1,2}\. (?:오전|오후) \d{1,2}:\d{2}`
    await by(page, 'log').focus()
    assert.match(await copy(0, 3, 2, 1), new RegExp(`^${name}, ${clock}: 처음\n${name}, ${clock}: 둘\n${name}, ${clock}: 셋$`))
    assert.equal(await copy(0, 0, 0, 2), '하나')
    // From a message to the end of its line: neither unread numbers nor the time.
    await page.evaluate(() => {
      const line = document.querySelector('.message-line')
      if (line !== null) getSelection()?.selectAllChildren(line)
    })
    await page.keyboard.press('Control+C')
    assert.equal((await page.evaluate(() => navigator.clipboard.readText())).trim(), '하나 처음')
    assert.deepEqual(faults, [])
  },
)

test('[C14] the list says 어제 just after midnight', { timeout: 90_000 }, async (t) => {
  const now = new Date()
  const { page, rooms, faults } = await setScene(t, ['오늘'], { at: new Date(now.getFullYear(), now.getMonth(), now.getDate(), 23, 59, 50) })
  const time = page.locator(`[data-conversation="${rooms[0]}"] .row-time`)
  assert.match(await time.innerText(), /^(오전|오후)/)
  await page.clock.fastForward(15_000)
  await waitFor('yesterday', async () => (await time.innerText()) === '어제')
  assert.deepEqual(faults, [])
})

test('[WEB] page keys in the field scroll the log, and arrow keys go through the rooms', { timeout: 90_000 }, async (t) => {
  const { page, rooms, faults } = await setScene(
    t,
    Array.from({ length: 60 }, (_, n) => `글 ${n}`),
  )
  await open(page, rooms[0])
  await by(page, 'read-all').click()
  const top = (): Promise<number> => by(page, 'log').evaluate(({ scrollTop }) => scrollTop)
  await by(page, 'composer').focus()
  const before = await top()
  await page.keyboard.press('PageDown')
  await waitFor('the log to scroll down', async () => (await top()) > before + 300)
  const below = await top()
  await page.keyboard.press('PageUp')
  await waitFor('the log to scroll up', async () => (await top()) < below - 300)
  // The log reaches down to the field.
  const [log, button, composer] = await Promise.all(['.log', '.latest-line', '.composer'].map((one) => page.locator(one).boundingBox()))
  assert.equal((log?.y ?? 0) + (log?.height ?? 0) + (button?.height ?? 0), composer?.y)
  await page.locator(`[data-conversation="${rooms[0]}"]`).focus()
  await page.keyboard.press('ArrowDown')
  assert.equal(await focused(page), rooms[1])
  await page.keyboard.press('ArrowUp')
  assert.equal(await focused(page), rooms[0])
  assert.deepEqual(faults, [])
})

test('[WEB] a dropped file and a pasted picture are answered in words, and the app stays', { timeout: 90_000 }, async (t) => {
  const { page, rooms, faults } = await setScene(t, ['안녕'])
  await open(page, rooms[0])
  const give = (type: 'drop' | 'paste', text: string | null): Promise<boolean> =>
    by(page, 'composer').evaluate(
      (field, [kind, words]) => {
        const data = new DataTransfer()
        data.items.add(new File(['x'], 'a.png', { type: 'image/png' }))
        if (words !== null) data.setData('text/plain', words)
        const init = { bubbles: true, cancelable: true }
        const event =
          kind === 'drop' ? new DragEvent('drop', { ...init, dataTransfer: data }) : new ClipboardEvent('paste', { ...init, clipboardData: data })
        field.dispatchEvent(event)
        return event.defaultPrevented
      },
      [type, text] as const,
    )
  for (const type of ['drop', 'paste'] as const) {
    assert.ok(await give(type, null), type)
    await page.locator('.toast').filter({ hasText: '파일과 사진은' }).waitFor()
    await page.locator('.toast').waitFor({ state: 'detached' })
  }
  assert.ok(!(await give('paste', '글과 그림')), 'a text with its picture is pasted as a text')
  assert.deepEqual(faults, [])
})

test('[WEB] the bar of acts is wholly in view in a narrow window with a mouse', { timeout: 90_000 }, async (t) => {
  const { page, rooms, faults } = await setScene(t, ['ㅇ', '긴 글 '.repeat(30), 'ㅇㅇ'], { width: 360 })
  await open(page, rooms[0])
  await by(page, 'composer').fill('내 글')
  await by(page, 'send').click()
  await page.locator('[data-mine="true"][data-state="sent"]').waitFor()
  const count = await by(page, 'message').count()
  assert.equal(count, 4)
  for (let index = 0; index < count; index++) {
    await by(page, 'message')
      .nth(index)
      .locator('.bubble')
      .hover({ position: { x: 8, y: 8 } })
    const [bar, log] = [await by(page, 'hover-bar').boundingBox(), await by(page, 'log').boundingBox()]
    assert.ok(bar !== null && log !== null)
    assert.ok(
      bar.x >= 0 && bar.x + bar.width <= 360 && bar.y >= log.y && bar.y + bar.height <= log.y + log.height,
      `${index}: ${JSON.stringify({ bar, log })}`,
    )
    // The mouse reaches it.
    await page.mouse.move(bar.x + 20, bar.y + bar.height / 2, { steps: 8 })
    assert.equal(await by(page, 'hover-bar').count(), 1, `bar ${index}`)
  }
  assert.deepEqual(faults, [])
})

test('[WEB] a member who came later reads that the conversation is shown from then on', { timeout: 90_000 }, async (t) => {
  const { page, rooms, writer, faults } = await setScene(t, ['안녕'])
  await open(page, rooms[0])
  await page.getByText('대화의 시작이에요').waitFor()
  await by(page, 'room-menu').click()
  await by(page, 'leave').click()
  await by(page, 'confirm-action').click()
  await page.locator(`[data-conversation="${rooms[0]}"]`).waitFor({ state: 'detached' })
  const self = writer.handle
    .view()
    .replica.rooms.get(rooms[1])
    ?.meta.people.find(({ handle }) => handle === 'person0')
  assert.ok(self !== undefined)
  await writer.handle.send(rooms[0], { kind: 'invited', accounts: [self.accountId] })
  await page.locator(`[data-conversation="${rooms[0]}"]`).click()
  await page.getByText('들어오신 때부터의 대화예요').waitFor()
  assert.deepEqual(faults, [])
})

test('[C22] without CloseWatcher the back gesture of a phone closes a sheet, and the room stays', { timeout: 90_000 }, async (t) => {
  const { page, rooms, faults } = await setScene(t, ['안녕'], { width: 360, touch: true })
  await open(page, rooms[0])
  const room = page.url()
  const isOpen = (id: string): Promise<boolean> => by(page, id).isVisible()
  /** A person sees the sheet first. */
  const back = async (): Promise<void> => {
    await page.waitForTimeout(300)
    await page.evaluate(() => history.back())
    await page.waitForTimeout(600)
  }
  await by(page, 'room-menu').click()
  await by(page, 'room-sheet').waitFor()
  await back()
  assert.deepEqual([await isOpen('room-sheet'), await isOpen('log'), page.url()], [false, true, room])
  // A sheet that was closed by its button leaves no step behind, nor does one that another sheet replaces.
  await by(page, 'room-menu').click()
  await by(page, 'rename').click()
  await by(page, 'rename-sheet').waitFor()
  await back()
  await by(page, 'room-sheet').waitFor()
  await by(page, 'close-sheet').click()
  await page.waitForTimeout(300)
  assert.deepEqual([await isOpen('room-sheet'), await isOpen('log'), page.url()], [false, true, room])
  await back()
  await by(page, 'chat-row').first().waitFor()
  // Leaving from a sheet ends on the list, and no way back leads to the room.
  await page.locator(`[data-conversation="${rooms[1]}"]`).click()
  await by(page, 'room-menu').click()
  await by(page, 'leave').click()
  await by(page, 'confirm-action').click()
  await by(page, 'chat-row').first().waitFor()
  await page.waitForTimeout(300)
  assert.match(page.url(), /#\/chats$/)
  assert.deepEqual(faults, [])
})
