import type { FastifyInstance, FastifyRequest } from 'fastify'
import { formDocument, languageOf, readForms, sendPage, serveFormStyle } from '../notify/form-page.ts'
import { addWebhook } from '../notify/webhook-admin.ts'
import { faultOf, RecordUnavailable } from '../record/unavailable.ts'
import { say } from './fields.ts'
import { deskPage } from './page-desk.ts'
import { incidentPage, openPage } from './page-incident.ts'
import { maintenancePage, planPage } from './page-maintenance.ts'
import { addFault, secretPage, webhooksPage } from './page-webhooks.ts'
import type { OperatorParts } from './parts.ts'
import { correctByForm, openByForm, updateByForm, type Saying } from './say-incident.ts'
import { moveByForm, planByForm } from './say-maintenance.ts'
import { mountSessions, type SignedInRequest } from './sessions.ts'

const TIDY_MS = 3_600_000

/**
 * The operator page: forms alone, no script, a sign-in of its own. It is independent of the messenger and works while that is down [S3].
 * @returns a function that stops its timer.
 */
export function mountOperator(app: FastifyInstance, parts: OperatorParts): () => void {
  const { desk, store, clock } = parts
  serveFormStyle(app)
  void app.register((scope, _options, done) => {
    readForms(scope)
    refuseWhenFull(scope, parts)
    mountPages(scope, parts)
    done()
  })
  return clock.every(TIDY_MS, () => {
    try {
      store.tidy(clock.now())
    } catch (error) {
      // On a full disk, expired sessions stay stored a little longer. They are not valid for that.
      if (faultOf(error) === null) throw error
    }
  })

  function mountPages(scope: FastifyInstance, { webhooks, health }: OperatorParts): void {
    const sessions = mountSessions(scope, parts)
    const { show } = sessions
    const saying = ({ form, name, view }: SignedInRequest): Saying => ({
      desk,
      form,
      by: { kind: 'person', name },
      now: clock.now(),
      language: view.language,
    })
    const at = (path: string, id = ''): string => `${new URL(parts.serviceUrl).pathname.replace(/\/$/, '')}/operator${path}${encodeURIComponent(id)}`

    sessions.get('/operator', (_request, reply, { view }) => {
      const page = { snapshot: desk.snapshot(), incidents: desk.incidents(), maintenances: desk.maintenances(), health: health() }
      return show(reply, 200, view, say(view, { ko: '지금', en: 'Now' }), deskPage(view, page), '/operator')
    })

    const OPEN = { ko: '장애 알리기', en: 'Announce an incident' }
    sessions.get('/operator/incidents/new', (_request, reply, { view }) =>
      show(reply, 200, view, say(view, OPEN), openPage(view, desk.snapshot(), []), '/operator/incidents/new'),
    )
    sessions.post('/operator/incidents', (_request, reply, who) => {
      const said = openByForm(saying(who))
      if ('update' in said) return reply.redirect(at('/incidents/', said.update.incidentId), 303)
      return show(reply, 400, who.view, say(who.view, OPEN), openPage(who.view, desk.snapshot(), said.faults), null)
    })
    sessions.get('/operator/incidents/:id', (request, reply, { view }) => {
      const incident = desk.incidents().find(({ incidentId }) => incidentId === request.params['id'])
      if (incident === undefined) return reply.callNotFound()
      return show(
        reply,
        200,
        view,
        incident.title[view.language],
        incidentPage(view, incident, [], null),
        `/operator/incidents/${encodeURIComponent(incident.incidentId)}`,
      )
    })
    for (const [path, which, speak] of [
      ['/operator/incidents/:id', 'update', updateByForm],
      ['/operator/incidents/:id/correct', 'correct', correctByForm],
    ] as const)
      sessions.post(path, (request, reply, who) => {
        const id = request.params['id'] ?? ''
        const said = speak(saying(who), id)
        if ('update' in said) return reply.redirect(at('/incidents/', id), 303)
        const incident = desk.incidents().find(({ incidentId }) => incidentId === id)
        if (incident === undefined) return reply.callNotFound()
        return show(reply, 400, who.view, incident.title[who.view.language], incidentPage(who.view, incident, said.faults, which), null)
      })

    const PLAN = { ko: '점검 예고하기', en: 'Announce maintenance' }
    sessions.get('/operator/maintenances/new', (_request, reply, { view }) =>
      show(reply, 200, view, say(view, PLAN), planPage(view, []), '/operator/maintenances/new'),
    )
    sessions.post('/operator/maintenances', (_request, reply, who) => {
      const said = planByForm(saying(who))
      if ('update' in said) return reply.redirect(at('/maintenances/', said.update.maintenanceId), 303)
      return show(reply, 400, who.view, say(who.view, PLAN), planPage(who.view, said.faults), null)
    })
    const maintenanceOf = (id: string | undefined) => desk.maintenances().find(({ maintenanceId }) => maintenanceId === id)
    sessions.get('/operator/maintenances/:id', (request, reply, { view }) => {
      const found = maintenanceOf(request.params['id'])
      if (found === undefined) return reply.callNotFound()
      return show(
        reply,
        200,
        view,
        found.title[view.language],
        maintenancePage(view, found, []),
        `/operator/maintenances/${encodeURIComponent(found.maintenanceId)}`,
      )
    })
    sessions.post('/operator/maintenances/:id', (request, reply, who) => {
      const id = request.params['id'] ?? ''
      const said = moveByForm(saying(who), id)
      if ('update' in said) return reply.redirect(at('/maintenances/', id), 303)
      const found = maintenanceOf(id)
      if (found === undefined) return reply.callNotFound()
      return show(reply, 400, who.view, found.title[who.view.language], maintenancePage(who.view, found, said.faults), null)
    })

    if (webhooks === null) return
    const WEBHOOKS = { ko: '웹훅', en: 'Webhooks' }
    const list = () => webhooks.store.webhooks.list()
    sessions.get('/operator/webhooks', (_request, reply, { view }) =>
      show(reply, 200, view, say(view, WEBHOOKS), webhooksPage(view, list(), []), '/operator/webhooks'),
    )
    sessions.post('/operator/webhooks', (_request, reply, { view, form, name }) => {
      const added = addWebhook(webhooks, form.get('url') ?? '', name, clock.now())
      if ('fault' in added) return show(reply, 400, view, say(view, WEBHOOKS), webhooksPage(view, list(), [addFault(added.fault, view)]), null)
      // Shown directly, without a redirect: the secret must never be in an address.
      return show(reply, 200, view, say(view, WEBHOOKS), secretPage(view, added.webhook.url, added.secret), null)
    })
    for (const act of ['remove', 'enable'] as const)
      sessions.post(`/operator/webhooks/:id/${act}`, (request, reply) => {
        const id = Number(request.params['id'])
        if (Number.isSafeInteger(id)) webhooks.store.webhooks[act](id)
        return reply.redirect(at('/webhooks'), 303)
      })
  }
}

/** The browser still holds the typed text. The page says that nothing was published, and why. */
function refuseWhenFull(scope: FastifyInstance, { desk, serviceUrl }: OperatorParts): void {
  scope.setErrorHandler((error: Error & { statusCode?: number }, request: FastifyRequest, reply) => {
    const full = error instanceof RecordUnavailable || faultOf(error) !== null
    if (!full && (error.statusCode === undefined || error.statusCode >= 500)) throw error
    const language = languageOf(request)
    const title = full
      ? { ko: '지금은 저장할 수 없습니다', en: 'Nothing can be saved right now' }[language]
      : { ko: '읽을 수 없는 요청입니다', en: 'This request cannot be read' }[language]
    const words = full
      ? {
          ko: '아무것도 알려지지 않았습니다. 뒤로 가면 쓰신 글이 남아 있습니다. 자리를 만든 뒤 다시 보내 주십시오.',
          en: 'Nothing was published. Go back: your text is still in the form. Free some disk space and send it again.',
        }[language]
      : { ko: '아무것도 알려지지 않았습니다.', en: 'Nothing was published.' }[language]
    const base = new URL(serviceUrl).pathname.replace(/\/$/, '')
    const body = `<section class="card narrow"><h1>${title}</h1><p>${words}</p></section>`
    return sendPage(reply, full ? 503 : 400, formDocument({ language, title, name: desk.snapshot().name, body, here: null, base }))
  })
}
