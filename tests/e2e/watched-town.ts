import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createApi,
  createDevice,
  createMemoryStore,
  createOpenSocket,
  socketUrl,
  chanceId,
  systemClock,
  systemRandom,
  afterSignInTry,
  NO_SIGN_IN_TROUBLE,
  type Api,
  type DeviceHandle,
  type OpenSocket,
} from '@bongsu/client'
import { SUBPROTOCOL, type ConversationId, type StatusDocument } from '@bongsu/protocol'
import { WebSocket } from 'ws'
import { createStatusWatch } from '../../apps/web/src/status/status-watch.ts'
import { startFront, type Front } from './front.ts'
import { insertAccounts, type BareAccount } from './many-accounts.ts'
import { startSentinelProcess, type SentinelProcess } from './sentinel-process.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { got, PASSWORD, personOf, type Person } from './world.ts'

type Later = { after(run: () => Promise<void> | void): void }

export const TOWN = {
  users: 200,
  /** Users who come through the second door: 8 %. */
  behindSecondDoor: 16,
  visitors: 16,
  roomSize: 20,
  messagesPerSecond: 20,
  /** A user is looked after by the client's own rules; only its waiting is as people's. */
  calmMs: 15_000,
} as const

/** Somebody with the app open. */
export interface Villager {
  readonly device: DeviceHandle
  readonly isGone: () => boolean
  /** The machine is gone: its connection ends without a farewell, and nothing comes from it any more. */
  vanish(): void
}

/** A messenger under load, its users behind two doors, and a sentinel that watches the first. */
export interface WatchedTown {
  readonly server: ServerProcess
  readonly sentinel: SentinelProcess
  readonly front: Front
  readonly second: Front
  /** Those behind the second door come first. */
  readonly villagers: readonly Villager[]
  /** People who can sign in by password; they have no device. */
  readonly visitors: readonly Person[]
  status(): Promise<StatusDocument>
}

export interface TownOptions {
  readonly users?: number
  readonly behindSecondDoor?: number
  readonly sentinelEnv?: Readonly<Record<string, string>>
  /** Where the sentinel reaches the messenger; the first door when left out. */
  readonly routeOfSentinel?: (door: Front) => Promise<string>
  /** Whether the people's apps ask the sentinel, each from an address of its own, and tell it whether they are connected [F7]. */
  readonly words?: boolean
}

export async function startWatchedTown(t: Later, options: TownOptions = {}): Promise<WatchedTown> {
  const { users = TOWN.users, behindSecondDoor = TOWN.behindSecondDoor } = options
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-watched-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const accounts = await insertAccounts(directory, users)
  const server = await startServerProcess(t, { directory, env: { BONGSU_HEARTBEAT_MS: '25000', BONGSU_LOG: 'warn' } })
  const front = await startFront(t, server.port)
  const second = await startFront(t, server.port)
  const visitors = await visitorsOf(server.url, (accounts[0] as BareAccount).api(server.url))

  const villagers: Villager[] = []
  const rooms: ConversationId[] = []
  for (let first = 0; first < users; first += TOWN.roomSize) {
    const members = accounts.slice(first, first + TOWN.roomSize)
    const api = (members[0] ?? accounts[0])?.api(front.url)
    const others = members.slice(1).map(({ accountId }) => accountId)
    if (api !== undefined)
      rooms.push(got(await api.call('createGroup', { body: { id: systemRandom.uuid() as never, title: '방', accounts: others } })).conversationId)
  }
  for (const [index, { token }] of accounts.entries()) {
    const { url } = index < behindSecondDoor ? second : front
    const machine = createMachine(socketUrl(url))
    const device = createDevice({
      store: createMemoryStore(),
      openSocket: machine.openSocket,
      http: createApi({ baseUrl: url, token: () => token }),
      clock: systemClock,
      random: systemRandom,
      token,
    })
    villagers.push({ device, isGone: machine.isGone, vanish: machine.vanish })
    t.after(() => device.stop())
    await device.start()
  }
  const isLive = ({ device }: Villager): boolean => device.view().connection.state === 'live'
  await waitFor('everybody to be live', () => villagers.every(isLive), { withinMs: 60_000 })
  const talk = setInterval(() => {
    const place = Math.floor(Math.random() * villagers.length)
    const room = rooms[Math.floor(place / TOWN.roomSize)]
    if (room !== undefined) villagers[place]?.device.send(room, { kind: 'text', text: '안녕하세요' }).catch(() => undefined)
  }, 1_000 / TOWN.messagesPerSecond)
  t.after(() => clearInterval(talk))

  const sentinel = await startSentinelProcess(t, {
    BONGSU_STATUS_SERVER: (await options.routeOfSentinel?.(front)) ?? front.url,
    BONGSU_SENTINEL_KEY: readFileSync(join(directory, 'sentinel-key'), 'utf8').trim(),
    BONGSU_STATUS_CONTACT: '02-000-0000',
    BONGSU_STATUS_TRUSTED_PROXIES: 'loopback',
    ...options.sentinelEnv,
  })
  if (options.words === true) for (const [index, villager] of villagers.entries()) tellWords(t, sentinel.url, villager, index)
  const status = async (): Promise<StatusDocument> => JSON.parse((await sentinel.get('/status.json')).text) as StatusDocument
  await waitFor('all to be green', async () => (await status()).components.every(({ condition }) => condition === 'operational'), {
    withinMs: 60_000,
  })
  await sleep(TOWN.calmMs)
  return { server, sentinel, front, second, villagers, visitors, status }
}

/** The sockets of one machine, which can vanish: the operating system ends its connections, but the app says nothing. */
function createMachine(url: string): { readonly openSocket: OpenSocket; readonly isGone: () => boolean; readonly vanish: () => void } {
  let gone = false
  let open: WebSocket | null = null
  return {
    openSocket(events) {
      if (gone) return { send: () => undefined, close: () => undefined }
      const socket = new WebSocket(url, SUBPROTOCOL)
      open = socket
      socket.on('open', () => events.opened())
      socket.on('message', (data: Buffer) => {
        if (!gone) events.message(data.toString())
      })
      socket.on('close', (code) => {
        if (!gone) events.closed(code)
      })
      socket.on('error', () => undefined)
      return {
        send: (text) => void (socket.readyState === WebSocket.OPEN && !gone && socket.send(text)),
        close(code) {
          socket.removeAllListeners('close').removeAllListeners('message').removeAllListeners('open')
          if (gone || socket.readyState === WebSocket.CONNECTING) socket.terminate()
          else socket.close(code)
        },
      }
    },
    isGone: () => gone,
    vanish() {
      gone = true
      open?.terminate()
    },
  }
}

/** As the app does while it is in front. */
function tellWords(t: Later, url: string, { device, isGone }: Villager, index: number): void {
  const watch = createStatusWatch({
    clock: systemClock,
    random: systemRandom,
    newId: chanceId,
    async ask(address) {
      if (isGone()) throw new Error('The machine is gone.')
      const headers = { 'x-forwarded-for': `198.18.${Math.floor(index / 250)}.${(index % 250) + 1}` }
      return (await fetch(address, { headers, signal: AbortSignal.timeout(5_000) })).text()
    },
    memory: { read: () => ({ url, putAway: [] }), write: () => undefined },
  })
  const look = (): void => watch.follow({ front: true, account: 'a', live: device.view().connection.state === 'live' })
  t.after(device.subscribe(look))
  t.after(() => watch.follow({ front: false }))
  look()
}

/** People with passwords, invited by somebody of the town. */
async function visitorsOf(url: string, host: Api): Promise<readonly Person[]> {
  const { code } = got(await host.call('createInvite', { body: { validMs: 3_600_000, uses: TOWN.visitors } }))
  const stranger = createApi({ baseUrl: url, token: () => null })
  const visitors: Person[] = []
  for (let index = 0; index < TOWN.visitors; index++) {
    const body = { code, handle: `visitor${index}`, displayName: `손님 ${index}`, password: PASSWORD, deviceName: '첫 기기' }
    visitors.push(personOf(url, got(await stranger.call('signUp', { body }))))
  }
  return visitors
}

/** People who sign in, and try again as people do, until it works; then their devices tell how it was. */
export async function signInAsPeopleDo(t: Later, url: string, people: readonly Person[]): Promise<void> {
  await Promise.all(
    people.map(async (person, index) => {
      await sleep(index * 100)
      const stranger = createApi({ baseUrl: url, token: () => null })
      let trouble = NO_SIGN_IN_TROUBLE
      for (;;) {
        const triedAt = Date.now()
        const answer = await stranger.call('signIn', { body: { handle: person.profile.handle, password: PASSWORD, deviceName: '시험' } })
        trouble = afterSignInTry(trouble, { triedAt, answer, online: true }, systemClock, systemRandom)
        if (answer.ok) {
          const { token } = answer.value
          const device = createDevice({
            store: createMemoryStore(),
            openSocket: createOpenSocket(socketUrl(url)),
            http: createApi({ baseUrl: url, token: () => token }),
            clock: systemClock,
            random: systemRandom,
            token,
            outages: trouble.outages,
          })
          t.after(() => device.stop())
          return device.start()
        }
        await sleep(3_000)
      }
    }),
  )
}
