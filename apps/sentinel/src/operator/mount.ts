import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ACTS, type Act } from '../acts/acts.ts'
import { idOf, type Area, type Thing, type Unsaid, type Update } from '../acts/desk.ts'
import type { Saying } from '../acts/speak.ts'
import { preview } from '../acts/speak.ts'
import type { Text } from '../vocabulary/incident.ts'
import { formPages, languageOf, readForms } from '../notify/form-page.ts'
import { addWebhook } from '../notify/webhook-target.ts'
import { faultOf } from '../record/unavailable.ts'
import { askPage } from './fields.ts'
import { operatorLink } from './sign-in.ts'
import { ROLES, type Managed } from './operator-store.ts'
import { actPage, pathOf, pendingPage, propose, thingPage, type Proposal } from './page-acts.ts'
import { deskPage } from './page-desk.ts'
import { MANAGE_FAULTS, peoplePage } from './page-people.ts'
import { ADD_FAULTS, secretPage, webhooksPage } from './page-webhooks.ts'
import type { OperatorParts } from './parts.ts'
import { createPending, type Pending } from './pending.ts'
import { mountSessions, type Sessions, type SignedInRequest } from './sessions.ts'

const TIDY_MS = 3_600_000
const SCRIPT = readFileSync(new URL('assets/passkey.js', import.meta.url), 'utf8')

type Request = FastifyRequest<{ Params: Record<string, string> }>

/**
 * The operator page: forms, made from the list of acts, and a sign-in of its own. It is independent of the messenger and works while that is down
 * [S3]. Its only script is for passkeys.
 *
 * @returns a function that stops it. Statements that wait are said; it returns those that could not be.
 */
export function mountOperator(app: FastifyInstance, parts: OperatorParts): () => readonly Pending[] {
  const { store, clock } = parts
  const pending = createPending(clock)
  app.get('/operator/passkey.js', (_request, reply) =>
    reply.headers({ 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' }).send(SCRIPT),
  )
  void app.register((scope, _options, done) => {
    readForms(scope)
    refuseWhenFull(scope, parts)
    const sessions = mountSessions(scope, parts)
    mountActs(sessions, parts, pending)
    mountPeople(sessions, parts)
    mountWebhooks(sessions, parts)
    done()
  })
  const stop = clock.every(TIDY_MS, () => {
    try {
      store.tidy(clock.now())
    } catch (error) {
      // On a full disk, expired sessions stay stored a little longer. They are not valid for that.
      if (faultOf(error) === null) throw error
    }
  })
  return () => {
    stop()
    return pending.flush()
  }
}

function mountActs({ get, post, show, base }: Sessions, parts: OperatorParts, pending: ReturnType<typeof createPending>): void {
  const { desk, snapshot, clock, health } = parts
  const thingOf = (area: Area, request: Request): Thing | null => desk.things(area).find((one) => idOf(one) === request.params['id']) ?? null

  const sayingOf = ({ name, view }: SignedInRequest, thing: Thing | null, values: URLSearchParams): Saying => ({
    desk,
    values,
    by: { kind: 'person', name },
    now: clock.now(),
    timeZone: view.timeZone,
    ...(thing === null ? {} : { id: idOf(thing), seen: Number(values.get('seen') ?? thing.updates.length) }),
  })

  get('/operator', 'speaker', (_request, reply, { view }) => {
    const page = {
      snapshot: snapshot(),
      things: [...desk.things('incident'), ...desk.things('maintenance')],
      health: health(),
      pending: pending.list(),
    }
    return show(reply, 200, view, { ko: '지금', en: 'Now' }, deskPage(view, page), '/operator')
  })

  for (const area of ['incident', 'maintenance'] as const)
    get(`/operator/${area}s/:id`, 'speaker', (request, reply, { view }) => {
      const thing = thingOf(area, request)
      return thing === null ? reply.callNotFound() : show(reply, 200, view, thing.title, thingPage(view, thing, snapshot()), pathOf(thing))
    })

  for (const act of Object.values<Act>(ACTS)) {
    const path = `/operator/${act.area}s/${act.opens ? '' : ':id/'}${act.name}`
    const page = (reply: FastifyReply, { view }: SignedInRequest, thing: Thing | null, proposal: Proposal, result: Update | Unsaid | null = null) => {
      const [faults, shown] = result === null ? [[], null] : 'faults' in result ? [result.faults, null] : [[], result]
      const here = result === null ? path.replace(':id', encodeURIComponent(thing === null ? '' : idOf(thing))) : null
      return show(reply, faults.length === 0 ? 200 : 400, view, act.heading, actPage(view, act, thing, proposal, faults, shown), here)
    }
    get(path, 'speaker', (request, reply, who) => {
      const thing = act.opens ? null : thingOf(act.area, request)
      if (!act.opens && thing === null) return reply.callNotFound()
      const proposal = propose(act, thing, snapshot(), who.view)
      // A finished statement is shown at once.
      const finished = act.name === 'resolve' ? preview(act, sayingOf(who, thing, proposal.values)) : null
      return page(reply, who, thing, proposal, finished === null || 'faults' in finished ? null : finished)
    })
    post(path, 'speaker', (request, reply, who) => {
      const thing = act.opens ? null : thingOf(act.area, request)
      if (!act.opens && thing === null) return reply.callNotFound()
      const { form: values, view } = who
      const saying = sayingOf(who, thing, values)
      const proposal = { values, chips: propose(act, thing, snapshot(), view).chips }
      if (values.get('preview') === 'yes') return page(reply, who, thing, proposal, preview(act, saying))
      const added = pending.add(act, saying)
      return 'id' in added
        ? reply.redirect(`${base}/operator/pending/${encodeURIComponent(added.id)}`, 303)
        : page(reply, who, thing, proposal, added)
    })
  }

  get('/operator/pending/:id', 'speaker', (request, reply, { view }) => {
    const one = pending.find(request.params['id'] ?? '')
    if (one === null) {
      const { of } = request.query as { readonly of?: unknown }
      const thing = [...desk.things('incident'), ...desk.things('maintenance')].find((each) => idOf(each) === of)
      return reply.redirect(`${base}${thing === undefined ? '/operator' : pathOf(thing)}`, 303)
    }
    const here = `/operator/pending/${encodeURIComponent(one.id)}`
    // Without a script the browser itself asks again when the time is over: it is led on, or sees that the statement did not go out.
    const again = `${here}?of=${encodeURIComponent(idOf(one.update))}`
    const waitS = Math.max(1, Math.ceil((one.sayAt - view.now) / 1_000) + 1)
    return show(
      one.faults === null ? reply.header('refresh', `${waitS}; url=${base}${again}`) : reply,
      200,
      view,
      one.update.title,
      pendingPage(view, one),
      here,
    )
  })
  post('/operator/pending/:id/back', 'speaker', (request, reply, who) => {
    const one = pending.takeBack(request.params['id'] ?? '')
    if (one === null) return reply.redirect(`${base}/operator`, 303)
    const { act, saying } = one
    const thing = act.opens ? null : (desk.things(act.area).find((each) => idOf(each) === saying.id) ?? null)
    const proposal = { values: saying.values, chips: propose(act, thing, snapshot(), who.view).chips }
    return show(reply, 200, who.view, act.heading, actPage(who.view, act, thing, proposal, one.faults ?? [], null), null)
  })
}

function mountPeople({ get, post, show, base, passkeys }: Sessions, { store, clock, serviceUrl }: OperatorParts): void {
  const PEOPLE = { ko: '담당자', en: 'Operators' }
  const people = (
    reply: FastifyReply,
    { view, operatorId }: SignedInRequest,
    faults: readonly Text[] = [],
    link: string | null = null,
  ): FastifyReply => {
    const page = peoplePage(view, { operators: store.list(), passkeys: store.passkeysOf(operatorId).length, link, faults })
    return show(reply, faults.length === 0 ? 200 : 400, view, PEOPLE, page, faults.length === 0 && link === null ? '/operator/people' : null)
  }
  const managed = (reply: FastifyReply, who: SignedInRequest, result: Managed): FastifyReply =>
    result === 'done' ? reply.redirect(`${base}/operator/people`, 303) : people(reply, who, [MANAGE_FAULTS[result]])

  get('/operator/people', 'speaker', (_request, reply, who) => people(reply, who))
  post('/operator/people', 'keeper', (_request, reply, who) => {
    const typed = (who.form.get('name') ?? '').trim().normalize('NFC')
    const role = ROLES.find((each) => each === who.form.get('role')) ?? 'speaker'
    const link = operatorLink(store, serviceUrl, typed === '' ? null : typed, role, clock.now())
    return link === null ? people(reply, who, [{ ko: '쓸 수 없는 이름입니다.', en: 'This name cannot be used.' }]) : people(reply, who, [], link)
  })
  get('/operator/people/:name/remove', 'keeper', (request, reply, { view }) => {
    const name = request.params['name'] ?? ''
    const words = {
      ko: `${name}은(는) 바로 나가게 되고, 다시 들어올 수 없습니다. 알린 글은 남습니다.`,
      en: `${name} is signed out at once and cannot sign in again. Past statements stay.`,
    }
    const page = askPage(
      view,
      `/operator/people/${encodeURIComponent(name)}/remove`,
      '/operator/people',
      { ko: '담당자 빼기', en: 'Remove the operator' },
      words,
      { ko: '빼기', en: 'Remove' },
    )
    return show(reply, 200, view, PEOPLE, page, null)
  })
  post('/operator/people/:name/remove', 'keeper', (request, reply, who) => managed(reply, who, store.remove(request.params['name'] ?? '')))
  post('/operator/people/:name/link', 'keeper', (request, reply, who) => {
    const known = store.find(request.params['name'] ?? '')
    return known === null
      ? people(reply, who, [MANAGE_FAULTS.unknown])
      : people(reply, who, [], operatorLink(store, serviceUrl, known.name, known.role, clock.now()))
  })
  for (const role of ROLES)
    post(`/operator/people/:name/${role}`, 'keeper', (request, reply, who) => managed(reply, who, store.setRole(request.params['name'] ?? '', role)))

  post('/operator/passkeys/options', 'speaker', async (_request, reply, { operatorId, name }) =>
    reply.send(await passkeys.registration(operatorId, name)),
  )
  post('/operator/passkeys', 'speaker', async (_request, reply, who) => {
    const stored = await passkeys.register(who.operatorId, who.form.get('answer') ?? '')
    return stored
      ? reply.redirect(`${base}/operator/people`, 303)
      : people(reply, who, [{ ko: '패스키를 만들지 못했습니다.', en: 'The passkey could not be made.' }])
  })
  post('/operator/passkeys/remove', 'speaker', (_request, reply, { operatorId }) => {
    store.removePasskeys(operatorId)
    return reply.redirect(`${base}/operator/people`, 303)
  })
}

function mountWebhooks({ get, post, show, base }: Sessions, { webhooks, clock }: OperatorParts): void {
  const WEBHOOKS = { ko: '웹훅', en: 'Webhooks' }
  const list = () => webhooks.store.webhooks.list()
  const ofId = (request: Request): number => (/^\d{1,15}$/.test(request.params['id'] ?? '') ? Number(request.params['id']) : 0)
  get('/operator/webhooks', 'keeper', (_request, reply, { view }) =>
    show(reply, 200, view, WEBHOOKS, webhooksPage(view, list(), [], ''), '/operator/webhooks'),
  )
  post('/operator/webhooks', 'keeper', (_request, reply, { view, form, name }) => {
    const typed = form.get('url') ?? ''
    const added = addWebhook(webhooks, typed, name, clock.now())
    if ('fault' in added) return show(reply, 400, view, WEBHOOKS, webhooksPage(view, list(), [ADD_FAULTS[added.fault]], typed), null)
    // Shown directly, without a redirect: the secret must never be in an address.
    return show(reply, 200, view, WEBHOOKS, secretPage(view, added.webhook.url, added.secret), null)
  })
  get('/operator/webhooks/:id/remove', 'keeper', (request, reply, { view }) => {
    const webhook = webhooks.store.webhooks.find(ofId(request))
    if (webhook === null) return reply.callNotFound()
    const words = {
      ko: `${webhook.url} 에 더는 보내지 않습니다. 다시 더하면 비밀이 바뀝니다.`,
      en: `Nothing is sent to ${webhook.url} any more. Added again, it gets another secret.`,
    }
    const page = askPage(
      view,
      `/operator/webhooks/${webhook.id}/remove`,
      '/operator/webhooks',
      { ko: '웹훅 지우기', en: 'Remove the webhook' },
      words,
      { ko: '지우기', en: 'Remove' },
    )
    return show(reply, 200, view, WEBHOOKS, page, null)
  })
  for (const act of ['remove', 'enable'] as const)
    post(`/operator/webhooks/:id/${act}`, 'keeper', (request, reply) => {
      webhooks.store.webhooks[act](ofId(request))
      return reply.redirect(`${base}/operator/webhooks`, 303)
    })
}

const FULL: readonly [Text, Text] = [
  { ko: '지금은 저장할 수 없습니다', en: 'Nothing can be saved right now' },
  {
    ko: '아무것도 알려지지 않았습니다. 뒤로 가면 쓰신 글이 남아 있습니다. 자리를 만든 뒤 다시 보내 주십시오.',
    en: 'Nothing was published. Go back: your text is still in the form. Free some disk space and send it again.',
  },
]
const UNREADABLE: readonly [Text, Text] = [
  { ko: '읽을 수 없는 요청입니다', en: 'This request cannot be read' },
  { ko: '아무것도 알려지지 않았습니다.', en: 'Nothing was published.' },
]

/** The browser still holds the typed text. The page says that nothing was published, and why. */
function refuseWhenFull(scope: FastifyInstance, parts: OperatorParts): void {
  scope.setErrorHandler((error: Error & { statusCode?: number }, request: FastifyRequest, reply) => {
    const full = faultOf(error) !== null
    if (!full && (error.statusCode === undefined || error.statusCode >= 500)) throw error
    const [title, words] = full ? FULL : UNREADABLE
    const language = languageOf(request)
    const body = `<section class="card narrow"><h1>${title[language]}</h1><p>${words[language]}</p></section>`
    return formPages(parts.serviceUrl, () => parts.snapshot().name).show(reply, full ? 503 : 400, language, title, body, null)
  })
}
