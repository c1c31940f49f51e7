import type { AccountId } from '@bongsu/protocol'
import type { Api } from '../src/api.ts'
import { createDevice } from '../src/create-device.ts'
import type { DeviceHandle } from '../src/device.ts'
import { createMemoryStore } from '../src/memory-store.ts'
import type { LocalStore } from '../src/ports.ts'
import { createFakeClock, createRandom, type FakeClock } from './clock.ts'
import { createFakeNetwork, type FakeNetwork } from './network.ts'
import { FakeServer } from './server.ts'

export interface World {
  readonly clock: FakeClock
  readonly random: ReturnType<typeof createRandom>
  readonly server: FakeServer
  readonly network: FakeNetwork
  readonly store: LocalStore
  readonly me: AccountId
  readonly other: AccountId
  readonly third: AccountId
  readonly http: Pick<Api, 'call'>
  readonly device: DeviceHandle
  /** Tokens and sign-outs reported by the device. */
  readonly told: string[]
  /** Kills the program, and starts the same device from its store. */
  restart(): DeviceHandle
}

/** One real device on a simulated clock and network, with a server in memory. */
export function createWorld(seed = 1, given: { store?: LocalStore; http?: Pick<Api, 'call'> } = {}): World {
  const clock = createFakeClock()
  const random = createRandom(seed)
  const server = new FakeServer()
  const [me, other, third] = ['me', 'other', 'third'].map((name) => server.addAccount(name)) as [AccountId, AccountId, AccountId]
  const network = createFakeNetwork(clock, server, me)
  const store = given.store ?? createMemoryStore()
  const http = given.http ?? createFakeHttp(server, me)
  const told: string[] = []
  let process = { alive: true }
  const make = (): DeviceHandle =>
    createDevice({
      store: mortal(store, process),
      openSocket: network.openSocket,
      http,
      clock,
      random,
      token: 'token-1',
      onToken: (token) => told.push(token),
      onSignedOut: () => told.push('signed-out'),
    })
  let device = make()
  return {
    clock,
    random,
    server,
    network,
    store,
    me,
    other,
    third,
    http,
    told,
    device,
    restart() {
      process.alive = false
      network.lines.at(-1)?.cut(1_006)
      // Stops its timers. Its later writes have no effect.
      void device.stop()
      process = { alive: true }
      device = make()
      return device
    },
  }
}

/** A store of a program that can be killed: later writes never happen, and nobody is told. */
function mortal(store: LocalStore, process: { readonly alive: boolean }): LocalStore {
  return {
    ...store,
    commit: (change) => (process.alive ? store.commit(change) : new Promise(() => undefined)),
  }
}

/** The two operations a device calls by itself. */
export function createFakeHttp(server: FakeServer, me: AccountId): Pick<Api, 'call'> {
  const call = async (
    name: string,
    request: { params?: { conversationId: string }; query?: { before: number; limit: number; marks?: boolean }; body?: { accountIds: AccountId[] } },
  ) => {
    if (name === 'lookUpPeople') return { ok: true, value: { people: (request.body?.accountIds ?? []).map((id) => server.person(id)) } }
    const conversation = [...server.conversations.values()].find(({ id }) => id === request.params?.conversationId)
    const joinedSeq = conversation?.members.get(me)
    if (conversation === undefined || joinedSeq === undefined) return { ok: false, refusal: { code: 'not-a-member' } }
    const before = request.query?.before ?? conversation.log.length + 1
    const entries = conversation.log.slice(Math.max(joinedSeq, before - (request.query?.limit ?? 50)) - 1, before - 1)
    const page = { head: conversation.log.length, joinedSeq, entries }
    if (request.query?.marks !== true) return { ok: true, value: page }
    const items = conversation.marksBetween(before - entries.length, before - 1)
    return { ok: true, value: { ...page, change: conversation.change, items } }
  }
  return { call: call as Api['call'] }
}
