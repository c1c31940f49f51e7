import { createHash } from 'node:crypto'
import { html } from 'ghtml'
import type { Author, Incident, IncidentUpdate, Maintenance, Share, Span, Text } from '../vocabulary/incident.ts'
import { isOpen, lastedMs, stateOf } from '../incident/updates.ts'
import type { Component } from '../vocabulary/observation.ts'
import { countOf, durationOf, estimateOf, intervalOf, percentOf, type Calendar, type Language } from '../vocabulary/numbers.ts'
import { fact, say, type View } from './view.ts'
import { authorName, COMPONENT_NAMES, CORRECTION, MAINTENANCE_NAMES, SOURCE_NAMES, STATUS_NAMES } from '../vocabulary/words.ts'

/** File name of an incident's page. The program makes the ids, but a record may come from elsewhere: an id that is no plain name is hashed. */
export function incidentPath(incidentId: string): string {
  const name = /^[A-Za-z0-9][\w-]{0,63}$/.test(incidentId) ? incidentId : `x${createHash('sha256').update(incidentId).digest('hex').slice(0, 32)}`
  return `incidents/${name}.html`
}

/** A text of several lines, in which `■ Label: words` becomes a label and its words. */
export function prose(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, label, words] = /^■ ([^:]{1,20}): (.*)$/.exec(line) ?? []
      return label === undefined ? html`<p>${line}</p>` : html`<p class="labelled"><span>${label}</span> ${words}</p>`
    })
    .join('')
}

/** The author: the sentinel, or a person by name. */
function author(view: View, by: Author): string {
  const word = by.kind === 'auto' ? say(view, { ko: '자동으로 알림', en: 'told automatically' }) : authorName(by)[view.language]
  return html`<span class="by ${by.kind}">${word}</span>`
}

/** Statements about an incident, newest first. Repeated measurements fold into one line. A correction is shown beside the statement it corrects. */
export function timelineOf(view: View, incident: Incident, most = Number.POSITIVE_INFINITY): string {
  const rows: string[] = []
  let folded: IncidentUpdate[] = []
  const close = (): void => {
    if (folded.length > 0) rows.push(fold(view, folded))
    folded = []
  }
  incident.updates.forEach((update, index) => {
    const before = incident.updates[index - 1] ?? null
    if (before !== null && isRepeated(update, before)) return void folded.push(update)
    close()
    rows.push(entry(view, update, before))
  })
  close()
  return html`<ol class="timeline">
    !${rows.toReversed().slice(0, most).join('')}
  </ol>`
}

/** Whether a statement of the sentinel says again what the one before it said, perhaps with another number. */
function isRepeated(update: IncidentUpdate, before: IncidentUpdate): boolean {
  return update.by.kind === 'auto' && update.correction === null && stateOf(update) === stateOf(before)
}

/** Repeated measurements in one line, with their range. Each one can be unfolded. */
function fold(view: View, updates: readonly IncidentUpdate[]): string {
  const shares = updates.flatMap(({ share }) => (share === null ? [] : [share.value]))
  const range = shares.length === 0 ? '' : ` · ${intervalOf(Math.min(...shares), Math.max(...shares), view.language)}`
  const count = updates.length
  const rows = updates.toReversed().map((update) => html`<li>!${moment(view, update.at)}!${prose(say(view, update.body))}</li>`)
  return html`<li class="fold">
    <details>
      <summary>
        !${spark(shares)}${say(view, { ko: `다시 측정 ${count}번`, en: count === 1 ? 'Measured again' : `Measured again ${count} times` })}${range}
      </summary>
      <ol>
        !${rows.join('')}
      </ol>
    </details>
  </li>`
}

/** The course of some shares as a small line, from nothing to the highest. */
function spark(shares: readonly number[]): string {
  if (shares.length < 2) return ''
  const top = Math.max(...shares, 0.01)
  const points = shares.map((share, index) => `${((52 * index) / (shares.length - 1)).toFixed(1)} ${(16 - (14 * share) / top).toFixed(1)}`)
  return html`<svg class="spark" viewBox="0 0 52 18" aria-hidden="true" focusable="false"><path d="M${points.join('L')}" /></svg>`
}

function moment(view: View, at: number): string {
  const { calendar, snapshot } = view
  return html`<time datetime="${new Date(at).toISOString()}" title="${calendar.exact(at)}">${calendar.near(at, snapshot.madeAt)}</time>`
}

function entry(view: View, update: IncidentUpdate, before: IncidentUpdate | null): string {
  const fixes = update.correction === null ? '' : correction(view, update, before, update.correction)
  const kind = update.correction !== null ? 'fix' : isOpen(update) ? update.by.kind : 'end'
  const name = update.correction === null ? STATUS_NAMES[update.status] : CORRECTION
  return html`<li class="${kind}">
    <p class="said"><b>${say(view, name)}</b> !${moment(view, update.at)} !${author(view, update.by)}</p>
    !${prose(say(view, update.body))}!${fixes}
  </li>`
}

/** The earlier and the new statement, side by side: nothing is silently replaced [S5]. */
function correction(view: View, update: IncidentUpdate, before: IncidentUpdate | null, why: Text): string {
  const { calendar } = view
  const time = (at: number | null): string => (at === null ? say(view, { ko: '없음', en: 'none' }) : calendar.nearSecond(at, update.at))
  const share = (value: Share | null): string => (value === null ? say(view, { ko: '미상', en: 'unknown' }) : estimateOf(value, view.language))
  const pairs: readonly (readonly [Text, string, string])[] =
    before === null
      ? []
      : [
          [{ ko: '시작', en: 'Began' }, time(before.startedAt), time(update.startedAt)],
          [{ ko: '감지', en: 'Noticed' }, time(before.detectedAt), time(update.detectedAt)],
          [{ ko: '끝', en: 'Ended' }, time(before.endedAt), time(update.endedAt)],
          [{ ko: '영향', en: 'Affected' }, share(before.share), share(update.share)],
        ]
  const changed = pairs.filter(([, was, is]) => was !== is)
  const rows = changed.map(
    ([name, was, is]) => html`<li>${say(view, name)}: <del>${was}</del> <span aria-hidden="true">→</span> <ins>${is}</ins></li>`,
  )
  return html`<div class="correction">
    <p>${say(view, why)}</p>
    !${
      rows.length === 0
        ? ''
        : html`<ul>
            !${rows.join('')}
          </ul>`
    }
  </div>`
}

/** The four numbers of an incident: how many at its worst, how long, how soon it was noticed, and how soon it was told. */
export function factsOf(view: View, incident: Incident): string {
  const { calendar, snapshot } = view
  const { startedAt, detectedAt, endedAt, share, spans } = incident
  const firstWord = incident.updates[0]?.at ?? incident.createdAt
  const time = (at: number): string => html`<time datetime="${new Date(at).toISOString()}">${calendar.nearSecond(at, snapshot.madeAt)}</time>`
  const span = ({ from, to }: Span): string =>
    to === null ? say(view, { ko: `${time(from)}부터`, en: `since ${time(from)}` }) : `${time(from)} – ${html`${calendar.nearSecond(to, from)}`}`
  const lasted = html`${durationOf(lastedMs(spans, snapshot.madeAt), view.language)}`
  const was = struckShare(incident)
  const struck = was === null ? '' : html`<del>${percentOf(was.value)}</del> `
  return html`<dl class="facts">
    !${fact(
      view,
      share?.kind === 'silent'
        ? { ko: '한꺼번에 연락이 끊긴 사람', en: 'Disconnected together' }
        : { ko: '가장 많을 때 끊긴 사람', en: 'Cut off at the worst' },
      share === null ? '–' : html`${percentOf(share.value)}`,
      share === null
        ? say(view, { ko: '셈한 값이 없습니다', en: 'not counted' })
        : `${struck}${html`${intervalOf(share.low, share.high, view.language)} · ${say(view, SOURCE_NAMES[share.source])}`}${countsOf(share)}`,
    )}!${fact(
      view,
      endedAt === null ? { ko: '이어진 시간', en: 'Lasting for' } : { ko: '걸린 시간', en: 'Lasted' },
      lasted,
      // The time between two spans was no outage [S16].
      spans.map(span).join('<br>'),
    )}!${fact(
      view,
      { ko: '감지까지', en: 'Until noticed' },
      detectedAt === null ? '–' : html`${soon(view, detectedAt - startedAt)}`,
      detectedAt === null ? say(view, { ko: '저희 관측은 알아채지 못했습니다', en: 'not noticed by our monitoring' }) : time(detectedAt),
    )}!${fact(view, { ko: '첫 알림까지', en: 'Until first told' }, html`${soon(view, firstWord - startedAt)}`, time(firstWord))}
  </dl>`
}

/** The share as it was before its last correction. */
function struckShare({ updates, share }: Incident): Share | null {
  const index = updates.findLastIndex((update) => update.correction !== null)
  const before = updates[index - 1]?.share ?? null
  return before !== null && share !== null && percentOf(before.value) !== percentOf(share.value) ? before : null
}

function soon(view: View, ms: number): string {
  return ms < 1_000 ? say(view, { ko: '곧바로', en: 'at once' }) : durationOf(ms, view.language)
}

/** What was counted. Empty when a person stated a share without counts. */
function countsOf(share: Share): string {
  return share.total === 0 ? '' : html` ${countOf(share.affected)} / ${countOf(share.total)}`
}

/** One maintenance with its statements and its components. */
export function maintenanceCard(view: View, maintenance: Maintenance): string {
  const { calendar } = view
  const last = maintenance.updates.at(-1)
  const said = last === undefined ? '' : `${prose(say(view, last.body))}<p class="said">${author(view, last.by)}</p>`
  return html`<article class="card plan" id="maintenance-${maintenance.maintenanceId}">
    <h3>${say(view, maintenance.title)} <span class="tag">${say(view, MAINTENANCE_NAMES[maintenance.status])}</span></h3>
    <p class="when">${maintenanceTime(calendar, maintenance)} · ${componentNames(view.language, maintenance.components)}</p>
    !${said}
  </article>`
}

/** From when to when, such as 12월 6일 (일) 03:00 – 03:20. */
export function maintenanceTime(calendar: Calendar, { scheduledFor, scheduledUntil }: Pick<Maintenance, 'scheduledFor' | 'scheduledUntil'>): string {
  return `${calendar.moment(scheduledFor)} – ${calendar.near(scheduledUntil, scheduledFor)}`
}

export function componentNames(language: Language, components: readonly Component[]): string {
  return components.map((component) => COMPONENT_NAMES[component][language]).join(', ')
}
