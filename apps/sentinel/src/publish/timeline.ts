import { createHash } from 'node:crypto'
import { html } from 'ghtml'
import type { Author, Incident, IncidentUpdate, Maintenance, Share, Text } from '../incident/incident.ts'
import { countOf, durationOf, intervalOf, percentOf } from './numbers.ts'
import { say, type View } from './view.ts'
import { authorName, MAINTENANCE_NAMES, SOURCE_NAMES, STATUS_NAMES } from './words.ts'

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

/** Statements about an incident, newest first. A correction is shown beside the statement it corrects. */
export function timelineOf(view: View, incident: Incident, most = Number.POSITIVE_INFINITY): string {
  const rows = incident.updates
    .map((update, index) => entry(view, update, incident.updates[index - 1] ?? null))
    .toReversed()
    .slice(0, most)
  return html`<ol class="timeline">
    !${rows.join('')}
  </ol>`
}

function entry(view: View, update: IncidentUpdate, before: IncidentUpdate | null): string {
  const { calendar } = view
  const fixes = update.correction === null ? '' : correction(view, update, before, update.correction)
  const kind = update.correction === null ? STATUS_NAMES[update.status] : CORRECTION
  return html`<li!${update.correction === null ? '' : ' class="corrects"'}><time datetime="${new Date(update.at).toISOString()}" title="${calendar.exact(update.at)}">${calendar.near(update.at, view.snapshot.madeAt)}</time>
<div><p class="said"><b>${say(view, kind)}</b> !${author(view, update.by)}</p>!${prose(say(view, update.body))}!${fixes}</div></li>`
}

const CORRECTION: Text = { ko: '바로잡음', en: 'Correction' }

/** The earlier and the new statement, side by side: nothing is silently replaced [S5]. */
function correction(view: View, update: IncidentUpdate, before: IncidentUpdate | null, why: Text): string {
  const { calendar } = view
  const time = (at: number | null): string => (at === null ? say(view, { ko: '없음', en: 'none' }) : calendar.nearSecond(at, update.at))
  const share = (value: Share | null): string =>
    value === null ? say(view, { ko: '미상', en: 'unknown' }) : `${percentOf(value.value)} (${intervalOf(value.low, value.high, view.language)})`
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

/** Start, detection and end, each on its own. */
export function timesOf(view: View, incident: Incident): string {
  const { calendar, language, snapshot } = view
  const { startedAt, detectedAt, endedAt, share } = incident
  const firstWord = incident.updates[0]?.at ?? incident.createdAt
  const when = (at: number): string => html`<time datetime="${new Date(at).toISOString()}">${calendar.day(at)} ${calendar.second(at)}</time>`
  const rows: readonly (readonly [Text, string])[] = [
    [{ ko: '시작', en: 'Began' }, when(startedAt)],
    [
      { ko: '감지', en: 'Noticed' },
      detectedAt === null
        ? say(view, { ko: '저희 관측은 알아채지 못했습니다', en: 'not noticed by our monitoring' })
        : `${when(detectedAt)} ${html`<span class="after">${later(view, detectedAt - startedAt)}</span>`}`,
    ],
    [{ ko: '첫 알림', en: 'First word' }, `${when(firstWord)} ${html`<span class="after">${later(view, firstWord - startedAt)}</span>`}`],
    [
      { ko: '끝', en: 'Ended' },
      endedAt === null
        ? say(view, { ko: '아직 끝나지 않았습니다', en: 'not yet' })
        : `${when(endedAt)} ${html`<span class="after">${lasted(view, endedAt - startedAt)}</span>`}`,
    ],
    [
      { ko: '영향', en: 'Affected' },
      share === null
        ? say(view, { ko: '아직 셈하지 못했습니다', en: 'not yet counted' })
        : html`<b>${percentOf(share.value)}</b> (${intervalOf(share.low, share.high, language)})
            <span class="after">${say(view, SOURCE_NAMES[share.source])}!${countsOf(share)}</span>`,
    ],
  ]
  const open = endedAt === null && incident.nextUpdateAt !== null
  const next = open
    ? html`<div>
        <dt>${say(view, { ko: '다음 알림', en: 'Next word' })}</dt>
        <dd>
          ${say(view, {
            ko: `늦어도 ${calendar.near(incident.nextUpdateAt, snapshot.madeAt)}`,
            en: `by ${calendar.near(incident.nextUpdateAt, snapshot.madeAt)}`,
          })}
        </dd>
      </div>`
    : ''
  return html`<dl class="times">
    !${rows
      .map(
        ([name, value]) =>
          html`<div>
            <dt>${say(view, name)}</dt>
            <dd>!${value}</dd>
          </div>`,
      )
      .join('')}!${next}
  </dl>`
}

/** What was counted. Empty when a person stated a share without counts. */
function countsOf(share: Share): string {
  return share.total === 0 ? '' : html`: ${countOf(share.affected)} / ${countOf(share.total)}`
}

/** The same in one line, for places where the numbers already stand above. */
export function timesLine(view: View, incident: Incident): string {
  const { calendar, snapshot } = view
  const { startedAt, detectedAt, endedAt } = incident
  const item = (name: Text, at: number | null): string =>
    at === null
      ? ''
      : html`<span>${say(view, name)} <time datetime="${new Date(at).toISOString()}">${calendar.nearSecond(at, snapshot.madeAt)}</time></span>`
  const items = [
    item({ ko: '시작', en: 'Began' }, startedAt),
    item({ ko: '감지', en: 'Noticed' }, detectedAt),
    item({ ko: '첫 알림', en: 'First word' }, incident.updates[0]?.at ?? incident.createdAt),
    item({ ko: '끝', en: 'Ended' }, endedAt),
  ]
  return html`<p class="times-line">!${items.join('')}</p>`
}

function later(view: View, ms: number): string {
  const text = durationOf(ms, view.language)
  return say(view, { ko: `시작한 지 ${text} 만에`, en: `${text} after it began` })
}

function lasted(view: View, ms: number): string {
  const text = durationOf(ms, view.language)
  return say(view, { ko: `${text} 동안`, en: `lasted ${text}` })
}

/** One maintenance with its statements. */
export function maintenanceCard(view: View, maintenance: Maintenance): string {
  const { calendar } = view
  const last = maintenance.updates.at(-1)
  const said = last === undefined ? '' : `${prose(say(view, last.body))}<p class="said">${author(view, last.by)}</p>`
  return html`<article class="card plan" id="maintenance-${maintenance.maintenanceId}">
    <h3>${say(view, maintenance.title)} <span class="tag">${say(view, MAINTENANCE_NAMES[maintenance.status])}</span></h3>
    <p class="when">
      <time datetime="${new Date(maintenance.scheduledFor).toISOString()}">${calendar.moment(maintenance.scheduledFor)}</time> –
      <time datetime="${new Date(maintenance.scheduledUntil).toISOString()}"
        >${calendar.near(maintenance.scheduledUntil, maintenance.scheduledFor)}</time
      >
    </p>
    !${said}
  </article>`
}
