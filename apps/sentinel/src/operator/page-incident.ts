import { html } from 'ghtml'
import type { Hit, Incident, Text } from '../incident/incident.ts'
import { openingBody, titleOf } from '../incident/templates.ts'
import { hitsOf } from '../incident/lifecycle.ts'
import { isOpen, TEXT_BOUNDS } from '../incident/updates.ts'
import type { Snapshot } from '../publish/snapshot.ts'
import { prose } from '../publish/timeline.ts'
import { authorName, COMPONENT_NAMES, CONDITION_NAMES, IMPACT_NAMES, STATUS_NAMES } from '../publish/words.ts'
import { COMPONENTS, PROFILES } from '../record/observation.ts'
import { both, button, check, choice, faultsBox, form, line, moment, say, type OperatorView } from './fields.ts'
import { IMPACTS, SAYABLE, STATUSES } from './said-form.ts'

const { titleCodePointsMax, bodyCodePointsMax } = TEXT_BOUNDS

/** The four points people and the law ask for, to be filled in. */
const SKELETON: Text = {
  ko: '■ 사실: \n■ 원인: 아직 밝혀지지 않았습니다.\n■ 대응: 조사하고 있습니다.\n■ 문의: ',
  en: '■ What: \n■ Cause: Not yet known.\n■ Response: We are investigating.\n■ Contact: ',
}

export function openPage(view: OperatorView, snapshot: Snapshot, faults: readonly string[]): string {
  const hits = hitsOf(
    snapshot.components.map(({ judgement }) => judgement),
    new Set(),
  )
  const { contact, timeZone } = snapshot
  const failing = snapshot.components.filter(({ component }) => hits.some((hit) => hit.component === component)).map(({ judgement }) => judgement)
  const startedAt = Math.min(view.now, ...failing.map((each) => each.startedAt ?? each.since))
  const detectedAt = Math.min(view.now, ...failing.map(({ since }) => since))
  const body: Text =
    hits.length > 0
      ? openingBody({ hits, share: null, well: [], suspicion: 'unknown', startedAt, detectedAt, saidAt: view.now, contact, timeZone })
      : { ko: SKELETON.ko + contact, en: SKELETON.en + contact }
  const title = hits.length > 0 ? { value: titleOf(hits) } : {}
  return html`<h1>${say(view, { ko: '장애 알리기', en: 'Announce an incident' })}</h1>
    !${faultsBox(view, faults)}
    <section class="card">
      <p class="hint">${say(view, FOR_EVER)}</p>
      !${form(
        view,
        '/operator/incidents',
        [
          both(view, 'line', { name: 'title', label: say(view, { ko: '제목', en: 'Title' }), max: titleCodePointsMax, ...title }),
          both(view, 'area', { name: 'body', label: say(view, { ko: '본문', en: 'Text' }), max: bodyCodePointsMax, value: body }),
          hitFields(view, hits),
          impactField(view, ''),
          html`<div class="pair">
            !${moment(view, { name: 'started', label: say(view, { ko: '시작', en: 'Began' }), at: hits.length > 0 ? startedAt : null, hint: say(view, { ko: '10:54 또는 2026-11-22 10:54. 비우면 지금', en: '10:54 or 2026-11-22 10:54; empty: now' }) })}!${shareField(view)}
          </div>`,
          notifyField(view, true),
          button(say(view, { ko: '알리기', en: 'Publish' })),
        ].join(''),
      )}
    </section>`
}

/** @param sent the refused form, with everything that was typed. */
export function incidentPage(view: OperatorView, incident: Incident, faults: readonly string[], sent: 'update' | 'correct' | null): string {
  const fresh = { ...view, typed: null }
  return html`<h1>${say(view, incident.title)}</h1>
    <p class="hint">${say(view, STATUS_NAMES[incident.status])} · ${say(view, IMPACT_NAMES[incident.impact])}</p>
    !${faultsBox(view, faults)}!${updateForm(sent === 'update' ? view : fresh, incident)}!${course(view, incident)}!${correctForm(sent === 'correct' ? view : fresh, incident)}`
}

function updateForm(view: OperatorView, incident: Incident): string {
  const open = isOpen(incident)
  const options = open ? STATUSES : STATUSES.filter((status) => status !== 'monitoring' && status !== 'identified')
  const fields = [
    seen(incident),
    choice(view, {
      name: 'status',
      label: say(view, { ko: '상태', en: 'State' }),
      value: incident.status,
      options: options.map((status) => [status, say(view, STATUS_NAMES[status])]),
    }),
    both(view, 'area', {
      name: 'body',
      label: say(view, { ko: '본문', en: 'Text' }),
      hint: say(view, { ko: '해결일 때는 비워도 됩니다', en: 'may be empty when resolved' }),
      max: bodyCodePointsMax,
    }),
    hitFields(view, open ? incident.hits : []),
    impactField(view, incident.impact),
    html`<div class="pair">
      !${moment(view, { name: 'ended', label: say(view, { ko: '끝', en: 'Ended' }), at: null, hint: say(view, { ko: '해결일 때만. 10:54처럼, 비우면 지금', en: 'only when resolved; as 10:54, empty: now' }) })}!${shareField(view)}
    </div>`,
    notifyField(view, true),
    button(say(view, { ko: '보내기', en: 'Publish' })),
  ]
  return html`<section>
    <h2>${say(view, open ? { ko: '다음 알림', en: 'The next word' } : { ko: '덧붙이기', en: 'Add to it' })}</h2>
    <div class="card">!${form(view, `/operator/incidents/${encodeURIComponent(incident.incidentId)}`, fields.join(''))}</div>
  </section>`
}

function correctForm(view: OperatorView, incident: Incident): string {
  const within = 'correct'
  const left = say(view, { ko: '비우면 그대로', en: 'empty: unchanged' })
  const asTime = say(view, { ko: '10:54처럼, 비우면 그대로', en: 'as 10:54; empty: unchanged' })
  const time = (name: string, label: Text): string => moment(view, { name, within, label: say(view, label), at: null, hint: asTime })
  const fields = [
    seen(incident),
    both(view, 'area', {
      name: 'why',
      within,
      label: say(view, { ko: '무엇이 왜 틀렸는지', en: 'What was wrong, and why' }),
      max: bodyCodePointsMax,
    }),
    both(view, 'line', { name: 'title', within, label: say(view, { ko: '제목', en: 'Title' }), hint: left, max: titleCodePointsMax }),
    html`<div class="pair">!${time('started', { ko: '시작', en: 'Began' })}!${time('detected', { ko: '감지', en: 'Noticed' })}</div>`,
    html`<div class="pair">!${isOpen(incident) ? '' : time('ended', { ko: '끝', en: 'Ended' })}!${shareField(view, within)}</div>`,
    notifyField(view, false),
    button(say(view, { ko: '바로잡기', en: 'Correct' }), true),
  ]
  return html`<section>
    <h2>${say(view, { ko: '바로잡기', en: 'Correct' })}</h2>
    <div class="card">
      <p class="hint">
        ${say(view, {
          ko: '앞서 한 말은 지워지지 않습니다. 바로잡는 말이 그 곁에 놓입니다.',
          en: 'What was said is not erased. The correction stands beside it.',
        })}
      </p>
      !${form(view, `/operator/incidents/${encodeURIComponent(incident.incidentId)}/correct`, fields.join(''))}
    </div>
  </section>`
}

/** All statements, newest first. */
function course(view: OperatorView, { updates }: Incident): string {
  const rows = updates.toReversed().map(({ at, by, status, body, correction, notify }) => {
    const facts = [
      view.calendar.exact(at),
      authorName(by)[view.language],
      ...(notify ? [] : [say(view, { ko: '구독자에게 보내지 않음', en: 'subscribers not notified' })]),
    ]
    const fixes = correction === null ? '' : html`<p><b>${say(view, { ko: '바로잡음', en: 'Correction' })}</b> ${say(view, correction)}</p>`
    return html`<li>
      <div class="what"><b>${say(view, STATUS_NAMES[status])}</b><small>${facts.join(' · ')}</small>!${prose(say(view, body))}!${fixes}</div>
    </li>`
  })
  return html`<section>
    <h2>${say(view, { ko: '경과', en: 'Updates' })}</h2>
    <div class="card">
      <ul class="rows">
        !${rows.join('')}
      </ul>
    </div>
  </section>`
}

const FOR_EVER: Text = {
  ko: '보내면 바로 공개되고 기록에 남습니다. 지울 수는 없고, 바로잡을 수 있습니다. 한 언어를 비우면 다른 언어의 글이 그대로 실립니다.',
  en: 'The text is public at once and stays in the record. It cannot be deleted, only corrected. If one language is empty, the other is shown in its place.',
}

/** Number of statements when this page was rendered. */
function seen({ updates }: Incident): string {
  return html`<input type="hidden" name="seen" value="${updates.length}" />`
}

function hitFields(view: OperatorView, hits: readonly Hit[]): string {
  const fields = COMPONENTS.map((component) =>
    choice(view, {
      name: `hit-${component}`,
      label: say(view, COMPONENT_NAMES[component]),
      value: hits.find((hit) => hit.component === component)?.condition ?? 'operational',
      options: SAYABLE.map((condition) => [condition, say(view, CONDITION_NAMES[condition])]),
    }),
  )
  const places = PROFILES.map((profile) =>
    check(view, {
      name: 'where',
      value: profile,
      label: profile === 'pc' ? 'PC' : say(view, { ko: '휴대전화', en: 'Phones' }),
      on: hits.length === 0 || hits.some(({ profiles }) => profiles.includes(profile)),
    }),
  )
  return html`<fieldset>
    <legend>${say(view, { ko: '무엇이, 어떤 기기에서', en: 'What is hit, and on which devices' })}</legend>
    <div class="trio">!${fields.join('')}</div>
    <div class="actions">!${places.join('')}</div>
  </fieldset>`
}

function impactField(view: OperatorView, value: string): string {
  const automatic = value === '' ? [['', say(view, { ko: '위에서 고른 대로', en: 'Derived from the above' })] as const] : []
  return choice(view, {
    name: 'impact',
    label: say(view, { ko: '영향의 크기', en: 'Impact' }),
    value,
    options: [...automatic, ...IMPACTS.map((impact) => [impact, say(view, IMPACT_NAMES[impact])] as const)],
  })
}

function shareField(view: OperatorView, within?: string): string {
  return line(view, {
    name: 'share',
    ...(within === undefined ? {} : { within }),
    label: say(view, { ko: '영향을 받는 이용자 (%)', en: 'People affected (%)' }),
    hint: say(view, { ko: '모르면 비움', en: 'empty: not known' }),
    max: 10,
  })
}

function notifyField(view: OperatorView, on: boolean): string {
  return check(view, { name: 'notify', value: 'yes', label: say(view, { ko: '구독자에게 알리기', en: 'Tell subscribers' }), on })
}
