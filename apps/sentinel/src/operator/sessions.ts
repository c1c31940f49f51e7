import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { formDocument, formOf, languageOf, sendPage } from '../notify/form-page.ts'
import { visitorOf } from '../notify/visitor-limit.ts'
import { calendarOf, type Language } from '../publish/numbers.ts'
import { html } from 'ghtml'
import type { OperatorView } from './fields.ts'
import { button, form } from './fields.ts'
import type { OperatorParts } from './parts.ts'
import { setUpPage, signInPage, type SignInWord } from './page-sign-in.ts'
import { cookieJar, formToken, isFormToken, isLoopback, isOurOwnForm } from './session-cookie.ts'
import { createSignIn } from './sign-in.ts'

/** A signed-in operator's request. */
export interface SignedInRequest {
  readonly view: OperatorView
  /** Name in the record. */
  readonly name: string
  readonly form: URLSearchParams
}

export type Act = (request: FastifyRequest<{ Params: Record<string, string> }>, reply: FastifyReply, who: SignedInRequest) => FastifyReply | void

export interface Sessions {
  /** Routes for signed-in operators only. A POST must also come from our own forms. */
  get(path: string, act: Act): void
  post(path: string, act: Act): void
  readonly show: (reply: FastifyReply, status: number, view: OperatorView, title: string, body: string, here: string | null) => FastifyReply
}

/** Sign-in and sign-out, password links, and the check before every other route. */
export function mountSessions(scope: FastifyInstance, parts: OperatorParts): Sessions {
  const { store, clock, serviceUrl, passwords } = parts
  const base = new URL(serviceUrl).pathname.replace(/\/$/, '')
  const loopback = isLoopback(serviceUrl)
  const reachable = loopback || new URL(serviceUrl).protocol === 'https:'
  const jar = cookieJar(loopback)
  const door = createSignIn({ store, passwords, clock })
  const name = (): string => parts.desk.snapshot().name

  const languageFor = (request: FastifyRequest): Language => languageOf(request, jar.read(request.headers).language ?? undefined)
  const visitor = (request: FastifyRequest): string => visitorOf(parts.addressOf(request.raw))

  function showSignIn(request: FastifyRequest, reply: FastifyReply, word: SignInWord | null, status: number): FastifyReply {
    const language = languageFor(request)
    const shown = reachable ? word : 'needs-tls'
    const body = signInPage(language, base, shown, formOf(request).get('name') ?? '')
    return sendPage(
      reply,
      status,
      formDocument({ language, title: { ko: '로그인', en: 'Sign in' }[language], name: name(), body, here: '/operator/sign-in', base }),
    )
  }

  scope.get('/operator/sign-in', (request, reply) => {
    rememberLanguage(request, reply)
    const said = (request.query as Readonly<Record<string, unknown>>)['said']
    return showSignIn(request, reply, said === 'signed-out' || said === 'set' ? said : null, 200)
  })

  scope.post('/operator/sign-in', async (request, reply) => {
    if (!isOurOwnForm(request.headers, serviceUrl)) return showSignIn(request, reply, 'foreign', 403)
    if (!reachable) return showSignIn(request, reply, 'needs-tls', 403)
    const fields = formOf(request)
    const result = await door.signIn(fields.get('name') ?? '', fields.get('password') ?? '', visitor(request), jar.read(request.headers).browser)
    switch (result.kind) {
      case 'in':
        return reply.header('set-cookie', [...jar.signedIn(result.session, result.browser)]).redirect(`${base}/operator`, 303)
      case 'wait':
        return showSignIn(request, reply.header('retry-after', Math.ceil(result.waitMs / 1_000)), 'wait', 429)
      case 'busy':
        return showSignIn(request, reply, 'busy', 503)
      case 'refused':
        return showSignIn(request, reply, 'refused', 403)
    }
  })

  function showSetUp(request: FastifyRequest, reply: FastifyReply, token: string, word: SignInWord | null, status: number): FastifyReply {
    const link = store.readLink(token, clock.now())
    if (link === null) return showSignIn(request, reply, 'dead', 404)
    const language = languageFor(request)
    const body = setUpPage(language, base, token, link.name, formOf(request).get('name') ?? '', reachable ? word : 'needs-tls')
    const title = { ko: '비밀번호 정하기', en: 'Set the password' }[language]
    const here = `/operator/set-up?link=${encodeURIComponent(token)}`
    return sendPage(reply, status, formDocument({ language, title, name: name(), body, here, base }))
  }

  scope.get('/operator/set-up', (request, reply) => {
    const link = (request.query as Readonly<Record<string, unknown>>)['link']
    return showSetUp(request, reply, typeof link === 'string' ? link : '', null, 200)
  })

  scope.post('/operator/set-up', async (request, reply) => {
    const fields = formOf(request)
    const token = fields.get('link') ?? ''
    if (!isOurOwnForm(request.headers, serviceUrl)) return showSetUp(request, reply, token, 'foreign', 403)
    if (!reachable) return showSetUp(request, reply, token, 'needs-tls', 403)
    const result = await door.setUp(token, fields.get('name') ?? '', fields.get('password') ?? '', visitor(request))
    if (result === 'done') return reply.redirect(`${base}/operator/sign-in?said=set`, 303)
    if (result === 'dead') return showSignIn(request, reply, 'dead', 404)
    return showSetUp(request, reply, token, result, result === 'wait' ? 429 : result === 'busy' ? 503 : 400)
  })

  /** Remembers a language chosen in the address. */
  function rememberLanguage(request: FastifyRequest, reply: FastifyReply): void {
    const asked = (request.query as Readonly<Record<string, unknown>>)['lang']
    if (asked === 'ko' || asked === 'en') void reply.header('set-cookie', jar.language(asked))
  }

  function signedIn(request: FastifyRequest, typed: URLSearchParams | null): (SignedInRequest & { readonly session: string }) | null {
    const { session } = jar.read(request.headers)
    const found = session === null ? null : store.session(session, clock.now())
    if (session === null || found === null) return null
    const language = languageFor(request)
    const { timeZone } = parts.desk.snapshot()
    const view: OperatorView = {
      language,
      base,
      operator: found.name,
      formToken: formToken(session),
      calendar: calendarOf(timeZone, language),
      timeZone,
      now: clock.now(),
      typed,
    }
    return { view, name: found.name, form: formOf(request), session }
  }

  scope.post('/operator/sign-out', (request, reply) => {
    const who = signedIn(request, null)
    if (who !== null && isOurOwnForm(request.headers, serviceUrl) && isFormToken(who.form.get('token') ?? '', who.session))
      store.endSession(who.session)
    return reply.header('set-cookie', [...jar.signedOut()]).redirect(`${base}/operator/sign-in?said=signed-out`, 303)
  })

  return {
    get(path, act) {
      scope.get<{ Params: Record<string, string> }>(path, (request, reply) => {
        const who = signedIn(request, null)
        if (who === null) return reply.redirect(`${base}/operator/sign-in`, 303)
        rememberLanguage(request, reply)
        return act(request, reply, who)
      })
    },
    post(path, act) {
      scope.post<{ Params: Record<string, string> }>(path, (request, reply) => {
        const plain = request
        const who = signedIn(plain, formOf(plain))
        if (who === null) return showSignIn(plain, reply, null, 403)
        if (!isOurOwnForm(request.headers, serviceUrl) || !isFormToken(who.form.get('token') ?? '', who.session))
          return showSignIn(plain, reply, 'foreign', 403)
        return act(request, reply, who)
      })
    },
    show(reply, status, view, title, body, here) {
      const menu = menuOf(view)
      return sendPage(reply, status, formDocument({ language: view.language, title, name: name(), body, here, menu, base }))
    },
  }
}

function menuOf(view: OperatorView): string {
  const { language, base, operator } = view
  return html`<nav class="menu">
    <a href="${base}/operator">${{ ko: '지금', en: 'Now' }[language]}</a>
    <a href="${base}/operator/webhooks">${{ ko: '웹훅', en: 'Webhooks' }[language]}</a>
    !${form(view, '/operator/sign-out', button({ ko: `${operator} 로그아웃`, en: `Sign out ${operator}` }[language], true), 'plain')}
  </nav>`
}
