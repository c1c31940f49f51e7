import { countsAsUnread, type AccountId, type AccountItem, type Entry, type SendBody } from '@bongsu/protocol'
import { needsOfAppend, needsOfSet, type AppendFacts, type KnownAct, type KnownEntry, type SetFacts, type SetRequest } from '@bongsu/log'
import type { FakeConversation } from './conversation.ts'

/** Facts for the rules of an append. @param isThere whether an account exists. */
export function appendFacts(
  conversation: FakeConversation | undefined,
  author: AccountId,
  body: SendBody,
  known: KnownEntry | null,
  isThere: (accountId: AccountId) => boolean,
): AppendFacts {
  const people = [...new Set(needsOfAppend(body).people)].filter(isThere)
  return {
    known,
    place: conversation?.placeOf(author) ?? null,
    people: people.map((accountId) => ({
      accountId,
      isMember: conversation?.members.has(accountId) === true,
      isAtLimit: false,
      isBarred: false,
      blocksAuthor: false,
      consent: 'free',
      asked: 'never',
    })),
    maker: conversation?.log[0]?.author ?? null,
    oldest: [...(conversation?.members.keys() ?? [])].find((accountId) => accountId !== author) ?? null,
    barred: 0,
  }
}

/** Facts for the rules of an act. @param items of the account's log. */
export function setFacts(
  conversation: FakeConversation | undefined,
  items: ReadonlyMap<string, { readonly at: number; readonly item: AccountItem }>,
  request: SetRequest,
  known: KnownAct | null,
): SetFacts {
  const { author, seq, act } = request
  const needs = needsOfSet(request)
  const marks = [...(conversation?.marksOf(seq).values() ?? [])].filter(({ kind }) => kind === act.kind)
  const own = needs.owner === 'account' ? items.get(`${needs.kind} ${needs.key}`) : undefined
  const current = own === undefined ? marks.find(({ key }) => key === needs.key) : { value: own.item.value, change: own.at }
  const different = new Set(marks.filter(({ value }) => value !== null).map(({ value }) => JSON.stringify(value)))
  if (needs.differentFrom !== null) different.delete(needs.differentFrom)
  return {
    known,
    place: conversation?.placeOf(author) ?? null,
    subject: conversation?.log[seq - 1] ?? null,
    current: current === undefined ? null : { value: current.value === null ? null : JSON.stringify(current.value), change: current.change },
    different: different.size,
    marks: marks.length,
    maker: conversation?.log[0]?.author ?? null,
    own: [...items.values()].filter(({ item }) => item.kind === act.kind).length,
  }
}

/** How many of the entries count as unread for an account with these items [R4, B2]. */
export function unreadIn(
  entries: readonly Entry[],
  readSeq: number,
  accountId: AccountId,
  items: ReadonlyMap<string, { readonly item: AccountItem }> | undefined,
): number {
  const isBlocked = (author: AccountId): boolean => (items?.get(`block ${author}`)?.item.value ?? null) !== null
  return entries.filter(({ seq, author, body }) => seq > readSeq && countsAsUnread(body.kind) && author !== accountId && !isBlocked(author)).length
}
