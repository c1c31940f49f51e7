import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  createDevice,
  createMemoryStore,
  createOpenSocket,
  socketUrl,
  systemClock,
  systemRandom,
  type Connection,
  type DeviceHandle,
} from '@bongsu/client'
import type { ConversationId } from '@bongsu/protocol'
import { freePort } from './free-port.ts'
import { insertAccounts } from './many-accounts.ts'
import { waitFor } from './wait-for.ts'
import { got } from './world.ts'

/** Devices that are moved; `npm run drill -- move` takes 600. */
const DEVICES = Number(process.env['MOVED_DEVICES'] ?? 40)
const SENDERS = 5
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** One device, with every time at which it was live, or not any more. */
interface Moved {
  readonly handle: DeviceHandle
  readonly room: ConversationId | null
  /** Sockets opened so far, and how many of them are open now. */
  opened: number
  open: number
  openMost: number
  readonly codes: number[]
  /** Times without an open socket, in ms. */
  readonly gaps: number[]
}

function follow(url: string, account: Awaited<ReturnType<typeof insertAccounts>>[number], room: ConversationId | null): Moved {
  const open = createOpenSocket(socketUrl(url))
  let lostAt = 0
  const moved: Omit<Moved, 'handle'> = { room, opened: 0, open: 0, openMost: 0, codes: [], gaps: [] }
  const handle = createDevice({
    store: createMemoryStore(),
    openSocket: (events) =>
      open({
        ...events,
        opened() {
          moved.opened++
          moved.openMost = Math.max(moved.openMost, ++moved.open)
          events.opened()
        },
        message(text) {
          if (lostAt > 0 && text.startsWith('{"t":"welcome"')) {
            moved.gaps.push(performance.now() - lostAt)
            lostAt = 0
          }
          events.message(text)
        },
        closed(code) {
          moved.open--
          moved.codes.push(code)
          lostAt = performance.now()
          events.closed(code)
        },
      }),
    http: account.api(url),
    clock: systemClock,
    random: systemRandom,
    token: account.token,
  })
  return Object.assign(moved, { handle })
}

const isLive = ({ handle }: Moved): boolean => handle.view().connection.state === ('live' satisfies Connection['state'])

test(
  '[O5] a replaced messenger moves its devices to the new process: each once, at a bounded rate, and nothing is lost',
  { timeout: 240_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'bongsu-move-'))
    const data = join(folder, 'data')
    const accounts = await insertAccounts(data, DEVICES)
    const [port, statusPort] = [await freePort(), await freePort()]
    const url = `http://127.0.0.1:${port}`
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BONGSU_')))
    const env = {
      ...inherited,
      BONGSU_PORT: String(port),
      BONGSU_DATA: data,
      BONGSU_LOG: 'warn',
      BONGSU_OPEN_REQUESTS_PER_MINUTE: '1000000',
      BONGSU_STATUS_PORT: String(statusPort),
      BONGSU_STATUS_DATA: join(folder, 'sentinel'),
      BONGSU_STATUS_LOG: 'warn',
    }
    const supervisor = spawn(process.execPath, ['apps/server/src/start.ts'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [supervisor.stdout, supervisor.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    const exited = new Promise((resolve) => supervisor.once('exit', resolve))
    const devices: Moved[] = []
    t.after(async () => {
      await Promise.all(devices.map(({ handle }) => handle.stop()))
      supervisor.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })
    const isReady = async (): Promise<boolean> =>
      fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
        ({ status }) => status === 200,
        () => false,
      )
    await waitFor(() => `a ready messenger; it said: ${said}`, isReady, { withinMs: 60_000 })

    for (const account of accounts) {
      const isSender = devices.length < SENDERS
      const room = isSender ? got(await account.api(url).call('openDirect', { params: { accountId: account.accountId } })).conversationId : null
      devices.push(follow(url, account, room))
    }
    await Promise.all(devices.map(({ handle }) => handle.start()))
    await waitFor('everybody to be live', () => devices.every(isLive), { withinMs: 60_000 })

    // Some go on writing.
    const writing = new AbortController()
    const sent: Promise<{ readonly accepted: boolean }>[] = []
    const chatter = Promise.all(
      devices.slice(0, SENDERS).map(async ({ handle, room }) => {
        assert.ok(room !== null)
        for (let count = 0; !writing.signal.aborted; count++) {
          sent.push(handle.settled(await handle.send(room, { kind: 'text', text: `글 ${count}` })))
          await pause(50)
        }
      }),
    )
    await pause(500)
    supervisor.kill('SIGUSR2')
    await waitFor(
      () => `the end of the move; it said: ${said}`,
      () => /The messenger (?:was|could not be) replaced/.test(said),
      { withinMs: 90_000 },
    )
    assert.match(said, /The messenger was replaced\./)
    await waitFor('everybody to be live again', () => devices.every(isLive), { withinMs: 30_000 })
    await pause(500)
    writing.abort()
    await chatter
    const outcomes = await Promise.all(sent)
    assert.ok(outcomes.length > 20 && outcomes.every(({ accepted }) => accepted))

    assert.deepEqual(new Set(devices.flatMap(({ codes }) => codes)), new Set([4_000]))
    for (const { codes, opened, openMost } of devices) assert.deepEqual([codes.length, opened, openMost], [1, 2, 1], 'moved once, never twice there')
    const gaps = devices.flatMap((device) => device.gaps).toSorted((one, other) => one - other)
    assert.equal(gaps.length, DEVICES)
    const ms = (index: number): number => Math.round(gaps[index] ?? Number.NaN)
    t.diagnostic(`${DEVICES} devices moved; without a connection: median ${ms(gaps.length >> 1)} ms, most ${ms(gaps.length - 1)} ms; 0 doubled`)
  },
)
