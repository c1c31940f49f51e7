import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { asked, formOf, formPages, languageOf } from '../notify/form-page.ts'
import { visitorOf } from '../notify/visitor-limit.ts'
import { calendarOf, type Language } from '../vocabulary/numbers.ts'
import { html } from 'ghtml'
import type { Text } from '../vocabulary/incident.ts'
import { lever, type OperatorView } from './fields.ts'
import type { OperatorParts } from './parts.ts'
import { setUpPage, signInPage, type SignInWord } from './page-sign-in.ts'
import { cookieJar, formToken, isFormToken, isLoopback, isOurOwnForm } from './session-cookie.ts'
import type { Role } from './operator-store.ts'
import { createPasskeys } from './passkeys.ts'
import { createSignIn } from './sign-in.ts'

export interface SignedInRequest {
  readonly view: OperatorView
  readonly operatorId: number
  /** Name in the record. */
  readonly name: string
  readonly form: URLSearchParams
}

type Act = (
  request: FastifyRequest<{ Params: Record<string, string> }>,
  reply: FastifyReply,
  who: SignedInRequest,
) => FastifyReply | void | Promise<FastifyReply>

export type Sessions = ReturnType<typeof mountSessions>

/** Sign-in and sign-out, password links, and the check before every other route. */
export function mountSessions(scope: FastifyInstance, parts: OperatorParts) {
  const { store, clock, serviceUrl, passwords } = parts
  const forms = formPages(serviceUrl, () => parts.snapshot().name)
  const { base } = forms
  const loopback = isLoopback(serviceUrl)
  const reachable = loopback || new URL(serviceUrl).protocol === 'https:'
  const jar = cookieJar(loopback)
  const door = createSignIn({ store, passwords, clock })
  const passkeys = createPasskeys(store, clock, serviceUrl)

  const languageFor = (request: FastifyRequest): Language => languageOf(request, jar.read(request.headers).language ?? undefined)
  const visitor = (request: FastifyRequest): string => visitorOf(parts.addressOf(request.raw))

  function showSignIn(request: FastifyRequest, reply: FastifyReply, word: SignInWord | null, status: number): FastifyReply {
    const language = languageFor(request)
    const body = signInPage(language, base, reachable ? word : 'needs-tls', formOf(request).get('name') ?? '')
    return forms.show(reply, status, language, { ko: '로그인', en: 'Sign in' }, body, '/operator/sign-in')
  }

  scope.get('/operator/sign-in', (request, reply) => {
    rememberLanguage(request, reply)
    const said = asked(request, 'said')
    return showSignIn(request, reply, said === 'signed-out' || said === 'set' ? said : null, 200)
  })

  scope.post('/operator/sign-in', async (request, reply) => {
    if (!isOurOwnForm(request.headers, serviceUrl)) return showSignIn(request, reply, 'foreign', 403)
    if (!reachable) return showSignIn(request, reply, 'needs-tls', 403)
    const fields = formOf(request)
    const result = await door.signIn(fields.get('name') ?? '', fields.get('password') ?? '', visitor(request), jar.read(request.headers).browser)
    if (result.kind === 'in') return reply.header('set-cookie', [...jar.signedIn(result.session, result.browser)]).redirect(`${base}/operator`, 303)
    if (result.kind === 'wait') void reply.header('retry-after', Math.ceil(result.waitMs / 1_000))
    return showSignIn(request, reply, result.kind, { wait: 429, busy: 503, refused: 403 }[result.kind])
  })

  scope.post('/operator/sign-in/passkey/options', async (_request, reply) => reply.send(await passkeys.authentication()))
  scope.post('/operator/sign-in/passkey', async (request, reply) => {
    if (!isOurOwnForm(request.headers, serviceUrl) || !reachable) return showSignIn(request, reply, reachable ? 'foreign' : 'needs-tls', 403)
    const operatorId = await passkeys.authenticate(formOf(request).get('answer') ?? '')
    if (operatorId === null) return showSignIn(request, reply, 'no-passkey', 403)
    const tokens = [store.startSession(operatorId, clock.now()), store.rememberBrowser(operatorId, clock.now())] as const
    return reply.header('set-cookie', [...jar.signedIn(...tokens)]).redirect(`${base}/operator`, 303)
  })

  function showSetUp(request: FastifyRequest, reply: FastifyReply, token: string, word: SignInWord | null, status: number): FastifyReply {
    const link = store.readLink(token, clock.now())
    if (link === null) return showSignIn(request, reply, 'dead', 404)
    const language = languageFor(request)
    const body = setUpPage(language, base, token, link.name, formOf(request).get('name') ?? '', reachable ? word : 'needs-tls')
    const here = `/operator/set-up?link=${encodeURIComponent(token)}`
    return forms.show(reply, status, language, { ko: '비밀번호 정하기', en: 'Set the password' }, body, here)
  }

  scope.get('/operator/set-up', (request, reply) => showSetUp(request, reply, asked(request, 'link'), null, 200))

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

  function rememberLanguage(request: FastifyRequest, reply: FastifyReply): void {
    const language = asked(request, 'lang')
    if (language === 'ko' || language === 'en') void reply.header('set-cookie', jar.language(language))
  }

  function signedIn(request: FastifyRequest): (SignedInRequest & { readonly session: string }) | null {
    const { session } = jar.read(request.headers)
    const found = session === null ? null : store.session(session, clock.now())
    if (session === null || found === null) return null
    const language = languageFor(request)
    const { timeZone } = parts.snapshot()
    const view: OperatorView = {
      language,
      base,
      operator: found.name,
      role: found.role,
      formToken: formToken(session),
      calendar: calendarOf(timeZone, language),
      timeZone,
      now: clock.now(),
    }
    return { view, operatorId: found.operatorId, name: found.name, form: formOf(request), session }
  }

  scope.post('/operator/sign-out', (request, reply) => {
    const who = signedIn(request)
    if (who !== null && isOurOwnForm(request.headers, serviceUrl) && isFormToken(who.form.get('token') ?? '', who.session))
      store.endSession(who.session)
    return reply.header('set-cookie', [...jar.signedOut()]).redirect(`${base}/operator/sign-in?said=signed-out`, 303)
  })

  /** What only keepers may do does not exist for others. */
  const mayNot = (who: SignedInRequest, role: Role): boolean => role === 'keeper' && who.view.role !== 'keeper'

  return {
    base,
    passkeys,
    /** A route for signed-in operators only, or for keepers only. */
    get: (path: string, role: Role, act: Act): void => {
      scope.get<{ Params: Record<string, string> }>(path, (request, reply) => {
        const who = signedIn(request)
        if (who === null) return reply.redirect(`${base}/operator/sign-in`, 303)
        rememberLanguage(request, reply)
        return mayNot(who, role) ? reply.callNotFound() : act(request, reply, who)
      })
    },
    /** The same for a form, which must be one of our own. */
    post: (path: string, role: Role, act: Act): void => {
      scope.post<{ Params: Record<string, string> }>(path, (request, reply) => {
        const who = signedIn(request)
        if (who === null) return showSignIn(request, reply, null, 403)
        if (!isOurOwnForm(request.headers, serviceUrl) || !isFormToken(who.form.get('token') ?? '', who.session))
          return showSignIn(request, reply, 'foreign', 403)
        return mayNot(who, role) ? reply.callNotFound() : act(request, reply, who)
      })
    },
    show: (reply: FastifyReply, status: number, view: OperatorView, title: Text, body: string, here: string | null): FastifyReply =>
      forms.show(reply, status, view.language, title, body, here, menuOf(view)),
  }
}

function menuOf(view: OperatorView): string {
  const { language, base, operator, role } = view
  const link = (path: string, text: Text): string => html`<a href="${base}/operator${path}">${text[language]}</a>`
  return html`<nav class="menu">
    !${link('', { ko: '지금', en: 'Now' })}!${role === 'keeper' ? link('/webhooks', { ko: '웹훅', en: 'Webhooks' }) : ''}!${link('/people', { ko: '담당자', en: 'Operators' })}
    !${lever(view, '/operator/sign-out', { ko: `${operator} 로그아웃`, en: `Sign out ${operator}` })}
  </nav>`
}
