import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createApi } from '@bongsu/client'
import type { Front } from '../e2e/front.ts'
import type { TownOptions, WatchedTown } from '../e2e/watched-town.ts'
import { PASSWORD } from '../e2e/world.ts'

type Later = { after(run: () => void | Promise<void>): void }

/** A fault, what is true of it, and what the sentinel should say of it. */
export interface Scenario {
  readonly about: string
  readonly town: (t: Later) => TownOptions
  /** Share of the people, or of the tries, that the fault hits. Null when no share is asked for. */
  readonly truth: number | null
  /** The share of page loads, where it differs: a page and its script are two connections. */
  readonly truthOfWeb?: number
  begin(town: WatchedTown, t: Later): Promise<void>
  end(town: WatchedTown): Promise<void>
  /** Nothing may be told. */
  readonly quiet?: true
  /** How long the fault lasts, and the longest wait for the all clear, in ms, when other than usual. */
  readonly faultMs?: number
  readonly clearMsMax?: number
  readonly goals: {
    /** Noticed and public. */
    readonly noticedMs?: number
    readonly firstContains?: true
    /** Points of the last share published by then, after the first word. */
    readonly points?: { readonly within: number; readonly afterMs: number }
    /** Points of the last share of all. */
    readonly finalPoints?: number
    readonly clearMs?: number
    readonly impactMax?: 'minor' | 'major'
    /** What no title may say. */
    readonly never?: RegExp
    /** Components that stay green. */
    readonly untouched?: readonly string[]
  }
}

const nothing = async (): Promise<void> => undefined
const everybody = (): TownOptions => ({})
const some = (behindSecondDoor: number) => (): TownOptions => ({ behindSecondDoor })
const CANNOT_SEND = /can(?:not|’t|'t) (?:be )?sen[dt]/
const CLEAR = { clearMs: 45_000 }
const TOTAL = { noticedMs: 8_000, finalPoints: 1, ...CLEAR }
const PARTIAL = { firstContains: true, points: { within: 5, afterMs: 30_000 }, finalPoints: 3, ...CLEAR } as const

/** The whole table of what the sentinel is measured by. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  total: {
    about: 'the messenger is killed',
    town: everybody,
    truth: 1,
    begin: ({ server }) => server.kill(),
    end: ({ server }) => server.start(),
    goals: TOTAL,
  },
  hang: {
    about: 'the messenger stands still',
    town: everybody,
    truth: 1,
    begin: async ({ server }) => void process.kill(server.pid, 'SIGSTOP'),
    end: async ({ server }) => void process.kill(server.pid, 'SIGCONT'),
    goals: TOTAL,
  },
  websocket: {
    about: 'sockets are refused and cut, everything else stands',
    town: everybody,
    truth: 1,
    begin: async ({ front }) => front.refuseSockets(true),
    end: async ({ front }) => front.refuseSockets(false),
    goals: { ...TOTAL, untouched: ['sign-in', 'web'] },
  },
  hole: {
    about: 'nothing passes the door, in neither direction',
    town: everybody,
    truth: 1,
    begin: async ({ front }) => front.swallow(true),
    end: async ({ front }) => front.swallow(false),
    goals: TOTAL,
  },
  'sign-in': {
    about: 'every sign-in fails',
    town: everybody,
    truth: 1,
    begin: (town, t) => breakSignIns(town, t, 1),
    end: async ({ front }) => front.breakPaths([]),
    goals: { noticedMs: 10_000, finalPoints: 3, untouched: ['messaging', 'web'], ...CLEAR },
  },
  'half-sign-in': {
    about: 'half of the sign-ins fail, at random',
    town: everybody,
    truth: 0.5,
    faultMs: 90_000,
    begin: (town, t) => breakSignIns(town, t, 0.5),
    end: async ({ front }) => front.breakPaths([]),
    goals: {
      noticedMs: 15_000,
      firstContains: true,
      points: { within: 10, afterMs: 60_000 },
      finalPoints: 5,
      untouched: ['messaging', 'web'],
      ...CLEAR,
    },
  },
  'cut-30': {
    about: '30 of 100 people are cut at once',
    town: some(30),
    truth: 0.3,
    begin: ({ second }) => second.shut(true),
    end: ({ second }) => second.shut(false),
    goals: { noticedMs: 12_000, untouched: ['sign-in', 'web'], ...PARTIAL },
  },
  'hole-30': {
    about: 'nothing passes between the messenger and 30 of 100 people',
    town: some(30),
    truth: 0.3,
    faultMs: 75_000,
    begin: async ({ second }) => second.swallow(true),
    end: async ({ second }) => second.swallow(false),
    goals: { noticedMs: 20_000, untouched: ['sign-in', 'web'], ...PARTIAL },
  },
  'drop-30': {
    about: '30 % of the new connections are dropped, at random',
    town: everybody,
    truth: 0.3,
    truthOfWeb: 0.51,
    faultMs: 90_000,
    begin: async ({ front }) => front.dropNew(0.3),
    end: async ({ front }) => front.dropNew(0),
    goals: { noticedMs: 15_000, firstContains: true, finalPoints: 5, ...CLEAR },
  },
  'cut-8': {
    about: '8 of 100 people are cut at once',
    town: some(8),
    truth: 0.08,
    begin: ({ second }) => second.shut(true),
    end: ({ second }) => second.shut(false),
    goals: { noticedMs: 20_000, points: { within: 3, afterMs: 30_000 }, finalPoints: 3, untouched: ['sign-in', 'web'], ...CLEAR },
  },
  late: {
    about: 'everything arrives 5 s later, in each direction',
    town: everybody,
    truth: null,
    begin: async ({ front }) => front.delay(5_000),
    end: async ({ front }) => front.delay(0),
    goals: { noticedMs: 10_000, never: CANNOT_SEND, ...CLEAR },
  },
  office: {
    about: 'all 40 of an office of 100 people lose power; the messenger is well',
    town: some(40),
    truth: null,
    async begin({ second, villagers }) {
      second.swallow(true)
      for (const villager of villagers.slice(0, 40)) villager.vanish()
    },
    end: nothing,
    clearMsMax: 600_000,
    goals: { noticedMs: 20_000, clearMs: 600_000, impactMax: 'minor', never: CANNOT_SEND, untouched: ['sign-in', 'web'] },
  },
  leave: {
    about: '60 of 100 people leave over four minutes',
    town: everybody,
    truth: null,
    quiet: true,
    faultMs: 270_000,
    begin: ({ villagers }) => vanishInTurn(villagers.slice(0, 60), 4_000),
    end: nothing,
    goals: {},
  },
  twelve: {
    about: '12 clients are killed one by one',
    town: everybody,
    truth: null,
    quiet: true,
    faultMs: 100_000,
    begin: ({ villagers }) => vanishInTurn(villagers.slice(0, 12), 5_000),
    end: nothing,
    goals: {},
  },
  'seven-of-ten': {
    about: '7 of the 10 people of a town are gone at once',
    town: () => ({ users: 10 }),
    truth: null,
    quiet: true,
    faultMs: 100_000,
    begin: ({ villagers }) => vanishInTurn(villagers.slice(0, 7), 0),
    end: nothing,
    goals: {},
  },
  route: {
    about: 'the only post loses its route to the messenger; people are well',
    town: (t) => ({ routeOfSentinel: (front) => openRoute(t, front) }),
    truth: null,
    begin: () => route.stop(),
    end: async () => route.goOn(),
    goals: { noticedMs: 8_000, impactMax: 'minor', never: CANNOT_SEND, ...CLEAR },
  },
  asleep: {
    about: 'the sentinel sleeps for 20 s',
    town: everybody,
    truth: null,
    quiet: true,
    async begin({ sentinel }) {
      process.kill(sentinel.pid, 'SIGSTOP')
      await sleep(20_000)
      process.kill(sentinel.pid, 'SIGCONT')
    },
    end: nothing,
    goals: {},
  },
}

/** People sign in all the time, on devices that they forget at once. */
async function breakSignIns({ front, visitors }: WatchedTown, t: Later, part: number): Promise<void> {
  front.breakPaths(['/v1/sessions'], part)
  const stranger = createApi({ baseUrl: front.url, token: () => null })
  let turn = 0
  const timer = setInterval(() => {
    const person = visitors[turn++ % visitors.length]
    if (person === undefined) return
    const body = { handle: person.profile.handle, password: PASSWORD, deviceName: '시험', deviceId: person.deviceId }
    stranger.call('signIn', { body }).catch(() => undefined)
  }, 1_000)
  t.after(() => clearInterval(timer))
}

async function vanishInTurn(villagers: WatchedTown['villagers'], everyMs: number): Promise<void> {
  for (const villager of villagers) {
    villager.vanish()
    if (everyMs > 0) await sleep(everyMs)
  }
}

const route = { stop: nothing, goOn: (): void => undefined }

/** A way of the sentinel alone, which can be lost. @returns its address. */
async function openRoute(t: Later, front: Front): Promise<string> {
  const program = fileURLToPath(new URL('route.ts', import.meta.url))
  const child = spawn(process.execPath, [program, String(front.port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => void child.kill('SIGKILL'))
  const line = await new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve))
  const { port } = JSON.parse(line) as { port: number }
  route.stop = async () => {
    child.kill('SIGSTOP')
    // These fill the queue for new connections.
    for (let n = 0; n < 4; n++) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      t.after(() => void socket.destroy())
    }
  }
  route.goOn = () => void child.kill('SIGCONT')
  return `http://127.0.0.1:${port}`
}
