import { countCodePoints } from '@bongsu/protocol'
import type { Clock } from '../clock.ts'
import { createVisitorLimit } from '../notify/visitor-limit.ts'
import { OPERATOR_BOUNDS, type OperatorStore } from './operator-store.ts'
import { isUsablePassword, type Passwords } from './passwords.ts'

export const SIGN_IN_BOUNDS = {
  windowMs: 15 * 60_000,
  /** Most failures of one visitor, or of one known browser. */
  failuresPerVisitor: 10,
  /** Most failures of all unknown browsers together. */
  failuresOverall: 60,
} as const

export type SignedIn =
  | { readonly kind: 'in'; readonly session: string; readonly browser: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'busy' }

export interface SignIn {
  /** @param browser token of a browser that signed in before, if the request had one. */
  signIn(name: string, password: string, visitor: string, browser: string | null): Promise<SignedIn>
  /** Sets a password by a link. */
  setUp(
    token: string,
    name: string,
    password: string,
    visitor: string,
  ): Promise<'done' | 'dead' | 'taken' | 'full' | 'name' | 'password' | 'busy' | 'wait'>
}

export interface SignInParts {
  readonly store: OperatorStore
  readonly passwords: Passwords
  readonly clock: Clock
}

/**
 * A try counts as failed until it has succeeded, so that simultaneous tries gain nothing. Strangers can use up only the allowance of strangers: a
 * known browser has its own, and the command line needs no sign-in.
 */
export function createSignIn({ store, passwords, clock }: SignInParts): SignIn {
  const { windowMs, failuresPerVisitor, failuresOverall } = SIGN_IN_BOUNDS
  const perVisitor = createVisitorLimit(failuresPerVisitor, windowMs, clock)
  const overall = createVisitorLimit(failuresOverall, windowMs, clock)
  const everybody = 'everybody'

  /** @returns ms to wait, or a function that takes the try back. */
  function begin(visitor: string, known: boolean): number | (() => void) {
    const own = known ? `known ${visitor}` : visitor
    const waitMs = perVisitor.spend(own)
    if (waitMs > 0) return waitMs
    const overallMs = known ? 0 : overall.spend(everybody)
    if (overallMs > 0) {
      // A try that is not made does not count.
      perVisitor.giveBack(own)
      return overallMs
    }
    return () => {
      perVisitor.giveBack(own)
      if (!known) overall.giveBack(everybody)
    }
  }

  return {
    async signIn(name, password, visitor, browser) {
      const operator = store.find(name)
      const known = operator !== null && browser !== null && store.knowsBrowser(browser, operator.id, clock.now())
      const begun = begin(known ? browser : visitor, known)
      if (typeof begun === 'number') return { kind: 'wait', waitMs: begun }
      const matches = await passwords.matches(password, operator?.passwordHash ?? null)
      if (matches === 'busy') {
        begun()
        return { kind: 'busy' }
      }
      // The password may have been changed during the check.
      if (!matches || operator === null || store.find(name)?.passwordHash !== operator.passwordHash) return { kind: 'refused' }
      begun()
      const session = store.startSession(operator.id, clock.now())
      return { kind: 'in', session, browser: known ? browser : store.rememberBrowser(operator.id, clock.now()) }
    },

    async setUp(token, typedName, password, visitor) {
      const link = store.readLink(token, clock.now())
      if (link === null) {
        // Guessing 256 bits is hopeless, but it is bounded all the same.
        return typeof begin(visitor, false) === 'number' ? 'wait' : 'dead'
      }
      const name = link.name ?? typedName.trim().normalize('NFC')
      if (!isUsableName(name)) return 'name'
      if (!isUsablePassword(password)) return 'password'
      const hash = await passwords.hash(password)
      return hash === null ? 'busy' : store.useLink(token, name, hash, clock.now())
    },
  }
}

/** The name stays in the record for ever, beneath each statement. */
export function isUsableName(name: string): boolean {
  return (
    name.isWellFormed() && name.trim() === name && /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(name) && countCodePoints(name) <= OPERATOR_BOUNDS.nameCodePointsMax
  )
}
