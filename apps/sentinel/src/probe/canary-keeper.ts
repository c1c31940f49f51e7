import type { Observation, Profile } from '../vocabulary/observation.ts'
import type { Ask } from './ask.ts'
import { makePair, type Made } from './canary-accounts.ts'
import { createCanaryDevice, type OpenCanaryDevice } from './canary-device.ts'
import { openCanaryPair, type CanaryPair } from './canary-pair.ts'
import type { CanaryAccount, PairCredentials } from './credentials-file.ts'
import type { ProbeParts } from './ports.ts'
import { trySignIn } from './sign-in-try.ts'
import type { Stalls } from './stalls.ts'
import type { Try } from './try.ts'

/** Wait between two tries to create accounts, by result. */
export const makeAgainMs = { unreachable: 2_000, refused: 10_000, forbidden: 30_000 } as const
/** Wait after a rejected password: a server counts such tries and would lock the account. */
const wrongPasswordMs = 15_000
/**
 * How long the server must not know the accounts before new ones are created: a server that was put back to older data does not know them, and that is
 * no outage [S1]. Longer than a start of the server takes to read its data.
 */
export const goneAfterMs = 8_000
/** New accounts that are unknown again this soon are no old accounts: then the server forgets people, and the canaries feel it. */
export const renewedMs = 10 * 60_000
/** A refused device is given this long to find out whether its account is gone. */
const signedOutMs = 5_000
/** Most simultaneous sign-ins of one profile. */
const signInsUnderWayMax = 4

export type CanaryKeeper = ReturnType<typeof createCanaryKeeper>

/** Everything the canaries of one profile need: their accounts, created or found again, and their pair. */
export function createCanaryKeeper(
  options: ProbeParts & {
    readonly profile: Profile
    readonly stalls: Stalls
    readonly alarmed: () => boolean
    readonly ask: Ask
    readonly userAgent: string
    readonly credentials: PairCredentials | undefined
    readonly keep: (pair: PairCredentials) => void
    readonly told: (observation: Observation) => void
    readonly openDevice?: OpenCanaryDevice
  },
) {
  const { clock, profile, log } = options
  let credentials: PairCredentials = options.credentials ?? { accounts: [], conversationId: null }
  let pair: CanaryPair | null = null
  let making = false
  let makeAt = Number.NEGATIVE_INFINITY
  /** Why there is no pair. Null before the first try. */
  let lacking: Exclude<Made, 'made'> | null = null
  let turn = 0
  let signInsUnderWay = 0
  let stopped = false
  /** Monotonic ms from which an account may sign in again, by handle. */
  const mayFrom = new Map<string, number>()
  let goneSinceMs: number | null = null
  let renewedAtMs = Number.NEGATIVE_INFINITY
  let signedOutSinceMs: number | null = null
  let confirming = false

  function keep(next: PairCredentials): void {
    credentials = next
    options.keep(next)
  }

  function replaceAccount(account: CanaryAccount): void {
    keep({ ...credentials, accounts: credentials.accounts.map((old) => (old.accountId === account.accountId ? account : old)) })
  }

  function open(): void {
    const [one, other] = credentials.accounts
    const { conversationId } = credentials
    if (one === undefined || other === undefined || conversationId === null) return
    pair = openCanaryPair({
      openDevice: createCanaryDevice,
      ...options,
      told(observation) {
        if (observation.outcome !== 'refused' || !isExcused()) options.told(observation)
      },
      accounts: [one, other],
      conversationId,
      renewedToken(accountId, token) {
        const account = credentials.accounts.find((own) => own.accountId === accountId)
        if (account !== undefined) replaceAccount({ ...account, token })
      },
    })
  }

  async function make(): Promise<void> {
    making = true
    const made = await makePair({ ...options, key: options.key(), pair: credentials, keep })
    making = false
    if (stopped) return
    if (made === 'made') {
      lacking = null
      return open()
    }
    if (made === 'forbidden' && lacking !== 'forbidden')
      log('The server does not let this sentinel create canary accounts: the key is wrong, or there are too many accounts.', { profile })
    lacking = made
    makeAt = clock.monotonic() + makeAgainMs[made]
  }

  /** Whether refusals say no more than that the server does not know these old accounts, or may say so. */
  function isExcused(): boolean {
    const now = clock.monotonic()
    const unsettled = signedOutSinceMs !== null && now - signedOutSinceMs < signedOutMs
    return now - renewedAtMs >= renewedMs && (goneSinceMs !== null || unsettled)
  }

  /** Creates new accounts. Called when the server has not known the old ones for long enough. */
  function startAnew(): void {
    log('The server does not know the canaries of this profile any more. New ones are created.', { profile })
    pair?.stop()
    pair = null
    goneSinceMs = null
    signedOutSinceMs = null
    renewedAtMs = clock.monotonic()
    mayFrom.clear()
    keep({ accounts: [], conversationId: null })
  }

  /** Reports what a person would experience now, while there is no pair. Problems of this sentinel alone are not reported. */
  function tellLack(given: Try): void {
    if (lacking === 'unreachable' || lacking === 'refused') options.told(given.observation(lacking))
  }

  function nextAccount(): CanaryAccount | undefined {
    const now = clock.monotonic()
    const may = (account: CanaryAccount): boolean => (mayFrom.get(account.handle) ?? now) <= now
    // Signed-out accounts come first.
    const out = pair?.signedOut.filter(may) ?? []
    if (out.length > 0) return out[0]
    const all = credentials.accounts.filter(may)
    return all[turn++ % Math.max(1, all.length)]
  }

  /** @param isTold false for a sign-in that only looks whether an account is known. @returns whether the server says that it is not. */
  async function signIn(given: Try, account: CanaryAccount, isTold = true): Promise<boolean> {
    const { handle, password, deviceId } = account
    const wasOut = pair?.signedOut.some((out) => out.handle === handle) ?? false
    signInsUnderWay++
    const answer = await trySignIn(options.ask, options.serverUrl, options.key(), {
      handle,
      password,
      deviceName: `봉화 탐침 ${profile}`,
      deviceId: deviceId as never,
    })
    signInsUnderWay--
    // An answer that this program could not read in time says nothing.
    if (stopped || (answer.outcome !== 'ok' && options.stalls.since(given.begunMs))) return false
    const isUnknown = answer.outcome === 'refused' && answer.code === 'sign-in-failed'
    if (answer.outcome === 'ok') {
      if (goneSinceMs === null) mayFrom.delete(handle)
      else mayFrom.clear()
      goneSinceMs = null
      if (wasOut) {
        const renewed = { ...account, token: answer.token, deviceId: answer.deviceId }
        replaceAccount(renewed)
        pair?.signedIn(renewed)
      }
    } else if (answer.outcome === 'refused') {
      if (isUnknown) {
        goneSinceMs ??= given.begunMs
        mayFrom.set(handle, clock.monotonic() + wrongPasswordMs)
        // The other account soon shows whether the server knows either.
        const other = credentials.accounts.find((each) => each.handle !== handle && !mayFrom.has(each.handle))
        if (other !== undefined) void signIn(given, other, false)
        if (isExcused()) return true
      }
      // A sentinel that asks too often is at fault itself; that is no outage.
      if (answer.code === 'rate-limited') {
        mayFrom.set(handle, clock.monotonic() + answer.retryAfterMs)
        return false
      }
    }
    const isOurs = answer.outcome === 'refused' && answer.code !== ''
    const acceptedMs = answer.outcome === 'ok' ? given.elapsedMs() : null
    if (isTold) options.told(given.observation(answer.outcome, { acceptedMs, ...(isOurs ? { stage: 'server' } : {}) }))
    return isUnknown
  }

  /** Asks once more before the accounts are given up. */
  async function confirm(given: Try): Promise<void> {
    const [account] = credentials.accounts
    confirming = true
    const isUnknown = account === undefined || (await signIn(given, account, false))
    confirming = false
    if (!stopped && isUnknown) startAnew()
  }

  function tend(given: Try): void {
    const out = pair?.signedOut ?? []
    if (out.length === 0) signedOutSinceMs = null
    else if (signedOutSinceMs === null) {
      signedOutSinceMs = clock.monotonic()
      void signIn(given, out[0] as CanaryAccount, false)
    }
    if (goneSinceMs !== null && clock.monotonic() - goneSinceMs >= goneAfterMs && !confirming) void confirm(given)
    if (pair === null && !making && clock.monotonic() >= makeAt) void make()
  }

  open()

  return {
    tryMessage(given: Try): void {
      tend(given)
      if (pair === null) tellLack(given)
      else pair.tryMessage(given)
    },
    trySignIn(given: Try): void {
      if (credentials.accounts.length === 0) return tellLack(given)
      const account = nextAccount()
      if (account === undefined || signInsUnderWay >= signInsUnderWayMax) return
      void signIn(given, account)
    },
    stop(): void {
      stopped = true
      pair?.stop()
    },
  }
}
