import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { OPERATOR_BOUNDS } from './operator-store.ts'

const YEAR_S = 365 * 86_400

/**
 * The cookies of the operator page: the session, the known browser, the language.
 * @param loopback the page is reached at this machine itself, without TLS. Everywhere else the cookies are Secure and have the prefix by
 *   which browsers refuse them from other hosts and without TLS.
 */
export function cookieJar(loopback: boolean) {
  const prefix = loopback ? '' : '__Host-'
  const names = { session: `${prefix}bongsu-operator`, browser: `${prefix}bongsu-browser`, language: `${prefix}bongsu-language` } as const
  const set = (name: string, value: string, maxAgeS: number): string =>
    `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${loopback ? '' : '; Secure'}`
  return {
    read(headers: IncomingHttpHeaders) {
      const found = new Map(
        (headers.cookie ?? '').split(';').map((part) => {
          const [name = '', ...value] = part.split('=')
          return [name.trim(), value.join('=').trim()] as const
        }),
      )
      const token = (name: string): string | null => (/^[\w-]{43}$/.test(found.get(name) ?? '') ? (found.get(name) ?? null) : null)
      return { session: token(names.session), browser: token(names.browser), language: found.get(names.language) ?? null }
    },
    /** Values of Set-Cookie. */
    signedIn: (session: string, browser: string): readonly string[] => [
      set(names.session, session, OPERATOR_BOUNDS.sessionMs / 1_000),
      set(names.browser, browser, OPERATOR_BOUNDS.browserMs / 1_000),
    ],
    // The browser stays known, because it did sign in once.
    signedOut: (): readonly string[] => [set(names.session, '', 0)],
    language: (language: string): string => set(names.language, language, YEAR_S),
  }
}

/** A token in each form of a session, so that no other site can send one. Derived from the session token, and useless for guessing it. */
export function formToken(session: string): string {
  return createHmac('sha256', session).update('form').digest('base64url')
}

export function isFormToken(told: string, session: string): boolean {
  return timingSafeEqual(hash('sha256', told, 'buffer'), hash('sha256', formToken(session), 'buffer'))
}

/** Whether a form was sent by one of our own pages, as far as the browser says. Programs say nothing, and hold no cookies of a person. */
export function isOurOwnForm(headers: IncomingHttpHeaders, serviceUrl: string): boolean {
  const site = headers['sec-fetch-site']
  if (typeof site === 'string') return site === 'same-origin'
  const { origin, host } = headers
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  return origin === new URL(serviceUrl).origin || new URL(origin).host === host
}

export function isLoopback(serviceUrl: string): boolean {
  const { protocol, hostname } = new URL(serviceUrl)
  return protocol === 'http:' && (hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname))
}
