import { mayIn, roleIn } from '@bongsu/client'
import { type AccountId, begins, folded, found, LIMITS, type Mention, type ConversationMeta } from '@bongsu/protocol'
import type { Chosen } from '../../../adapters/drafts.ts'

export interface Candidate {
  readonly who: Mention['who']
  readonly name: string
}

/** A longer name query is not a mention. */
const queryUnitsMax = 20
const shownMax = 8

/** The name being typed behind an @ at the caret; null when there is none. An @ inside a word belongs to an address. */
export function mentionQuery(text: string, caret: number): { readonly from: number; readonly query: string } | null {
  const from = text.lastIndexOf('@', caret - 1)
  if (from === -1 || caret - from - 1 > queryUnitsMax) return null
  if (from > 0 && /[\p{L}\p{N}_.@-]/u.test(text.charAt(from - 1))) return null
  const query = text.slice(from + 1, caret)
  return /\s/.test(query) ? null : { from, query }
}

/** Suggested people, best match first: names that start with the query, then names that contain it. 초성 counts. */
export function suggest(candidates: readonly Candidate[], query: string): readonly Candidate[] {
  const wanted = folded(query)
  const [first, others]: [Candidate[], Candidate[]] = [[], []]
  for (const candidate of candidates) {
    if (begins(folded(candidate.name), wanted)) first.push(candidate)
    else if (found(candidate.name, query)) others.push(candidate)
  }
  return [...first, ...others].slice(0, shownMax)
}

/**
 * The places of the chosen people in the finished text. A chosen person whose name was removed is not mentioned. Of two people with one name, the
 * first chosen is the first in the text.
 */
export function placeMentions(text: string, chosen: readonly Chosen[]): readonly Mention[] {
  const left = new Map<string, Mention['who'][]>()
  for (const { who, label } of chosen) left.set(label, [...(left.get(label) ?? []), who])
  // When both 김서 and 김서연 match, the longer one is meant.
  const labels = [...left.keys()].toSorted((a, b) => b.length - a.length)
  const mentions: Mention[] = []
  for (let at = text.indexOf('@'); at !== -1 && mentions.length < LIMITS.mentionsMax; at = text.indexOf('@', at + 1)) {
    const label = labels.find((one) => text.startsWith(one, at + 1))
    const [who, ...others] = label === undefined ? [] : (left.get(label) ?? [])
    if (label === undefined || who === undefined) continue
    if (others.length > 0) left.set(label, others)
    mentions.push({ who, at, length: label.length + 1 })
    at += label.length
  }
  return mentions
}

/** The people mentioned in a text that is now edited. */
export function chosenIn(text: string, mentions: readonly Mention[]): readonly Chosen[] {
  return mentions.map(({ who, at, length }) => ({ who, label: text.slice(at + 1, at + length) }))
}

/** In a large room only a host or deputy may mention everyone, whatever the rights [I9]. */
export function mayCallEveryone(room: Pick<ConversationMeta, 'kind' | 'memberCount' | 'host' | 'deputies' | 'rights'>, me: AccountId): boolean {
  if (room.kind !== 'group' || !mayIn(room, me, 'everyone')) return false
  return room.memberCount <= LIMITS.everyoneMembersMax || roleIn(room, me) !== 'member'
}
