import type { AccountId, ConversationMeta, Entry, Person } from '@bongsu/protocol'
import { foldRoom, ownedBy } from '@bongsu/log'
import type { Effect } from './effect.ts'
import type { ReplicaState } from './state.ts'

/** Most people named in a conversation's meta. */
export const peopleInMetaMax = 8

/** Everybody mentioned by the entries, each once. */
export function namesIn(entries: readonly Entry[]): AccountId[] {
  const names = new Set<AccountId>()
  for (const { author, body } of entries) {
    names.add(author)
    if (body.kind === 'invited' || body.kind === 'created') for (const accountId of body.accounts) names.add(accountId)
    if (body.kind === 'removed' || body.kind === 'role') names.add(body.accountId)
    if ((body.kind === 'left' || body.kind === 'removed') && body.host !== undefined) names.add(body.host)
  }
  return [...names]
}

/** [C6] Requests the names of everybody mentioned by the entries. */
export function learn(state: ReplicaState, entries: readonly Entry[]): readonly Effect[] {
  const accountIds = namesIn(entries).filter((accountId) => !state.people.has(accountId))
  return accountIds.length === 0 ? [] : [{ do: 'learn', accountIds }]
}

/**
 * The state of a conversation after these entries [D5]. `exact` is false when the names of a group without title cannot be derived here: one of the
 * named people left, and only the server knows who comes next.
 */
export function metaAfter(before: ConversationMeta, entries: readonly Entry[], state: ReplicaState): { meta: ConversationMeta; exact: boolean } {
  let meta = before
  for (const entry of entries) meta = metaAfterOne(meta, entry, state)
  const others = Math.min(peopleInMetaMax, meta.memberCount - 1)
  const areNamesExact = meta === before || meta.kind !== 'group' || meta.title !== '' || meta.people.length >= others
  // Only the server knows whether a returning member was the host before.
  const isHostExact = before.host !== null || !entries.some(({ body }) => body.kind === 'invited')
  return { meta, exact: areNamesExact && isHostExact }
}

function metaAfterOne(before: ConversationMeta, entry: Entry, state: ReplicaState): ConversationMeta {
  const meta = before.kind === 'group' ? owned(before, entry) : before
  const { author, body } = entry
  switch (body.kind) {
    case 'created':
      return { ...meta, title: body.title, memberCount: body.accounts.length + 1 }
    case 'renamed':
      return { ...meta, title: body.title }
    case 'invited':
      return { ...meta, memberCount: meta.memberCount + body.accounts.length, people: joined(meta, body.accounts, state) }
    case 'left':
      return without(meta, author)
    case 'removed':
      return without(meta, body.accountId) // [seam: member-removed]
    case 'text':
    default:
      // An unknown kind changes nothing shown by this version [W3].
      return meta
  }
}

/** Who owns the group after the entry [B10]. The same object when that does not change. */
function owned(meta: ConversationMeta, { author, body }: Entry): ConversationMeta {
  // A server without hosts.
  if (meta.host === undefined) return meta
  const before = { host: meta.host, deputies: meta.deputies ?? [], rights: meta.rights ?? {} }
  const after = foldRoom(before, author, body)
  if (after === before) return meta
  const { host: _host, deputies: _deputies, rights: _rights, ...rest } = meta
  return { ...rest, ...ownedBy(after, after.host) }
}

function without(meta: ConversationMeta, accountId: AccountId): ConversationMeta {
  const people = meta.people.filter((person) => person.accountId !== accountId)
  const host = meta.host === accountId ? { host: null } : {}
  return { ...meta, memberCount: Math.max(0, meta.memberCount - 1), people, ...host } // [seam: member-left]
}

function joined({ people, memberCount }: ConversationMeta, accountIds: readonly AccountId[], state: ReplicaState): Person[] {
  const result = [...people]
  // A member who joined earlier is missing from the names and has priority.
  if (people.length < memberCount - 1) return result
  for (const accountId of accountIds) {
    if (result.length >= peopleInMetaMax) break
    if (accountId === state.accountId || result.some((person) => person.accountId === accountId)) continue
    // The name is being looked up and is filled in when it arrives.
    result.push(state.people.get(accountId) ?? { accountId, handle: '', displayName: '' })
  }
  return result
}
