import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createApi } from '@bongsu/client'
import type { ClientMessageId, ConversationId, Profile } from '@bongsu/protocol'
import { judge, type Breach, type Holding } from '../../apps/server/src/conformance/checker.ts'
import { each } from '../../bench/device.ts'
import { watchLoopDelay } from '../../bench/loop-delay.ts'
import { holdingsInStore, holdingsOnScreen } from '../e2e/holdings.ts'
import { createScribe } from '../e2e/scribe.ts'
import { waitFor } from '../e2e/wait-for.ts'
import { makeDevice, makeGroup, untilLive, untilRoom, type TestDevice } from '../e2e/world.ts'
import type { Villager } from './cluster.ts'

// People of a drill: real clients, in a process of their own. Everybody is in one room of eight. They talk, and whoever loses the connection tries to say
// something at once.

type Later = { after(run: () => void | Promise<void>): void }

/** One text and what became of it, in epoch ms. */
export interface Said {
  /** Place of the device that said it. */
  readonly by: number
  readonly writtenAt: number
  readonly acceptedAt: number | null
  /** When each other device of the room had it. */
  readonly receivedAt: readonly (readonly [device: number, at: number])[]
}

export interface Told {
  readonly said: readonly Said[]
  /** Of each device, when its connections ended. */
  readonly closedAt: readonly (readonly number[])[]
  /** Texts that were refused for good. */
  readonly refused: number
  /** Why the crowd did not come to rest; null when it did. */
  readonly unrest: string | null
  readonly breaches: readonly (readonly [Breach, sentence: string])[]
  /** How late the crowd itself was: figures below it say nothing of the servers. */
  readonly ownDelayP99Ms: number
}

export interface Crowd {
  connect(url: string, villagers: readonly Villager[]): Promise<void>
  talk(perSecond: number): Promise<void>
  /** Nobody says anything new, and all that was said has come to everybody, or has not come in a minute. */
  rest(): Promise<void>
  /** @param stored what the database holds. */
  tell(stored: readonly Holding[]): Promise<Told>
}

type Name = keyof Crowd
interface Asked {
  readonly name: Name
  readonly args: readonly unknown[]
}
interface Answered {
  readonly value?: unknown
  readonly error?: string
}

const PER_ROOM = 8
const AT_ONCE = 40
const LOOK_MS = 25
const REST_MS = 60_000

/** Starts a crowd in a process of its own. It answers one request at a time. */
export function startCrowd(t: Later): Crowd {
  const child = fork(fileURLToPath(import.meta.url), ['crowd'], { serialization: 'advanced' })
  t.after(() => void child.kill('SIGKILL'))
  process.once('exit', () => child.kill('SIGKILL'))
  const ask = async (name: Name, ...args: readonly unknown[]): Promise<unknown> => {
    const { value, error } = await new Promise<Answered>((resolve) => {
      const gone = (): void => resolve({ error: 'its process ended' })
      child.once('exit', gone)
      child.once('message', (answer: Answered) => {
        child.off('exit', gone)
        resolve(answer)
      })
      child.send({ name, args } satisfies Asked)
    })
    if (error !== undefined) throw new Error(`the crowd failed: ${error}`)
    return value
  }
  return {
    connect: async (url, villagers) => void (await ask('connect', url, villagers)),
    talk: async (perSecond) => void (await ask('talk', perSecond)),
    rest: async () => void (await ask('rest')),
    tell: async (stored) => (await ask('tell', stored)) as Told,
  }
}

function createCrowd(): Crowd {
  let devices: readonly TestDevice[] = []
  let scribe = createScribe([])
  const rooms: ConversationId[] = []
  const said: { readonly id: ClientMessageId; readonly by: number; readonly writtenAt: number }[] = []
  const timers: NodeJS.Timeout[] = []
  const delay = watchLoopDelay()
  let unrest: string | null = null

  const roomOf = (index: number): number => Math.floor(index / PER_ROOM)

  async function say(by: number): Promise<void> {
    const writtenAt = Date.now()
    const id = await scribe.write(devices[by]!, rooms[roomOf(by)]!, `${by}번의 ${said.length}번째 말`)
    said.push({ id, by, writtenAt })
  }

  function isAtRest(): boolean {
    const cursors = rooms.map((room, index) => {
      const members = devices.slice(index * PER_ROOM, (index + 1) * PER_ROOM)
      return new Set(members.map(({ handle }) => handle.view().replica.rooms.get(room)?.cursor)).size
    })
    return cursors.every((count) => count === 1) && devices.every((device) => stateOf(device) === 'live')
  }

  return {
    async connect(url, villagers) {
      const people = villagers.map(({ token, ...rest }, index) => {
        const profile = { accountId: rest.accountId, handle: `device${index}`, displayName: '주민' } as Profile
        return { ...rest, token, profile, api: createApi({ baseUrl: url, token: () => token }) }
      })
      await each(Math.ceil(people.length / PER_ROOM), PER_ROOM, async (room) => {
        const [owner, ...others] = people.slice(room * PER_ROOM, (room + 1) * PER_ROOM)
        rooms[room] = await makeGroup(owner!, `방 ${room}`, others)
      })
      devices = people.map((person) => makeDevice(url, person))
      scribe = createScribe(devices)
      await each(devices.length, AT_ONCE, async (index) => {
        await devices[index]!.handle.start()
        await untilLive(devices[index]!, REST_MS)
        await untilRoom(devices[index]!, rooms[roomOf(index)]!)
      })
    },
    async talk(perSecond) {
      const startedAt = performance.now()
      const lost = devices.map(({ tap }) => tap.closed.length)
      let count = 0
      delay.takeP99Ms()
      timers.push(
        setInterval(() => {
          const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond)
          for (; count < due; count++) void say(Math.floor(Math.random() * devices.length))
          for (const [index, { tap, handle }] of devices.entries()) {
            if (tap.closed.length > lost[index]! && handle.view().outbox.length === 0) void say(index)
            lost[index] = tap.closed.length
          }
        }, LOOK_MS),
      )
    },
    async rest() {
      for (const timer of timers) clearInterval(timer)
      const states = (): string => JSON.stringify(Object.fromEntries([...Map.groupBy(devices, stateOf)].map(([state, all]) => [state, all.length])))
      await waitFor(() => `rest; devices are ${states()}`, isAtRest, { withinMs: REST_MS, everyMs: 100 }).catch(
        (error: Error) => (unrest = error.message),
      )
    },
    async tell(stored) {
      const ownDelayP99Ms = delay.takeP99Ms()
      const closedAt = devices.map(({ tap }) => [...tap.closedAt])
      const holdings: Holding[] = stored.filter(({ conversationId }) => rooms.includes(conversationId))
      await each(devices.length, AT_ONCE, async (index) => void holdings.push(...(await holdingsOnScreen(devices[index]!))))
      const ledger = scribe.ledger()
      for (const device of devices) holdings.push(...(await holdingsInStore(device)))
      const owed = devices.map(({ name: holder }, index) => ({ holder: `${holder}'s store`, conversationId: rooms[roomOf(index)]! }))
      const acceptedAt = new Map(devices.flatMap(({ tap }) => tap.accepted.toReversed().map(({ id, heardAt }) => [id, heardAt] as const)))
      return {
        said: said.map(({ id, by, writtenAt }) => {
          const first = roomOf(by) * PER_ROOM
          const members = devices.slice(first, first + PER_ROOM).map(({ tap }, n) => [first + n, tap.receivedAt.get(id)] as const)
          const receivedAt = members.flatMap(([device, at]) => (device === by || at === undefined ? [] : [[device, at] as const]))
          return { by, writtenAt, acceptedAt: acceptedAt.get(id) ?? null, receivedAt }
        }),
        closedAt,
        refused: ledger.refused.length,
        unrest,
        breaches: judge({ ledger, holdings, owed, rest: 'accepted' }).map(({ breach, promise, sentence }) => [breach, `[${promise}] ${sentence}`]),
        ownDelayP99Ms,
      }
    },
  }
}

/** Whether a device has nothing more to do. */
function stateOf({ handle }: TestDevice): string {
  const { connection, outbox } = handle.view()
  return connection.state === 'live' && outbox.some(({ progress }) => progress !== 'refused') ? 'sending' : connection.state
}

if (process.argv[2] === 'crowd') {
  const crowd = createCrowd()
  process.on('message', ({ name, args }: Asked) => {
    const answer = (answered: Answered): void => void process.send?.(answered)
    ;(crowd[name] as (...all: readonly unknown[]) => Promise<unknown>)(...args).then(
      (value) => answer({ value }),
      (error: unknown) => answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit(0))
}
