import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryDirectory } from '../../../../../tests/contract/sqlite-subject.ts'
import { accept, makeAccounts, makeGroup, makePeople, text } from '../../../../../tests/contract/stores.ts'
import type { VerifyWatcher } from '../../store/store-keeper.ts'
import { backupDatabase } from './backup.ts'
import { Unusable } from './check-file.ts'
import { openSqliteStore } from './open-store.ts'
import { restoreDatabase } from './restore.ts'
import { verifyDatabase } from './verify.ts'

const PAGE = 4_096
const watcher: VerifyWatcher = {
  violation(where, what) {
    assert.fail(`${where}: ${what}`)
  },
}

interface Data {
  readonly directory: string
  readonly file: string
}

/** A data directory with a history of some hundred pages. `killed`: as after kill -9, with an unmerged write-ahead log. */
async function makeData(t: TestContext, killed = false): Promise<Data> {
  const { directory: parent, remove } = temporaryDirectory()
  t.after(remove)
  const made = join(parent, 'made')
  const store = await openSqliteStore({ directory: made })
  const people = await makeAccounts(store, 50)
  const room = await makeGroup(store, people[0]!, people.slice(1))
  for (let count = 0; count < 40; count++) await accept(store, text(room, people[0]!, `${count} ${'봉수 '.repeat(2_000)}`))
  const directory = join(parent, 'data')
  if (killed) cpSync(made, directory, { recursive: true })
  await store.close()
  if (!killed) cpSync(made, directory, { recursive: true })
  return { directory, file: join(directory, 'bongsu.db') }
}

/** Hashes of the database and its log, which hold the accepted messages. An empty log counts as none. */
function hashes({ file }: Data): readonly string[] {
  return [file, `${file}-wal`].map((name) =>
    existsSync(name) && statSync(name).isFile() && statSync(name).size > 0 ? createHash('sha256').update(readFileSync(name)).digest('hex') : 'none',
  )
}

async function assertRefused(data: Data, sentence: RegExp): Promise<void> {
  const before = hashes(data)
  await assert.rejects(openSqliteStore({ directory: data.directory }), (error: unknown) => {
    assert.ok(error instanceof Unusable, String(error))
    assert.match(error.message, sentence)
    assert.match(error.message, /nothing was changed|npx bongsu/)
    return true
  })
  assert.deepEqual(hashes(data), before, 'every byte is as it was')
}

function overwrite(file: string, at: number, bytes: Uint8Array): void {
  const all = readFileSync(file)
  all.set(bytes, at)
  writeFileSync(file, all)
}

test('[A5] an untouched database opens, stopped or killed', async (t) => {
  for (const killed of [false, true]) {
    const data = await makeData(t, killed)
    assert.equal(existsSync(`${data.file}-wal`), killed)
    const store = await openSqliteStore({ directory: data.directory })
    const [row] = await store.sql.read<{ n: number }>({ sql: 'SELECT count(*) AS n FROM entries', parameters: [] })
    assert.equal(row?.n, 41)
    await store.close()
  }
})

test('[A5] a truncated database is refused, wherever it was cut', async (t) => {
  const data = await makeData(t)
  const whole = readFileSync(data.file)
  for (const bytes of [0, 1, 99, 100, PAGE, 2 * PAGE + 17, whole.length / 2, whole.length - 1, whole.length - PAGE]) {
    writeFileSync(data.file, whole.subarray(0, Math.floor(bytes)))
    await assertRefused(data, bytes === 0 ? /is empty/ : bytes < 100 ? /beginning is damaged/ : /cut short/)
  }
})

test('[A5] damaged pages are refused', async (t) => {
  const data = await makeData(t)
  const whole = readFileSync(data.file)
  const noise = createHash('sha512').update('noise').digest()
  for (const [page, at] of [
    [0, 0],
    [0, 30],
    [0, 100],
    [1, 0],
    [2, 0],
    [5, 3],
    [8, 0],
    [12, 0],
  ] as const) {
    writeFileSync(data.file, whole)
    overwrite(data.file, page * PAGE + at, noise)
    await assertRefused(data, /damaged|cut short|not made by Bongsu|cannot be read/)
  }
})

test('[A5] a single changed bit in the header of any tree page is found', async (t) => {
  const data = await makeData(t)
  const whole = readFileSync(data.file)
  const types = new Set([2, 5, 10, 13])
  let trees = 0
  for (let page = 1; page * PAGE < whole.length; page++) {
    // Pages that continue long texts have no header. They start with the number of the next page.
    if (!types.has(whole[page * PAGE] ?? 0)) continue
    trees++
    const flipped = Uint8Array.of((whole[page * PAGE] ?? 0) ^ 0x40)
    writeFileSync(data.file, whole)
    overwrite(data.file, page * PAGE, flipped)
    await assertRefused(data, /damaged|cannot be read/)
  }
  assert.ok(trees > 10)
})

test('[A5] a foreign database, a text and a folder are refused', async (t) => {
  const data = await makeData(t)
  overwrite(data.file, 68, Uint8Array.of(0, 0, 0, 1))
  await assertRefused(data, /not made by Bongsu/)
  writeFileSync(data.file, '이것은 데이터베이스가 아니다. '.repeat(20))
  await assertRefused(data, /not a database/)
  rmSync(data.file)
  mkdirSync(data.file)
  await assertRefused(data, /is not a file/)
})

test('[A5] a partly copied, damaged or lost write-ahead log is refused, because it holds accepted messages', async (t) => {
  const data = await makeData(t, true)
  const log = `${data.file}-wal`
  const whole = readFileSync(log)
  assert.ok(whole.length > 40 * PAGE)
  for (const bytes of [31, 32 + PAGE + 24, whole.length / 2]) {
    writeFileSync(log, whole.subarray(0, Math.floor(bytes)))
    await assertRefused(data, bytes === 31 ? /damaged or was copied only in part/ : /lacks \d+ of its \d+ pages/)
  }
  writeFileSync(log, whole)
  overwrite(log, 20, Uint8Array.of(1, 2, 3))
  await assertRefused(data, /damaged or was copied only in part/)
  truncateSync(log, 0)
  await assertRefused(data, /lacks \d+ of its \d+ pages/)
  rmSync(log)
  await assertRefused(data, /was not closed .* is missing/)
  writeFileSync(log, whole)
  copyFileSync(data.file, `${data.file}.kept`)
  rmSync(data.file)
  await assertRefused(data, /is missing, but its write-ahead log exists/)
  copyFileSync(`${data.file}.kept`, data.file)
  await (await openSqliteStore({ directory: data.directory })).close()
})

test('[A5] after a power cut the index beside the log may hold anything, and the log counts', async (t) => {
  for (const index of [Buffer.alloc(0), Buffer.alloc(32_768), Buffer.alloc(32_768, 0xff)]) {
    const data = await makeData(t, true)
    writeFileSync(`${data.file}-shm`, index)
    const store = await openSqliteStore({ directory: data.directory })
    const [row] = await store.sql.read<{ n: number }>({ sql: 'SELECT count(*) AS n FROM entries', parameters: [] })
    assert.equal(row?.n, 41)
    await store.close()
  }
})

test('[A5, M5] a log that starts with zeros after a power cut held no reported commit and is not refused', async (t) => {
  const data = await makeData(t)
  writeFileSync(`${data.file}-wal`, Buffer.alloc(32 + 3 * (24 + PAGE)))
  rmSync(`${data.file}-shm`, { force: true })
  const store = await openSqliteStore({ directory: data.directory })
  const [row] = await store.sql.read<{ n: number }>({ sql: 'SELECT count(*) AS n FROM entries', parameters: [] })
  assert.equal(row?.n, 41)
  await store.close()
})

test('[A5] a database that was not closed and lacks its log is refused, however young, by start, verify, backup and restore', async (t) => {
  for (const grown of [false, true]) {
    const { directory, remove } = temporaryDirectory()
    t.after(remove)
    const running = join(directory, 'running')
    const alone: Data = { directory: join(directory, 'alone'), file: join(directory, 'alone', 'bongsu.db') }
    mkdirSync(alone.directory)
    const store = await openSqliteStore({ directory: running })
    const people = await makePeople(store, 2)
    const room = await makeGroup(store, people[0]!, people.slice(1))
    // Enough that the log is merged into the database by itself.
    for (let count = 0; count < (grown ? 400 : 1); count++) await accept(store, text(room, people[0]!, '봉수 '.repeat(3_000)))
    copyFileSync(join(running, 'bongsu.db'), alone.file)
    await assertRefused(alone, /was not closed .* log .* is missing.*copied without it.*nothing was changed/)
    for (const run of [() => verifyDatabase(alone.file, watcher), () => backupDatabase(alone.file, join(directory, 'never.db'), watcher)])
      assert.throws(run, /was not closed .* is missing/)
    const into = join(directory, 'into')
    assert.throws(() => restoreDatabase(alone.file, into, { replace: false, withoutLog: false }, 1, watcher), /was not closed .* is missing/)
    // The log is gone for good: what the file has is taken as a backup, under a new epoch.
    const restored = restoreDatabase(alone.file, into, { replace: false, withoutLog: true }, 1, watcher)
    assert.notEqual(restored.epoch, store.epoch)
    await (await openSqliteStore({ directory: into })).close()
    await store.close()
    await (await openSqliteStore({ directory: running })).close()
    assert.ok(verifyDatabase(join(running, 'bongsu.db'), watcher).entries > 1, 'closed in order, the file is whole alone')
  }
})

test('[A5, O4] where the log was merged by a dying process or another program, the same file at the same place starts; moved away it does not', async (t) => {
  const { directory: parent, remove } = temporaryDirectory()
  t.after(remove)
  const directory = join(parent, 'data')
  const script = join(parent, 'exit.mjs')
  writeFileSync(
    script,
    `import { openSqliteStore } from ${JSON.stringify(new URL('./open-store.ts', import.meta.url).href)}
    await openSqliteStore({ directory: ${JSON.stringify(directory)} })
    process.exit(1)`,
  )
  for (let round = 0; round < 2; round++) assert.equal(spawnSync(process.execPath, [script]).status, 1)
  const file = join(directory, 'bongsu.db')
  new DatabaseSync(file).close()
  const marked = readFileSync(file).readUInt32BE(60)
  assert.deepEqual([existsSync(`${file}-wal`), marked > 0], [false, true])
  mkdirSync(join(parent, 'moved'))
  const moved = { directory: join(parent, 'moved'), file: join(parent, 'moved', 'bongsu.db') }
  renameSync(file, moved.file)
  await assertRefused(moved, /was not closed/)
  renameSync(moved.file, file)
  await (await openSqliteStore({ directory })).close()
})

test('[A5, O4] killed at any moment of its start or stop, a server starts again with its files', async (t) => {
  const { directory: parent, remove } = temporaryDirectory()
  t.after(remove)
  const directory = join(parent, 'data')
  const script = join(parent, 'open.mjs')
  const open = `
    import { openSqliteStore } from ${JSON.stringify(new URL('./open-store.ts', import.meta.url).href)}
    const store = await openSqliteStore({ directory: ${JSON.stringify(directory)} })
    console.log('open')
    process.stdin.once('data', () => void store.close())`
  writeFileSync(script, open)
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    const closed = once(child, 'close')
    await once(child.stdout, 'data')
    if (round % 2 === 1) child.stdin.write('close')
    await sleep(Math.random() * 12)
    child.kill('SIGKILL')
    await closed
    await (await openSqliteStore({ directory })).close()
  }
})

test('[O4] a killed first start does not hinder the next one', async (t) => {
  const { directory, remove } = temporaryDirectory()
  t.after(remove)
  writeFileSync(join(directory, 'bongsu.db.new'), 'half')
  writeFileSync(join(directory, 'bongsu.db.new-wal'), 'half')
  await (await openSqliteStore({ directory })).close()
  const look = new DatabaseSync(join(directory, 'bongsu.db'), { readOnly: true })
  assert.deepEqual({ ...look.prepare('PRAGMA application_id').get() }, { application_id: 0x626e6773 })
  look.close()
})

test('[A5] an unreadable file is refused with a sentence and a code other than 0', async (t) => {
  const data = await makeData(t)
  const open = `
    import { openSqliteStore } from ${JSON.stringify(new URL('./open-store.ts', import.meta.url).href)}
    await openSqliteStore({ directory: ${JSON.stringify(data.directory)} }).then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1) })`
  // Root may read everything, so the start must use another user.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const before = hashes(data)
  spawnSync('chmod', ['-R', 'a+rwX', join(data.directory, '..')])
  rmSync(join(data.directory, 'bongsu.lock'))
  spawnSync('chmod', ['000', data.file])
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', open], { ...user, encoding: 'utf8' })
  spawnSync('chmod', ['600', data.file])
  assert.equal(ended.status, 1, ended.stderr)
  assert.match(ended.stderr, /bongsu\.db cannot be read \(EACCES/)
  assert.deepEqual(hashes(data), before)
})
