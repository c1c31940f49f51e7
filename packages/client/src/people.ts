import type { AccountId, Person } from '@bongsu/protocol'
import type { ReplicaState, Room } from './state.ts'

/** Most names a device remembers. The oldest are forgotten first; friends stay. */
export const peopleMax = 20_000

/** The state with these names in every place that shows them. */
export function knowPeople(state: ReplicaState, persons: readonly Person[]): ReplicaState {
  const changed = persons.filter((person) => !same(state.people.get(person.accountId), person))
  if (changed.length === 0) return state
  const named = new Map(changed.map((person) => [person.accountId, plain(person)]))
  const people = new Map(state.people)
  for (const [accountId, person] of named) {
    people.delete(accountId)
    people.set(accountId, person)
  }
  for (const accountId of people.keys()) {
    if (people.size <= peopleMax) break
    if (!state.friends.has(accountId)) people.delete(accountId)
  }
  return { ...state, people, friends: rename(state.friends, named), rooms: renameInRooms(state.rooms, named) }
}

type Names = ReadonlyMap<AccountId, Person>

function rename(friends: Names, named: Names): Names {
  const touched = [...named].filter(([accountId]) => friends.has(accountId))
  if (touched.length === 0) return friends
  const renamed = new Map(friends)
  for (const [accountId, person] of touched) renamed.set(accountId, person)
  return renamed
}

function renameInRooms(rooms: ReplicaState['rooms'], named: Names): ReplicaState['rooms'] {
  const touched: Room[] = []
  for (const room of rooms.values()) {
    if (!room.meta.people.some((person) => named.has(person.accountId))) continue
    touched.push({ ...room, meta: { ...room.meta, people: room.meta.people.map((person) => named.get(person.accountId) ?? person) } })
  }
  if (touched.length === 0) return rooms
  const renamed = new Map(rooms)
  for (const room of touched) renamed.set(room.conversationId, room)
  return renamed
}

function plain({ accountId, handle, displayName, staff }: Person): Person {
  return { accountId, handle, displayName, ...(staff === true ? { staff } : {}) }
}

function same(a: Person | undefined, b: Person): boolean {
  return a !== undefined && a.handle === b.handle && a.displayName === b.displayName && a.staff === b.staff
}
