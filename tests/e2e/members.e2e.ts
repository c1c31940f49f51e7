import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { LIMITS, type AccountId, type ClientMessageId, type ConversationId } from '@bongsu/protocol'
import type { Page } from 'playwright-core'
import { createPasswords } from '../../apps/server/src/accounts/passwords.ts'
import { openSqliteStore } from '../../apps/server/src/adapters/sqlite/open-store.ts'
import { by, openBrowser, openContext, openPage, picture } from './browser.ts'
import { insertAccounts, type BareAccount } from './many-accounts.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { got, PASSWORD } from './world.ts'

const FAMILIES = Array.from('김이박최정강조윤장임한오서신권황안송류홍')
const GIVEN = Array.from('가나다라마바사아자차카타파하수현영호미진')

/** A Korean name of three syllables, or one in Latin letters for each tenth. */
function nameOf(index: number): string {
  const [family, given] = [FAMILIES[index % FAMILIES.length], GIVEN[Math.floor(index / 7) % GIVEN.length]]
  return index % 10 === 9 ? `villager ${index}` : `${family}${given}${GIVEN[Math.floor(index / 140) % GIVEN.length]} ${index}`
}

/** A room of as many members as there may be. */
async function fillTown(directory: string): Promise<BareAccount> {
  const accounts = await insertAccounts(directory, LIMITS.membersMax)
  const people = accounts.map(({ accountId }) => accountId) as [AccountId, ...AccountId[]]
  const store = await openSqliteStore({ directory })
  try {
    const hash = await createPasswords().hash(PASSWORD, { known: true, network: '' })
    const name = 'UPDATE accounts SET display_name = ? WHERE account_id = ?'
    await store.sql.atomic([
      { sql: `UPDATE accounts SET password_hash = ? WHERE handle = 'villager0'`, parameters: [hash ?? ''], rows: 1 },
      ...people.map((accountId, index) => ({ sql: name, parameters: [nameOf(index), accountId], rows: 1 })),
      { sql: name, parameters: ['홍길동', people[1_234]], rows: 1 },
    ])
    const conversationId = randomUUID() as ConversationId
    const [author, ...others] = people
    const id = (): ClientMessageId => randomUUID() as ClientMessageId
    const hundred = (from: number): AccountId[] => others.slice(from, from + LIMITS.inviteesPerEntryMax)
    await store.log.createGroup({ conversationId, id: id(), author, title: '큰 마을', accounts: hundred(0) }, 1)
    for (let from = LIMITS.inviteesPerEntryMax; from < others.length; from += LIMITS.inviteesPerEntryMax)
      await store.log.append([{ conversationId, id: id(), author, body: { kind: 'invited', accounts: hundred(from) } }], 2)
    return accounts[0] as BareAccount
  } finally {
    await store.close()
  }
}

async function openTown(t: TestContext): Promise<{ page: Page; faults: string[]; asked: string[] }> {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-members-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const reader = await fillTown(directory)
  const server = await startServerProcess(t, { directory })
  // In the middle of the order.
  got(await reader.api(server.url).call('changeProfile', { body: { displayName: '박읽기' } }))
  const browser = await openBrowser(t)
  const { page, faults } = await openPage(await openContext(browser, { width: 360 }), server.url.replace('127.0.0.1', 'localhost'))
  await by(page, 'handle').fill('villager0')
  await by(page, 'password').fill(PASSWORD)
  await by(page, 'submit').click()
  await page.getByText('큰 마을').first().click()
  const asked: string[] = []
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url())
    if (pathname.endsWith('/members')) asked.push(searchParams.get('name') ?? searchParams.get('after') ?? 'first')
  })
  await by(page, 'room-menu').click()
  await by(page, 'member-row').first().waitFor()
  return { page, faults, asked }
}

const rows = (page: Page): Promise<string[]> => by(page, 'member-row').locator('.row-name').allTextContents()

test(
  '[C25] of 3,000 members oneself is first, the others come by name, and a search finds whoever is not loaded',
  { timeout: 180_000 },
  async (t) => {
    const { page, faults, asked } = await openTown(t)
    await waitFor('a page of names', async () => (await rows(page)).length > 3)
    const [first, ...others] = await rows(page)
    assert.equal(first, '박읽기')
    assert.deepEqual(others, others.toSorted())
    assert.match(others[0] ?? '', /^강/)
    await picture(page, '360-members')

    // Initial consonants, of somebody far beyond the first page.
    await by(page, 'search-members').fill('ㅎㄱㄷ')
    await waitFor('the person', async () => (await rows(page)).join() === '홍길동')
    assert.deepEqual(asked, ['first', 'ㅎㄱㄷ'], 'the first page and one search')
    await picture(page, '360-members-found')
    await by(page, 'search-members').fill('ㅂㅇㄱ')
    await waitFor('oneself', async () => (await rows(page))[0] === '박읽기')
    await by(page, 'search-members').fill('없는 사람')
    await page.getByText('찾지 못했어요').waitFor()
    assert.deepEqual(await rows(page), [])

    // Once all pages are loaded, nobody is asked.
    await by(page, 'search-members').fill('')
    const list = by(page, 'members')
    await waitFor(
      'the last page',
      async () => {
        await list.evaluate((element) => element.scrollBy(0, 20_000))
        return (await rows(page)).at(-1) === 'villager 999'
      },
      { withinMs: 60_000, everyMs: 50 },
    )
    const before = asked.length
    await by(page, 'search-members').fill('ㅎㄱㄷ')
    await waitFor('the person', async () => (await rows(page)).join() === '홍길동')
    assert.equal(asked.length, before)
    await by(page, 'member-row').click()
    await by(page, 'profile-sheet').getByRole('heading', { name: '홍길동' }).waitFor()
    assert.deepEqual(faults, [])
  },
)
