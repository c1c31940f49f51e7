import { html } from 'ghtml'
import type { Maintenance } from '../incident/incident.ts'
import { TEXT_BOUNDS } from '../incident/updates.ts'
import { prose } from '../publish/timeline.ts'
import { authorName, COMPONENT_NAMES, MAINTENANCE_NAMES } from '../publish/words.ts'
import { COMPONENTS } from '../record/observation.ts'
import { both, button, check, choice, faultsBox, form, moment, say, type OperatorView } from './fields.ts'

const { titleCodePointsMax, bodyCodePointsMax } = TEXT_BOUNDS

export function planPage(view: OperatorView, faults: readonly string[]): string {
  const components = COMPONENTS.map((component) =>
    check(view, { name: 'component', value: component, label: say(view, COMPONENT_NAMES[component]), on: false }),
  )
  return html`<h1>${say(view, { ko: '점검 예고하기', en: 'Announce maintenance' })}</h1>
    !${faultsBox(view, faults)}
    <section class="card">
      !${form(
        view,
        '/operator/maintenances',
        [
          both(view, 'line', { name: 'title', label: say(view, { ko: '제목', en: 'Title' }), max: titleCodePointsMax }),
          both(view, 'area', { name: 'body', label: say(view, { ko: '본문', en: 'Text' }), max: bodyCodePointsMax }),
          html`<fieldset>
            <legend>${say(view, { ko: '점검하는 것', en: 'Affected components' })}</legend>
            !${components.join('')}
          </fieldset>`,
          html`<div class="pair">
            !${moment(view, { name: 'from', label: say(view, { ko: '시작', en: 'From' }), at: null })}!${moment(view, { name: 'until', label: say(view, { ko: '끝', en: 'Until' }), at: null })}
          </div>`,
          check(view, { name: 'notify', value: 'yes', label: say(view, { ko: '구독자에게 알리기', en: 'Tell subscribers' }), on: true }),
          button(say(view, { ko: '예고하기', en: 'Announce' })),
        ].join(''),
      )}
    </section>`
}

export function maintenancePage(view: OperatorView, maintenance: Maintenance, faults: readonly string[]): string {
  const { maintenanceId, title, status, scheduledFor, scheduledUntil, updates } = maintenance
  const rows = updates.toReversed().map(
    (update) =>
      html`<li>
        <div class="what">
          <b>${say(view, MAINTENANCE_NAMES[update.status])}</b
          ><small>${view.calendar.exact(update.at)} · ${authorName(update.by)[view.language]}</small>!${prose(say(view, update.body))}
        </div>
      </li>`,
  )
  const next = (['in_progress', 'verifying', 'completed'] as const).map((word) => [word, say(view, MAINTENANCE_NAMES[word])] as const)
  const fields = [
    html`<input type="hidden" name="seen" value="${updates.length}" />`,
    choice(view, {
      name: 'status',
      label: say(view, { ko: '상태', en: 'State' }),
      value: '',
      options: [['', say(view, { ko: '그대로', en: 'Unchanged' })], ...next],
    }),
    both(view, 'area', {
      name: 'body',
      label: say(view, { ko: '본문', en: 'Text' }),
      hint: say(view, { ko: '상태를 바꿀 때는 비워도 됩니다', en: 'may be empty when the state changes' }),
      max: bodyCodePointsMax,
    }),
    check(view, { name: 'notify', value: 'yes', label: say(view, { ko: '구독자에게 알리기', en: 'Tell subscribers' }), on: true }),
    button(say(view, { ko: '보내기', en: 'Publish' })),
  ]
  const act =
    status === 'completed'
      ? ''
      : html`<section>
          <h2>${say(view, { ko: '다음 알림', en: 'The next word' })}</h2>
          <div class="card">!${form(view, `/operator/maintenances/${encodeURIComponent(maintenanceId)}`, fields.join(''))}</div>
        </section>`
  return html`<h1>${say(view, title)}</h1>
    <p class="hint">
      ${say(view, MAINTENANCE_NAMES[status])} · ${view.calendar.moment(scheduledFor)} – ${view.calendar.near(scheduledUntil, scheduledFor)}
    </p>
    !${faultsBox(view, faults)}!${act}
    <section>
      <h2>${say(view, { ko: '경과', en: 'Updates' })}</h2>
      <div class="card">
        <ul class="rows">
          !${rows.join('')}
        </ul>
      </div>
    </section>`
}
