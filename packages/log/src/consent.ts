import { LIMITS, type AccountId, type Consent, type Reach } from '@bongsu/protocol'

/** What decides whether one account may come to another one without being asked [B40]. */
export interface ConsentFacts {
  readonly reach: Reach
  /** The other one is a friend of the account, or staff. */
  readonly isFriend: boolean
  /** Both are in one conversation, and neither waits to be let in. */
  readonly isAcquainted: boolean
  /** Who made each of the requests that wait for the account. */
  readonly waiting: readonly AccountId[]
}

/** @param facts null: the account lets everyone in. */
export function consentOf(facts: ConsentFacts | null, author: AccountId): Consent {
  if (facts === null || facts.reach === 'everyone' || facts.isFriend) return 'free'
  if (facts.reach === 'acquainted' && facts.isAcquainted) return 'free'
  const ofAuthor = facts.waiting.filter((one) => one === author).length
  // [B79] Who is blocked has no requests: those of the author must not decide about an answer.
  if (facts.waiting.length - ofAuthor >= LIMITS.requestsMax) return 'full'
  return facts.waiting.length >= LIMITS.requestsMax || ofAuthor >= LIMITS.requestsFromOneMax ? 'crowded' : 'ask'
}
