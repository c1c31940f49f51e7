import { LIMITS, type AccountId, type Entry } from '@bongsu/protocol'

interface Room {
  readonly members: ReadonlyMap<AccountId, { readonly joinedSeq: number; readonly waiting: boolean }>
  readonly entries: readonly Pick<Entry, 'author'>[]
}

/** Whether `author` can put the account into no further conversation [B22]: the plain copy of the rule. */
export function isAtLimit(rooms: ReadonlyMap<unknown, Room>, accountId: AccountId, author: AccountId): boolean {
  const held = [...rooms.values()].filter(({ members }) => members.get(accountId)?.waiting === false)
  if (accountId === author || held.length >= LIMITS.conversationsPerAccountMax) return held.length >= LIMITS.conversationsPerAccountMax
  const by = held.map(({ members, entries }) => entries[(members.get(accountId)?.joinedSeq ?? 1) - 1]?.author)
  const count = (is: (who: AccountId | undefined) => boolean): number => by.filter(is).length
  return count((who) => who !== accountId) >= LIMITS.placesFromOthersMax || count((who) => who === author) >= LIMITS.placesFromOneMax
}
