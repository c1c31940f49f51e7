import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, openSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ClientMessageId } from '@bongsu/protocol'
import { sqliteKeeper } from '../../apps/server/src/adapters/sqlite/store-keeper.ts'
import type { Exit } from '../../apps/server/src/conformance/own-process.ts'
import { empty, fill, smallDisk } from '../worlds/small-disk.ts'
import { freePort } from './free-port.ts'
import { openRaw } from './raw-socket.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { newestFirst } from './until-over.ts'
import { waitFor } from './wait-for.ts'
import { got, makeGroup, makePeople } from './world.ts'

// A server that is started on a disk that takes nothing, after every way in which the last one may have ended.

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface Moment {
  readonly what: string
  /** What happens while the server runs and the disk is not full yet; then while it is. */
  readonly before?: (world: World) => Promise<void>
  readonly during?: (world: World) => Promise<void>
  readonly end: 'SIGKILL' | 'SIGTERM'
  /** After the end, before the start. */
  readonly after?: (world: World) => void
  /** While the server runs, when left out. `never`: the disk is made read-only after the end. */
  readonly fills?: 'after the end' | 'never'
}

interface World {
  readonly server: ServerProcess
  /** Sends texts until so many were accepted, or the first is refused. @returns how many were accepted. */
  readonly write: (count: number, chars: number) => Promise<number>
}

const LONG = 4_000
/** More than the database and its log need, so that emptying the fillers makes room. */
const DISK_KIB = 24 * 1_024
/** Pages after which the write-ahead log is merged into the file; see connection.ts. A text of 4,000 syllables needs some four. */
const UNTIL_CHECKPOINT = 500

const MOMENTS: readonly Moment[] = [
  { what: 'was killed when the write-ahead log could not grow', during: async ({ write }) => void (await write(40, LONG)), end: 'SIGKILL' },
  {
    what: 'was killed when a checkpoint had failed for want of room',
    before: async ({ write }) => void (await write(UNTIL_CHECKPOINT - 60, LONG)),
    during: async ({ write }) => void (await write(200, LONG)),
    end: 'SIGKILL',
  },
  { what: 'was stopped while the disk was full', end: 'SIGTERM' },
  { what: 'was stopped well before', end: 'SIGTERM', fills: 'after the end' },
  { what: 'was killed, and the index of its log is gone', end: 'SIGKILL', after: ({ server }) => rmSync(join(server.directory, 'bongsu.db-shm')) },
  { what: 'was killed, and the disk is read-only', end: 'SIGKILL', fills: 'never' },
]

for (const { what, before, during, end, after, fills } of MOMENTS) {
  test(`[O4, M1] a server that ${what} starts on a full disk: it serves reads, says so, and writes when there is room`, async (t: TestContext) => {
    const later = newestFirst(t)
    const disk = smallDisk(t, later, DISK_KIB)
    if (disk === null) return
    const server = await startServerProcess(later, { directory: join(disk.path, 'data') })
    const [one, other] = (await makePeople(server, 2)) as [Person, Person]
    const room = await makeGroup(one, '가득 찬 방', [other])
    let sent = 0
    const write = async (count: number, chars: number): Promise<number> => {
      const raw = await openRaw(later, server.url, one.token)
      await raw.next('caught-up')
      let accepted = 0
      for (; accepted < count; accepted++) {
        const id = randomUUID() as ClientMessageId
        raw.say({ t: 'send', id, conversationId: room, body: { kind: 'text', text: '가'.repeat(chars) } })
        const answer = await waitFor('an answer', () => raw.frames.find((frame) => 'id' in frame && frame.id === id), { everyMs: 1 })
        if (answer.t === 'refused') break
        sent++
      }
      raw.socket.terminate()
      return accepted
    }
    const world = { server, write }
    await write(5, 100)
    await before?.(world)
    if (fills === undefined) fill(join(disk.path, 'filler'))
    await during?.(world)
    server.signal(end)
    await server.exited
    after?.(world)
    // What the end of the last process has freed is taken too.
    if (fills === 'never') disk.remount('ro')
    else fill(join(disk.path, 'filler-2'))

    const died: Exit[] = []
    server.startAnyhow()
    void server.exited.then((exit) => died.push(exit))
    await waitFor(
      () => `an answer of the server; it said: ${server.said.slice(-2_000)}`,
      () => {
        assert.deepEqual(died, [], server.said.slice(-2_000))
        return server.ready().catch(() => null)
      },
      { withinMs: 15_000 },
    )
    t.diagnostic(`wal ${statSync(join(server.directory, 'bongsu.db-wal'), { throwIfNoEntry: false })?.size}, sent ${sent}`)

    // Reads are served, also to a device that was never here.
    const reader = await openRaw(later, server.url, other.token)
    const reset = await reader.next('reset')
    await reader.next('caught-up')
    assert.equal(reset.head, sent + 1)
    const page = got(await other.api.call('readHistory', { params: { conversationId: room } }))
    assert.ok(page.entries.length > 0)

    // What still fits into the log is taken, the rest is refused for now. The health says so.
    await waitFor(
      'the health to say so',
      async () => {
        await write(10, LONG)
        const { status, body } = await server.ready()
        return status === 503 && !(body as { store: { writable: boolean } }).store.writable
      },
      { withinMs: 30_000 },
    )
    const id = randomUUID() as ClientMessageId
    const say = (): void => reader.say({ t: 'send', id, conversationId: room, body: { kind: 'text', text: '들리나요'.repeat(2_000) } })
    say()
    const refused = await reader.next('refused', (frame) => frame.id === id)
    assert.equal(refused.code, 'unavailable')
    assert.ok((refused.retryAfterMs ?? 0) > 0)

    // When there is room, the same message goes through without a restart.
    if (fills === 'never') disk.remount('rw')
    for (const filler of ['filler', 'filler-2']) if (existsSync(join(disk.path, filler))) empty(join(disk.path, filler))
    await waitFor('the server to write again', async () => (await server.ready()).status === 200, { withinMs: 15_000 })
    say()
    assert.equal((await reader.next('accepted', (frame) => frame.id === id)).seq, sent + 2)
    assert.deepEqual(died, [])
    const reports: string[] = []
    const verified = sqliteKeeper.verify(join(server.directory, 'bongsu.db'), { violation: (where, text) => reports.push(`${where} ${text}`) })
    assert.deepEqual([verified.entries, reports], [sent + 2, []])
  })
}

type Person = Awaited<ReturnType<typeof makePeople>>[number]

for (const program of ['server', 'sentinel'] as const) {
  test(`[O4] a ${program} whose log is on a full disk goes on, and its log does when there is room`, async (t) => {
    const later = newestFirst(t)
    const disk = smallDisk(t, later)
    if (disk === null) return
    const [log, filler, port] = [join(disk.path, 'log'), join(disk.path, 'filler'), await freePort()]
    const out = openSync(log, 'a')
    fill(filler)
    const folder = mkdtempSync(join(tmpdir(), 'bongsu-log-'))
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BONGSU_')))
    const own =
      program === 'server' ? { BONGSU_PORT: String(port), BONGSU_DATA: folder } : { BONGSU_STATUS_PORT: String(port), BONGSU_STATUS_DATA: folder }
    const env = { ...inherited, ...own }
    const child = spawn(process.execPath, [`apps/${program}/src/main.ts`], { cwd: ROOT, env, stdio: ['ignore', out, out] })
    const exited = new Promise((resolve) => child.once('exit', resolve))
    later.after(async () => {
      child.kill('SIGKILL')
      await exited
      rmSync(folder, { recursive: true })
    })
    const answers = async (): Promise<boolean> => {
      assert.deepEqual([child.exitCode, child.signalCode], [null, null])
      return fetch(`http://127.0.0.1:${port}${program === 'server' ? '/healthz' : '/'}`, { signal: AbortSignal.timeout(2_000) }).then(
        (answer) => answer.ok,
        () => false,
      )
    }
    await waitFor('an answer', answers, { withinMs: 15_000 })
    empty(filler)
    child.kill('SIGTERM')
    assert.equal(await exited, 0)
    assert.match(readFileSync(log, 'utf8'), /"event":"SIGTERM"/)
  })
}
