import { html } from 'ghtml'
import type { Text } from '../vocabulary/incident.ts'
import type { Language } from '../vocabulary/numbers.ts'

/** Result that is shown after an action. */
export type Word = 'asked' | 'no-address' | 'too-many' | 'full' | 'off' | 'confirmed' | 'left' | 'dead-link' | 'no-leave' | 'unavailable' | 'too-much'

interface Answer {
  readonly status: number
  readonly title: Text
  readonly words: Text
}

/** What the links in mails lead to: a page with one button. */
export interface Link {
  readonly title: Text
  readonly words: Text
  readonly button: Text
}

export const CONFIRM: Link = {
  title: { ko: '소식 받기 확인', en: 'Confirm' },
  words: { ko: '이 주소로 장애와 점검 소식을 받으시겠습니까?', en: 'Do you want notices of outages and maintenance at this address?' },
  button: { ko: '네, 받겠습니다', en: 'Yes, tell me' },
}

export const LEAVE: Link = {
  title: { ko: '그만 받기', en: 'Unsubscribe' },
  words: { ko: '더는 소식을 보내지 않고, 주소를 지웁니다.', en: 'We stop sending mails and delete your address.' },
  button: { ko: '그만 받기', en: 'Stop' },
}

export const WORDS: Readonly<Record<Word, Answer>> = {
  asked: {
    status: 202,
    title: { ko: '메일을 확인해 주십시오', en: 'Check your mail' },
    words: {
      ko: '적어 주신 주소로 메일을 보냅니다. 메일의 링크를 열고 버튼을 누르시면 소식을 받게 됩니다. 몇 분이 지나도 오지 않으면 스팸함을 확인해 주십시오.',
      en: 'We have sent a mail to that address. Open its link and press the button to confirm. If the mail does not arrive within minutes, check your spam folder.',
    },
  },
  'no-address': {
    status: 400,
    title: { ko: '이메일 주소를 다시 살펴 주십시오', en: 'Please check the address' },
    words: { ko: '이 주소로는 메일을 보낼 수 없습니다.', en: 'This is not an address that mail can be sent to.' },
  },
  'too-many': {
    status: 429,
    title: { ko: '잠시 뒤에 다시 해 주십시오', en: 'Please try again later' },
    words: { ko: '한 시간에 신청할 수 있는 횟수를 넘었습니다.', en: 'There were too many requests from your network within an hour.' },
  },
  full: {
    status: 503,
    title: { ko: '지금은 신청을 받을 수 없습니다', en: 'No new subscriptions right now' },
    words: {
      ko: '신청이 너무 많습니다. 내일 다시 해 주시거나, Atom·RSS로 받아 주십시오.',
      en: 'There are too many requests. Please try again tomorrow, or follow by Atom or RSS.',
    },
  },
  off: {
    status: 404,
    title: { ko: '이메일 소식은 꺼져 있습니다', en: 'There are no e-mail notices here' },
    words: { ko: 'Atom이나 RSS로는 받으실 수 있습니다.', en: 'You can follow by Atom or RSS.' },
  },
  confirmed: {
    status: 200,
    title: { ko: '이제 소식을 받습니다', en: 'You are subscribed' },
    words: {
      ko: '장애가 나거나 점검이 잡히면 메일로 알려 드립니다. 모든 메일에 그만 받는 주소가 있습니다.',
      en: 'We send a mail when something fails or maintenance is planned. Every mail has a link to unsubscribe.',
    },
  },
  left: {
    status: 200,
    title: { ko: '더는 보내지 않습니다', en: 'You are unsubscribed' },
    words: { ko: '이메일 주소를 지웠습니다.', en: 'Your address has been deleted.' },
  },
  'dead-link': {
    status: 404,
    title: { ko: '쓸 수 없는 주소입니다', en: 'This link does not work' },
    words: {
      ko: '주소가 잘렸거나 24시간이 지났습니다. 받고 싶으시면 다시 신청해 주십시오.',
      en: 'It is incomplete, or older than 24 hours. To subscribe, please enter your address again.',
    },
  },
  // These links do not expire, so a bad one was cut off or forged.
  'no-leave': {
    status: 404,
    title: { ko: '쓸 수 없는 주소입니다', en: 'This link does not work' },
    words: {
      ko: '주소가 잘린 것 같습니다. 메일에 있는 주소를 처음부터 끝까지 열어 주십시오.',
      en: 'It seems to be incomplete. Please open the whole link from the mail.',
    },
  },
  unavailable: {
    status: 503,
    title: { ko: '지금은 저장할 수 없습니다', en: 'Nothing can be saved right now' },
    words: { ko: '바뀐 것은 없습니다. 잠시 뒤에 다시 해 주십시오.', en: 'Nothing has changed. Please try again in a while.' },
  },
  'too-much': {
    status: 400,
    title: { ko: '읽을 수 없는 요청입니다', en: 'This request cannot be read' },
    words: { ko: '바뀐 것은 없습니다.', en: 'Nothing has changed.' },
  },
}

export function wordPage(word: Word, language: Language, base: string): string {
  const { title, words } = WORDS[word]
  const now = { ko: { path: '/', words: '지금 상태 보기' }, en: { path: '/en/', words: 'Open the status page' } }[language]
  return html`<section class="card narrow">
    <h1>${title[language]}</h1>
    <p>${words[language]}</p>
    <p class="more"><a href="${base}${now.path}">${now.words}</a></p>
  </section>`
}

export function linkPage({ title, words, button }: Link, language: Language, action: string): string {
  return html`<section class="card narrow">
    <h1>${title[language]}</h1>
    <p>${words[language]}</p>
    <form method="post" action="${action}"><button type="submit">${button[language]}</button></form>
  </section>`
}
