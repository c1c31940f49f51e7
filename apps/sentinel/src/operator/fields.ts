import { html } from 'ghtml'
import { FIELDS, type Act, type FieldName } from '../acts/acts.ts'
import { SAYABLE, UNCHANGED } from '../acts/typed.ts'
import { IMPACTS, type Condition, type Text } from '../vocabulary/incident.ts'
import { TEXT_BOUNDS } from '../incident/updates.ts'
import type { Calendar, Language } from '../vocabulary/numbers.ts'
import { say } from '../publish/view.ts'
import { COMPONENT_NAMES, CONDITION_NAMES, IMPACT_NAMES, MAINTENANCE_NAMES, STATUS_NAMES } from '../vocabulary/words.ts'
import { COMPONENTS } from '../vocabulary/observation.ts'
import type { Role } from './operator-store.ts'

/** A page of the operator, during rendering. */
export interface OperatorView {
  readonly language: Language
  readonly base: string
  readonly operator: string
  readonly role: Role
  readonly formToken: string
  readonly calendar: Calendar
  readonly timeZone: string
  readonly now: number
}

/** A form that only this session can send. */
export function form(view: OperatorView, path: string, body: string, kind = ''): string {
  return html`<form method="post" action="${view.base}${path}" class="${kind}">
    <input type="hidden" name="token" value="${view.formToken}" />!${body}
  </form>`
}

export function button(label: string, quiet = false, name = ''): string {
  return html`<button type="submit" class="${quiet ? 'quiet' : ''}" name="${name === '' ? 'send' : name}" value="yes">${label}</button>`
}

/** One button that does one thing. */
export function lever(view: OperatorView, path: string, label: Text): string {
  return form(view, path, button(say(view, label), true), 'plain')
}

export function details(summary: string, body: string, open = false): string {
  return html`<details ${open ? 'open' : ''}>
    <summary>${summary}</summary>
    !${body}
  </details>`
}

/** A time taken from the evidence, with where it comes from. */
export interface Chip {
  readonly at: number
  readonly label: Text
}

interface Filled {
  readonly view: OperatorView
  /** What stands in the fields: what was typed, or what is proposed. */
  readonly values: URLSearchParams
  /** Times to choose from instead of typing. */
  readonly chips: Partial<Record<FieldName, readonly Chip[]>>
}

export function line({ view, values }: Pick<Filled, 'view' | 'values'>, name: string, label: Text, max: number, kind = 'text'): string {
  return html`<div>
    <label for="${name}">${say(view, label)}</label
    ><input id="${name}" name="${name}" type="${kind}" maxlength="${max}" value="${values.get(name) ?? ''}" />
  </div>`
}

/** One text in both languages: that of the writer at once, the other one folded away. */
function both(filled: Filled, name: 'title' | 'body' | 'why'): string {
  const { view, values } = filled
  const one = (lang: Language): string => {
    const [id, label, value] = [
      `${name}-${lang}`,
      `${say(view, FIELDS[name].label)} · ${lang === 'ko' ? '한국어' : 'English'}`,
      values.get(`${name}-${lang}`) ?? '',
    ]
    if (name === 'title')
      return html`<label for="${id}">${label}</label
        ><input id="${id}" name="${id}" lang="${lang}" maxlength="${TEXT_BOUNDS.titleCodePointsMax}" value="${value}" />`
    // HTML drops one line break after the tag. Without this one, a text that begins with a line break would lose it.
    return `${html`<label for="${id}">${label}</label><textarea id="${id}" name="${id}" maxlength="${TEXT_BOUNDS.bodyCodePointsMax}" lang="${lang}" rows="5">`}\n${html`${value}`}</textarea>`
  }
  const [first, second]: readonly [Language, Language] = view.language === 'ko' ? ['ko', 'en'] : ['en', 'ko']
  const other =
    second === 'en' ? { ko: 'English · 비우면 한국어 글이 실립니다', en: '' } : { ko: '', en: '한국어 · if empty, the English text is shown' }
  return html`<div>!${one(first)}!${details(say(view, other), one(second))}</div>`
}

function choices({ view, values }: Filled, name: string, legend: Text, options: readonly (readonly [string, Text])[], fallback: string): string {
  const chosen = values.get(name) ?? fallback
  const radios = options.map(
    ([value, label]) =>
      html`<label
        ><input type="radio" name="${name}" value="${value}" !${value === chosen ? 'checked' : ''} /><span>${say(view, label)}</span></label
      >`,
  )
  return html`<fieldset class="ladder">
    <legend>${say(view, legend)}</legend>
    <div>!${radios.join('')}</div>
  </fieldset>`
}

function hits({ view, values }: Filled): string {
  const typed = values.getAll('component')
  const selects = COMPONENTS.map((component) => {
    const now = typed.find((each) => each.startsWith(`${component}=`)) ?? `${component}=operational`
    const says = (condition: Condition): boolean => now === `${component}=${condition}` || now.startsWith(`${component}=${condition}:`)
    const options = SAYABLE.map((condition) => {
      const label = condition === 'operational' ? { ko: '관측대로', en: 'As measured' } : CONDITION_NAMES[condition]
      return html`<option value="${says(condition) ? now : `${component}=${condition}`}" !${says(condition) ? 'selected' : ''}>
        ${say(view, label)}
      </option>`
    })
    if (!SAYABLE.some(says))
      options.unshift(html`<option value="${component}=${UNCHANGED}" selected>${say(view, { ko: '그대로', en: 'Unchanged' })}</option>`)
    return html`<div>
      <label for="hit-${component}">${say(view, COMPONENT_NAMES[component])}</label
      ><select id="hit-${component}" name="component">
        !${options.join('')}
      </select>
    </div>`
  })
  return html`<fieldset>
    <legend>${say(view, FIELDS.component.label)}</legend>
    <p class="hint">${say(view, { ko: '사람이 정한 것은 풀 때까지 그대로입니다.', en: 'What a person sets stands until it is lifted.' })}</p>
    <div class="trio">!${selects.join('')}</div>
  </fieldset>`
}

function parts({ view, values }: Filled): string {
  const boxes = COMPONENTS.map(
    (component) =>
      html`<label class="check"
        ><input type="checkbox" name="component" value="${component}" !${values.getAll('component').includes(component) ? 'checked' : ''} />
        ${say(view, COMPONENT_NAMES[component])}</label
      >`,
  )
  return html`<fieldset>
    <legend>${say(view, FIELDS.component.label)}</legend>
    !${boxes.join('')}
  </fieldset>`
}

function time(filled: Filled, name: FieldName): string {
  const chips = filled.chips[name]
  if (chips === undefined)
    return line(filled, name, withHint(FIELDS[name].label, { ko: '10:54 또는 2026-11-22 10:54', en: '10:54 or 2026-11-22 10:54' }), 40)
  const { calendar, now } = filled.view
  const options = chips.map((chip) => {
    const value = chipValue(chip, now)
    const clock = value === 'now' ? '' : ` · ${calendar.exact(chip.at)}`
    return [value, { ko: chip.label.ko + clock, en: chip.label.en + clock }] as const
  })
  return choices(filled, name, FIELDS[name].label, options, options[0]?.[0] ?? 'now')
}

/** The present moment stays the present until the form is sent. */
export function chipValue({ at }: Pick<Chip, 'at'>, now: number): string {
  return Math.abs(now - at) < 1_000 ? 'now' : new Date(at).toISOString()
}

function withHint(label: Text, hint: Text): Text {
  return { ko: `${label.ko} (${hint.ko})`, en: `${label.en} (${hint.en})` }
}

function field(act: Act, filled: Filled, name: FieldName): string {
  switch (name) {
    case 'title':
    case 'body':
    case 'why':
      return both(filled, name)
    case 'component':
      return act.area === 'incident' ? hits(filled) : parts(filled)
    case 'status': {
      // Only resolving ends an incident, and what is over stays over.
      const over = ['resolved', 'postmortem']
      const words = Object.entries(act.area === 'incident' ? STATUS_NAMES : MAINTENANCE_NAMES)
      const isOver = over.includes(filled.values.get('status') ?? '')
      return choices(
        filled,
        'status',
        FIELDS.status.label,
        words.filter(([word]) => over.includes(word) === isOver),
        '',
      )
    }
    case 'impact':
      return choices(
        filled,
        'impact',
        FIELDS.impact.label,
        [['', { ko: '구성 요소대로', en: 'By the components' }], ...IMPACTS.map((impact) => [impact, IMPACT_NAMES[impact]] as const)],
        '',
      )
    case 'share':
      return line(filled, 'share', withHint(FIELDS.share.label, { ko: '8%처럼, 모르면 비움', en: 'such as 8%; empty: not known' }), 10)
    default:
      return time(filled, name)
  }
}

/** The form of an act: what it needs at once, the rest folded away. */
export function actForm(view: OperatorView, act: Act, path: string, values: URLSearchParams, chips: Filled['chips'], seen: number | null): string {
  const filled: Filled = { view, values, chips }
  const told = values.has('notify') ? values.get('notify') === 'yes' : act.tells
  const rest = act.form.more.map((name) => field(act, filled, name)).join('')
  const typedRest = act.form.more.some((name) => FIELDS[name].flags.some((flag) => values.has(flag) && values.has('token')))
  return form(
    view,
    path,
    [
      seen === null ? '' : html`<input type="hidden" name="seen" value="${seen}" />`,
      ...act.form.main.map((name) => field(act, filled, name)),
      rest === '' ? '' : details(say(view, { ko: '더 정하기', en: 'More' }), rest, typedRest || act.name === 'correct'),
      html`<label class="check"
          ><input type="checkbox" name="notify" value="yes" !${told ? 'checked' : ''} />
          ${say(view, { ko: '구독자에게 알리기', en: 'Tell subscribers' })}</label
        ><input type="hidden" name="notify" value="no" />`,
      html`<div class="actions">!${button(say(view, act.button))}!${button(say(view, { ko: '미리 보기', en: 'Preview' }), true, 'preview')}</div>
        <p class="hint">${say(view, LATER)}</p>`,
    ].join(''),
    'act',
  )
}

const LATER: Text = {
  ko: '누르면 10초 뒤에 나갑니다. 그 안에는 거둘 수 있고, 나간 뒤에는 지우지 못하고 바로잡을 수만 있습니다.',
  en: 'It goes out 10 seconds later. Until then it can be taken back; after that it cannot be deleted, only corrected.',
}

export function faultsBox(view: OperatorView, faults: readonly Text[]): string {
  if (faults.length === 0) return ''
  return html`<div class="flash wrong" role="alert">
    <b>${say(view, { ko: '아직 보내지 않았습니다.', en: 'Nothing was sent yet.' })}</b>
    <ul>
      !${faults.map((fault) => html`<li>${say(view, fault)}</li>`).join('')}
    </ul>
  </div>`
}

export function rows(items: readonly string[]): string {
  return html`<ul class="rows">
    !${items.map((item) => html`<li>!${item}</li>`).join('')}
  </ul>`
}

/** Asks before something is done that cannot be undone. */
export function askPage(view: OperatorView, path: string, back: string, title: Text, words: Text, yes: Text): string {
  return html`<section class="card narrow">
    <h1>${say(view, title)}</h1>
    <p>${say(view, words)}</p>
    !${form(view, path, button(say(view, yes)))}
    <p class="actions"><a class="button quiet" href="${view.base}${back}">${say(view, { ko: '그만두기', en: 'Cancel' })}</a></p>
  </section>`
}
