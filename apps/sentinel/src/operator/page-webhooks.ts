import { html } from 'ghtml'
import type { Text } from '../vocabulary/incident.ts'
import { TARGET_BOUNDS, type Added } from '../notify/webhook-target.ts'
import type { Webhook } from '../notify/webhook-store.ts'
import { say } from '../publish/view.ts'
import { button, faultsBox, form, lever, line, rows, type OperatorView } from './fields.ts'

export const ADD_FAULTS: Readonly<Record<Extract<Added, { fault: string }>['fault'], Text>> = {
  'not-an-address': { ko: '주소가 아닙니다.', en: 'This is not an address.' },
  'too-long': { ko: '주소가 너무 깁니다.', en: 'The address is too long.' },
  'not-https': { ko: 'https 주소만 쓸 수 있습니다.', en: 'Only https addresses can be used.' },
  'holds-a-password': { ko: '주소에 이름이나 비밀번호를 넣을 수 없습니다.', en: 'The address must not contain a user name or a password.' },
  private: { ko: '사설 주소로는 보내지 않습니다.', en: 'Private addresses cannot be used.' },
  known: { ko: '이미 있는 주소입니다.', en: 'This address is already in the list.' },
  'no-room': { ko: '더 둘 수 없습니다.', en: 'The list is full.' },
}

export function webhooksPage(view: OperatorView, webhooks: readonly Webhook[], faults: readonly Text[], typed: string): string {
  const empty = html`<p>${say(view, { ko: '없습니다.', en: 'None.' })}</p>`
  return html`<h1>${say(view, { ko: '웹훅', en: 'Webhooks' })}</h1>
    !${faultsBox(view, faults)}
    <section>
      <div class="card">!${webhooks.length === 0 ? empty : rows(webhooks.map((webhook) => row(view, webhook)))}</div>
    </section>
    <section>
      <h2>${say(view, { ko: '더하기', en: 'Add one' })}</h2>
      <div class="card">
        <p class="hint">
          ${say(view, {
            ko: 'Statuspage와 같은 모양의 JSON을 보냅니다. 서명을 확인하는 비밀은 더할 때 한 번만 보여 드립니다.',
            en: 'It is sent JSON in the shape of Statuspage. The secret to check signatures with is shown once, when it is added.',
          })}
        </p>
        !${form(
          view,
          '/operator/webhooks',
          line({ view, values: new URLSearchParams({ url: typed }) }, 'url', { ko: '주소', en: 'Address' }, TARGET_BOUNDS.urlCharsMax, 'url') +
            button(say(view, { ko: '더하기', en: 'Add' })),
        )}
      </div>
    </section>`
}

function row(view: OperatorView, webhook: Webhook): string {
  const { id, url, addedAt, addedBy, toldAt, disabledAt, note } = webhook
  const { calendar } = view
  const facts = [
    say(view, { ko: `${calendar.moment(addedAt)} ${addedBy}`, en: `added ${calendar.moment(addedAt)} by ${addedBy}` }),
    toldAt === null
      ? say(view, { ko: '아직 보낸 것 없음', en: 'nothing sent yet' })
      : say(view, { ko: `마지막으로 보냄 ${calendar.moment(toldAt)}`, en: `last sent ${calendar.moment(toldAt)}` }),
  ]
  const trouble = note === null ? '' : html`<small><b>${callFault(view, note)}</b></small>`
  const off =
    disabledAt === null
      ? ''
      : html`<small
          ><b
            >${say(view, { ko: `사흘 동안 실패해 ${calendar.moment(disabledAt)}에 껐습니다.`, en: `Switched off ${calendar.moment(disabledAt)} after failing for three days.` })}</b
          ></small
        >`
  return html`<div class="what">${url}<small>${facts.join(' · ')}</small>!${trouble}!${off}</div>
    <div class="actions">
      !${disabledAt === null ? '' : lever(view, `/operator/webhooks/${id}/enable`, { ko: '다시 켜기', en: 'Switch on' })}<a
        class="button quiet"
        href="${view.base}/operator/webhooks/${id}/remove"
        >${say(view, { ko: '지우기', en: 'Remove' })}</a
      >
    </div>`
}

/** The only time the secret is shown. */
export function secretPage(view: OperatorView, url: string, secret: string): string {
  return html`<h1>${say(view, { ko: '웹훅을 더했습니다', en: 'The webhook is added' })}</h1>
    <section class="card">
      <p>${url}</p>
      <p>
        ${say(view, {
          ko: '아래 비밀을 받는 쪽에 옮겨 두십시오. 다시 볼 수 없습니다. 잃어버리면 웹훅을 지우고 다시 더하십시오.',
          en: 'Copy this secret to the receiver. It cannot be seen again; if it is lost, remove the webhook and add it anew.',
        })}
      </p>
      <p><code class="secret">${secret}</code></p>
      <p class="hint">Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature</p>
      <p class="actions"><a class="button quiet" href="${view.base}/operator/webhooks">${say(view, { ko: '돌아가기', en: 'Back' })}</a></p>
    </section>`
}

/** By the first part of a code of the sender, see CallFault. */
const CALL_FAULTS: Readonly<Record<string, (detail: string) => Text>> = {
  status: (detail) => ({ ko: `${detail}로 답했습니다`, en: `answered ${detail}` }),
  slow: () => ({ ko: '5초 안에 답하지 않았습니다', en: 'did not answer within 5 s' }),
  private: () => ({ ko: '사설 주소로 이어집니다', en: 'resolves to a private address' }),
  headers: () => ({ ko: '답의 머리가 너무 깁니다', en: 'the header of the answer is too long' }),
  network: (detail) => ({ ko: `닿지 않습니다 (${detail})`, en: `is unreachable (${detail})` }),
}

function callFault(view: OperatorView, code: string): string {
  const [kind = '', detail = ''] = code.split(':')
  // Else a rule about addresses that has changed since the webhook was added.
  const words = CALL_FAULTS[kind]?.(detail) ?? (code in ADD_FAULTS ? ADD_FAULTS[code as keyof typeof ADD_FAULTS] : null)
  return words === null ? code : say(view, words)
}
