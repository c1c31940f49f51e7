import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import { temporaryDirectory } from '../../../../../tests/contract/sqlite-subject.ts'
import { accept, makePeople, makeGroup, text } from '../../../../../tests/contract/stores.ts'
import { backupDatabase } from './backup.ts'
import { openSqliteStore, type SqliteStore } from './open-store.ts'
import { restoreDatabase } from './restore.ts'
import type { Restored, VerifyWatcher } from '../../store/store-keeper.ts'
import { verifyDatabase } from './verify.ts'

const watcher: VerifyWatcher = {
  violation(where, what) {
    assert.fail(`${where}: ${what}`)
  },
}
const NOW = Date.UTC(2026, 10, 22, 10, 30)

interface World {
  readonly parent: string
  readonly directory: string
  readonly backup: string
  readonly store: SqliteStore
  readonly people: readonly AccountId[]
  readonly room: ConversationId
}

/** A running store with one room of three entries. */
async function makeWorld(t: TestContext): Promise<World> {
  const { directory: parent, remove } = temporaryDirectory()
  const directory = join(parent, 'data')
  const store = await openSqliteStore({ directory })
  t.after(async () => {
    await store.close()
    remove()
  })
  const people = await makePeople(store, 2)
  const room = await makeGroup(store, people[0]!, [people[1]!])
  for (const words of ['하나', '둘']) await accept(store, text(room, people[0]!, words))
  return { parent, directory, backup: join(parent, 'backup.db'), store, people, room }
}

const restore = (world: World, directory = world.directory, replace = false): Restored =>
  restoreDatabase(world.backup, directory, { replace, withoutLog: false }, NOW, watcher)

async function headsIn(directory: string, room: ConversationId): Promise<number | undefined> {
  const store = await openSqliteStore({ directory })
  try {
    return (await store.log.heads([room])).get(room)?.head
  } finally {
    await store.close()
  }
}

test('[A6] a backup beside a running server is one complete moment, readable by its owner alone, with everything accepted before', async (t) => {
  const world = await makeWorld(t)
  const { store, room, people, backup, directory } = world
  const verified = backupDatabase(join(directory, 'bongsu.db'), backup, watcher)
  assert.equal(verified.entries, 3)
  assert.equal(statSync(backup).mode & 0o777, 0o600)
  await accept(store, text(room, people[1]!, '셋'))
  assert.equal(verifyDatabase(backup, watcher).history, verified.history)
  assert.deepEqual(readdirSync(world.parent).toSorted(), ['backup.db', 'data'], 'it is one file and nothing else')
  assert.throws(() => backupDatabase(join(directory, 'bongsu.db'), backup, watcher), /already exists.*nothing was written/)
  assert.throws(() => backupDatabase(join(directory, 'bongsu.db'), join(world.parent, 'no', 'x.db'), watcher), /does not exist; nothing was written/)
})

test('[A6] each backup taken while messages arrive is sound', async (t) => {
  const world = await makeWorld(t)
  const { store, room, people, directory } = world
  const file = join(directory, 'bongsu.db')
  let entries = 0
  for (let round = 0; round < 5; round++) {
    const talking = Promise.all(Array.from({ length: 200 }, (_, index) => accept(store, text(room, people[index % 2]!, `${index}`))))
    await new Promise((resolve) => setTimeout(resolve, round * 3))
    const verified = backupDatabase(file, join(world.parent, `${round}.db`), watcher)
    assert.ok(verified.entries >= entries)
    entries = verified.entries
    await talking
  }
})

test('[A6] a backup of a database with faults is not kept', async (t) => {
  const world = await makeWorld(t)
  await world.store.sql.atomic([{ sql: 'UPDATE conversations SET member_count = 7', parameters: [] }])
  const found: string[] = []
  const watching: VerifyWatcher = { violation: (_, what) => void found.push(what) }
  assert.throws(() => backupDatabase(join(world.directory, 'bongsu.db'), world.backup, watching), /has 1 violations.*not kept/)
  assert.equal(found.length, 1)
  assert.deepEqual(readdirSync(world.parent), ['data'])
})

test('[A6] a restore beside a running server, or over a database without --replace, changes nothing', async (t) => {
  const world = await makeWorld(t)
  const { store, directory, room } = world
  backupDatabase(join(directory, 'bongsu.db'), world.backup, watcher)
  for (const replace of [false, true]) assert.throws(() => restore(world, directory, replace), /Another Bongsu server uses this data directory/)
  await accept(store, text(room, world.people[0]!, '셋'))
  await store.close()
  assert.throws(() => restore(world), /holds a database.*--replace.*nothing was changed/)
  assert.equal(await headsIn(directory, room), 4)
})

test('[A6, D7, A4] a restore is a new history, keeps the replaced files and the key, and records where it goes back to', async (t) => {
  const world = await makeWorld(t)
  const { store, directory, room, people } = world
  writeFileSync(join(directory, 'token.key'), 'a key')
  backupDatabase(join(directory, 'bongsu.db'), world.backup, watcher)
  await accept(store, text(room, people[0]!, '셋'))
  await store.close()
  const restored = restore(world, directory, true)
  assert.notEqual(restored.epoch, store.epoch)
  assert.deepEqual(restored.keptIn, [join(directory, 'replaced-2026-11-22T10-30-00.000Z')])
  assert.equal(readFileSync(join(directory, 'token.key'), 'utf8'), 'a key')
  assert.equal(verifyDatabase(join(restored.keptIn[0]!, 'bongsu.db'), watcher).entries, 4)
  assert.equal(verifyDatabase(join(directory, 'bongsu.db'), watcher).entries, 3)

  const again = await openSqliteStore({ directory })
  assert.equal(again.epoch, restored.epoch)
  assert.deepEqual(await again.audit.restoredHeads(people[0]!, store.epoch), [[room, 3, 0]])
  assert.equal(await again.audit.restoredHeads(people[0]!, 'another'), null)
  // Devices of the old history do not know the later entries, and another restore of the same file goes back no further.
  await accept(again, text(room, people[1]!, '다시 셋'))
  await makeGroup(again, people[0]!, [])
  backupDatabase(join(directory, 'bongsu.db'), join(world.parent, 'second.db'), watcher)
  await again.close()
  const second = restoreDatabase(join(world.parent, 'second.db'), directory, { replace: true, withoutLog: false }, NOW + 1, watcher)
  const third = await openSqliteStore({ directory })
  assert.equal(third.epoch, second.epoch)
  assert.deepEqual(
    (await third.audit.restoredHeads(people[0]!, store.epoch))?.find(([id]) => id === room),
    [room, 3, 0],
  )
  assert.deepEqual(
    (await third.audit.restoredHeads(people[0]!, restored.epoch))?.find(([id]) => id === room),
    [room, 3, 0],
  )
  await third.close()
})

test('[A6] a backup can be restored into an empty or missing directory, and the copied folder of a killed server is a backup', async (t) => {
  const world = await makeWorld(t)
  const { directory, parent, room } = world
  const killed = join(parent, 'killed')
  cpSync(directory, killed, { recursive: true })
  assert.ok(statSync(join(killed, 'bongsu.db-wal')).size > 0)
  const target = join(parent, 'new', 'data')
  const restored = restoreDatabase(join(killed, 'bongsu.db'), target, { replace: false, withoutLog: false }, NOW, watcher)
  assert.deepEqual([restored.entries, restored.keptIn], [3, []])
  assert.equal(await headsIn(target, room), 3)
  assert.deepEqual(readdirSync(target).toSorted(), ['bongsu.db', 'bongsu.lock'])
})

test('[A6] an unsound backup is refused before anything is changed', async (t) => {
  const world = await makeWorld(t)
  const { directory, room } = world
  backupDatabase(join(directory, 'bongsu.db'), world.backup, watcher)
  await world.store.close()
  const whole = readFileSync(world.backup)
  for (const [bytes, said] of [
    [Buffer.alloc(0), /is empty/],
    [whole.subarray(0, whole.length - 4_096), /cut short/],
    [Buffer.from('not a database'.repeat(100)), /not a database/],
  ] as const) {
    writeFileSync(world.backup, bytes)
    assert.throws(() => restore(world, directory, true), said)
    assert.deepEqual(readdirSync(directory).toSorted(), ['bongsu.db', 'bongsu.lock'])
  }
  assert.throws(
    () => restoreDatabase(join(world.parent, 'nowhere.db'), directory, { replace: true, withoutLog: false }, NOW, watcher),
    /There is no database/,
  )
  assert.equal(await headsIn(directory, room), 3)
})

test('[A6, O4] after a kill between the steps of a restore no server starts, and a second run completes the restore', async (t) => {
  const world = await makeWorld(t)
  const { store, people, room, parent } = world
  backupDatabase(join(world.directory, 'bongsu.db'), world.backup, watcher)
  await accept(store, text(room, people[0]!, '셋'))
  for (const moved of [[], ['bongsu.db'], ['bongsu.db', 'bongsu.db-wal'], ['bongsu.db-wal']]) {
    // The disk after a kill that follows these moves.
    const directory = join(parent, `killed-${moved.length}-${moved[0] ?? 'nothing'}`)
    cpSync(world.directory, directory, { recursive: true })
    const aside = join(directory, 'replaced-then')
    mkdirSync(aside)
    for (const part of moved) renameSync(join(directory, part), join(aside, part))
    writeFileSync(join(directory, 'restore-under-way'), aside)
    await assert.rejects(openSqliteStore({ directory }), /A restore was interrupted here. Run the same/)
    const restored = restore(world, directory, false)
    assert.deepEqual(restored.keptIn, [aside])
    assert.equal(existsSync(join(directory, 'restore-under-way')), false)
    assert.equal(await headsIn(directory, room), 3)
    assert.equal(verifyDatabase(join(aside, 'bongsu.db'), watcher).entries, 4, 'with its log, in which the last one is')
  }
})

test('[A6] files put back after an interrupted restore are moved aside too, so that no foreign log stays beside the new database', async (t) => {
  const world = await makeWorld(t)
  const { store, people, room, parent } = world
  backupDatabase(join(world.directory, 'bongsu.db'), world.backup, watcher)
  await accept(store, text(room, people[0]!, '셋'))
  for (const [name, moved] of [
    ['all', ['bongsu.db', 'bongsu.db-wal', 'bongsu.db-shm']],
    ['one', ['bongsu.db']],
  ] as const) {
    const directory = join(parent, `put-back-${name}`)
    cpSync(world.directory, directory, { recursive: true })
    const aside = join(directory, 'replaced-then')
    mkdirSync(aside)
    for (const part of moved) cpSync(join(directory, part), join(aside, part))
    writeFileSync(join(directory, 'restore-under-way'), aside)
    const restored = restore(world, directory, false)
    assert.deepEqual(restored.keptIn, [aside, `${aside}-2`])
    assert.equal(existsSync(join(directory, 'bongsu.db-wal')), false)
    assert.equal(await headsIn(directory, room), 3, 'it is the backup alone')
    assert.equal(verifyDatabase(join(`${aside}-2`, 'bongsu.db'), watcher).entries, 4)
  }
})

test('[A6] the unfinished file of an interrupted restore is no backup, and is not deleted when named as one', async (t) => {
  const world = await makeWorld(t)
  const { directory } = world
  await world.store.close()
  const draft = join(directory, 'bongsu.db.restoring')
  cpSync(join(directory, 'bongsu.db'), draft)
  assert.throws(
    () => restoreDatabase(draft, directory, { replace: true, withoutLog: false }, NOW, watcher),
    /is the unfinished file of an interrupted restore.*Nothing was changed/,
  )
  assert.equal(existsSync(draft), true)
})

test('[A6] a backup never replaces a file that appeared meanwhile', async (t) => {
  const world = await makeWorld(t)
  const file = join(world.directory, 'bongsu.db')
  const other: VerifyWatcher = { ...watcher, progress: () => writeFileSync(world.backup, 'of another run') }
  assert.throws(() => backupDatabase(file, world.backup, other), /already exists/)
  assert.equal(readFileSync(world.backup, 'utf8'), 'of another run')
  assert.deepEqual(readdirSync(world.parent).toSorted(), ['backup.db', 'data'], 'and nothing else is left')
})
