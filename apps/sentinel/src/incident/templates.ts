import type { Component, Profile } from '../record/observation.ts'
import type { Hit, IncidentUpdate, Share, Text } from './incident.ts'

// The sentinel's own statements, in plain words. Each has the four things that people and the law ask for: the fact, the cause, the state of the
// response, and a contact.

/** What the evidence suggests as a cause; never more than a suspicion. */
export type Suspicion = 'unknown' | 'server-gone' | 'server-restarted' | 'server-busy' | 'path-broken'

const CAUSES: Readonly<Record<Suspicion, Text>> = {
  unknown: { ko: '아직 밝혀지지 않았습니다.', en: 'Not yet known.' },
  'server-gone': {
    ko: '서버가 응답하지 않습니다. 그 까닭은 아직 밝혀지지 않았습니다.',
    en: 'The server does not answer. The reason is not yet known.',
  },
  'server-restarted': {
    ko: '서버가 다시 시작된 것으로 보입니다. 그 까닭은 아직 밝혀지지 않았습니다.',
    en: 'The server seems to have restarted. The reason is not yet known.',
  },
  'server-busy': { ko: '서버에 일이 몰린 것으로 보입니다(추정).', en: 'The server seems to be overloaded (suspected).' },
  'path-broken': {
    ko: '서버는 동작하고 있으나 이용자가 서버에 닿는 길에 문제가 있는 것으로 보입니다(추정).',
    en: 'The server is running, but the connection between users and the server seems to be broken (suspected).',
  },
}

/** The fact, in one or two sentences: what fails, for whom, and what still works. */
export function factOf(hits: readonly Hit[], well: readonly Component[]): Text {
  const hit = (component: Hit['component']): Hit | undefined => hits.find((each) => each.component === component)
  const failing = hits.filter(({ condition }) => FACTS[condition] !== undefined)
  const facts = failing.map((each) => factOfOne(each))
  const works: Text[] = []
  // Only components known to work are called working [S2].
  if (facts.length > 0 && well.includes('messaging')) works.push({ ko: '메시지는 정상으로 오갑니다.', en: 'Messages work as usual.' })
  if (hit('sign-in') !== undefined && well.includes('messaging') && well.includes('web'))
    works.push({ ko: '이미 로그인한 기기는 그대로 쓸 수 있습니다.', en: 'Signed-in devices work as before.' })
  return join([...facts, ...works])
}

/** A title: the fact without what still works. */
export function titleOf(hits: readonly Hit[]): Text {
  const worst = hits.find(({ component }) => component === 'messaging') ?? hits[0]
  if (worst === undefined) return { ko: '장애', en: 'Outage' }
  const { ko, en } = factOfOne(worst)
  return { ko: ko.replace(/\.$/, ''), en: en.replace(/\.$/, '') }
}

const FACTS: Readonly<Record<string, Readonly<Record<Hit['component'], Text>>>> = {
  major_outage: {
    messaging: { ko: '메시지를 주고받을 수 없습니다.', en: 'Messages cannot be sent or received.' },
    'sign-in': { ko: '로그인이 되지 않습니다.', en: 'Signing in does not work.' },
    web: { ko: '앱이 열리지 않습니다.', en: 'The app does not load.' },
  },
  partial_outage: {
    messaging: { ko: '일부 이용자가 메시지를 주고받지 못합니다.', en: 'Some people cannot send or receive messages.' },
    'sign-in': { ko: '로그인이 되지 않을 때가 있습니다.', en: 'Signing in fails for some people.' },
    web: { ko: '앱이 열리지 않을 때가 있습니다.', en: 'The app does not load for some people.' },
  },
  degraded_performance: {
    messaging: { ko: '메시지가 늦게 전달되거나 일부 이용자의 연결이 끊깁니다.', en: 'Messages are late, or a few people lose their connection.' },
    'sign-in': { ko: '로그인이 느리거나 가끔 실패합니다.', en: 'Signing in is slow, or fails now and then.' },
    web: { ko: '앱이 느리게 열립니다.', en: 'The app loads slowly.' },
  },
}

function factOfOne({ component, condition, profiles }: Hit): Text {
  const fact = FACTS[condition]?.[component] ?? { ko: '확인하고 있습니다.', en: 'We are looking into it.' }
  const place = profiles.length === 1 ? PLACES[profiles[0] as Profile] : null
  return place === null ? fact : { ko: `${place.ko} ${fact.ko}`, en: fact.en.replace(/\.$/, ` ${place.en}.`) }
}

const PLACES: Readonly<Record<Profile, Text>> = { pc: { ko: 'PC에서', en: 'on PCs' }, phone: { ko: '휴대전화에서', en: 'on phones' } }

export interface NoticeParts {
  readonly hits: readonly Hit[]
  /** Components that are known to work. */
  readonly well: readonly Component[]
  readonly share: Share | null
  readonly suspicion: Suspicion
  readonly startedAt: number
  readonly detectedAt: number
  /** Time of the statement. Times of another day are given with their date. */
  readonly saidAt: number
  readonly contact: string
  readonly timeZone: string
}

/** The first notice. */
export function openingBody(parts: NoticeParts): Text {
  const [began, seen] = [timeOf(parts.startedAt, parts), timeOf(parts.detectedAt, parts)]
  const fact = factOf(parts.hits, parts.well)
  return law({
    fact: {
      ko: `${fact.ko} ${began.ko}에 시작되었습니다.${shareText(parts.share).ko}`,
      en: `${fact.en} Since ${began.en}.${shareText(parts.share).en}`,
    },
    cause: CAUSES[parts.suspicion],
    response: {
      ko: `자동 관측이 ${seen.ko}에 알아챘습니다. 이미 쓴 메시지는 기기에 보관되며, 연결되면 이어서 전송됩니다.`,
      en: `Noticed by our own monitoring at ${seen.en}. Your messages stay on your device and are sent when the connection is back.`,
    },
    contact: parts.contact,
  })
}

/** The situation changed: worse, better, or other components are hit. */
export function changedBody(parts: NoticeParts): Text {
  const fact = factOf(parts.hits, parts.well)
  return law({
    fact: {
      ko: `상황이 바뀌었습니다. ${fact.ko}${shareText(parts.share).ko}`,
      en: `The situation has changed. ${fact.en}${shareText(parts.share).en}`,
    },
    cause: CAUSES[parts.suspicion],
    response: { ko: '계속 지켜보고 있습니다.', en: 'We keep watching.' },
    contact: parts.contact,
  })
}

/** A timely statement that nothing has changed. */
export function stillBody(parts: NoticeParts): Text {
  const fact = factOf(parts.hits, parts.well)
  const minutes = Math.round((parts.saidAt - parts.startedAt) / 60_000)
  return law({
    fact: {
      ko: `${minutes}분째 이어지고 있습니다. ${fact.ko}${shareText(parts.share).ko}`,
      en: `The incident has lasted ${minutes} minutes. ${fact.en}${shareText(parts.share).en}`,
    },
    cause: CAUSES[parts.suspicion],
    response: { ko: '새로 알게 된 것은 아직 없습니다. 계속 지켜보고 있습니다.', en: 'There is no news yet. We keep watching.' },
    contact: parts.contact,
  })
}

/**
 * A person has spoken and the incident continues: the person's last statement still holds. From another day it is repeated with its date, because it
 * may contain times of that day.
 */
export function keptBody(last: Pick<IncidentUpdate, 'body' | 'at'>, { saidAt, timeZone }: Pick<NoticeParts, 'saidAt' | 'timeZone'>): Text {
  const { ko, en } = timeOf(last.at, { saidAt, timeZone })
  const when = isSameDay(last.at, saidAt, timeZone) ? { ko: '', en: '' } : { ko: `(${ko})`, en: ` (${en})` }
  return {
    ko: `담당자가 계속 확인하고 있습니다. 마지막으로 알려 드린 내용${when.ko}: ${last.body.ko}`.slice(0, 3_900),
    en: `The operators are still working on it. Their last update${when.en}: ${last.body.en}`.slice(0, 3_900),
  }
}

/** Only the number changed. */
export function shareBody(share: Share | null): Text {
  const text = shareText(share)
  return { ko: `다시 재었습니다.${text.ko}`, en: `Measured again.${text.en}` }
}

/** The sentinel itself cannot observe, and says so. */
export function blindBody(parts: NoticeParts): Text {
  return law({
    fact: {
      ko: '지금은 우리 관측이 닿지 않아 상태를 알 수 없습니다. 마지막으로 알려 드린 장애가 이어지고 있을 수 있습니다.',
      en: 'Our monitoring cannot observe anything at the moment, so the state is unknown. The last reported problem may still continue.',
    },
    cause: CAUSES.unknown,
    response: { ko: '관측이 돌아오는 대로 알려 드립니다.', en: 'We will post an update as soon as monitoring works again.' },
    contact: parts.contact,
  })
}

export function resolvedBody(parts: Omit<NoticeParts, 'hits' | 'well' | 'suspicion' | 'detectedAt'> & { readonly endedAt: number }): Text {
  const [began, ended] = [timeOf(parts.startedAt, parts), timeOf(parts.endedAt, parts)]
  const lasted = durationOf(parts.endedAt - parts.startedAt)
  return law({
    fact: {
      ko: `다시 정상입니다. ${began.ko}부터 ${ended.ko}까지 ${lasted.ko} 이어졌습니다.${shareText(parts.share, true).ko}`,
      en: `Everything works again. The incident lasted ${lasted.en}, from ${began.en} to ${ended.en}.${shareText(parts.share, true).en}`,
    },
    cause: { ko: '아직 밝혀지지 않았습니다. 밝혀지는 대로 이 기록에 덧붙입니다.', en: 'Not yet known. The cause will be added to this record.' },
    response: {
      ko: '기다리던 메시지는 저절로 전송됩니다. 따로 하실 일은 없습니다.',
      en: 'Waiting messages are sent automatically. You do not need to do anything.',
    },
    contact: parts.contact,
  })
}

export function againBody(parts: NoticeParts): Text {
  const opening = openingBody(parts)
  return { ko: opening.ko.replace('■ 사실: ', '■ 사실: 다시 나타났습니다. '), en: opening.en.replace('■ What: ', '■ What: The problem is back. ') }
}

/** The correction after devices' reports. */
export function correctionTexts(before: Share | null, after: Share): { readonly body: Text; readonly correction: Text } {
  const was = before === null ? { ko: '미상', en: 'unknown' } : { ko: percent(before.value), en: percent(before.value) }
  return {
    body: {
      ko: `영향을 받은 이용자를 바로잡습니다: ${percent(after.value)} (${percent(after.low)}~${percent(after.high)}).`,
      en: `The share of people affected is corrected: ${percent(after.value)} (${percent(after.low)}–${percent(after.high)}).`,
    },
    correction: {
      ko: `다시 연결된 기기들이 알려 온 것으로 다시 셈했습니다. 앞서 알린 값: ${was.ko}.`,
      en: `Counted again from the reports of devices after they reconnected. Earlier value: ${was.en}.`,
    },
  }
}

function law({ fact, cause, response, contact }: { fact: Text; cause: Text; response: Text; contact: string }): Text {
  const ask = contact === '' ? { ko: '', en: '' } : { ko: `\n■ 문의: ${contact}`, en: `\n■ Contact: ${contact}` }
  return {
    ko: `■ 사실: ${fact.ko}\n■ 원인: ${cause.ko}\n■ 대응: ${response.ko}${ask.ko}`,
    en: `■ What: ${fact.en}\n■ Cause: ${cause.en}\n■ Response: ${response.en}${ask.en}`,
  }
}

function shareText(share: Share | null, over = false): Text {
  if (share === null) return { ko: '', en: '' }
  const range = { ko: `${percent(share.low)}~${percent(share.high)}`, en: `${percent(share.low)}–${percent(share.high)}` }
  if (share.source === 'probes') {
    return {
      ko: ` 관측 시도의 ${percent(share.value)}가 실패했습니다(${range.ko}).`,
      en: ` ${percent(share.value)} of our tests failed (${range.en}).`,
    }
  }
  return {
    ko: ` 이용자의 ${percent(share.value)}가 영향을 ${over ? '받았습니다' : '받고 있습니다'}(${range.ko}).`,
    en: ` ${percent(share.value)} of active people ${over ? 'were' : 'are'} affected (${range.en}).`,
  }
}

function percent(value: number): string {
  const rounded = value * 100
  return `${rounded >= 10 || rounded === 0 ? rounded.toFixed(0) : rounded.toFixed(1)}%`
}

/** A time to the second, with its date when it differs from the day of the statement, and with the year when that differs. */
function timeOf(at: number, { saidAt, timeZone }: Pick<NoticeParts, 'saidAt' | 'timeZone'>): Text {
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at)
  if (isSameDay(at, saidAt, timeZone)) return { ko: time, en: time }
  const year = yearOf(at, timeZone) === yearOf(saidAt, timeZone) ? {} : ({ year: 'numeric' } as const)
  const date = (locale: string): string => new Intl.DateTimeFormat(locale, { timeZone, ...year, month: 'long', day: 'numeric' }).format(at)
  return { ko: `${date('ko-KR')} ${time}`, en: `${time} on ${date('en-GB')}` }
}

function isSameDay(one: number, other: number, timeZone: string): boolean {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return day.format(one) === day.format(other)
}

function yearOf(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric' }).format(at)
}

function durationOf(ms: number): Text {
  const seconds = Math.max(1, Math.round(ms / 1_000))
  if (seconds < 120) return { ko: `${seconds}초`, en: `${seconds} seconds` }
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return { ko: `${minutes}분`, en: `${minutes} minutes` }
  return { ko: `${Math.floor(minutes / 60)}시간 ${minutes % 60}분`, en: `${Math.floor(minutes / 60)} h ${minutes % 60} min` }
}

function join(texts: readonly Text[]): Text {
  return { ko: texts.map(({ ko }) => ko).join(' '), en: texts.map(({ en }) => en).join(' ') }
}
