import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import { temporaryDirectory } from '../../../../../tests/contract/sqlite-subject.ts'
import { accept, makeAccounts, makeDirect, makeGroup, newConversation, newId, text } from '../../../../../tests/contract/stores.ts'
import { Unavailable } from '../../conversation/log-store.ts'
import { jobsMax, openSqliteStore, type SqliteStore } from './open-store.ts'

interface Scene {
  readonly store: SqliteStore
  readonly directory: string
  readonly a: AccountId
  readonly b: AccountId
  readonly room: ConversationId
  readonly fatal: Error[]
  /** Makes the writer wait for the database, as a slow disk would. @returns a function that lets it continue. */
  readonly hold: () => () => void
}

async function scene(body: (scene: Scene) => Promise<void>): Promise<void> {
  const { directory, remove } = temporaryDirectory()
  const fatal: Error[] = []
  const store = await openSqliteStore({ directory, onFatal: (error) => fatal.push(error) })
  const [a, b] = (await makeAccounts(store, 2)) as [AccountId, AccountId]
  const room = await makeDirect(store, a, b)
  function hold(): () => void {
    const other = new DatabaseSync(join(directory, 'bongsu.db'))
    other.exec('BEGIN IMMEDIATE')
    return () => other.close()
  }
  try {
    await body({ store, directory, a, b, room, fatal, hold })
  } finally {
    await store.close()
    remove()
  }
}

test('[O1] while the writer waits for the disk, the event loop runs, reads are answered, and nothing is reported as written', () =>
  scene(async ({ store, a, room, hold }) => {
    const letGo = hold()
    let done = false
    const appended = accept(store, text(room, a, '기다려')).then((result) => {
      done = true
      return result.seq
    })
    const startedAt = performance.now()
    let turns = 0
    while (performance.now() - startedAt < 150) {
      await sleep(5)
      turns++
    }
    assert(turns >= 10, `the loop turned ${turns} times`)
    assert.deepEqual(await store.log.heads([room]), new Map([[room, { head: 1, change: 0 }]]))
    assert.equal(done, false)
    letGo()
    assert.equal(await appended, 2)
  }))

test('[M5] waiting requests are committed together, at most 512 at a time', () =>
  scene(async ({ store, a, room, hold }) => {
    const letGo = hold()
    const first = accept(store, text(room, a, '먼저'))
    await sleep(20)
    const { messages } = store.stats().writer
    const calls = Array.from({ length: 513 }, (_, index) => accept(store, text(room, a, `${index}`)))
    const large = store.log.append(
      Array.from({ length: 600 }, () => text(room, a, '큰 묶음')),
      1,
    )
    assert.equal(store.stats().writer.waiting, 513 + 600)
    letGo()
    await Promise.all([first, large, ...calls])
    // 512, then the call that did not fit, then the call that alone is larger than 512 and is not divided.
    assert.equal(store.stats().writer.messages - messages, 3)
    assert.equal(store.stats().writer.waiting, 0)
  }))

test(`[O1] ${jobsMax} requests may wait, and a further one is told to come later`, () =>
  scene(async ({ store, a, room }) => {
    const calls = Array.from({ length: jobsMax / 500 }, () =>
      store.log.append(
        Array.from({ length: 500 }, () => text(room, a, '줄')),
        1,
      ),
    )
    await assert.rejects(accept(store, text(room, a, '하나 더')), (error) => error instanceof Unavailable && error.full && error.retryAfterMs > 0)
    assert.equal(store.stats().writer.turnedAway, 1)
    assert.equal(store.health().writable, true, 'a full queue is not a failing disk')
    const results = (await Promise.all(calls)).flat()
    assert.equal(results.filter((result) => result.ok).length, jobsMax)
    assert.equal((await accept(store, text(room, a, '이제 됐다'))).seq, jobsMax + 2)
    const tooMany = Array.from({ length: jobsMax + 1 }, () => text(room, a, '줄'))
    await assert.rejects(store.log.append(tooMany, 1), /a job fits into the empty queue/)
  }))

test('[O1] waiting texts are bounded by their size too', () =>
  scene(async ({ store, a, room, hold }) => {
    const letGo = hold()
    const first = accept(store, text(room, a, '먼저'))
    await sleep(20)
    const words = '가'.repeat(4 * 1024 * 1024)
    const calls = Array.from({ length: 15 }, () => accept(store, text(room, a, words)))
    await assert.rejects(Promise.all([1, 2].map(() => accept(store, text(room, a, words)))), (error) => error instanceof Unavailable && error.full)
    letGo()
    await Promise.all([first, ...calls])
  }))

test('[M1] a transaction that fails halfway leaves nothing: all its requests are told to retry and are then new', () =>
  scene(async ({ store, a, room }) => {
    const asked = text(room, a, '같은 배를 탔다')
    // The database may not grow any more, and the statement that needs room has a journal of its own: SQLite then undoes only the statement.
    const manyRows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT 'k' || i, printf('%.4000c', 'x') FROM n"
    const failing = store.sql.atomic([
      { sql: 'PRAGMA max_page_count = 1', parameters: [] },
      { sql: `INSERT INTO meta (key, value) ${manyRows}`, parameters: [] },
    ])
    const outcomes = await Promise.allSettled([store.log.append([asked], 1), failing])
    for (const outcome of outcomes) assert(outcome.status === 'rejected' && outcome.reason instanceof Unavailable)
    assert.equal(store.health().writable, false)
    assert.deepEqual(await store.log.heads([room]), new Map([[room, { head: 1, change: 0 }]]))
    await store.sql.atomic([{ sql: 'PRAGMA max_page_count = 4294967294', parameters: [] }])
    assert.equal(store.health().writable, false, 'a transaction that wrote nothing proves nothing about the disk')
    const after = await accept(store, asked)
    assert.deepEqual([after.seq, after.repeated, store.health().writable], [2, false, true])
  }))

test('[O4] a thread that dies by a bug rejects all waiting requests and reports it; the data is unchanged', () =>
  scene(async ({ store, directory, a, room, fatal, hold }) => {
    const there = await makeGroup(store, a, [])
    const letGo = hold()
    const outcomes = Promise.allSettled([
      accept(store, text(room, a, '같이')),
      // The server never uses one conversation id twice. If it did, that would be a bug.
      store.log.createGroup({ conversationId: there, author: a, id: newId(), title: '', accounts: [] }, 1),
      accept(store, text(room, a, '뒤')),
    ])
    await sleep(20)
    const later = assert.rejects(accept(store, text(room, a, '다음 묶음')), Unavailable)
    letGo()
    for (const outcome of await outcomes) assert(outcome.status === 'rejected' && outcome.reason instanceof Unavailable)
    await later
    assert.match(fatal[0]?.message ?? '', /UNIQUE constraint failed/)
    assert.equal(fatal.length, 1)
    assert.equal(store.health().writable, false)
    await assert.rejects(accept(store, text(room, a, '이제')), Unavailable)
    await store.close()
    const again = await openSqliteStore({ directory })
    assert.deepEqual(await again.log.heads([room]), new Map([[room, { head: 1, change: 0 }]]))
    await again.close()
  }))

test('[O1] a read of more than a thousand rows is a bug of the caller', () =>
  scene(async ({ store, a, room }) => {
    assert.equal((await store.log.read(room, 0, 1_000)).length, 1)
    await assert.rejects(store.log.read(room, 0, 1_001), /at most 1000 entries/)
    assert.equal((await store.resume.items(a, 0, 1_000)).items.length, 1)
    await assert.rejects(store.resume.items(a, 0, 1_001), /1 to 1000 items/)
    await assert.rejects(store.resume.items(a, 0, 0), /1 to 1000 items/)
    assert.equal((await store.resume.snapshot(room, a, 1_000))?.entries.length, 1)
    await assert.rejects(store.resume.snapshot(room, a, 1_001), /at most 1000 entries/)
    assert.deepEqual(await store.receipts.unread(room, 1, 1_000), [1])
    await assert.rejects(store.receipts.unread(room, 1, 1_001), /at most 1000 entries/)
    await store.probe()
    assert.deepEqual(await store.log.read(newConversation(), 0, 1), [])
  }))
