import { entryKind, LIMITS, type AccountId, type EntryBody, type Right } from '@bongsu/protocol'
import type { AppendFacts, Place } from './facts.ts'
import { foldRoom, isAtLeast, leastRoleFor, madeBy, roleOf, type RoomState } from './room-state.ts'

export type RoleRefusal = 'role-too-low' | 'member-unknown' | 'barred' | 'forbidden' | 'body-invalid' | 'limit-reached'

/** The state of a room before an entry. @param maker the author of entry 1, where it was loaded. */
export function stateOf({ state }: Place, maker: AccountId | null): RoomState {
  return state ?? madeBy(maker)
}

/** Whether staff remove the author: no role is asked for [B67]. A device that sends such a body is refused before. */
export function isByStaff(body: EntryBody): boolean {
  return body.kind === 'removed' && body.by === 'staff'
}

/** Why the author's role does not allow this body; null when it does [B10-B13]. */
export function whyNotByRole(author: AccountId, body: EntryBody, place: Place, facts: AppendFacts): RoleRefusal | null {
  if (place.kind !== 'group') return null
  if (body.kind === 'removed' && isByStaff(body)) return body.accountId === author ? null : 'body-invalid'
  const state = stateOf(place, facts.maker)
  const right = entryKind(body.kind)?.right ?? null
  if (right !== null && !hasRight(state, author, right)) return 'role-too-low'
  if (!mayCallEveryone(author, body, place, state)) return 'forbidden'
  switch (body.kind) {
    case 'invited':
      return facts.people.some(({ isBarred, isMember }) => isBarred && !isMember) && !hasRight(state, author, 'remove') ? 'barred' : null
    case 'removed':
      return whyNotAbout(author, facts) ?? whyNotRemoved(author, body, state, facts)
    case 'role':
      return whyNotAbout(author, facts) ?? whyNotRole(body, state)
    case 'rights':
      return sameRights(state, foldRoom(state, author, body)) ? 'body-invalid' : null
    default:
      return null
  }
}

/** @param right `host`: what only the host may do. */
export function hasRight(state: RoomState, accountId: AccountId, right: Right | 'host'): boolean {
  return isAtLeast(roleOf(state, accountId), right === 'host' ? 'host' : leastRoleFor(right, state.rights))
}

/** Whether this body may call everybody, if it does [I9]. */
export function mayCallEveryone(author: AccountId, body: EntryBody, { kind, memberCount }: Place, state: RoomState): boolean {
  if (kind !== 'group' || entryKind(body.kind)?.callsEveryone?.(body) !== true) return true
  return hasRight(state, author, 'everyone') && (memberCount <= LIMITS.everyoneMembersMax || isAtLeast(roleOf(state, author), 'deputy'))
}

/** The named person must be another member. */
function whyNotAbout(author: AccountId, { people }: AppendFacts): RoleRefusal | null {
  if (people[0]?.accountId === author) return 'body-invalid'
  return people[0]?.isMember === true ? null : 'member-unknown'
}

/** Nobody removes the host, and only the host removes a deputy. */
function whyNotRemoved(author: AccountId, body: Extract<EntryBody, { kind: 'removed' }>, state: RoomState, facts: AppendFacts): RoleRefusal | null {
  const theirs = roleOf(state, body.accountId)
  if (theirs !== 'member' && (isAtLeast(theirs, 'host') || roleOf(state, author) !== 'host')) return 'forbidden'
  return body.barred && facts.barred >= LIMITS.barredPerConversationMax ? 'limit-reached' : null
}

function whyNotRole({ accountId, role }: Extract<EntryBody, { kind: 'role' }>, state: RoomState): RoleRefusal | null {
  if (roleOf(state, accountId) === role) return 'body-invalid'
  return role === 'deputy' && state.deputies.length >= LIMITS.deputiesMax ? 'limit-reached' : null
}

function sameRights({ rights: one }: RoomState, { rights: other }: RoomState): boolean {
  return (Object.keys(other) as Right[]).every((right) => leastRoleFor(right, one) === leastRoleFor(right, other))
}

/** The body to store: where the host goes it names the next one, the oldest deputy or else the oldest member [B11]. */
export function withNextHost(author: AccountId, body: EntryBody, place: Place, facts: AppendFacts): EntryBody {
  if (body.kind !== 'left' && !(body.kind === 'removed' && isByStaff(body))) return body
  const state = stateOf(place, facts.maker)
  const next = state.host === author ? (state.deputies[0] ?? facts.oldest) : null
  return next === null ? body : { ...body, host: next }
}
