import type { ConversationId } from '@bongsu/protocol'
import { goLive, makeDevice, makeGroup, makePeople, openDirect, signInAgain, untilRoom, type Person, type TestDevice } from './world.ts'

/** Who sits where: places of the people in each room. The first of a room opens it. */
const GROUPS: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7],
  [0, 1, 2, 3],
  [4, 5, 6, 7],
  [0, 2, 4, 6],
]
const PAIRS: readonly (readonly [number, number])[] = [
  [0, 1],
  [2, 3],
  [4, 5],
  [6, 7],
]

export interface Town {
  readonly people: readonly Person[]
  /** Two of each person. */
  readonly devices: readonly TestDevice[]
  readonly rooms: readonly ConversationId[]
}

/** Eight people with two devices each, in four groups and four direct conversations; everybody is live in all their rooms. */
export async function makeTown(
  t: { after(run: () => Promise<void>): void },
  server: { readonly url: string; readonly firstAdminCode: string },
): Promise<Town> {
  const people = await makePeople(server, 8)
  const at = (place: number): Person => people[place] as Person
  const devices: TestDevice[] = []
  for (const person of people) {
    const second = await signInAgain(server.url, person, '둘째 기기')
    devices.push(makeDevice(server.url, person, { name: `${person.profile.handle}-phone`, hasty: true }))
    devices.push(makeDevice(server.url, second, { name: `${person.profile.handle}-laptop`, hasty: true }))
  }
  const groups = GROUPS.map(([first = 0, ...others]) => makeGroup(at(first), `방 ${first}`, others.map(at)))
  const pairs = PAIRS.map(([one, other]) => openDirect(at(one), at(other)))
  const rooms = await Promise.all([...groups, ...pairs])
  await goLive(t, devices)
  const seats = [...GROUPS, ...PAIRS]
  for (const [index, conversationId] of rooms.entries()) {
    for (const place of seats[index] ?? []) {
      for (const device of devices) if (device.person.accountId === at(place).accountId) await untilRoom(device, conversationId)
    }
  }
  return { people, devices, rooms }
}
