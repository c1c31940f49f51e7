import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AccountId, ClientMessageId, ConversationId } from '@bongsu/protocol'
import type { Page } from 'playwright-core'
import { createPasswords } from '../../apps/server/src/accounts/passwords.ts'
import { openSqliteStore } from '../../apps/server/src/adapters/sqlite/open-store.ts'
import { STRINGS } from '../spoofing/strings.ts'
import { by, openBrowser, openContext, openPage, picture } from './browser.ts'
import { insertAccounts } from './many-accounts.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { PASSWORD } from './world.ts'

const { links, names, titles } = STRINGS

/** Some of the addresses in each message, line by line. */
const PER_PAGE = 8
const pages = Array.from({ length: Math.ceil(links.length / PER_PAGE) }, (_, page) =>
  links
    .slice(page * PER_PAGE, (page + 1) * PER_PAGE)
    .map(([text]) => text)
    .join('\n'),
)

/** Everything of the table, as if an older server had taken it: one room of addresses, one of names, a group of each title, and a 1:1 with staff. */
async function fill(directory: string): Promise<void> {
  const accounts = await insertAccounts(directory, names.length + 2)
  const [reader, staff, ...called] = accounts.map(({ accountId }) => accountId) as [AccountId, AccountId, ...AccountId[]]
  const store = await openSqliteStore({ directory })
  try {
    const hash = await createPasswords().hash(PASSWORD, { known: true, network: '' })
    const name = 'UPDATE accounts SET display_name = ? WHERE account_id = ?'
    await store.sql.atomic([
      { sql: 'UPDATE accounts SET password_hash = ? WHERE account_id = ?', parameters: [hash ?? '', reader], rows: 1 },
      { sql: `UPDATE accounts SET display_name = '김지기', role = 'admin' WHERE account_id = ?`, parameters: [staff], rows: 1 },
      ...called.map((accountId, index) => ({ sql: name, parameters: [names[index]?.[0], accountId], rows: 1 })),
    ])
    const id = (): ClientMessageId => randomUUID() as ClientMessageId
    const room = async (title: string, others: readonly AccountId[]): Promise<ConversationId> => {
      const conversationId = randomUUID() as ConversationId
      await store.log.createGroup({ conversationId, id: id(), author: reader, title, accounts: others.slice(0, 100) }, 1)
      for (let from = 100; from < others.length; from += 100)
        await store.log.append([{ conversationId, id: id(), author: reader, body: { kind: 'invited', accounts: others.slice(from, from + 100) } }], 1)
      return conversationId
    }
    for (const [title] of titles) await room(title, [])
    const direct = await store.log.openDirect(randomUUID() as ConversationId, id(), reader, staff, 2)
    assert.ok('conversationId' in direct)
    const says = (conversationId: ConversationId, author: AccountId, text: string) =>
      store.log.append([{ conversationId, id: id(), author, body: { kind: 'text', text } }], 3)
    await says(direct.conversationId, staff, '반갑습니다')
    const people = await room('이름의 방', [staff, ...called])
    for (const [index, author] of [staff, ...called].entries()) await says(people, author, String(index))
    const addresses = await room('주소의 방', [])
    for (const text of pages) await says(addresses, reader, text)
  } finally {
    await store.close()
  }
}

interface Seen {
  readonly key: string
  readonly links: readonly (readonly [shown: string, opens: string])[]
  /** Links whose letters do not stand from left to right. */
  readonly turned: readonly string[]
  readonly staff: boolean
  /** Whether the name keeps its direction to itself, and to its line. */
  readonly kept: boolean
}

/** Which messages there are, and where. */
const places = (page: Page): Promise<string> =>
  page.getByTestId('message').evaluateAll((all) => all.map((one) => `${one.getAttribute('data-seq')} ${one.getBoundingClientRect().top}`).join())

/** What a reader sees of each message in the open room, from the last to the first. */
async function readRoom(page: Page, count: number): Promise<ReadonlyMap<string, Seen>> {
  await page.getByTestId('message').first().waitFor()
  const box = await page.getByTestId('room').boundingBox()
  await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) / 2, 300)
  const seen = new Map<string, Seen>()
  let up = true
  let before = 0
  for (let step = 0; step < 200; step++) {
    const rows = await page.evaluate((): Seen[] =>
      Array.from(document.querySelectorAll('[data-testid="message"]'), (message) => {
        const found = Array.from(message.querySelectorAll<HTMLAnchorElement>('.bubble a, .bubble-large a'))
        const turned = found.filter((link) => {
          const text = link.firstChild
          if (!(text instanceof Text)) return true
          let last = new DOMRect(-1, -1, 0, 0)
          return Array.from(text.data, (_, at) => at).some((at) => {
            const range = document.createRange()
            range.setStart(text, at)
            range.setEnd(text, at + 1)
            const here = range.getBoundingClientRect()
            const isTurned = here.width > 0 && Math.abs(here.top - last.top) < 2 && here.left < last.left
            if (here.width > 0) last = here
            return isTurned
          })
        })
        const name = message.querySelector<HTMLElement>('.message-name bdi')
        const style = name === null ? null : getComputedStyle(name)
        return {
          key: message.getAttribute('data-seq') ?? '',
          links: found.map((link) => [link.innerText, link.href] as const),
          turned: turned.map((link) => link.href),
          staff: message.querySelector('[data-testid="staff"]') !== null,
          kept: name === null || (style?.unicodeBidi.includes('isolate') === true && style.overflow === 'hidden' && name.offsetHeight <= 30),
        }
      }),
    )
    for (const row of rows) seen.set(row.key, row)
    if (seen.size >= count) return seen
    // Rows that were added above while scrolling may have been passed: they are read on the way back.
    if (up && seen.size === before && step > 20) up = false
    before = seen.size
    await page.mouse.wheel(0, up ? -400 : 300)
    await page.waitForTimeout(60)
  }
  throw new Error(`Of ${count} messages only these were read: ${[...seen.keys()].join()}.`)
}

test(
  '[C12, B32, B33] of 500 texts that try to look like something else, what is shown is what opens, and nobody has the badge of staff',
  { timeout: 180_000 },
  async (t) => {
    assert.ok(Object.values(STRINGS).flat().length >= 500)
    const directory = mkdtempSync(join(tmpdir(), 'bongsu-spoofing-'))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    await fill(directory)
    const server = await startServerProcess(t, { directory })
    const site = server.url.replace('127.0.0.1', 'localhost')
    const context = await openContext(await openBrowser(t), { width: 1280 })
    await context.route(
      (url) => !url.href.startsWith(site),
      (route) => route.fulfill({ contentType: 'text/html', body: '' }),
    )
    const { page, faults } = await openPage(context, site)
    await by(page, 'handle').fill('villager0')
    await by(page, 'password').fill(PASSWORD)
    await by(page, 'submit').click()

    await page.getByText('주소의 방').first().waitFor()
    const open = await page.locator('.face, .row-name').evaluateAll((all) => all.filter((one) => getComputedStyle(one).overflow === 'visible').length)
    assert.equal(open, 0, 'no face and no name of the list is drawn beyond its place')
    await page.getByText('주소의 방').first().click()
    const addresses = await readRoom(page, pages.length)
    const wrong = pages.flatMap((text, index) => {
      const expected = links.slice(index * PER_PAGE, (index + 1) * PER_PAGE).flatMap(([, ...each]) => each)
      const found = addresses.get(String(index + 2))?.links
      return JSON.stringify(found) === JSON.stringify(expected) ? [] : [{ text, expected, found }]
    })
    assert.deepEqual(wrong, [])
    assert.deepEqual(
      [...addresses.values()].flatMap(({ turned }) => turned),
      [],
      'letters of a link stand from left to right',
    )
    const clicked = page.locator('.bubble a[href^="http"]')
    for (let index = 0; index < 3; index++) {
      await clicked.nth(index).scrollIntoViewIfNeeded()
      // A click that begins while rows are still added or measured ends on another one.
      await waitFor('a list at rest', async () => {
        const before = await places(page)
        await page.waitForTimeout(300)
        return before === (await places(page))
      })
      const shown = await clicked.nth(index).innerText()
      const [opened] = await Promise.all([context.waitForEvent('page'), clicked.nth(index).click()])
      await opened.waitForLoadState()
      assert.equal(opened.url(), new URL(/^https?:/.test(shown) ? shown : `https://${shown}`).href)
      await opened.close()
    }
    await picture(page, '1280-spoofing-links')

    await page.getByText('이름의 방').first().click()
    await page.getByText(String(names.length), { exact: true }).first().waitFor()
    const people = await readRoom(page, names.length + 1)
    const said = [...people.values()]
    assert.ok(said.length >= names.length)
    assert.equal(said.filter(({ staff }) => staff).length, 1, 'only staff have the badge')
    assert.ok(said.every(({ kept }) => kept))
    await picture(page, '1280-spoofing-names')

    // The list: a badge beside the 1:1 with staff, and beside no group, whatever it is called.
    const row = by(page, 'chat-row').filter({ hasText: '김지기' })
    await row.first().scrollIntoViewIfNeeded()
    assert.equal(await by(row.first(), 'staff').count(), 1)
    assert.equal(await by(by(page, 'chat-row'), 'staff').count(), 1)
    await row.first().click()
    await by(page, 'room-title').getByText('김지기').waitFor()
    assert.equal(await by(page.locator('.room-header'), 'staff').innerText(), '운영진')
    await picture(page, '1280-spoofing-staff')
    assert.deepEqual(faults, [])
  },
)
