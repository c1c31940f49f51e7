import type { AccountId, Person, SignedIn } from '@bongsu/protocol'
import type { Limits } from '../ops/limits.ts'
import { ADDED_BOUNDS } from './added.ts'
import { refuse, type AccountsParts, type Answer } from './parts.ts'
import { lookUpHandle, lookUpPeople } from './people.ts'
import { askerOf } from './requests.ts'

export const LOOKUP_BOUNDS = {
  windowMs: 3_600_000,
  /** Most handles that one account looks up in the window. */
  handlesMax: 200,
  /** Most taken handles that one invite, and one address, meets while signing up in the window. */
  takenPerInviteMax: 100,
  takenPerAddressMax: 200,
  /** How long somebody found by handle may be named by id. */
  metMs: 3_600_000,
} as const

/** Who may be named, and how many handles may be tried [B71, B72]. */
export interface Lookups {
  /** Finds one person by the exact handle. */
  byHandle(asker: AccountId, handle: string): Promise<Answer<Person>>
  /** Whether the asker may see the name of this account: by W4, because that one asks for something (B40) or has added it (B45), or because of a handle that was looked up lately. */
  sees(asker: AccountId, other: AccountId): Promise<boolean>
  /** Whether the next friend whom this account adds may be told of it [B47]. */
  mayTell(adder: AccountId): Promise<boolean>
  /** Signs up, while neither the invite nor the address has met too many taken handles. */
  joining(code: string | undefined, address: string, signUp: () => Promise<Answer<SignedIn>>): Promise<Answer<SignedIn>>
}

export function createLookups(parts: AccountsParts, limits: Limits): Lookups {
  const { windowMs, handlesMax, takenPerInviteMax, takenPerAddressMax, metMs } = LOOKUP_BOUNDS
  const pair = (asker: AccountId, other: AccountId): string => `met:${asker} ${other}`

  return {
    async byHandle(asker, handle) {
      const spent = await limits.spend(`handles:${asker}`, handlesMax, windowMs)
      if (!spent.ok) return refuse('rate-limited', spent.retryAfterMs)
      const found = await lookUpHandle(parts, handle)
      if (found.ok) {
        await limits.forget(pair(asker, found.value.accountId))
        await limits.spend(pair(asker, found.value.accountId), 1, metMs)
      }
      return found
    },

    async sees(asker, other) {
      const seen = await lookUpPeople(parts, asker, [other])
      if ((seen.ok && seen.value.people.length > 0) || (await askerOf(parts, asker, other)) !== null) return true
      return (await limits.look(pair(asker, other), 1)).points === 0
    },

    async mayTell(adder) {
      return (await limits.spend(`told:${adder}`, ADDED_BOUNDS.toldMax, ADDED_BOUNDS.windowMs)).ok
    },

    async joining(code, address, signUp) {
      const tries = [
        { key: `taken-at:${address}`, max: takenPerAddressMax },
        ...(code === undefined ? [] : [{ key: `taken-by:${code}`, max: takenPerInviteMax }]),
      ]
      for (const { key, max } of tries) {
        const { points, windowMs: waitMs } = await limits.look(key, max)
        if (points === 0) return refuse('rate-limited', waitMs)
      }
      const made = await signUp()
      if (!made.ok && made.code === 'handle-taken') for (const { key, max } of tries) await limits.spend(key, max, windowMs)
      return made
    },
  }
}
