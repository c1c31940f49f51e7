import { html } from 'ghtml'
import type { Text } from '../vocabulary/incident.ts'
import { say, section } from '../publish/view.ts'
import { faultsBox, form, button, lever, line, rows, type OperatorView } from './fields.ts'
import { OPERATOR_BOUNDS, ROLES, type Managed, type Operator, type Role } from './operator-store.ts'
import { passkeyForm } from './page-sign-in.ts'

export const ROLE_NAMES: Readonly<Record<Role, Text>> = {
  speaker: { ko: '알리는 사람', en: 'Speaker' },
  keeper: { ko: '관리하는 사람', en: 'Keeper' },
}

export const MANAGE_FAULTS: Readonly<Record<Exclude<Managed, 'done'>, Text>> = {
  unknown: { ko: '그런 담당자는 없습니다.', en: 'There is no such operator.' },
  last: { ko: '관리하는 사람이 하나는 있어야 합니다.', en: 'There must be at least one keeper.' },
}

export interface PeoplePage {
  readonly operators: readonly Operator[]
  /** Number of the reader's own passkeys. */
  readonly passkeys: number
  /** A link that was just made, to be handed on. */
  readonly link: string | null
  readonly faults: readonly Text[]
}

/** Everybody sees who the operators are and manages the own passkeys. Keepers manage the rest. */
export function peoplePage(view: OperatorView, { operators, passkeys, link, faults }: PeoplePage): string {
  const keeper = view.role === 'keeper'
  const row = ({ name, role, createdAt }: Operator): string => {
    const path = `/operator/people/${encodeURIComponent(name)}`
    const other = role === 'keeper' ? 'speaker' : 'keeper'
    const levers = html`<div class="actions">
      !${lever(view, `${path}/link`, { ko: '새 비밀번호 링크', en: 'New password link' })}!${lever(view, `${path}/${other}`, { ko: `${ROLE_NAMES[other].ko}으로`, en: `Make ${ROLE_NAMES[other].en.toLowerCase()}` })}<a
        class="button quiet"
        href="${view.base}${path}/remove"
        >${say(view, { ko: '빼기', en: 'Remove' })}</a
      >
    </div>`
    return html`<div class="what"><b>${name}</b><small>${say(view, ROLE_NAMES[role])} · ${view.calendar.moment(createdAt)}</small></div>
      !${keeper ? levers : ''}`
  }
  const made =
    link === null
      ? ''
      : html`<div class="flash">
          <p>
            ${say(view, { ko: '이 링크를 그 사람에게 전하십시오. 24시간 안에 한 번 쓸 수 있습니다.', en: 'Hand this link on. It can be used once, within 24 hours.' })}
          </p>
          <p><code class="secret">${link}</code></p>
        </div>`
  const fields =
    line(
      { view, values: new URLSearchParams() },
      'name',
      { ko: '이름 (비우면 그 사람이 정합니다)', en: 'Name (empty: the person chooses it)' },
      OPERATOR_BOUNDS.nameCodePointsMax,
    ) +
    html`<div>
      <label for="role">${say(view, { ko: '할 일', en: 'Role' })}</label
      ><select id="role" name="role">
        !${ROLES.map((role) => html`<option value="${role}">${say(view, ROLE_NAMES[role])}</option>`).join('')}
      </select>
    </div>` +
    button(say(view, { ko: '링크 만들기', en: 'Make a link' }))
  return html`<h1>${say(view, { ko: '담당자', en: 'Operators' })}</h1>
    !${faultsBox(view, faults)}!${made}
    <section><div class="card">!${rows(operators.map(row))}</div></section>
    !${keeper ? section(view, { ko: '더하기', en: 'Add one' }, html`<div class="card">!${form(view, '/operator/people', fields)}</div>`) : ''}
    <section>
      <h2>${say(view, { ko: '나의 패스키', en: 'My passkeys' })}</h2>
      <div class="card">
        <p>${say(view, { ko: `패스키 ${passkeys}개`, en: passkeys === 1 ? '1 passkey' : `${passkeys} passkeys` })}</p>
        !${passkeyForm(view.language, view.base, '/operator/passkeys', 'make', view.formToken, { ko: '이 기기에 패스키 만들기', en: 'Make a passkey on this device' })}
        !${passkeys === 0 ? '' : lever(view, '/operator/passkeys/remove', { ko: '내 패스키 모두 지우기', en: 'Remove all my passkeys' })}
      </div>
    </section>`
}
