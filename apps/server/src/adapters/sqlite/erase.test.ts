import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import { temporaryDirectory } from '../../../../../tests/contract/sqlite-subject.ts'
import { accept, makeGroup, makePeople, newId, text } from '../../../../../tests/contract/stores.ts'
import { backupDatabase } from './backup.ts'
import { openSqliteStore, type SqliteStore } from './open-store.ts'

/** Long enough for pages of its own, which become free with the text. */
const SECRET = '비밀번호는-'.repeat(700)
const EDITED = '고치기-전-'.repeat(700)

/** Whether any file of the folder contains this text. */
function holds(directory: string, words: string): boolean {
  return readdirSync(directory).some((name) => readFileSync(join(directory, name)).includes(words.slice(0, 60)))
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const end = Date.now() + 60_000
  while (!condition()) {
    assert.ok(Date.now() < end, `waited a minute for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

async function open(t: TestContext): Promise<{
  directory: string
  store: SqliteStore
  room: ConversationId
  author: AccountId
  mark: (act: 'erase' | 'edit', seq: number) => Promise<void>
}> {
  const { directory, remove } = temporaryDirectory()
  t.after(remove)
  const store = await openSqliteStore({ directory })
  t.after(() => store.close())
  const [a] = await makePeople(store, 1)
  const room = await makeGroup(store, a!, [])
  return {
    directory,
    store,
    room,
    author: a!,
    async mark(what, seq) {
      const [entry] = await store.log.read(room, seq - 1, 1)
      const act = what === 'erase' ? ({ kind: 'erased', value: {} } as const) : ({ kind: 'edit', value: { text: '짧게' } } as const)
      const [done] = await store.log.set([{ conversationId: room, author: a!, id: newId(), seq, subject: entry!.id, act }], 2_500)
      assert.ok(done?.ok)
    },
  }
}

test('[I6] erased or replaced content is in no file of a running server after a minute, nor in a backup', async (t) => {
  const { directory, store, room, author, mark } = await open(t)
  const erased = await accept(store, text(room, author, SECRET))
  const edited = await accept(store, text(room, author, EDITED))
  assert.ok(holds(directory, SECRET) && holds(directory, EDITED), 'the search finds what is there')
  await mark('erase', erased.seq)
  await mark('edit', edited.seq)

  const { directory: elsewhere, remove } = temporaryDirectory()
  t.after(remove)
  backupDatabase(join(directory, 'bongsu.db'), join(elsewhere, 'backup.db'), { violation: (where, what) => assert.fail(`${where}: ${what}`) })
  assert.ok(!holds(elsewhere, SECRET) && !holds(elsewhere, EDITED), 'a backup made right after holds nothing of it')

  await until('the log to be cut', () => !holds(directory, SECRET) && !holds(directory, EDITED))
  assert.equal((await store.log.read(room, erased.seq - 1, 1))[0]?.body.kind, 'erased')
})
