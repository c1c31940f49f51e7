import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryDirectory } from '../../../../../tests/contract/sqlite-subject.ts'
import { accept, makeGroup, makePeople, text } from '../../../../../tests/contract/stores.ts'
import { STARTS_KEPT } from '../../delivery/history-store.ts'
import { openSqliteStore, type SqliteStore } from './open-store.ts'
import { verifyDatabase } from './verify.ts'

/** Copied while it runs, log included. */
async function goneBack(t: TestContext, parent: string, from: string): Promise<SqliteStore> {
  const directory = join(parent, 'copy')
  cpSync(join(parent, from), directory, { recursive: true })
  const store = await openSqliteStore({ directory })
  t.after(() => store.close())
  return store
}

test('[A7, A4] a new epoch states where each conversation stood when the two histories parted, whatever was written since', async (t) => {
  const { directory: parent, remove } = temporaryDirectory()
  const before = await openSqliteStore({ directory: join(parent, 'data') })
  t.after(async () => {
    await before.close()
    remove()
  })
  const people = await makePeople(before, 2)
  const [a, b] = people as [(typeof people)[0], (typeof people)[0]]
  const rooms = [await makeGroup(before, a, [b]), await makeGroup(before, a, [b]), await makeGroup(before, a, [b])]
  for (const room of rooms) await accept(before, text(room, a, '모두의 것'))
  const common = before.starts()[0]!
  const store = await goneBack(t, parent, 'data')
  await accept(before, text(rooms[0]!, a, '잃은 것'))
  assert.equal(before.starts()[0]!.written, common.written + 1)

  assert.deepEqual(store.starts(), [common], 'a start that has written nothing is none')
  const [first, second] = rooms as [(typeof rooms)[0], (typeof rooms)[0]]
  for (const words of ['뒤의 것 1', '뒤의 것 2']) await accept(store, text(first, b, words))
  const said = text(second, b, '뒤의 것')
  await accept(store, said)
  const own = store.starts()[0]!
  assert.deepEqual([own.start, own.written, store.starts()[1]], [common.start + 1, 3, common])
  assert.notEqual(own.id, common.id)
  await accept(store, said)
  assert.equal(store.starts()[0]!.written, 3, 'a repeated request writes nothing')

  await makeGroup(store, a, [b])
  const { epoch } = store
  await store.beginEpoch(epoch, common.start, 1_000)
  const next = store.epoch
  assert.notEqual(next, epoch)
  const heads = new Map((await store.audit.restoredHeads(a, epoch))!.map(([id, head]) => [id, head]))
  assert.deepEqual(heads, new Map(rooms.map((room) => [room, 2])))
  await store.beginEpoch(epoch, null, 1_500)
  assert.equal(store.epoch, next, 'an epoch ends once, whoever has the proof')
  assert.equal((await store.audit.restoredHeads(a, epoch))!.length, rooms.length)
  await store.beginEpoch(next, null, 2_000)
  assert.deepEqual(await store.audit.restoredHeads(a, epoch), [], 'nobody knows since when')
  await store.beginEpoch(store.epoch, store.starts()[0]!.start, 3_000)
  assert.deepEqual(await store.audit.restoredHeads(a, epoch), [], 'nor after a later one whose parting is known')
  const verified = verifyDatabase(join(parent, 'copy', 'bongsu.db'), { violation: (where, what) => assert.fail(`${where} ${what}`) })
  assert.equal(verified.violations, 0, 'a conversation that was made after the parting is no damage')
})

test('[A7] a store remembers a bounded number of starts', async (t) => {
  const { directory, remove } = temporaryDirectory()
  t.after(remove)
  let store = await openSqliteStore({ directory })
  const [a, b] = (await makePeople(store, 2)) as [never, never]
  const room = await makeGroup(store, a, [b])
  await store.sql.atomic([
    {
      sql: "WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 70) INSERT INTO starts SELECT n, 'x', 1 FROM n",
      parameters: [],
    },
  ])
  await store.close()
  store = await openSqliteStore({ directory })
  await accept(store, text(room, a, '하나'))
  const listed = store.starts().map(({ start }) => start)
  assert.deepEqual([listed.length, listed[0], listed.at(-1)], [STARTS_KEPT, 71, 72 - STARTS_KEPT])
  await store.close()
  store = await openSqliteStore({ directory })
  assert.deepEqual(
    store.starts().map(({ start }) => start),
    listed,
  )
  await store.close()
})
