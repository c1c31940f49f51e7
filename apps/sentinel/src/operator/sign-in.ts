import { countCodePoints } from '@bongsu/protocol'
import { createVisitorLimit } from '../notify/visitor-limit.ts'
import { OPERATOR_BOUNDS, type OperatorStore, type Role } from './operator-store.ts'
import type { OperatorParts } from './parts.ts'
import { isUsablePassword } from './passwords.ts'

export const SIGN_IN_BOUNDS = {
  windowMs: 15 * 60_000,
  /** Most failures of one visitor, or of one known browser. Strangers elsewhere use up nobody's allowance but their own. */
  failuresPerVisitor: 10,
} as const

export type SignedIn =
  | { readonly kind: 'in'; readonly session: string; readonly browser: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'busy' }

export type SetUp = 'done' | 'dead' | 'taken' | 'full' | 'name' | 'password' | 'busy' | 'wait'

/**
 * A try counts as failed until it has succeeded, so that simultaneous tries gain nothing. Known browsers are served first, and have allowances of
 * their own: passwords tried elsewhere keep nobody out. Passkeys and the command line need no password.
 */
export function createSignIn({ store, passwords, clock }: Pick<OperatorParts, 'store' | 'passwords' | 'clock'>) {
  const failures = createVisitorLimit(SIGN_IN_BOUNDS.failuresPerVisitor, SIGN_IN_BOUNDS.windowMs, clock)

  return {
    /** @param browser token of a browser that signed in before, if the request had one. */
    async signIn(name: string, password: string, visitor: string, browser: string | null): Promise<SignedIn> {
      const operator = store.find(name)
      const known = operator !== null && browser !== null && store.knowsBrowser(browser, operator.id, clock.now())
      const own = known ? `known ${browser}` : visitor
      const waitMs = failures.spend(own)
      if (waitMs > 0) return { kind: 'wait', waitMs }
      const matches = await passwords.matches(password, operator?.passwordHash ?? null, known)
      if (matches === 'busy') {
        failures.giveBack(own)
        return { kind: 'busy' }
      }
      // The password may have been changed during the check.
      if (!matches || operator === null || store.find(name)?.passwordHash !== operator.passwordHash) return { kind: 'refused' }
      failures.giveBack(own)
      return {
        kind: 'in',
        session: store.startSession(operator.id, clock.now()),
        browser: known ? browser : store.rememberBrowser(operator.id, clock.now()),
      }
    },

    async setUp(token: string, typedName: string, password: string, visitor: string): Promise<SetUp> {
      const link = store.readLink(token, clock.now())
      if (link === null) {
        // Guessing 256 bits is hopeless, but it is bounded all the same.
        return failures.spend(visitor) > 0 ? 'wait' : 'dead'
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

/** In the sentinel's folder. */
export const OPERATORS_FILE = 'operators.db'

/**
 * A link that sets a password, valid once and for a day.
 * @param name a new operator, or one who lost the password. Null: the person who opens the link chooses an unused name.
 * @returns null when the name cannot be used.
 */
export function operatorLink(store: OperatorStore, serviceUrl: string, name: string | null, role: Role, now: number): string | null {
  if (name !== null && !isUsableName(name)) return null
  return `${serviceUrl}/operator/set-up?link=${store.makeLink(name, role, now)}`
}

/** For the first start: the link that creates the first operator, or null when there is one. */
export function firstOperatorLink(store: OperatorStore, serviceUrl: string, now: number): string | null {
  return store.list().length > 0 ? null : operatorLink(store, serviceUrl, null, 'keeper', now)
}
