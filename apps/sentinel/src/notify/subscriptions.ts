import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Language } from '../vocabulary/numbers.ts'
import { faultOf } from '../record/unavailable.ts'
import { asked, formOf, formPages, languageOf, readForms } from './form-page.ts'
import { readMailAddress } from './subscriber-store.ts'
import type { NotifyStore } from './open-store.ts'
import type { SubscriberKeys } from './subscriber-keys.ts'
import { CONFIRM, LEAVE, linkPage, wordPage, WORDS, type Link, type Word } from './subscription-pages.ts'
import { createVisitorLimit, visitorOf } from './visitor-limit.ts'

export const SUBSCRIPTION_BOUNDS = {
  /** Most addresses one visitor may enter within an hour. */
  asksMax: 10,
  askWindowMs: 3_600_000,
  tokenCharsMax: 200,
} as const

export interface SubscriptionsParts {
  readonly store: NotifyStore
  readonly keys: SubscriberKeys
  readonly clock: Clock
  /** Whether a mail server is set. Without one nobody can subscribe. Unsubscribing always works. */
  readonly mail: boolean
  /** Address of this HTTP server, without a trailing slash. */
  readonly serviceUrl: string
  readonly name: string
  readonly planned: () => void
  /** The address a request came from, proxies considered. */
  readonly addressOf: (request: IncomingMessage) => string
}

/**
 * Subscribing by mail: the form, its answer, and the two links in mails. Mail scanners open links too, so a GET never changes anything: it shows a
 * page with one button.
 */
export function mountSubscriptions(app: FastifyInstance, parts: SubscriptionsParts): void {
  const { store, keys, clock } = parts
  const { base, show } = formPages(parts.serviceUrl, () => parts.name)
  const asks = createVisitorLimit(SUBSCRIPTION_BOUNDS.asksMax, SUBSCRIPTION_BOUNDS.askWindowMs, clock)

  const answer = (reply: FastifyReply, language: Language, word: Word): FastifyReply =>
    show(reply, WORDS[word].status, language, WORDS[word].title, wordPage(word, language, base), null)

  /** The answer and its duration are the same for known and unknown addresses: both write one row, and the mail goes out later. */
  function ask(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const form = formOf(request)
    const language = form.get('language') === 'en' ? 'en' : form.get('language') === 'ko' ? 'ko' : languageOf(request)
    if (!parts.mail) return answer(reply, language, 'off')
    const address = readMailAddress(form.get('email') ?? '')
    if (address === null) return answer(reply, language, 'no-address')
    const waitMs = asks.spend(visitorOf(parts.addressOf(request.raw)))
    if (waitMs > 0) return answer(reply.header('retry-after', Math.ceil(waitMs / 1_000)), language, 'too-many')
    const result = store.subscribers.ask(address, language, clock.now())
    if (result === 'full') return answer(reply, language, 'full')
    if (result === 'planned') parts.planned()
    return answer(reply, language, 'asked')
  }

  const tokenOf = (request: FastifyRequest): string => {
    const token = asked(request, 'token') || (formOf(request).get('token') ?? '')
    return token.length <= SUBSCRIPTION_BOUNDS.tokenCharsMax ? token : ''
  }

  /** A link in a mail. Its token alone identifies the subscriber, so that a mail program can unsubscribe without its user (RFC 8058). */
  function mountLink(
    scope: FastifyInstance,
    path: string,
    link: Link,
    { read, act, dead }: { readonly read: (token: string) => number | null; readonly act: (id: number) => Word; readonly dead: Word },
  ): void {
    scope.get(path, (request, reply) => {
      const language = languageOf(request)
      const token = tokenOf(request)
      if (read(token) === null) return answer(reply, language, dead)
      const here = `${path}?token=${token}`
      return show(reply, 200, language, link.title, linkPage(link, language, `${base}${here}&lang=${language}`), here)
    })
    scope.post(path, (request, reply) => {
      const id = read(tokenOf(request))
      return answer(reply, languageOf(request), id === null ? dead : act(id))
    })
  }

  void app.register((scope, _options, done) => {
    readForms(scope)
    scope.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
      if (faultOf(error) !== null) return answer(reply, languageOf(request), 'unavailable')
      if (error.statusCode !== undefined && error.statusCode < 500) return answer(reply, languageOf(request), 'too-much')
      throw error
    })
    scope.get('/subscribe', (request, reply) => {
      const language = languageOf(request)
      // The form is on the status page.
      return parts.mail ? reply.redirect(`${base}/${language === 'ko' ? '' : 'en/'}`, 303) : answer(reply, language, 'off')
    })
    scope.post('/subscribe', ask)
    mountLink(scope, '/subscribe/confirm', CONFIRM, {
      read: (token) => keys.readConfirmToken(token, clock.now()),
      act: (id) => (store.subscribers.confirm(id, clock.now()) ? 'confirmed' : 'dead-link'),
      dead: 'dead-link',
    })
    mountLink(scope, '/unsubscribe', LEAVE, {
      read: (token) => keys.readLeaveToken(token),
      act(id) {
        // Unsubscribing twice is fine.
        if (store.subscribers.forget(id)) store.scrub()
        return 'left'
      },
      dead: 'no-leave',
    })
    done()
  })
}
