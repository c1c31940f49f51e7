import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../../../../tests/contract/postgres-server.ts'
import { temporaryDirectory } from '../../../../../tests/contract/sqlite-subject.ts'
import { accept, makeAccounts, makeGroup, newConversation, text } from '../../../../../tests/contract/stores.ts'
import { waitFor } from '../../../../../tests/e2e/wait-for.ts'
import { Unavailable } from '../../conversation/log-store.ts'
import { POSTGRES_BOUNDS } from './bounds.ts'
import { openPostgresStore, type PostgresStore } from './open-store.ts'

let primary: PostgresServer
let standby: PostgresServer
let database: string
let writing: PostgresStore
let reading: PostgresStore
const { directory, remove } = temporaryDirectory()

before(async () => {
  primary = await startPostgres()
  standby = await startPostgres({}, primary)
  database = await primary.makeDatabase()
  await primary.run(database, "ALTER SYSTEM SET synchronous_standby_names = '*'")
  await primary.run(database, 'SELECT pg_reload_conf()')
  // As operators do who want quiet logs: what tells of a cancelled wait must come all the same.
  await primary.run(database, `ALTER DATABASE ${new URL(database).pathname.slice(1)} SET client_min_messages = error`)
  writing = await openPostgresStore({ directory, database })
  reading = await openPostgresStore({ directory, database })
})
after(async () => {
  // A commit that nobody confirms would wait for ever.
  await primary.run(database, "ALTER SYSTEM SET synchronous_standby_names = ''").catch(() => undefined)
  await standby.remove()
  await primary.remove()
  await Promise.all([writing, reading].map((store) => store.close()))
  remove()
})

/** Sessions that wait for the standby. */
const waiting = async (): Promise<readonly Record<string, unknown>[]> =>
  primary.run(database, "SELECT pid, application_name FROM pg_stat_activity WHERE wait_event = 'SyncRep'")

test('[O12] a standby is refused as the database', () =>
  assert.rejects(
    openPostgresStore({ directory, database: database.replace(`:${primary.port}/`, `:${standby.port}/`) }),
    /is a replica, which cannot be written/,
  ))

test('[D11, M5, O13] without the standby nothing is accepted and nothing new is shown; a cancelled wait is unknown until it is confirmed', async () => {
  const [a] = await makeAccounts(writing, 1)
  const room = await makeGroup(writing, a!, [])
  await accept(writing, text(room, a!, '모두에게 있는 말'))
  await standby.stop()

  const asked = text(room, a!, '아직 아무에게도 없는 말')
  let outcome = 'waits'
  const first = writing.log.append([asked], 1).then(
    () => (outcome = 'accepted'),
    (error: unknown) => (outcome = error instanceof Unavailable ? 'unknown' : String(error)),
  )
  await waitFor('a commit that waits', async () => (await waiting()).length === 1)
  assert.deepEqual(await reading.log.heads([room]), new Map([[room, { head: 2, change: 0 }]]))
  assert.equal((await reading.log.read(room, 0, 10)).length, 2)
  assert.equal((await writing.log.read(room, 0, 10)).length, 2, 'the writing process itself reads no more')
  await waitFor('health to tell', () => /has not confirmed.*standby/.test(writing.health().fault ?? ''))
  assert.equal(outcome, 'waits')

  await primary.run(database, `SELECT pg_cancel_backend(${String((await waiting())[0]!['pid'])})`)
  await first
  assert.equal(outcome, 'unknown', 'PostgreSQL says COMMIT, with a warning')

  // The same request again, at both processes: whoever finds the entry may not say so before the standby has it.
  let answered = 0
  const again = [writing, reading].map(async (store) => {
    const answer = await waitFor('an answer', () => accept(store, asked, 2).catch(() => null), { withinMs: 60_000 })
    answered++
    return answer
  })
  const writers = async (): Promise<number> => (await waiting()).filter(({ application_name: name }) => name === 'bongsu write').length
  await waitFor('two that wait, or an answer', async () => answered > 0 || (await writers()) === 2)
  assert.equal(answered, 0)
  await standby.start()
  for (const answer of await Promise.all(again)) assert.deepEqual([answer.seq, answer.repeated, answer.acceptedAt], [3, true, 1])
  await waitFor('health', () => writing.health().writable && reading.health().writable)
})

test('[O13] accounts are written again after one of their commits was cancelled', async () => {
  await standby.stop()
  const first = assert.rejects(makeAccounts(writing, 1), Unavailable)
  await waitFor('a commit that waits', async () => (await waiting()).length === 1)
  await primary.run(database, `SELECT pg_cancel_backend(${String((await waiting())[0]!['pid'])})`)
  await first
  await standby.start()
  await waitFor('the next account', () => makeAccounts(writing, 1).catch(() => null))
})

test('[O13] what waits for a row that a waiting commit holds is accepted as soon as the standby is back', async () => {
  const [a] = await makeAccounts(writing, 1)
  const room = await makeGroup(writing, a!, [])
  await standby.stop()
  const first = accept(writing, text(room, a!, '하나'))
  await waitFor('a commit that waits', async () => (await waiting()).length === 1)
  const second = accept(reading, text(room, a!, '둘'))
  second.catch(() => undefined)
  const since = performance.now()
  await waitFor('a wait that is over once', () => performance.now() - since > 1.2 * POSTGRES_BOUNDS.lockMsMax)
  const held = [writing, reading].map((store) => store.load[0]!().heldMs ?? 0)
  assert(Math.min(...held) > POSTGRES_BOUNDS.lockMsMax, 'no process takes it for load')
  await standby.start()
  assert.deepEqual(
    (await Promise.all([first, second])).map(({ seq }) => seq),
    [2, 3],
  )
})

test('[O12] open connections keep waiting for the standby after somebody sets synchronous_commit to local', async () => {
  const [a] = await makeAccounts(writing, 1)
  const room = await makeGroup(writing, a!, [])
  const set = async (sql: string): Promise<void> => {
    await primary.run(database, `ALTER SYSTEM ${sql}`)
    await primary.run(database, 'SELECT pg_reload_conf()')
  }
  await set('SET synchronous_commit = local')
  await waitFor('the setting', async () => (await primary.run(database, 'SHOW synchronous_commit'))[0]!['synchronous_commit'] === 'local')
  await standby.stop()
  let isAccepted = false
  const answer = accept(writing, text(room, a!, '두 곳에 있을 말')).then(() => (isAccepted = true))
  await waitFor('a commit that waits, or an answer', async () => isAccepted || (await waiting()).length === 1)
  await set('RESET synchronous_commit')
  assert.equal(isAccepted, false)
  await standby.start()
  await answer
})

test('[O13, O1] without the standby many read at once, and what an account asks for is done within a bound or never', async () => {
  const store = await openPostgresStore({ directory, database, accountMsWaiting: 300 })
  const room = newConversation()
  await standby.stop()
  const first = makeAccounts(store, 1)
  await waitFor('a commit that waits', async () => (await waiting()).length === 1)
  const accounts = async (): Promise<unknown> => (await primary.run(database, 'SELECT count(*) AS n FROM accounts'))[0]!['n']
  const earlier = Number(await accounts())
  await assert.rejects(makeAccounts(store, 1), (error) => error instanceof Unavailable && /waited/.test(error.message))
  // More than the connection that is open takes at a time. Another one is not confirmed before the standby is back.
  await Promise.all(Array.from({ length: 5 * POSTGRES_BOUNDS.readsAheadMax }, () => store.log.heads([room])))
  await standby.start()
  await first
  await makeAccounts(store, 1)
  assert.equal(await accounts(), earlier + 2, 'the one that waited too long was never made')
  await store.close()
})

test('[D11] after a crash of the primary nothing is shown that the standby does not have', async () => {
  const [a] = await makeAccounts(writing, 1)
  const room = await makeGroup(writing, a!, [])
  await standby.stop()
  const asked = text(room, a!, '잃을 수 있는 말')
  const first = assert.rejects(writing.log.append([asked], 1), Unavailable)
  await waitFor('a commit that waits', async () => (await waiting()).length === 1)
  await primary.kill()
  await first
  await primary.start()
  assert.deepEqual(
    await primary.run(database, `SELECT head FROM conversations WHERE conversation_id = '${room}'`),
    [{ head: 2 }],
    'PostgreSQL shows it',
  )

  const shown = waitFor('the room', () => reading.log.heads([room]).catch(() => null), { withinMs: 60_000 })
  await waitFor('a reader that waits', async () => (await waiting()).some(({ application_name: name }) => name === 'bongsu read'))
  await standby.start()
  assert.deepEqual(await shown, new Map([[room, { head: 2, change: 0 }]]))
})
