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
  systemClock,
  systemRandom,
  afterSignInTry,
  NO_SIGN_IN_TROUBLE,
  type Api,
  type DeviceHandle,
} from '@bongsu/client'
import type { ConversationId, StatusDocument } from '@bongsu/protocol'
import { startFront, type Front } from './front.ts'
import { insertAccounts, type BareAccount } from './many-accounts.ts'
import { startSentinelProcess, type SentinelProcess } from './sentinel-process.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { got, PASSWORD, personOf, type Person } from './world.ts'

type Later = { after(run: () => Promise<void> | void): void }

export const TOWN = {
  users: 200,
  /** Users who come through the door that is cut in the second scenario: 8 %. */
  behindSecondDoor: 16,
  roomSize: 20,
  messagesPerSecond: 20,
  /** A user is looked after by the client's own rules; only its waiting is as people's. */
  calmMs: 15_000,
} as const

/** A messenger under load, its users behind two doors, and a sentinel that watches the first. */
export interface WatchedTown {
  readonly server: ServerProcess
  readonly sentinel: SentinelProcess
  readonly front: Front
  readonly second: Front
  /** People who can sign in by password; they have no device. */
  readonly visitors: readonly Person[]
  status(): Promise<StatusDocument>
}

export async function startWatchedTown(t: Later, sentinelEnv: Readonly<Record<string, string>> = {}): Promise<WatchedTown> {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-watched-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const accounts = await insertAccounts(directory, TOWN.users)
  const server = await startServerProcess(t, { directory, env: { BONGSU_HEARTBEAT_MS: '25000', BONGSU_LOG: 'warn' } })
  const front = await startFront(t, server.port)
  const second = await startFront(t, server.port)
  const visitors = await visitorsOf(server.url, (accounts[0] as BareAccount).api(server.url))

  const devices: DeviceHandle[] = []
  const rooms: ConversationId[] = []
  for (let first = 0; first < TOWN.users; first += TOWN.roomSize) {
    const members = accounts.slice(first, first + TOWN.roomSize)
    const api = (members[0] ?? accounts[0])?.api(front.url)
    const others = members.slice(1).map(({ accountId }) => accountId)
    if (api !== undefined)
      rooms.push(got(await api.call('createGroup', { body: { id: systemRandom.uuid() as never, title: '방', accounts: others } })).conversationId)
  }
  for (const [index, { token }] of accounts.entries()) {
    const { url } = index < TOWN.behindSecondDoor ? second : front
    const device = createDevice({
      store: createMemoryStore(),
      openSocket: createOpenSocket(socketUrl(url)),
      http: createApi({ baseUrl: url, token: () => token }),
      clock: systemClock,
      random: systemRandom,
      token,
    })
    devices.push(device)
    t.after(() => device.stop())
    await device.start()
  }
  await waitFor('everybody to be live', () => devices.every((device) => device.view().connection.state === 'live'), { withinMs: 60_000 })
  const talk = setInterval(() => {
    const place = Math.floor(Math.random() * devices.length)
    const room = rooms[Math.floor(place / TOWN.roomSize)]
    if (room !== undefined) devices[place]?.send(room, { kind: 'text', text: '안녕하세요' }).catch(() => undefined)
  }, 1_000 / TOWN.messagesPerSecond)
  t.after(() => clearInterval(talk))

  const sentinel = await startSentinelProcess(t, {
    BONGSU_STATUS_SERVER: front.url,
    BONGSU_SENTINEL_KEY: readFileSync(join(directory, 'sentinel-key'), 'utf8').trim(),
    BONGSU_STATUS_CONTACT: '02-000-0000',
    ...sentinelEnv,
  })
  const status = async (): Promise<StatusDocument> => JSON.parse((await sentinel.get('/status.json')).text) as StatusDocument
  await waitFor('all to be green', async () => (await status()).components.every(({ condition }) => condition === 'operational'), {
    withinMs: 60_000,
  })
  await sleep(TOWN.calmMs)
  return { server, sentinel, front, second, visitors, status }
}

/** People with passwords, invited by somebody of the town. */
async function visitorsOf(url: string, host: Api): Promise<readonly Person[]> {
  const { code } = got(await host.call('createInvite', { body: { validMs: 3_600_000, uses: TOWN.behindSecondDoor } }))
  const stranger = createApi({ baseUrl: url, token: () => null })
  const visitors: Person[] = []
  for (let index = 0; index < TOWN.behindSecondDoor; index++) {
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
