import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addedBy } from '@bongsu/client'
import { by, openBrowser, openContext, openPage, picture } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { got, goLive, makeDevice, makePeople, PASSWORD, signInAgain, type Person } from './world.ts'

test('[B45] who was added sees it among their friends, adds back, puts away or blocks, and both devices agree', { timeout: 120_000 }, async (t) => {
  const server = await startServerProcess(t)
  const [host, me, ...others] = (await makePeople(server, 5)) as [Person, Person, Person, Person, Person]
  const mine = makeDevice(server.url, await signInAgain(server.url, me, '둘째'))
  const theirs = makeDevice(server.url, others[0])
  await goLive(t, [mine, theirs])
  const before = theirs.handle.view().replica.account
  for (const { api } of others) {
    const { accountId } = got(await api.call('lookUpHandle', { body: { handle: me.profile.handle } }))
    got(await api.call('addFriend', { params: { accountId } }))
  }
  const told = () => addedBy(mine.handle.view().replica).map(({ from }) => from.handle)
  await waitFor('all three', () => told().length === 3)
  assert.deepEqual(
    [told().includes(host.profile.handle), mine.handle.view().replica.friends.size],
    [false, 1],
    'friends by an invite are not told of each other',
  )

  const browser = await openBrowser(t)
  const { page, faults } = await openPage(await openContext(browser, { width: 360 }), server.url.replace('127.0.0.1', 'localhost'))
  await by(page, 'handle').fill(me.profile.handle)
  await by(page, 'password').fill(PASSWORD)
  await by(page, 'submit').click()
  await by(page, 'tab-friends').first().click()
  await by(page, 'added').click()
  const row = (person: Person) => by(page, 'added-row').filter({ hasText: person.profile.displayName })
  await picture(page, 'added-360-light-ko')
  await by(row(others[0]), 'add-back').click()
  await row(others[0]).waitFor({ state: 'detached' })
  await by(row(others[1]), 'put-away-added').click()
  await row(others[1]).waitFor({ state: 'detached' })
  await row(others[2]).locator('.row').click()
  await by(page, 'block').click()
  await by(page, 'confirm-action').click()
  await by(page, 'added').waitFor({ state: 'detached' })
  await waitFor('the other device', () => told().length === 0)
  const { friends, blocked } = mine.handle.view().replica
  assert.deepEqual([friends.has(others[0].accountId), friends.has(others[1].accountId), blocked.has(others[2].accountId)], [true, false, true])
  // One change of their own log: the friend they added. Nothing of what became of it.
  await waitFor('their friend', () => theirs.handle.view().replica.friends.has(me.accountId))
  assert.deepEqual([theirs.handle.view().replica.account, theirs.handle.view().replica.added.size], [before + 1, 0])
  assert.deepEqual(faults, [])
})
