import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Language } from '../publish/numbers.ts'
import { faultOf } from '../record/unavailable.ts'
import { formDocument, formOf, languageOf, readForms, sendPage, serveFormStyle } from './form-page.ts'
import { readMailAddress } from './mail-address.ts'
import type { NotifyStore } from './open-store.ts'
import type { SubscriberKeys } from './subscriber-keys.ts'
import { askPage, confirmPage, leavePage, WORDS, wordPage, type Word } from './subscription-pages.ts'
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
  /** Name of the messenger. */
  readonly name: string
  /** Called when a letter was planned. */
  readonly planned: () => void
  /** The address a request came from, proxies considered. */
  readonly addressOf: (request: IncomingMessage) => string
}

/**
 * Subscribing by mail: the form, its answer, and the two links in mails. Mail scanners open links too, so a GET never changes anything: it shows a
 * page with one button.
 */
export function mountSubscriptions(app: FastifyInstance, parts: SubscriptionsParts): void {
  const { store, keys, clock, name } = parts
  const base = new URL(parts.serviceUrl).pathname.replace(/\/$/, '')
  const asks = createVisitorLimit(SUBSCRIPTION_BOUNDS.asksMax, SUBSCRIPTION_BOUNDS.askWindowMs, clock)

  const show = (reply: FastifyReply, status: number, language: Language, title: string, body: string, here: string | null): FastifyReply =>
    sendPage(reply, status, formDocument({ language, title, name, body, here, base }))

  const answer = (reply: FastifyReply, language: Language, word: Word): FastifyReply =>
    show(reply, WORDS[word].status, language, WORDS[word].title[language], wordPage(word, language, base), null)

  /** The answer and its duration are the same for known and unknown addresses: both write one row, and the mail goes out later. */
  function ask(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const form = formOf(request)
    const language = form.get('language') === 'en' ? 'en' : form.get('language') === 'ko' ? 'ko' : languageOf(request)
    if (!parts.mail) return answer(reply, language, 'off')
    const address = readMailAddress(form.get('email') ?? '')
    if (address === null) return answer(reply, language, 'no-address')
    const waitMs = asks.spend(visitorOf(parts.addressOf(request.raw)))
    if (waitMs > 0) return answer(reply.header('retry-after', Math.ceil(waitMs / 1_000)), language, 'too-many')
    const asked = store.subscribers.ask(address, language, clock.now())
    if (asked === 'full') return answer(reply, language, 'full')
    if (asked === 'planned') parts.planned()
    return answer(reply, language, 'asked')
  }

  const tokenOf = (request: FastifyRequest): string => {
    const token = (request.query as Readonly<Record<string, unknown>>)['token'] ?? formOf(request).get('token')
    return typeof token === 'string' && token.length <= SUBSCRIPTION_BOUNDS.tokenCharsMax ? token : ''
  }

  function confirm(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const language = languageOf(request)
    const id = keys.readConfirmToken(tokenOf(request), clock.now())
    return answer(reply, language, id !== null && store.subscribers.confirm(id, clock.now()) ? 'confirmed' : 'dead-link')
  }

  /** Unsubscribes, by the button or by a mail program without user interaction (RFC 8058): the address alone identifies the subscriber. */
  function leave(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const language = languageOf(request)
    const id = keys.readLeaveToken(tokenOf(request))
    if (id === null) return answer(reply, language, 'no-leave')
    // Unsubscribing twice is fine.
    if (store.subscribers.forget(id)) store.scrub()
    return answer(reply, language, 'left')
  }

  serveFormStyle(app)
  void app.register((scope, _options, done) => {
    readForms(scope)
    scope.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
      if (faultOf(error) !== null) return answer(reply, languageOf(request), 'unavailable')
      if (error.statusCode !== undefined && error.statusCode < 500) return answer(reply, languageOf(request), 'too-much')
      throw error
    })
    scope.get('/subscribe', (request, reply) => {
      const language = languageOf(request)
      if (!parts.mail) return answer(reply, language, 'off')
      return show(reply, 200, language, WORDS.asked.page[language], askPage(language, base), '/subscribe')
    })
    scope.post('/subscribe', (request, reply) => ask(request, reply))
    scope.get('/subscribe/confirm', (request, reply) => {
      const language = languageOf(request)
      const token = tokenOf(request)
      if (keys.readConfirmToken(token, clock.now()) === null) return answer(reply, language, 'dead-link')
      const here = `/subscribe/confirm?token=${token}`
      return show(reply, 200, language, WORDS.confirmed.page[language], confirmPage(language, `${base}${here}&lang=${language}`), here)
    })
    scope.post('/subscribe/confirm', (request, reply) => confirm(request, reply))
    scope.get('/unsubscribe', (request, reply) => {
      const language = languageOf(request)
      const token = tokenOf(request)
      if (keys.readLeaveToken(token) === null) return answer(reply, language, 'no-leave')
      const here = `/unsubscribe?token=${token}`
      return show(reply, 200, language, WORDS.left.page[language], leavePage(language, `${base}${here}&lang=${language}`), here)
    })
    scope.post('/unsubscribe', (request, reply) => leave(request, reply))
    done()
  })
}
