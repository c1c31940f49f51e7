import { html } from 'ghtml'
import type { Incident, Maintenance } from '../vocabulary/incident.ts'
import type { Thing } from '../acts/desk.ts'
import { isOpen } from '../incident/updates.ts'
import type { NotifierHealth } from '../notify/notifier.ts'
import { conditionNow, isStale } from '../publish/headline.ts'
import { CONDITION_SIGNS } from '../publish/icons.ts'
import { agoOf, durationOf, estimateOf } from '../vocabulary/numbers.ts'
import type { Snapshot } from '../present/snapshot.ts'
import { say, section } from '../publish/view.ts'
import { COMPONENT_NAMES, CONDITION_NAMES, conditionName, MAINTENANCE_NAMES, STATUS_NAMES } from '../vocabulary/words.ts'
import { rows, type OperatorView } from './fields.ts'
import type { Pending } from './pending.ts'

/** Resolved incidents, shown beneath the open ones. */
const PAST_MAX = 10

export interface DeskPage {
  readonly snapshot: Snapshot
  readonly things: readonly Thing[]
  readonly health: NotifierHealth
  /** Statements that wait, or that could not be said. */
  readonly pending: readonly Pending[]
}

export function deskPage(view: OperatorView, { snapshot, things, health, pending }: DeskPage): string {
  const incidents = things.filter((thing) => 'incidentId' in thing)
  const open = incidents.filter(isOpen)
  const past = incidents.filter((incident) => !isOpen(incident)).slice(0, PAST_MAX)
  const planned = things.filter((thing) => 'maintenanceId' in thing && thing.status !== 'completed') as readonly Maintenance[]
  return html`<h1>${say(view, { ko: '지금', en: 'Now' })}</h1>
    !${pending.map(waiting(view)).join('')}!${held(view, snapshot)}
    <section>
      <h2>${say(view, { ko: '진행 중인 장애', en: 'Open incidents' })}</h2>
      <div class="card">!${incidentRows(view, open)}</div>
      <p class="actions">
        <a class="button" href="${view.base}/operator/incidents/open">${say(view, { ko: '장애 알리기', en: 'Announce an incident' })}</a>
      </p>
    </section>
    <section>
      <h2>${say(view, { ko: '점검', en: 'Maintenance' })}</h2>
      <div class="card">!${maintenanceRows(view, planned)}</div>
      <p class="actions">
        <a class="button quiet" href="${view.base}/operator/maintenances/schedule"
          >${say(view, { ko: '점검 예고하기', en: 'Announce maintenance' })}</a
        >
      </p>
    </section>
    !${section(view, { ko: '지난 장애', en: 'Past incidents' }, html`<div class="card">!${incidentRows(view, past)}</div>`)}!${told(view, health)}`
}

const waiting =
  (view: OperatorView) =>
  ({ id, update, faults }: Pending): string =>
    html`<p class="flash ${faults === null ? '' : 'wrong'}">
      <a href="${view.base}/operator/pending/${encodeURIComponent(id)}"
        >${faults === null ? say(view, { ko: '곧 나갑니다', en: 'Goes out soon' }) : say(view, { ko: '나가지 못했습니다', en: 'Did not go out' })}:
        ${say(view, update.title)}</a
      >
    </p>`

/** The judge's present verdict on each component, and the number of tries behind it. */
function held(view: OperatorView, snapshot: Snapshot): string {
  const stale = isStale(snapshot.measuredAt, view.now)
  const age =
    snapshot.measuredAt === null
      ? say(view, { ko: '아직 잰 것이 없습니다.', en: 'Nothing has been measured yet.' })
      : say(view, {
          ko: `${agoOf(Math.max(0, view.now - snapshot.measuredAt), 'ko')} 측정`,
          en: `Measured ${agoOf(Math.max(0, view.now - snapshot.measuredAt), 'en')}`,
        })
  const items = snapshot.components.map((state) => {
    const { component, judgement, pin } = state
    const { share, since } = judgement
    const condition = conditionNow(state, snapshot, stale)
    const set =
      pin === undefined
        ? ''
        : html`<small
            >${say(view, { ko: `${pin.by}님이 ${view.calendar.near(pin.at, view.now)}부터 정함 · 관측: ${CONDITION_NAMES[pin.measured].ko}`, en: `Set by ${pin.by} since ${view.calendar.near(pin.at, view.now)} · measured: ${CONDITION_NAMES[pin.measured].en}` })}</small
          >`
    const numbers = [
      ...(share === null ? [] : [`${say(view, { ko: '영향', en: 'affected' })} ${estimateOf(share, view.language)}`]),
      say(view, { ko: `${durationOf(view.now - since, 'ko')}째`, en: `for ${durationOf(view.now - since, 'en')}` }),
    ]
    return html`<div class="what"><b>${say(view, COMPONENT_NAMES[component])}</b><small>${numbers.join(' · ')}</small>!${set}</div>
      <span class="state ${condition}">!${CONDITION_SIGNS[condition]}${say(view, conditionName(judgement, condition))}</span>`
  })
  return html`<section>
    <p class="hint">${age}</p>
    <div class="card">!${rows(items)}</div>
  </section>`
}

function incidentRows(view: OperatorView, incidents: readonly Incident[]): string {
  if (incidents.length === 0) return html`<p>${say(view, { ko: '없습니다.', en: 'None.' })}</p>`
  const items = incidents.map(({ incidentId, title, status, startedAt, endedAt, nextUpdateAt, updates }) => {
    const { calendar } = view
    const facts = [
      say(view, STATUS_NAMES[status]),
      say(view, { ko: `${calendar.near(startedAt, view.now)}부터`, en: `since ${calendar.near(startedAt, view.now)}` }),
      ...(endedAt === null ? [] : [durationOf(endedAt - startedAt, view.language)]),
      ...(nextUpdateAt === null
        ? []
        : [say(view, { ko: `다음 알림 ${calendar.near(nextUpdateAt, view.now)}`, en: `next word ${calendar.near(nextUpdateAt, view.now)}` })]),
      updates[0]?.by.kind === 'auto' ? say(view, { ko: '자동으로 열림', en: 'opened automatically' }) : (updates[0]?.by.name ?? ''),
    ]
    return html`<div class="what">
      <a href="${view.base}/operator/incidents/${encodeURIComponent(incidentId)}"><b>${say(view, title)}</b></a
      ><small>${facts.join(' · ')}</small>
    </div>`
  })
  return rows(items)
}

function maintenanceRows(view: OperatorView, maintenances: readonly Maintenance[]): string {
  if (maintenances.length === 0) return html`<p>${say(view, { ko: '예고된 점검이 없습니다.', en: 'No maintenance is planned.' })}</p>`
  const items = maintenances.map(({ maintenanceId, title, status, scheduledFor, scheduledUntil }) => {
    const when = `${view.calendar.moment(scheduledFor)} – ${view.calendar.near(scheduledUntil, scheduledFor)}`
    return html`<div class="what">
      <a href="${view.base}/operator/maintenances/${encodeURIComponent(maintenanceId)}"><b>${say(view, title)}</b></a
      ><small>${say(view, MAINTENANCE_NAMES[status])} · ${when}</small>
    </div>`
  })
  return rows(items)
}

function told(view: OperatorView, health: NotifierHealth): string {
  const { subscribers, pending, waiting: due, told: sent, failed, unknown, mailFault, failingWebhooks } = health
  const facts = [
    say(view, {
      ko: `이메일 구독자 ${subscribers}명 (확인 기다림 ${pending}명)`,
      en: `${subscribers} subscribed by e-mail (${pending} not confirmed yet)`,
    }),
    say(view, { ko: `기다리는 알림 ${due}건`, en: `${due} waiting` }),
    say(view, {
      ko: `24시간 동안: 보냄 ${sent}, 실패 ${failed}, 알 수 없음 ${unknown}`,
      en: `Last 24 hours: ${sent} sent, ${failed} failed, ${unknown} unknown`,
    }),
  ]
  const trouble = { ko: `실패하고 있는 웹훅 ${failingWebhooks}개`, en: `Webhooks that fail: ${failingWebhooks}` }
  const failing = failingWebhooks === 0 ? '' : html`<div class="flash wrong">${say(view, trouble)}</div>`
  const mute = { ko: '메일 서버를 쓸 수 없습니다', en: 'The mail server cannot be used' }
  const mail = mailFault === null ? '' : html`<div class="flash wrong">${say(view, mute)}: ${mailFault}</div>`
  const card = html`<div class="card">!${facts.map((fact) => html`<p>${fact}</p>`).join('')}</div>`
  return section(view, { ko: '알림', en: 'Notices' }, mail, failing, card)
}
