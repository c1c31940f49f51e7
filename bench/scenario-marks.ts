import { join } from 'node:path'
import type { ConversationId } from '@bongsu/protocol'
import { ensureSite } from '../apps/server/src/site-build.ts'
import { addMessages, addReactions, fill } from './fill.ts'
import { freePort } from './peers/peer.ts'
import { median, spreadOf } from './percentiles.ts'
import { Impossible, removeFolder, ROOT, temporaryFolder } from './processes.ts'
import { expectSound, onData, TEXT, type Scenario } from './scenario.ts'
import { chromiumMissing, openPage, timeToPaint, withBrowser, withPhone, type Opened } from './web/browser.ts'
import { putSession } from './web/signed-in.ts'

const DOOR = '[data-testid="submit"], [data-testid="invited"]'
const ROW = '[data-testid="chat-row"]'
/** The person who looks, and those who react. */
const REACTORS = 5
const MESSAGES = 300

/** Opening a room whose newest messages are full of reactions, against one without, in one page, by turns. */
export const marks: Scenario = async (options) => {
  const absent = chromiumMissing()
  if (absent !== null) throw new Impossible(`The web figures need ${absent}.`)
  if (!ensureSite(ROOT, console.error)) throw new Impossible('The web app does not build.')
  const tries = options.quick ? 6 : 30
  const directory = temporaryFolder()
  const data = join(directory, 'data')
  const port = await freePort()
  const site = `http://localhost:${port}/`
  try {
    const members = Array.from({ length: REACTORS + 1 }, (_, place) => place)
    const filled = await fill(data, { accounts: members.length, groups: [members, members] })
    const [accountId, author] = filled.accounts
    const [device] = filled.devices
    const [[plain], [marked]] = (device?.cursors ?? []) as unknown as [[ConversationId], [ConversationId]]
    if (accountId === undefined || author === undefined || device === undefined) throw new Error('There is nobody to sign in.')
    await addMessages(data, new Map([plain, marked].map((room) => [room, author])), MESSAGES, TEXT)
    await addReactions(data, marked, filled.accounts.slice(1))
    const taken = await onData(
      options,
      data,
      filled,
      () =>
        withBrowser((browser) =>
          withPhone(browser, async (context) => {
            const one = await openPage(context)
            await one.page.setViewportSize({ width: 1_280, height: 800 })
            await timeToPaint(one, site, DOOR)
            await putSession(one.page, { token: device.token, deviceId: device.deviceId, accountId })
            await one.page.reload()
            await one.page.waitForFunction(({ row }) => document.querySelectorAll(row).length === 2, { row: ROW })
            const times = { plain: [] as number[], marked: [] as number[] }
            for (let count = 0; count < tries + 2; count++) {
              options.progress(`opening, ${count + 1} of ${tries + 2}`)
              const [first, second] = [await openRoom(one, plain, 0), await openRoom(one, marked, REACTORS)]
              // The first two of each bring the rooms' older entries, and compile what draws them.
              if (count < 2) continue
              times.plain.push(first)
              times.marked.push(second)
            }
            expectSound('marks', one.faults)
            return times
          }),
        ),
      { BONGSU_PORT: String(port) },
    )
    return {
      scenario: 'marks',
      about:
        `Opening a room in the built app in Chromium, 1,280 × 800, from the click to the frame in which its newest message is painted: a room whose newest ${MESSAGES} messages carry ${REACTORS} reactions each, ` +
        `and one without, by turns, ${tries} times each.`,
      figures: [
        {
          name: 'opening a room with reactions : one without, median',
          value: median(taken.marked) / median(taken.plain),
          unit: ': 1',
          goal: { atMost: 1.2 },
        },
        { name: 'opening a room without, median', value: median(taken.plain), unit: 'ms' },
        { name: 'opening a room with reactions, median', value: median(taken.marked), unit: 'ms' },
        { name: 'opening a room with reactions, p99', value: spreadOf(taken.marked).p99, unit: 'ms' },
      ],
    }
  } finally {
    removeFolder(directory)
  }
}

/** Clicks a room and waits for the frame after its newest message stands there, with as many reactions as it has. @returns ms */
function openRoom({ page }: Opened, room: string, reactions: number): Promise<number> {
  return page.evaluate(
    async ({ row, newest, wanted, hash }) => {
      const link = [...document.querySelectorAll<HTMLAnchorElement>(row)].find(({ href }) => href.includes(hash))
      if (link === undefined) throw new Error('the room is not in the list')
      const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
      const startedAt = performance.now()
      link.click()
      for (;;) {
        await frame()
        const message = document.querySelector(`[data-testid="message"][data-seq="${newest}"]`)
        const shown = message?.querySelectorAll('[data-testid="reaction"]').length ?? -1
        if (location.href.includes(hash) && (wanted === 0 ? shown === 0 : shown > 0)) break
        if (performance.now() - startedAt > 20_000) throw new Error(`the newest message did not come; it has ${shown} kinds of reactions`)
      }
      await frame()
      return performance.now() - startedAt
    },
    { row: ROW, newest: MESSAGES + 1, wanted: reactions, hash: room },
  )
}
