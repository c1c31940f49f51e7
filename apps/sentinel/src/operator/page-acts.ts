import { html } from 'ghtml'
import { ACTS, type Act, type FieldName } from '../acts/acts.ts'
import { idOf, type Thing, type Update } from '../acts/desk.ts'
import { hitsWithPins } from '../incident/pins.ts'
import { formatTime } from '../acts/typed.ts'
import type { Incident, Text } from '../vocabulary/incident.ts'
import { hitsOf } from '../incident/lifecycle.ts'
import { titleOf } from '../incident/templates.ts'
import { isOpen } from '../incident/updates.ts'
import { isStale } from '../publish/headline.ts'
import { estimateOf } from '../vocabulary/numbers.ts'
import type { Snapshot } from '../present/snapshot.ts'
import { prose } from '../publish/timeline.ts'
import { say, section } from '../publish/view.ts'
import { authorName, COMPONENT_NAMES, CONDITION_NAMES, CORRECTION, IMPACT_NAMES, MAINTENANCE_NAMES, STATUS_NAMES } from '../vocabulary/words.ts'
import { actForm, chipValue, details, faultsBox, lever, rows, type Chip, type OperatorView } from './fields.ts'
import type { Pending } from './pending.ts'

export const pathOf = (one: Thing | Update): string =>
  `/operator/${'incidentId' in one ? 'incidents' : 'maintenances'}/${encodeURIComponent(idOf(one))}`
const statusOf = (one: Thing | Update): Text => ('incidentId' in one ? STATUS_NAMES[one.status] : MAINTENANCE_NAMES[one.status])

/** What is proposed for an act: from the evidence, and from what was said before. */
export interface Proposal {
  readonly values: URLSearchParams
  readonly chips: Partial<Record<FieldName, readonly Chip[]>>
}

/** The four points that people and the law ask for. */
function skeleton(title: Text, contact: string): Text {
  return {
    ko: `■ 사실: ${title.ko}\n■ 원인: 아직 밝혀지지 않았습니다.\n■ 대응: 조사하고 있습니다.\n■ 문의: ${contact}`,
    en: `■ What: ${title.en}\n■ Cause: Not yet known.\n■ Response: We are investigating.\n■ Contact: ${contact}`,
  }
}

const NOW: Text = { ko: '지금', en: 'Now' }

export function propose(act: Act, thing: Thing | null, snapshot: Snapshot, view: OperatorView): Proposal {
  const values = new URLSearchParams()
  const put = (name: string, { ko, en }: Text): void => {
    values.set(`${name}-ko`, ko)
    values.set(`${name}-en`, en)
  }
  const time = (name: string, at: number | null): void => {
    if (at !== null) values.set(name, formatTime(at, view.timeZone))
  }
  if (act.body !== null) put('body', act.body)
  if (act.name === 'open') {
    const judgements = snapshot.components.map(({ judgement }) => judgement)
    const hits = hitsOf(judgements, new Set())
    const title = hits.length > 0 ? titleOf(hits) : { ko: '', en: '' }
    put('title', title)
    put('body', skeleton(title, snapshot.contact))
    for (const { component, condition, profiles } of hits) values.append('component', `${component}=${condition}:${profiles.join(',')}`)
    const starts = judgements.flatMap(({ startedAt }) => startedAt ?? [])
    const began = starts.length === 0 ? [] : [{ at: Math.min(...starts), label: { ko: '관측이 실패하기 시작함', en: 'Tries began to fail' } }]
    return { values, chips: { started: [...began, { at: view.now, label: NOW }] } }
  }
  if (thing === null) return { values, chips: {} }
  if (!('incidentId' in thing)) {
    for (const component of thing.components) values.append('component', component)
    if (act.name === 'update') {
      time('from', thing.scheduledFor)
      time('until', thing.scheduledUntil)
    }
    return { values, chips: {} }
  }
  for (const { component, condition, profiles } of hitsWithPins(thing)) values.append('component', `${component}=${condition}:${profiles.join(',')}`)
  if (act.name === 'update') {
    values.set('status', thing.status)
    values.set('impact', thing.impact)
  }
  if (act.name === 'correct') {
    put('title', thing.title)
    time('started', thing.startedAt)
    time('detected', thing.detectedAt)
    time('ended', thing.endedAt)
    if (thing.share !== null) {
      values.set('share', `${Number((thing.share.value * 100).toFixed(4))}%`)
      if (thing.share.low !== thing.share.high)
        values.set('share-range', `${Number((thing.share.low * 100).toFixed(4))}%-${Number((thing.share.high * 100).toFixed(4))}%`)
    }
  }
  const well = wellSince(thing, snapshot, view.now)
  const chip = well === null ? [] : [{ at: well, label: { ko: '관측이 다시 모두 성공함', en: 'All tries succeed again' } }]
  if (act.name !== 'resolve') return { values, chips: {} }
  values.set('ended', chipValue({ at: well ?? view.now }, view.now))
  return { values, chips: { ended: [...chip, { at: view.now, label: NOW }] } }
}

/** Since when everything that this incident names is measured as working. Null when it is not, or not known. */
function wellSince(incident: Incident, snapshot: Snapshot, now: number): number | null {
  const named = snapshot.components.filter(({ component }) => incident.hits.length === 0 || incident.hits.some((hit) => hit.component === component))
  if (isStale(snapshot.measuredAt, now) || named.some(({ judgement }) => judgement.condition !== 'operational')) return null
  return Math.max(incident.startedAt, ...named.map(({ judgement }) => judgement.since))
}

/** The page of an act. @param shown the statement as it would be said, when asked for. */
export function actPage(
  view: OperatorView,
  act: Act,
  thing: Thing | null,
  { values, chips }: Proposal,
  faults: readonly Text[],
  shown: Update | null,
): string {
  const path = thing === null ? `/operator/${act.area}s/${act.name}` : `${pathOf(thing)}/${act.name}`
  return html`<h1>${say(view, act.heading)}</h1>
    !${thing === null ? '' : html`<p class="hint"><a href="${view.base}${pathOf(thing)}">${say(view, thing.title)}</a></p>`}!${faultsBox(view, faults)}
    !${shown === null ? '' : html`<section class="card paper" aria-label="${say(view, { ko: '미리 보기', en: 'Preview' })}">!${statement(view, shown)}</section>`}
    <section class="card">!${actForm(view, act, path, values, chips, thing?.updates.length ?? null)}</section>`
}

/** A statement as people will read it. */
function statement(view: OperatorView, update: Update): string {
  const { calendar, language } = view
  const facts: readonly string[] =
    'incidentId' in update
      ? [
          `${say(view, { ko: '시작', en: 'Began' })} ${calendar.exact(update.startedAt)}`,
          ...(update.endedAt === null ? [] : [`${say(view, { ko: '끝', en: 'Ended' })} ${calendar.exact(update.endedAt)}`]),
          ...(update.share === null ? [] : [estimateOf(update.share, language)]),
          ...(update.endedAt === null ? update.hits : []).map(
            ({ component, condition }) => `${say(view, COMPONENT_NAMES[component])}: ${say(view, CONDITION_NAMES[condition])}`,
          ),
          ...(update.nextUpdateAt === null
            ? []
            : [`${say(view, { ko: '다음 소식, 늦어도', en: 'Next statement by' })} ${calendar.near(update.nextUpdateAt, update.at)}`]),
        ]
      : [
          `${calendar.moment(update.scheduledFor)} – ${calendar.near(update.scheduledUntil, update.scheduledFor)}`,
          update.components.map((component) => say(view, COMPONENT_NAMES[component])).join(', '),
        ]
  const correction =
    'correction' in update && update.correction !== null ? html`<p><b>${say(view, CORRECTION)}</b> ${say(view, update.correction)}</p>` : ''
  return html`<p class="hint">${say(view, statusOf(update))} · ${authorName(update.by)[language]}</p>
    <h2>${say(view, update.title)}</h2>
    !${prose(say(view, update.body))}!${correction}
    <p class="hint">
      ${facts.join(' · ')}${update.notify ? '' : ` · ${say(view, { ko: '구독자에게 보내지 않음', en: 'subscribers are not notified' })}`}
    </p>`
}

/** A statement that waits, or that could not be said. */
export function pendingPage(view: OperatorView, { id, update, sayAt, faults }: Pending): string {
  const seconds = Math.max(0, Math.ceil((sayAt - view.now) / 1_000))
  const title =
    faults === null ? { ko: `${seconds}초 뒤에 나갑니다`, en: `Goes out in ${seconds} s` } : { ko: '나가지 못했습니다', en: 'It did not go out' }
  return html`<h1>${say(view, title)}</h1>
    !${faultsBox(view, faults ?? [])}
    <section class="card paper">!${statement(view, update)}</section>
    !${lever(view, `/operator/pending/${encodeURIComponent(id)}/back`, { ko: '거두고 고치기', en: 'Take back and edit' })}`
}

/** An incident or maintenance: what the evidence proposes, the next statement, and everything said so far. */
export function thingPage(view: OperatorView, thing: Thing, snapshot: Snapshot): string {
  const path = pathOf(thing)
  const link = (act: Act, quiet = true): string =>
    html`<a class="button ${quiet ? 'quiet' : ''}" href="${view.base}${path}/${act.name}"
      >${say(view, act.name === 'resolve' ? act.button : act.heading)}</a
    >`
  const next = (act: Act): string => {
    const { values, chips } = propose(act, thing, snapshot, view)
    const body = actForm(view, act, `${path}/${act.name}`, values, chips, thing.updates.length)
    return section(view, act.heading, html`<div class="card">!${body}</div>`)
  }
  const facts =
    'incidentId' in thing ? [say(view, IMPACT_NAMES[thing.impact]), view.calendar.exact(thing.startedAt)] : [view.calendar.moment(thing.scheduledFor)]
  const parts: string[] = []
  if ('incidentId' in thing) {
    const well = isOpen(thing) ? wellSince(thing, snapshot, view.now) : null
    if (isOpen(thing))
      parts.push(
        html`<section class="flash ${well === null ? 'quiet' : ''} proposal">
          <p>
            ${
              well === null
                ? say(view, {
                    ko: '관측으로는 아직 정상이 아니거나, 지금은 알 수 없습니다.',
                    en: 'By the measurements it does not work yet, or it cannot be known now.',
                  })
                : say(view, {
                    ko: `${view.calendar.near(well, view.now)}부터 모든 시도가 성공합니다.`,
                    en: `All tries succeed since ${view.calendar.near(well, view.now)}.`,
                  })
            }
          </p>
          !${link(ACTS.resolve, well === null)}
        </section>`,
      )
    if (isOpen(thing)) parts.push(next(ACTS.update))
    parts.push(course(view, thing), html`<p class="actions">!${link(ACTS.correct)}!${isOpen(thing) ? '' : link(ACTS.update)}</p>`)
  } else {
    if (thing.status !== 'completed') {
      parts.push(
        html`<p class="actions">!${thing.status === 'scheduled' ? link(ACTS.start, false) : ''}!${link(ACTS.complete)}</p>`,
        next(ACTS.change),
      )
    }
    parts.push(course(view, thing))
  }
  return html`<h1>${say(view, thing.title)}</h1>
    <p class="hint">${[say(view, statusOf(thing)), ...facts].join(' · ')}</p>
    !${parts.join('')}`
}

function course(view: OperatorView, { updates }: Thing): string {
  const items = (updates as readonly Update[])
    .toReversed()
    .map(
      (update) =>
        html`<div class="what">
          !${details(`${view.calendar.exact(update.at)} · ${say(view, statusOf(update))}`, statement(view, update), update.number === updates.length)}
        </div>`,
    )
  return section(view, { ko: '지금까지 알린 것', en: 'Statements so far' }, html`<div class="card">!${rows(items)}</div>`)
}
