import { LIMITS } from '@bongsu/protocol'
import type { ApiResult } from './api.ts'
import type { StoredOutage } from './stored-outage.ts'
import type { Clock, Random } from './ports.ts'

/** Tries that are further apart are not of one trouble: the person has gone away in between. */
export const signInPauseMs = 300_000
/** Most kept before there is a device that can tell of them; the oldest go first. */
export const signInOutagesMax = 10

/** Signing in that does not work by the server's fault, as it stands. Plain data, to be kept where the session is. */
export interface SignInTrouble {
  /** It began, and was felt for the last time; clock of this device, epoch ms. Null when the last try was answered. */
  readonly open: { readonly beganAt: number; readonly feltAt: number } | null
  readonly outages: readonly StoredOutage[]
}

export const NO_SIGN_IN_TROUBLE: SignInTrouble = { open: null, outages: [] }

/** One try to sign in, after it. @param online what the operating system says of the network. */
export interface SignInTry {
  readonly triedAt: number
  readonly answer: ApiResult<unknown>
  readonly online: boolean
}

/**
 * What is known after one more try [F4]. A device that signs in has no store yet that would count it, so this is kept beside the session and given
 * to `createDevice` once there is one.
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
    // Without a network nobody is to blame, and nothing is known of the server either.
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
