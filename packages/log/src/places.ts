import { LIMITS } from '@bongsu/protocol'

/** The conversations of an account, by who put the account there. */
export interface Places {
  readonly all: number
  /** Those into which others put it. May be left at 0 where `all` is below `LIMITS.placesFromOneMax`. */
  readonly fromOthers: number
  /** Those into which the author of the request put it. The same holds. */
  readonly fromAuthor: number
}

/**
 * Whether this author can put the account into no further conversation [B22]. The last places of an account are for conversations of its own, and nobody
 * fills more than a part of the others.
 */
export function hasNoPlace({ all, fromOthers, fromAuthor }: Places): boolean {
  return all >= LIMITS.conversationsPerAccountMax || fromOthers >= LIMITS.placesFromOthersMax || fromAuthor >= LIMITS.placesFromOneMax
}
