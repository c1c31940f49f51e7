import { LIMITS } from '@bongsu/protocol'
import type { ApiResult } from './api.ts'
import type { StoredOutage } from './stored-outage.ts'
import type { Clock, Random } from './ports.ts'

/** Tries further apart belong to different outages: the person has gone away in between. */
export const signInPauseMs = 300_000
/** Most outages kept before there is a device that can report them. The oldest are dropped first. */
export const signInOutagesMax = 10

/** Failed sign-ins by the server's fault so far. Plain data, stored beside the session. */
export interface SignInTrouble {
  /** Start and last time of the trouble, by this device's clock, epoch ms. Null when the last try was answered. */
  readonly open: { readonly beganAt: number; readonly feltAt: number } | null
  readonly outages: readonly StoredOutage[]
}

export const NO_SIGN_IN_TROUBLE: SignInTrouble = { open: null, outages: [] }

/** One finished sign-in. @param online the operating system's view of the network. */
export interface SignInTry {
  readonly triedAt: number
  readonly answer: ApiResult<unknown>
  readonly online: boolean
}

/**
 * The state after one more sign-in [F4]. A device that is signing in has no store of its own yet, so this is stored beside the session and passed to
 * `createDevice` later.
 */
export function afterSignInTry(
  before: SignInTrouble,
  { triedAt, answer, online }: SignInTry,
  clock: Pick<Clock, 'now'>,
  random: Random,
): SignInTrouble {
  const now = clock.now()
  const lasting = before.open !== null && triedAt >= before.open.feltAt && triedAt - before.open.feltAt <= signInPauseMs ? before.open : null
  const over = lasting === null ? closed(before, before.open?.feltAt ?? 0, random) : before
  if (!answer.ok && isServersFault(answer)) {
    // Without a network the server is not at fault, and nothing is known about it.
    return online ? { ...over, open: { beganAt: lasting?.beganAt ?? triedAt, feltAt: now } } : over
  }
  return closed(over, now, random)
}

function isServersFault(answer: Extract<ApiResult<unknown>, { ok: false }>): boolean {
  return answer.offline === true || ['busy', 'unavailable', 'internal'].includes(answer.refusal.code)
}

function closed({ open, outages }: SignInTrouble, endedAt: number, random: Random): SignInTrouble {
  if (open === null) return { open, outages }
  const lastedMs = Math.min(endedAt - open.beganAt, LIMITS.outageMsMax)
  if (lastedMs <= LIMITS.outageMsMin) return { open: null, outages }
  const outage: StoredOutage = { id: random.uuid(), part: 'sign-in', endedAt, lastedMs, unsent: 0 }
  return { open: null, outages: [...outages, outage].slice(-signInOutagesMax) }
}
