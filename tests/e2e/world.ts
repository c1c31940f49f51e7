import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import {
  createApi,
  createDevice,
  createMemoryStore,
  createOpenSocket,
  socketUrl,
  systemClock,
  systemRandom,
  type Api,
  type ApiResult,
  type Clock,
  type DeviceHandle,
  type LocalStore,
} from '@bongsu/client'
import type { AccountId, ClientMessageId, ConversationId, DeviceId, Profile, SignedIn } from '@bongsu/protocol'
import { tapWire, type WireTap } from './wire-tap.ts'
import { waitFor } from './wait-for.ts'

/** Waits between connections are this part of what they are for people, so that a test of many restarts ends in time. */
const HASTE = 0.12
export const PASSWORD = 'correct horse battery staple'

export interface Person {
  readonly profile: Profile
  readonly accountId: AccountId
  /** Of the device that was made by signing up. */
  readonly token: string
  readonly deviceId: DeviceId
  readonly api: Api
}

/** One device of a person, with its store and its wire laid open. */
export interface TestDevice {
  readonly name: string
  readonly person: Person
  readonly token: string
  readonly deviceId: DeviceId
  readonly handle: DeviceHandle
  readonly store: LocalStore
  readonly tap: WireTap
}

/** The value, or the test fails with the refusal. */
export function got<T>(result: ApiResult<T>): T {
  if (!result.ok) assert.fail(`refused: ${JSON.stringify(result.refusal)}`)
  return result.value
}

export function personOf(url: string, { token, deviceId, profile }: SignedIn): Person {
  return { profile, accountId: profile.accountId, token, deviceId, api: createApi({ baseUrl: url, token: () => token }) }
}

async function signUp(url: string, code: string, handle: string): Promise<Person> {
  const stranger = createApi({ baseUrl: url, token: () => null })
  const body = { code, handle, displayName: `사람 ${handle}`, password: PASSWORD, deviceName: '첫 기기' }
  return personOf(url, got(await stranger.call('signUp', { body })))
}

/** Makes people the way people are made: the first by the printed link, the others by an invite of the first. */
export async function makePeople(server: { readonly url: string; readonly firstAdminCode: string }, count: number): Promise<readonly Person[]> {
  const admin = await signUp(server.url, server.firstAdminCode, 'person0')
  if (count === 1) return [admin]
  const { code } = got(await admin.api.call('createInvite', { body: { validMs: 3_600_000, uses: count } }))
  const others: Person[] = []
  for (let index = 1; index < count; index++) others.push(await signUp(server.url, code, `person${index}`))
  return [admin, ...others]
}

/** Signs one more device of the person in. */
export async function signInAgain(url: string, person: Person, deviceName: string): Promise<Person> {
  const stranger = createApi({ baseUrl: url, token: () => null })
  return personOf(url, got(await stranger.call('signIn', { body: { handle: person.profile.handle, password: PASSWORD, deviceName } })))
}

/** A device of the client package on the account's token. It is not started. */
export function makeDevice(
  url: string,
  person: Person,
  options: { readonly name?: string; readonly hasty?: boolean; readonly store?: LocalStore; readonly clock?: Clock } = {},
): TestDevice {
  const store = options.store ?? createMemoryStore()
  const { openSocket, tap } = tapWire(createOpenSocket(socketUrl(url)))
  const random = options.hasty === true ? { ...systemRandom, next: () => systemRandom.next() * HASTE } : systemRandom
  const handle = createDevice({ store, openSocket, http: person.api, clock: options.clock ?? systemClock, random, token: person.token })
  return { name: options.name ?? person.profile.handle, person, token: person.token, deviceId: person.deviceId, handle, store, tap }
}

/** Starts devices and ends them with the test. They are live when it resolves. */
export async function goLive(t: { after(run: () => Promise<void>): void }, devices: readonly TestDevice[]): Promise<void> {
  for (const device of devices) t.after(() => device.handle.stop())
  await Promise.all(devices.map((device) => device.handle.start()))
  await Promise.all(devices.map((device) => untilLive(device)))
}

export async function untilLive(device: TestDevice, withinMs = 20_000): Promise<void> {
  await waitFor(
    () => `${device.name} to be live; it is ${device.handle.view().connection.state}`,
    () => device.handle.view().connection.state === 'live',
    { withinMs },
  )
}

export async function makeGroup(owner: Person, title: string, others: readonly Person[]): Promise<ConversationId> {
  const id = randomUUID() as ClientMessageId
  return got(await owner.api.call('createGroup', { body: { id, title, accounts: others.map((person) => person.accountId) } })).conversationId
}

export async function openDirect(person: Person, other: Person): Promise<ConversationId> {
  return got(await person.api.call('openDirect', { params: { accountId: other.accountId } })).conversationId
}

/** Waits until the device shows the room. */
export async function untilRoom(device: TestDevice, conversationId: ConversationId): Promise<void> {
  await waitFor(`${device.name} to have the room`, () => device.handle.view().replica.rooms.has(conversationId))
}

/** Texts a device holds of a conversation in memory, oldest first. */
export function textsOf(device: TestDevice, conversationId: ConversationId): readonly string[] {
  const entries = device.handle.view().replica.rooms.get(conversationId)?.entries ?? []
  return entries.flatMap(({ body }) => (body.kind === 'text' ? [body.text] : []))
}
