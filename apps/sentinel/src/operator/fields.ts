import { html } from 'ghtml'
import { formatTime } from '../cli/times.ts'
import type { Text } from '../incident/incident.ts'
import type { Calendar, Language } from '../publish/numbers.ts'

/** A page of the operator, during rendering. */
export interface OperatorView {
  readonly language: Language
  readonly base: string
  /** Name of the signed-in operator. */
  readonly operator: string
  readonly formToken: string
  readonly calendar: Calendar
  readonly timeZone: string
  readonly now: number
  /** The text of a refused form, so that nothing is lost. Null on a fresh page. */
  readonly typed: URLSearchParams | null
}

export function say({ language }: Pick<OperatorView, 'language'>, text: Text): string {
  return text[language]
}

/** A form that only this session can send. */
export function form(view: OperatorView, path: string, body: string, kind = ''): string {
  return html`<form method="post" action="${view.base}${path}" class="${kind}">
    <input type="hidden" name="token" value="${view.formToken}" />!${body}
  </form>`
}

export function button(label: string, quiet = false): string {
  return html`<button type="submit" class="${quiet ? 'quiet' : ''}">${label}</button>`
}

interface Field {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly value?: string
  /** Prefix of the id, for pages with the same field twice. */
  readonly within?: string
}

export function line(view: OperatorView, field: Field & { readonly max: number; readonly type?: string; readonly lang?: Language }): string {
  return html`<div>
    !${labelOf(field)}<input
      id="${idOf(field)}"
      name="${field.name}"
      type="${field.type ?? 'text'}"
      maxlength="${field.max}"
      value="${valueOf(view, field)}"
      !${field.lang === undefined ? '' : html`lang="${field.lang}"`}
    />
  </div>`
}

export function area(view: OperatorView, field: Field & { readonly max: number; readonly lang: Language }): string {
  // HTML drops one line break after the tag. Without this one, a text that begins with a line break would lose it.
  return `<div>${labelOf(field)}${html`<textarea id="${idOf(field)}" name="${field.name}" maxlength="${field.max}" lang="${field.lang}">`}\n${html`${valueOf(view, field)}`}</textarea></div>`
}

/** One text in both languages. */
export function both(
  view: OperatorView,
  kind: 'line' | 'area',
  field: Omit<Field, 'value'> & { readonly max: number; readonly value?: Text },
): string {
  const one = (lang: Language): string => {
    const label = `${field.label} (${lang === 'ko' ? '한국어' : 'English'})`
    const value = field.value === undefined ? {} : { value: field.value[lang] }
    const each = { ...field, ...value, name: `${field.name}-${lang}`, label, lang } as Field & { max: number; lang: Language }
    return kind === 'line' ? line(view, each) : area(view, each)
  }
  const [first, second]: readonly [Language, Language] = view.language === 'ko' ? ['ko', 'en'] : ['en', 'ko']
  return html`<div class="pair">!${one(first)}!${one(second)}</div>`
}

export function choice(view: OperatorView, field: Field & { readonly options: readonly (readonly [string, string])[] }): string {
  const value = valueOf(view, field)
  const options = field.options.map(([word, name]) => html`<option value="${word}" !${word === value ? 'selected' : ''}>${name}</option>`)
  return html`<div>
    !${labelOf(field)}<select id="${idOf(field)}" name="${field.name}">
      !${options.join('')}
    </select>
  </div>`
}

export function check(
  view: OperatorView,
  field: { readonly name: string; readonly value: string; readonly label: string; readonly on: boolean },
): string {
  const on = view.typed === null ? field.on : view.typed.getAll(field.name).includes(field.value)
  return html`<label class="check"
    ><input type="checkbox" name="${field.name}" value="${field.value}" !${on ? 'checked' : ''} /> ${field.label}</label
  >`
}

/** A time in the time zone of the page, to the second. Empty means unchanged, or now. */
export function moment(view: OperatorView, field: Omit<Field, 'value'> & { readonly at: number | null }): string {
  const value = field.at === null ? '' : formatTime(field.at, view.timeZone)
  const hint = field.hint ?? say(view, { ko: '10:54 또는 2026-11-22 10:54', en: '10:54 or 2026-11-22 10:54' })
  return line(view, { ...field, hint, value, max: 40 })
}

export function faultsBox(view: OperatorView, faults: readonly string[]): string {
  if (faults.length === 0) return ''
  return html`<div class="flash wrong" role="alert">
    <b>${say(view, { ko: '아직 보내지 않았습니다.', en: 'Nothing was sent yet.' })}</b>
    <ul>
      !${faults.map((fault) => html`<li>${fault}</li>`).join('')}
    </ul>
  </div>`
}

function labelOf(field: Field): string {
  const hint = field.hint === undefined ? '' : html` <small>${field.hint}</small>`
  return html`<label for="${idOf(field)}">${field.label}!${hint}</label>`
}

function idOf({ name, within }: Field): string {
  return within === undefined ? name : `${within}-${name}`
}

function valueOf(view: OperatorView, { name, value }: Field): string {
  return view.typed?.get(name) ?? value ?? ''
}
