import { PATHS, type Body } from '@bongsu/protocol'
import type { Outcome } from '../vocabulary/observation.ts'
import { isText, isWhole, readObject, type Ask } from './ask.ts'

/** Limit from the start to the token. */
export const signInWithinMs = 3_000
const answerBytesMax = 65_536

export type SignedIn =
  | { readonly outcome: 'ok'; readonly token: string; readonly deviceId: string }
  /** `code` is a refusal code of the protocol, or '' when the answer was none. */
  | { readonly outcome: 'refused'; readonly code: string; readonly retryAfterMs: number }
  | { readonly outcome: Extract<Outcome, 'unreachable' | 'unaccepted'> }

/**
 * Signs in as a person does: on a new connection, with the password. Naming the previous device prevents a new device.
 * @param key of the sentinel: requests with it are not counted by address.
 */
export async function trySignIn(ask: Ask, serverUrl: string, key: string, body: Body<'signIn'> | Record<string, never>): Promise<SignedIn> {
  const answer = await ask({
    url: serverUrl + PATHS.signIn.path,
    method: PATHS.signIn.method,
    headers: { authorization: `Bearer ${key}` },
    body,
    timeoutMs: signInWithinMs,
    bytesMax: answerBytesMax,
  })
  if (answer.kind === 'unreachable') return { outcome: 'unreachable' }
  if (answer.kind === 'slow') return { outcome: 'unaccepted' }
  const told = answer.kind === 'answer' ? readObject(answer.text) : null
  const { token, deviceId, code, retryAfterMs } = told ?? {}
  if (answer.kind === 'answer' && answer.status === 200 && isText(token, 1, 4_096) && isText(deviceId, 36, 36))
    return { outcome: 'ok', token, deviceId }
  return { outcome: 'refused', code: isText(code, 1, 64) ? code : '', retryAfterMs: isWhole(retryAfterMs) ? retryAfterMs : 1_000 }
}

/** Sends an empty form, which our server refuses without looking for an account: a sign-in without its cost. @returns null when it says nothing. */
export async function trySignInLightly(ask: Ask, serverUrl: string, key: string): Promise<Outcome | null> {
  const answer = await trySignIn(ask, serverUrl, key, {})
  if (answer.outcome !== 'refused') return answer.outcome
  // A sentinel that asks too often is at fault itself.
  if (answer.code === 'rate-limited') return null
  return answer.code === 'body-invalid' ? 'ok' : 'refused'
}
