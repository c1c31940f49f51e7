import { randomBytes } from 'node:crypto'
import { PATHS, type Body } from '@bongsu/protocol'
import type { Profile } from '../vocabulary/observation.ts'
import { isText, readObject, type Ask, type Request } from './ask.ts'
import type { CanaryAccount, PairCredentials } from './credentials-file.ts'

const requestMs = 5_000
const answerBytesMax = 65_536
const handleTries = 3

/**
 * Result of creating accounts. `refused`: the server failed or was too slow, as it would be for people. `forbidden`: the server does not let this
 * sentinel create accounts (no key, too many canaries), which is no outage.
 */
export type Made = 'made' | 'unreachable' | 'refused' | 'forbidden'

const NOT_PEOPLES: ReadonlySet<string> = new Set([
  'unauthenticated',
  'forbidden',
  'not-found',
  'limit-reached',
  'registration-closed',
  'body-invalid',
])

/**
 * Creates the missing parts of a pair through the public door, except for the invites: two accounts and their conversation. Each part is passed to
 * `keep` at once, so that it is stored before the next step and never created twice.
 */
export async function makePair(options: {
  readonly ask: Ask
  readonly serverUrl: string
  readonly key: string
  readonly profile: Profile
  readonly pair: PairCredentials
  readonly keep: (pair: PairCredentials) => void
}): Promise<Made> {
  const { serverUrl, profile, keep } = options
  let { pair } = options
  const headers = { authorization: `Bearer ${options.key}` }

  async function call(
    path: string,
    request: Partial<Request>,
  ): Promise<{ readonly told: Readonly<Record<string, unknown>> } | { readonly failed: string }> {
    const answer = await options.ask({ timeoutMs: requestMs, bytesMax: answerBytesMax, ...request, url: serverUrl + path })
    if (answer.kind === 'unreachable' || answer.kind === 'slow') return { failed: 'unreachable' }
    const told = answer.kind === 'answer' ? readObject(answer.text) : null
    if (answer.kind === 'answer' && answer.status === 200 && told !== null) return { told }
    return { failed: isText(told?.['code'], 1, 64) ? told['code'] : answer.kind === 'answer' && answer.status < 500 ? 'not-found' : 'internal' }
  }

  async function signUp(code: string): Promise<string | null> {
    const password = randomBytes(32).toString('base64url')
    for (let tries = 1; ; tries++) {
      const handle = `canary-${randomBytes(6).toString('hex')}`
      const number = pair.accounts.length + 1
      const body: Body<'signUp'> = { code, handle, displayName: `봉화 탐침 ${profile} ${number}`, password, deviceName: `봉화 탐침 ${profile}` }
      const answer = await call(PATHS.signUp.path, { method: 'POST', headers, body })
      if ('failed' in answer) {
        if (answer.failed === 'handle-taken' && tries < handleTries) continue
        return answer.failed
      }
      const { token, deviceId, profile: own } = answer.told
      const accountId = (own as Readonly<Record<string, unknown>> | undefined)?.['accountId']
      if (!isText(token, 1, 4_096) || !isText(deviceId, 36, 36) || !isText(accountId, 36, 36)) return 'internal'
      pair = { ...pair, accounts: [...pair.accounts, { handle, password, accountId, deviceId, token }] }
      keep(pair)
      return null
    }
  }

  async function makeAccounts(): Promise<string | null> {
    const count = 2 - pair.accounts.length
    if (count <= 0) return null
    const answer = await call(PATHS.inviteCanaries.path, { method: 'POST', headers, body: { count } satisfies Body<'inviteCanaries'> })
    if ('failed' in answer) return answer.failed
    const { codes } = answer.told
    if (!Array.isArray(codes) || codes.length < count) return 'internal'
    for (const code of codes.slice(0, count)) {
      const failed = isText(code, 16, 64) ? await signUp(code) : 'internal'
      if (failed !== null) return failed
    }
    return null
  }

  async function openConversation(): Promise<string | null> {
    const [one, other] = pair.accounts as readonly [CanaryAccount, CanaryAccount]
    const path = PATHS.openDirect.path.replace(':accountId', other.accountId)
    const answer = await call(path, { method: 'PUT', headers: { authorization: `Bearer ${one.token}` } })
    if ('failed' in answer) {
      // The server does not know these accounts any more: start without any.
      if (answer.failed === 'unauthenticated' || answer.failed === 'not-found') keep({ accounts: [], conversationId: null })
      return answer.failed
    }
    const { conversationId } = answer.told
    if (!isText(conversationId, 36, 36)) return 'internal'
    pair = { ...pair, conversationId }
    keep(pair)
    return null
  }

  const failed = (await makeAccounts()) ?? (pair.conversationId === null ? await openConversation() : null)
  if (failed === null) return 'made'
  return failed === 'unreachable' ? 'unreachable' : NOT_PEOPLES.has(failed) ? 'forbidden' : 'refused'
}
