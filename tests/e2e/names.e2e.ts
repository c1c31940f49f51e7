import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AccountId, ClientMessageId, ConversationId, SendBody } from '@bongsu/protocol'
import { createPasswords } from '../../apps/server/src/accounts/passwords.ts'
import { openSqliteStore } from '../../apps/server/src/adapters/sqlite/open-store.ts'
import { by, openBrowser, openContext, openPage } from './browser.ts'
import { insertAccounts } from './many-accounts.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { PASSWORD } from './world.ts'

const PEOPLE = 80
const MESSAGES = 2_000

/** A room whose old messages are by many people, some of whom left since. Nobody spoke lately but the host. */
async function fillRoom(directory: string): Promise<void> {
  const people = (await insertAccounts(directory, PEOPLE)).map(({ accountId }) => accountId)
  const store = await openSqliteStore({ directory })
  try {
    const hash = await createPasswords().hash(PASSWORD, { known: true, network: '' })
    await store.sql.atomic([{ sql: `UPDATE accounts SET password_hash = ? WHERE handle = 'villager0'`, parameters: [hash ?? ''], rows: 1 }])
    const conversationId = randomUUID() as ConversationId
    const [host, ...others] = people as [AccountId, ...AccountId[]]
    const author = (index: number): AccountId => people[1 + (index % (PEOPLE - 1))] as AccountId
    const says = (speaker: AccountId, body: SendBody) => ({ conversationId, id: randomUUID() as ClientMessageId, author: speaker, body })
    await store.log.createGroup({ conversationId, id: randomUUID() as ClientMessageId, author: host, title: '오래된 마을', accounts: others }, 1)
    const old = Array.from({ length: MESSAGES }, (_, index) => says(author(index), { kind: 'text', text: `옛 이야기 ${index}` }))
    const gone = people.slice(10, 20).map((one) => says(one, { kind: 'left' }))
    const lately = Array.from({ length: 60 }, (_, index) => says(host, { kind: 'text', text: `요즘 이야기 ${index}` }))
    // A minute each, so that every message shows its author.
    for (const [minute, entry] of [...old, ...gone, ...lately].entries()) await store.log.append([entry], (1 + minute) * 60_000)
  } finally {
    await store.close()
  }
}

test('[C6] everybody in view is named after scrolling through old messages, those who left too, also after a reload', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-names-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  await fillRoom(directory)
  const server = await startServerProcess(t, { directory })
  const browser = await openBrowser(t)
  const { page, faults } = await openPage(await openContext(browser, { width: 360 }), server.url.replace('127.0.0.1', 'localhost'))
  await by(page, 'handle').fill('villager0')
  await by(page, 'password').fill(PASSWORD)
  await by(page, 'submit').click()
  await page.getByText('오래된 마을').first().click()
  await by(page, 'message').last().waitFor()

  const log = by(page, 'log')
  const unknown = async (): Promise<number> => log.locator('.message-name, .log-system').filter({ hasText: '알 수 없음' }).count()
  const scrollToTop = async (): Promise<void> => {
    await waitFor(
      'the beginning of the room',
      async () => {
        await log.evaluate((element) => element.scrollBy(0, -20_000))
        return (await by(page, 'older-line').getAttribute('data-state')) === 'beginning'
      },
      { withinMs: 60_000, everyMs: 30 },
    )
  }
  const walkDown = async (): Promise<void> => {
    for (let step = 0; step < 6; step++) {
      await waitFor(
        () => `every name at step ${step}`,
        async () => (await unknown()) === 0,
      )
      await log.evaluate((element) => element.scrollBy(0, element.scrollHeight / 6))
    }
  }
  await scrollToTop()
  assert.ok((await by(page, 'message').count()) > 0)
  await walkDown()
  await page.reload()
  await by(page, 'message').last().waitFor()
  await scrollToTop()
  await walkDown()
  assert.deepEqual(await page.locator('h1:visible').allTextContents(), ['오래된 마을'], 'a phone’s room has one heading of the first level')
  assert.deepEqual(faults, [])
})
