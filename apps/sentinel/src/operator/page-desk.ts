import { html } from 'ghtml'
import type { Incident, Maintenance } from '../incident/incident.ts'
import { isOpen } from '../incident/updates.ts'
import type { NotifierHealth } from '../notify/notifier.ts'
import { isStale } from '../publish/headline.ts'
import { CONDITION_SIGNS } from '../publish/icons.ts'
import { agoOf, countOf, durationOf, intervalOf, percentOf } from '../publish/numbers.ts'
import type { Snapshot } from '../publish/snapshot.ts'
import { COMPONENT_NAMES, CONDITION_NAMES, MAINTENANCE_NAMES, STATUS_NAMES } from '../publish/words.ts'
import { say, type OperatorView } from './fields.ts'

/** Resolved incidents, shown beneath the open ones. */
const PAST_MAX = 10

export interface DeskPage {
  readonly snapshot: Snapshot
  readonly incidents: readonly Incident[]
  readonly maintenances: readonly Maintenance[]
  /** Null while nobody can be told, because the subscriber file could not be opened. */
  readonly health: NotifierHealth | null
}

export function deskPage(view: OperatorView, { snapshot, incidents, maintenances, health }: DeskPage): string {
  const open = incidents.filter(isOpen)
  const past = incidents.filter((incident) => !isOpen(incident)).slice(0, PAST_MAX)
  const planned = maintenances.filter(({ status }) => status !== 'completed')
  return html`<h1>${say(view, { ko: '지금', en: 'Now' })}</h1>
    !${held(view, snapshot)}
    <section>
      <h2>${say(view, { ko: '진행 중인 장애', en: 'Open incidents' })}</h2>
      <div class="card">!${incidentRows(view, open, { ko: '없습니다.', en: 'None.' })}</div>
      <p class="actions">
        <a class="button" href="${view.base}/operator/incidents/new">${say(view, { ko: '장애 알리기', en: 'Announce an incident' })}</a>
      </p>
    </section>
    <section>
      <h2>${say(view, { ko: '점검', en: 'Maintenance' })}</h2>
      <div class="card">!${maintenanceRows(view, planned)}</div>
      <p class="actions">
        <a class="button quiet" href="${view.base}/operator/maintenances/new">${say(view, { ko: '점검 예고하기', en: 'Announce maintenance' })}</a>
      </p>
    </section>
    <section>
      <h2>${say(view, { ko: '지난 장애', en: 'Past incidents' })}</h2>
      <div class="card">!${incidentRows(view, past, { ko: '없습니다.', en: 'None.' })}</div>
    </section>
    !${told(view, health)}`
}

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
  const rows = snapshot.components.map(({ component, judgement }) => {
    const { share, failed, tried, since } = judgement
    const condition = stale || snapshot.measuredAt === null ? 'unknown' : judgement.condition
    const numbers = [
      say(view, { ko: `시도 ${countOf(tried)}번 가운데 ${countOf(failed)}번 실패`, en: `${countOf(failed)} of ${countOf(tried)} tries failed` }),
      ...(share === null
        ? []
        : [`${say(view, { ko: '영향', en: 'affected' })} ${percentOf(share.value)} (${intervalOf(share.low, share.high, view.language)})`]),
      say(view, { ko: `${durationOf(view.now - since, 'ko')}째`, en: `for ${durationOf(view.now - since, 'en')}` }),
    ]
    return html`<li>
      <div class="what"><b>${say(view, COMPONENT_NAMES[component])}</b><small>${numbers.join(' · ')}</small></div>
      <span class="state ${condition}">!${CONDITION_SIGNS[condition]}${say(view, CONDITION_NAMES[condition])}</span>
    </li>`
  })
  return html`<section>
    <p class="hint">${age}</p>
    <div class="card">
      <ul class="rows">
        !${rows.join('')}
      </ul>
    </div>
  </section>`
}

function incidentRows(view: OperatorView, incidents: readonly Incident[], none: { ko: string; en: string }): string {
  if (incidents.length === 0) return html`<p>${say(view, none)}</p>`
  const rows = incidents.map(({ incidentId, title, status, startedAt, endedAt, nextUpdateAt, updates }) => {
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
    return html`<li>
      <div class="what">
        <a href="${view.base}/operator/incidents/${encodeURIComponent(incidentId)}"><b>${say(view, title)}</b></a
        ><small>${facts.join(' · ')}</small>
      </div>
    </li>`
  })
  return html`<ul class="rows">
    !${rows.join('')}
  </ul>`
}

function maintenanceRows(view: OperatorView, maintenances: readonly Maintenance[]): string {
  if (maintenances.length === 0) return html`<p>${say(view, { ko: '예고된 점검이 없습니다.', en: 'No maintenance is planned.' })}</p>`
  const rows = maintenances.map(({ maintenanceId, title, status, scheduledFor, scheduledUntil }) => {
    const when = `${view.calendar.moment(scheduledFor)} – ${view.calendar.near(scheduledUntil, scheduledFor)}`
    return html`<li>
      <div class="what">
        <a href="${view.base}/operator/maintenances/${encodeURIComponent(maintenanceId)}"><b>${say(view, title)}</b></a
        ><small>${say(view, MAINTENANCE_NAMES[status])} · ${when}</small>
      </div>
    </li>`
  })
  return html`<ul class="rows">
    !${rows.join('')}
  </ul>`
}

function told(view: OperatorView, health: NotifierHealth | null): string {
  const title = say(view, { ko: '알림', en: 'Notices' })
  if (health === null) {
    const words = {
      ko: '구독자 파일을 열 수 없어 아무에게도 알리지 못합니다. 페이지는 그대로 보입니다.',
      en: 'The subscriber file cannot be opened, so nobody is notified. The status page works.',
    }
    return html`<section>
      <h2>${title}</h2>
      <div class="flash wrong">${say(view, words)}</div>
    </section>`
  }
  const { subscribers, pending, waiting, told: sent, failed, unknown, mailFault } = health
  const facts = [
    say(view, {
      ko: `이메일 구독자 ${subscribers}명 (확인 기다림 ${pending}명)`,
      en: `${subscribers} subscribed by e-mail (${pending} not confirmed yet)`,
    }),
    say(view, { ko: `기다리는 알림 ${waiting}건`, en: `${waiting} waiting` }),
    say(view, {
      ko: `24시간 동안: 보냄 ${sent}, 실패 ${failed}, 알 수 없음 ${unknown}`,
      en: `Last 24 hours: ${sent} sent, ${failed} failed, ${unknown} unknown`,
    }),
  ]
  return html`<section>
    <h2>${title}</h2>
    !${mailFault === null ? '' : html`<div class="flash wrong">${say(view, { ko: '메일 서버를 쓸 수 없습니다', en: 'The mail server cannot be used' })}: ${mailFault}</div>`}
    <div class="card">!${facts.map((fact) => html`<p>${fact}</p>`).join('')}</div>
  </section>`
}
