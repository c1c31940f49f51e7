import { html } from 'ghtml'
import type { Text } from '../vocabulary/incident.ts'
import type { Language } from '../vocabulary/numbers.ts'
import { OPERATOR_BOUNDS } from './operator-store.ts'
import { PASSWORD_BOUNDS } from './passwords.ts'

const WORDS = {
  refused: { ko: '이름이나 비밀번호가 맞지 않습니다.', en: 'The name or the password is wrong.' },
  'no-passkey': { ko: '이 패스키는 여기에 등록되어 있지 않습니다.', en: 'This passkey is not known here.' },
  wait: { ko: '틀린 시도가 너무 많았습니다. 잠시 뒤에 다시 해 주십시오.', en: 'There were too many failed attempts. Please wait a while.' },
  busy: { ko: '지금은 바쁩니다. 곧 다시 해 주십시오.', en: 'The server is busy. Please try again in a moment.' },
  foreign: {
    ko: '이 페이지에서 보낸 것이 아닙니다. 여기서 다시 해 주십시오.',
    en: 'The form was not sent from this page. Please send it again from here.',
  },
  'signed-out': { ko: '로그아웃했습니다.', en: 'You are signed out.' },
  'needs-tls': {
    ko: '이 주소는 암호화되지 않아 로그인할 수 없습니다. https로 열거나, 이 기계에서 여십시오.',
    en: 'The connection is not encrypted, so nobody can sign in. Open the page by https, or on the machine itself.',
  },
  set: { ko: '비밀번호를 정했습니다. 이제 로그인하십시오.', en: 'The password is set. Now sign in.' },
  dead: { ko: '이 주소는 이미 쓰였거나 24시간이 지났습니다.', en: 'This link has already been used, or is older than 24 hours.' },
  taken: { ko: '이미 있는 이름입니다.', en: 'This name is already in use.' },
  full: { ko: '담당자를 더 둘 수 없습니다.', en: 'The number of operators is at its limit.' },
  name: {
    ko: `이름은 1자에서 ${OPERATOR_BOUNDS.nameCodePointsMax}자까지입니다.`,
    en: `The name must have 1 to ${OPERATOR_BOUNDS.nameCodePointsMax} characters.`,
  },
  password: {
    ko: `비밀번호는 ${PASSWORD_BOUNDS.codePointsMin}자에서 ${PASSWORD_BOUNDS.codePointsMax}자까지입니다.`,
    en: `The password must have ${PASSWORD_BOUNDS.codePointsMin} to ${PASSWORD_BOUNDS.codePointsMax} characters.`,
  },
} as const satisfies Readonly<Record<string, Text>>

export type SignInWord = keyof typeof WORDS

/** Results that are good news. The others are problems. */
const GOOD: readonly SignInWord[] = ['signed-out', 'set']

export function signInPage(language: Language, base: string, word: SignInWord | null, name: string): string {
  const say = (text: Text): string => text[language]
  return html`<section class="card narrow">
    <h1>${say({ ko: '담당자 로그인', en: 'Operator' })}</h1>
    !${flash(language, word)}
    <form method="post" action="${base}/operator/sign-in">
      <label for="name">${say({ ko: '이름', en: 'Name' })}</label>
      <input id="name" name="name" required autocomplete="username" maxlength="${OPERATOR_BOUNDS.nameCodePointsMax}" value="${name}" />
      <label for="password">${say({ ko: '비밀번호', en: 'Password' })}</label>
      <input id="password" name="password" type="password" required autocomplete="current-password" maxlength="1024" />
      <button type="submit">${say({ ko: '로그인', en: 'Sign in' })}</button>
    </form>
    !${passkeyForm(language, base, '/operator/sign-in/passkey', 'use', '', { ko: '패스키로 로그인', en: 'Sign in with a passkey' })}
    <p class="hint">
      ${say({
        ko: '비밀번호를 잊으셨다면 이 페이지가 도는 기계에서 npx bongsu operator add 로 새 주소를 만드십시오. 로그인할 수 없어도 npx bongsu incident 로 알릴 수 있습니다.',
        en: 'Lost the password? On the machine that runs this page, npx bongsu operator add makes a new link. Without signing in, npx bongsu incident speaks as well.',
      })}
    </p>
  </section>`
}

/** @param name the operator of the link; null when the person who opened it chooses. */
export function setUpPage(language: Language, base: string, token: string, name: string | null, typed: string, word: SignInWord | null): string {
  const say = (text: Text): string => text[language]
  const who =
    name === null
      ? html`<label for="name"
            >${say({ ko: '이름', en: 'Name' })} <small>${say({ ko: '알린 글 아래 공개됩니다', en: 'public, beneath what you say' })}</small></label
          >
          <input id="name" name="name" required autocomplete="username" maxlength="${OPERATOR_BOUNDS.nameCodePointsMax}" value="${typed}" />`
      : html`<input name="name" type="hidden" autocomplete="username" value="${name}" />`
  const title =
    name === null ? { ko: '담당자 만들기', en: 'Create the operator account' } : { ko: `${name}: 비밀번호 정하기`, en: `${name}: set the password` }
  return html`<section class="card narrow">
    <h1>${say(title)}</h1>
    !${flash(language, word)}
    <form method="post" action="${base}/operator/set-up">
      <input type="hidden" name="link" value="${token}" />
      !${who}
      <label for="password"
        >${say({ ko: '비밀번호', en: 'Password' })}
        <small>${say({ ko: `${PASSWORD_BOUNDS.codePointsMin}자 이상`, en: `at least ${PASSWORD_BOUNDS.codePointsMin} characters` })}</small></label
      >
      <input
        id="password"
        name="password"
        type="password"
        required
        autocomplete="new-password"
        minlength="${PASSWORD_BOUNDS.codePointsMin}"
        maxlength="1024"
      />
      <button type="submit">${say({ ko: '정하기', en: 'Set' })}</button>
    </form>
  </section>`
}

function flash(language: Language, word: SignInWord | null): string {
  if (word === null) return ''
  return html`<div class="flash ${GOOD.includes(word) ? '' : 'wrong'}" role="alert">${WORDS[word][language]}</div>`
}

/** Shown by its script only where the browser knows passkeys. */
export function passkeyForm(language: Language, base: string, path: string, act: 'use' | 'make', token: string, label: Text): string {
  const failed = {
    ko: '패스키를 쓰지 못했습니다. 다시 하거나 비밀번호를 쓰십시오.',
    en: 'The passkey could not be used. Try again, or use the password.',
  }
  return html`<form hidden method="post" action="${base}${path}" data-passkey="${act}" data-options="${base}${path}/options">
      <input type="hidden" name="token" value="${token}" /><input type="hidden" name="answer" value="" />
      <button type="submit" class="quiet">${label[language]}</button>
      <p class="flash wrong" role="alert" hidden>${failed[language]}</p>
    </form>
    <script src="${base}/operator/passkey.js" defer></script>`
}
