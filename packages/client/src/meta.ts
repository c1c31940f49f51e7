import type { AccountId, ConversationMeta, Entry, Person } from '@bongsu/protocol'
import type { ReplicaState } from './state.ts'

/** As many people as a conversation's meta names. */
export const peopleInMetaMax = 8

/** Everybody the entries speak of, each once. */
export function namesIn(entries: readonly Entry[]): AccountId[] {
  const names = new Set<AccountId>()
  for (const { author, body } of entries) {
    names.add(author)
    if (body.kind === 'invited' || body.kind === 'created') for (const accountId of body.accounts) names.add(accountId)
  }
  return [...names]
}

/**
 * What a conversation is after these entries [D5]. `exact` is false when the names that stand for a group without a title can no longer be
 * told from here: one of them left, and who moves up is known to the server alone.
 */
export function metaAfter(before: ConversationMeta, entries: readonly Entry[], state: ReplicaState): { meta: ConversationMeta; exact: boolean } {
  let meta = before
  for (const entry of entries) meta = metaAfterOne(meta, entry, state)
  const others = Math.min(peopleInMetaMax, meta.memberCount - 1)
  const areNamesExact = meta === before || meta.kind !== 'group' || meta.title !== '' || meta.people.length >= others
  // Whether somebody who comes back was the host before is known to the server alone.
  const isHostExact = before.host !== null || !entries.some(({ body }) => body.kind === 'invited')
  return { meta, exact: areNamesExact && isHostExact }
}

function metaAfterOne(meta: ConversationMeta, { author, body }: Entry, state: ReplicaState): ConversationMeta {
  switch (body.kind) {
    case 'created':
      return { ...meta, title: body.title, memberCount: body.accounts.length + 1 }
    case 'renamed':
      return { ...meta, title: body.title }
    case 'invited':
      return { ...meta, memberCount: meta.memberCount + body.accounts.length, people: joined(meta, body.accounts, state) }
    case 'left': {
      const people = meta.people.filter((person) => person.accountId !== author)
      const host = meta.host === author ? { host: null } : {}
      return { ...meta, memberCount: Math.max(0, meta.memberCount - 1), people, ...host } // [seam: member-left]
    }
    case 'text':
    default:
      // A kind this version does not know changes nothing it shows [W3].
      return meta
  }
}

function joined({ people, memberCount }: ConversationMeta, accountIds: readonly AccountId[], state: ReplicaState): Person[] {
  const result = [...people]
  // Somebody who came earlier is missing from the names: the place is theirs.
  if (people.length < memberCount - 1) return result
  for (const accountId of accountIds) {
    if (result.length >= peopleInMetaMax) break
    if (accountId === state.accountId || result.some((person) => person.accountId === accountId)) continue
    // The name is being looked up and is filled in when it comes.
    result.push(state.people.get(accountId) ?? { accountId, handle: '', displayName: '' })
  }
  return result
}
