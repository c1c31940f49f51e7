import { LIMITS, type AccountId, type Person } from '@bongsu/protocol'
import type { Api } from './api.ts'
import type { Clock } from './ports.ts'

/** How long names are gathered before one request. */
export const gatherMs = 50
/** Wait after a failed lookup. It doubles up to the bound. */
const retryMs = 5_000
const retryMsMax = 300_000
/** Most wanted names, and most names remembered as unavailable. */
export const wantedMax = 10_000

/** Looks up the names of people, each once, in batches. */
export interface PeopleLookup {
  want(accountIds: readonly AccountId[]): void
  /** Unavailable names are asked for again: a new connection is a new chance. */
  again(): void
  stop(): void
}

export function createPeopleLookup(options: {
  readonly http: Pick<Api, 'call'>
  readonly clock: Clock
  readonly known: (accountId: AccountId) => boolean
  readonly found: (people: readonly Person[]) => void
}): PeopleLookup {
  const wanted = new Set<AccountId>()
  const missing = new Set<AccountId>()
  let cancel: (() => void) | null = null
  let busy = false
  let failures = 0
  let stopped = false

  function plan(delayMs: number): void {
    if (stopped || busy || cancel !== null || wanted.size === 0) return
    cancel = options.clock.after(delayMs, () => {
      cancel = null
      busy = true
      void lookUp()
    })
  }

  async function lookUp(): Promise<void> {
    for (const accountId of wanted) if (options.known(accountId)) wanted.delete(accountId)
    const accountIds = [...wanted].slice(0, LIMITS.peoplePerLookupMax)
    if (accountIds.length === 0) {
      busy = false
      return
    }
    const answer = await options.http.call('lookUpPeople', { body: { accountIds } })
    busy = false
    if (stopped) return
    if (!answer.ok) {
      plan(Math.max(answer.refusal.retryAfterMs ?? 0, Math.min(retryMsMax, retryMs * 2 ** failures++)))
      return
    }
    failures = 0
    for (const accountId of accountIds) {
      wanted.delete(accountId)
      // A name missing from the answer is not visible to this account. Asking repeatedly would not change that.
      if (missing.size < wantedMax) missing.add(accountId)
    }
    for (const person of answer.value.people) missing.delete(person.accountId)
    // A name that arrived meanwhile, from the account log or a reset, may be newer than this answer [D5].
    const people = answer.value.people.filter(({ accountId }) => !options.known(accountId))
    if (people.length > 0) options.found(people)
    plan(0)
  }

  return {
    want(accountIds) {
      for (const accountId of accountIds) {
        if (wanted.size < wantedMax && !missing.has(accountId) && !options.known(accountId)) wanted.add(accountId)
      }
      plan(gatherMs)
    },
    again() {
      stopped = false
      missing.clear()
      cancel?.()
      cancel = null
      failures = 0
      plan(gatherMs)
    },
    stop() {
      stopped = true
      cancel?.()
      cancel = null
    },
  }
}
