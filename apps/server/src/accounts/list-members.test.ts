import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { LIMITS, type AccountId, type ClientMessageId, type ConversationId, type Query } from '@bongsu/protocol'
import { openAccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { listMembers } from './list-members.ts'

/** In their order. Two people of one name are there, one name is that of the other case, and one begins like another. The first is older than NFC. */
const NAMES = [
  '다람'.normalize('NFD'),
  'ㅋㅋ',
  '가나',
  '가나다',
  '김수현',
  '김수현',
  '하늘',
  '1동 관리',
  'adam',
  'Anna',
  'Zoe',
  'zoë',
  'Émile',
  '李明',
  '🐢',
]

async function openRoom(t: Parameters<typeof openAccountsWorld>[0]) {
  const world = await openAccountsWorld(t)
  const host = (await world.join('host')).profile.accountId
  const foreign = (await world.join('foreign')).profile.accountId
  const people = NAMES.map((name) => ({ accountId: randomUUID() as AccountId, name }))
  const sql = `INSERT INTO accounts (account_id, handle, display_name, password_hash, role, created_at, password_changed_at)
               VALUES (?, ?, ?, '-', 'member', 0, 0)`
  const made = await world.sql.atomic(people.map(({ accountId, name }, index) => ({ sql, parameters: [accountId, `villager${index}`, name] })))
  assert.ok(made.ok)
  const conversationId = randomUUID() as ConversationId
  const accounts = people.map(({ accountId }) => accountId).toSorted()
  assert.ok(
    'existed' in (await world.store.log.createGroup({ conversationId, id: randomUUID() as ClientMessageId, author: host, title: '', accounts }, 1)),
  )
  const page = async (query: Query<'listMembers'>) => {
    const listed = await listMembers(world, host, conversationId, query)
    assert.ok(listed.ok)
    return listed.value
  }
  const names = async (query: Query<'listMembers'>): Promise<readonly string[]> =>
    (await page(query)).people.filter(({ accountId }) => accountId !== host).map(({ displayName }) => displayName)
  return { page, names, host, foreign }
}

test('[C25] members come by name, Korean names first, each once, whatever the size of a page', async (t) => {
  const { page, names, host, foreign } = await openRoom(t)
  assert.deepEqual(await names({}), NAMES)
  for (const limit of [1, 3, NAMES.length, NAMES.length + 1]) {
    const seen: string[] = []
    let after: AccountId | undefined
    for (let more = true; more;) {
      const listed = await page({ limit, ...(after === undefined ? {} : { after }) })
      seen.push(...listed.people.filter(({ accountId }) => accountId !== host).map(({ displayName }) => displayName))
      after = listed.people.at(-1)?.accountId
      more = listed.more
    }
    assert.deepEqual(seen, NAMES, `pages of ${limit}`)
  }
  assert.deepEqual(await page({ after: randomUUID() as AccountId }), { people: [], more: false }, 'there is no page after nobody')
  assert.deepEqual(await page({ after: foreign }), { people: [], more: false }, 'nor after somebody who is not a member')
})

test('[C25] the server searches members by letters and by initial consonants, in pages too', async (t) => {
  const { page, names } = await openRoom(t)
  assert.deepEqual(await names({ name: 'ㄱㅅㅎ' }), ['김수현', '김수현'])
  assert.deepEqual(await names({ name: '가' }), ['가나', '가나다'])
  assert.deepEqual(await names({ name: 'AN' }), ['Anna'])
  assert.deepEqual(await names({ name: '관리' }), ['1동 관리'])
  assert.deepEqual(await names({ name: '없는 사람' }), [])
  assert.deepEqual(await names({ name: '🐢'.repeat(LIMITS.displayNameCodePointsMax) }), [])
  const first = await page({ name: '수현', limit: 1 })
  const second = await page({ name: '수현', limit: 1, after: first.people[0]?.accountId as AccountId })
  assert.deepEqual([first.more, second.more], [true, false])
  assert.notEqual(first.people[0]?.accountId, second.people[0]?.accountId)
})
