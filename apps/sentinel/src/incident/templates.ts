import { dayOf } from '../days.ts'
import type { Component, Profile } from '../vocabulary/observation.ts'
import { lastedMs } from './updates.ts'
import { COMPONENT_NAMES, SIGNED_IN_WORK, WORKING } from '../vocabulary/words.ts'
import type { Hit, IncidentUpdate, Share, Span, Text, Trouble } from '../vocabulary/incident.ts'

// The sentinel's own statements, in plain words. Each has the four things that people and the law ask for: the fact, the cause, the state of the
// response, and a contact.

/** What the server's own figures show about a cause, and nothing beyond that. */
export type Suspicion = 'unknown' | 'server-gone' | 'server-restarted' | 'server-busy' | 'server-failing'

const CAUSES: Readonly<Record<Suspicion, Text>> = {
  unknown: { ko: '아직 밝혀지지 않았습니다.', en: 'Not yet known.' },
  'server-gone': {
    ko: '서버가 응답하지 않습니다. 그 까닭은 아직 밝혀지지 않았습니다.',
    en: 'The server does not answer. The reason is not yet known.',
  },
  'server-restarted': {
    ko: '서버가 조금 전에 다시 시작되었습니다. 그 까닭은 아직 밝혀지지 않았습니다.',
    en: 'The server restarted shortly before. The reason is not yet known.',
  },
  'server-busy': {
    ko: '서버가 요청의 일부를 바쁘다며 돌려보내고 있습니다. 그 까닭은 아직 밝혀지지 않았습니다.',
    en: 'The server turns some requests away as busy. The reason is not yet known.',
  },
  'server-failing': {
    ko: '서버가 일부 요청을 들어주지 못했다고 스스로 세고 있습니다. 그 까닭은 아직 밝혀지지 않았습니다.',
    en: 'The server itself counts requests that it could not serve. The reason is not yet known.',
  },
}

/** The fact, in one or two sentences: what fails, for whom, and what still works. */
export function factOf(hits: readonly Hit[], well: readonly Component[]): Text {
  const facts = hits.filter((hit) => factsOf(hit) !== undefined).map(factOfOne)
  const works: Text[] = []
  // Only components known to work are called working [S2].
  if (facts.length > 0 && well.includes('messaging')) works.push(WORKING.messaging)
  if (hits.some(({ component }) => component === 'sign-in') && well.includes('messaging') && well.includes('web')) works.push(SIGNED_IN_WORK)
  return joined(' ', ...facts, ...works)
}

/** A title: the fact without what still works. */
export function titleOf(hits: readonly Hit[]): Text {
  const worst = hits.find(({ component }) => component === 'messaging') ?? hits[0]
  if (worst === undefined) return { ko: '장애', en: 'Outage' }
  const { ko, en } = factOfOne(worst)
  return { ko: firstOf(ko), en: firstOf(en) }
}

function firstOf(text: string): string {
  return text.split('. ')[0]?.replace(/\.$/, '') ?? text
}

const FROM_HERE: Text = {
  ko: '저희 관측소에서 메신저에 닿지 않습니다. 다른 곳에서는 될 수도 있습니다.',
  en: 'Our monitoring cannot reach the messenger from here. It may work elsewhere.',
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
    messaging: { ko: '소수의 이용자가 메시지를 주고받지 못합니다.', en: 'A few people cannot send or receive messages.' },
    'sign-in': { ko: '로그인이 드물게 실패합니다.', en: 'Signing in fails now and then.' },
    web: { ko: '앱이 드물게 열리지 않습니다.', en: 'The app fails to load now and then.' },
  },
  late: {
    messaging: {
      ko: '메시지가 제때 도착하지 않습니다. 5초 넘게 걸리거나, 아직 오지 않았습니다.',
      en: 'Messages do not arrive in time. They take more than 5 seconds, or have not come yet.',
    },
    'sign-in': { ko: '로그인이 제때 끝나지 않습니다.', en: 'Signing in does not finish in time.' },
    web: { ko: '앱이 제때 열리지 않습니다.', en: 'The app does not load in time.' },
  },
  slow: {
    messaging: { ko: '메시지가 평소보다 느리게 도착합니다.', en: 'Messages arrive slower than usual.' },
    'sign-in': { ko: '로그인이 평소보다 느립니다.', en: 'Signing in is slower than usual.' },
    web: { ko: '앱이 평소보다 느리게 열립니다.', en: 'The app loads slower than usual.' },
  },
  silent: {
    messaging: {
      ko: '여러 이용자와의 연락이 한꺼번에 끊겼습니다. 연결되어 있는 사람은 보내고 받을 수 있습니다. 저희 쪽 문제인지 알아보고 있습니다.',
      en: 'Many people were disconnected at the same moment. Whoever is connected can send and receive. We are finding out whether it is us.',
    },
    'sign-in': FROM_HERE,
    web: FROM_HERE,
  },
  'from-here': { messaging: FROM_HERE, 'sign-in': FROM_HERE, web: FROM_HERE },
}

/** Failing is told by its extent, other trouble by its kind. A person who calls a component degraded means that it is slow. */
function factsOf({ condition, trouble }: Pick<Hit, 'condition' | 'trouble'>): (typeof FACTS)[string] | undefined {
  if (trouble !== undefined && trouble !== 'failing') return condition === 'unknown' ? undefined : FACTS[trouble]
  return FACTS[trouble === undefined && condition === 'degraded_performance' ? 'slow' : condition]
}

/** What is known of one component, for headline, title and notice. */
export function factOfOne(hit: Pick<Hit, 'component' | 'condition' | 'trouble' | 'profiles'>): Text {
  const fact = factsOf(hit)?.[hit.component] ?? { ko: '확인하고 있습니다.', en: 'We are looking into it.' }
  const place = hit.profiles.length === 1 && hit.trouble !== 'silent' ? PLACES[hit.profiles[0] as Profile] : null
  return place === null ? fact : { ko: `${place.ko} ${fact.ko}`, en: fact.en.replace(/\./, ` ${place.en}.`) }
}

const PLACES: Readonly<Record<Profile, Text>> = { pc: { ko: 'PC에서', en: 'on PCs' }, phone: { ko: '휴대전화에서', en: 'on phones' } }

export interface NoticeParts {
  readonly hits: readonly Hit[]
  /** Components that are known to work. */
  readonly well: readonly Component[]
  readonly share: Share | null
  readonly beside: Share | null
  readonly suspicion: Suspicion
  /** When it lasted, or has lasted since. */
  readonly spans: readonly Span[]
  readonly detectedAt: number
  /** Time of the statement. Times of another day are given with their date. */
  readonly saidAt: number
  readonly contact: string
  readonly timeZone: string
}

/** The first notice. */
export function openingBody(parts: NoticeParts): Text {
  const [began, seen] = [timeOf(parts.spans[0]?.from ?? parts.saidAt, parts), timeOf(parts.detectedAt, parts)]
  const fact = factOf(parts.hits, parts.well)
  return law(parts, joined('', fact, { ko: ` ${began.ko}에 시작되었습니다.`, en: ` Since ${began.en}.` }, sharesText(parts)), {
    ko: `자동 관측이 ${seen.ko}에 알아챘습니다. 이미 쓴 메시지는 기기에 보관되며, 연결되면 이어서 전송됩니다.`,
    en: `Noticed by our own monitoring at ${seen.en}. Your messages stay on your device and are sent when the connection is back.`,
  })
}

/** The situation changed: worse, better, or other components are hit. */
export function changedBody(parts: NoticeParts): Text {
  const fact = factOf(parts.hits, parts.well)
  return law(parts, joined('', { ko: '상황이 바뀌었습니다. ', en: 'The situation has changed. ' }, fact, sharesText(parts)), WATCHING)
}

/** A timely statement that nothing has changed. */
export function stillBody(parts: NoticeParts): Text {
  const fact = factOf(parts.hits, parts.well)
  const minutes = Math.round(lastedMs(parts.spans, parts.saidAt) / 60_000)
  const lasts = { ko: `${minutes}분째 이어지고 있습니다. `, en: `The incident has lasted ${minutes} minutes. ` }
  const news = { ko: '새로 알게 된 것은 아직 없습니다.', en: 'There is no news yet.' }
  return law(parts, joined('', lasts, fact, sharesText(parts)), joined(' ', news, WATCHING))
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
export function shareBody(parts: Pick<NoticeParts, 'share' | 'beside' | 'hits'>): Text {
  return joined('', { ko: '다시 재었습니다.', en: 'Measured again.' }, sharesText(parts))
}

/** The sentinel itself cannot observe, and says so. */
export function blindBody(parts: NoticeParts): Text {
  const fact = {
    ko: '지금은 우리 관측이 닿지 않아 상태를 알 수 없습니다. 마지막으로 알려 드린 장애가 이어지고 있을 수 있습니다.',
    en: 'Our monitoring cannot observe anything at the moment, so the state is unknown. The last reported problem may still continue.',
  }
  const response = { ko: '관측이 돌아오는 대로 알려 드립니다.', en: 'We will post an update as soon as monitoring works again.' }
  return law(parts, fact, response, CAUSES.unknown)
}

/** The rest is well, and something is under announced maintenance or cannot be observed. */
export function waitingBody({
  planned,
  unseen,
  ...parts
}: Pick<NoticeParts, 'suspicion' | 'contact'> & { readonly planned: readonly Component[]; readonly unseen: readonly Component[] }): Text {
  const [works, hidden] = [namesOf(planned), namesOf(unseen)]
  const facts: Text[] = []
  if (planned.length > 0) facts.push({ ko: `${works.ko}: 예고한 점검 중입니다.`, en: `${works.en}: under announced maintenance.` })
  if (unseen.length > 0)
    facts.push({
      ko: `${hidden.ko}: 지금은 관측되지 않아 상태를 알 수 없습니다.`,
      en: `${hidden.en}: not observed at the moment, so the state is unknown.`,
    })
  facts.push({ ko: '마지막으로 알려 드린 장애가 아직 끝나지 않았을 수 있습니다.', en: 'The last reported problem may not be over.' })
  return law(parts, joined(' ', ...facts), WATCHING)
}

function namesOf(components: readonly Component[]): Text {
  const of = (language: keyof Text): string => components.map((component) => COMPONENT_NAMES[component][language]).join(', ')
  return { ko: of('ko'), en: of('en') }
}

/**
 * The end. Several spans are listed one by one: the time between them was no outage.
 * `hits` are all that were said. `unseen` are components that were not observed for long.
 */
export function resolvedBody(
  parts: Pick<NoticeParts, 'hits' | 'share' | 'beside' | 'spans' | 'saidAt' | 'contact' | 'timeZone'> & { readonly unseen: readonly Component[] },
): Text {
  const { share, spans } = parts
  const listed = spans.map(({ from, to }) => ({ from: timeOf(from, parts), to: timeOf(to ?? parts.saidAt, parts) }))
  const list = {
    ko: listed.map(({ from, to }) => `${from.ko}부터 ${to.ko}까지`).join(', '),
    en: listed.map(({ from, to }) => `from ${from.en} to ${to.en}`).join(', '),
  }
  const lasted = durationOf(lastedMs(spans, parts.saidAt))
  const total = spans.length > 1 ? { ko: ` 모두 ${lasted.ko}`, en: `${lasted.en} in all` } : { ko: ` ${lasted.ko}`, en: lasted.en }
  const ever = (kind: Trouble): boolean => parts.hits.some(({ trouble }) => trouble === kind)
  const accused = parts.hits.length === 0 || parts.hits.some(({ trouble }) => trouble !== 'silent' && trouble !== 'from-here')
  const fromHere = share === null && !accused && ever('from-here')
  const silent = share?.kind !== 'affected' && !accused && !fromHere
  const hidden = namesOf(parts.unseen)
  const over = fromHere
    ? { ko: '저희 관측소에서 다시 메신저에 닿습니다.', en: 'Our monitoring can reach the messenger again.' }
    : silent
      ? { ko: '지켜보는 동안 메신저는 정상이었습니다.', en: 'The messenger worked all the time we watched.' }
      : parts.unseen.length > 0
        ? { ko: '관측되는 것은 다시 정상입니다.', en: 'What we can observe works again.' }
        : { ko: '다시 정상입니다.', en: 'Everything works again.' }
  const unknown =
    parts.unseen.length > 0
      ? {
          ko: ` ${hidden.ko}: 한동안 관측되지 않아 상태를 알 수 없습니다.`,
          en: ` ${hidden.en}: not observed for some time, so the state is unknown.`,
        }
      : { ko: '', en: '' }
  const shares = sharesText(parts, true)
  const fact = {
    ko: `${over.ko}${unknown.ko} ${list.ko}${total.ko} 이어졌습니다.${shares.ko}`,
    en: `${over.en}${unknown.en} It lasted ${total.en}, ${list.en}.${shares.en}`,
  }
  const response = {
    ko: '기다리던 메시지는 저절로 전송됩니다. 따로 하실 일은 없습니다.',
    en: 'Waiting messages are sent automatically. You do not need to do anything.',
  }
  const cause =
    silent || fromHere
      ? {
          ko: '메신저의 문제라는 증거는 나오지 않았습니다. 정전이나 끊긴 인터넷일 수 있습니다.',
          en: 'Nothing showed a fault of the messenger. It may have been a power cut or a lost network.',
        }
      : { ko: '아직 밝혀지지 않았습니다. 밝혀지는 대로 이 기록에 덧붙입니다.', en: 'Not yet known. The cause will be added to this record.' }
  return law({ suspicion: 'unknown', contact: parts.contact }, fact, response, cause)
}

export function againBody(parts: NoticeParts): Text {
  const opening = openingBody(parts)
  return { ko: opening.ko.replace('■ 사실: ', '■ 사실: 다시 나타났습니다. '), en: opening.en.replace('■ What: ', '■ What: The problem is back. ') }
}

/** The correction after devices' reports, and what it says of the earlier value. */
export function correctionTexts(
  before: Share | null,
  after: Share | null,
): { readonly body: Text; readonly correction: Text; readonly earlier: Text } {
  const was = before === null ? { ko: '미상', en: 'unknown' } : { ko: percent(before.value), en: percent(before.value) }
  const text = shareText(after, true)
  return {
    body: { ko: `영향을 받은 이용자를 바로잡습니다.${text.ko}`, en: `The share of people affected is corrected.${text.en}` },
    correction: {
      ko: `다시 연결된 기기들이 알려 온 것으로 다시 셈했습니다. 앞서 알린 값: ${was.ko}.`,
      en: `Counted again from the reports of devices after they reconnected. Earlier value: ${was.en}.`,
    },
    earlier: { ko: `앞서 알린 값: ${was.ko}.`, en: `Earlier value: ${was.en}.` },
  }
}

const WATCHING: Text = { ko: '계속 지켜보고 있습니다.', en: 'We keep watching.' }

function law({ suspicion, contact }: Pick<NoticeParts, 'suspicion' | 'contact'>, fact: Text, response: Text, cause = CAUSES[suspicion]): Text {
  const ask = contact === '' ? { ko: '', en: '' } : { ko: `\n■ 문의: ${contact}`, en: `\n■ Contact: ${contact}` }
  return {
    ko: `■ 사실: ${fact.ko}\n■ 원인: ${cause.ko}\n■ 대응: ${response.ko}${ask.ko}`,
    en: `■ What: ${fact.en}\n■ Cause: ${cause.en}\n■ Response: ${response.en}${ask.en}`,
  }
}

/** Both estimates, and that they disagree. Without one it is said that it is being measured, where it can be. */
function sharesText({ share, beside, hits }: Pick<NoticeParts, 'share' | 'beside' | 'hits'>, over = false): Text {
  if (share === null) {
    const measured = hits.some(({ trouble }) => trouble !== 'slow' && trouble !== 'from-here')
    return over || !measured
      ? { ko: '', en: '' }
      : { ko: ' 얼마나 많은 이용자가 그런지 재고 있습니다.', en: ' We are measuring how many people it concerns.' }
  }
  const [first, second] = [shareText(share, over), shareText(beside, over)]
  if (beside === null || beside.kind !== share.kind) return joined('', first, second)
  return joined('', first, second, {
    ko: ' 두 값은 서로 어긋나며, 어느 쪽이 맞는지는 아직 모릅니다.',
    en: ' The two numbers disagree, and which one is right is not yet known.',
  })
}

function shareText(share: Share | null, over = false): Text {
  if (share === null) return { ko: '', en: '' }
  const [value, low, high] = [percent(share.value), percent(share.low), percent(share.high)]
  if (share.source === 'tries')
    return { ko: ` 관측 시도의 ${value}가 실패했습니다(${low}~${high}).`, en: ` ${value} of our tests failed (${low}–${high}).` }
  if (share.kind === 'affected')
    return {
      ko: ` 이용자의 ${value}가 영향을 ${over ? '받았습니다' : '받고 있습니다'}(${low}~${high}).`,
      en: ` ${value} of active people ${over ? 'were' : 'are'} affected (${low}–${high}).`,
    }
  const out = share.stillOut ?? 0
  const silent = {
    ko: ` 이용자의 ${value}(${share.affected}명)와의 연락이 한꺼번에 끊겼습니다(${low}~${high}).`,
    en: ` ${value} of active people (${share.affected}) fell silent together (${low}–${high}).`,
  }
  if (!over) return silent
  return {
    ko: `${silent.ko} 영향을 받았다고 알려진 사람은 없으며(0명), ${out === 0 ? '모두 돌아왔습니다' : `${out}명의 소식은 아직 없습니다`}.`,
    en: `${silent.en} Nobody is known to have been affected (0), and ${out === 0 ? 'all are back' : `${out} have not been heard from`}.`,
  }
}

function percent(value: number): string {
  const rounded = value * 100
  if (rounded > 0 && rounded < 0.1) return '<0.1%'
  return `${rounded >= 10 || rounded === 0 ? rounded.toFixed(0) : rounded.toFixed(1)}%`
}

/** A time to the second, with its date when it differs from the day of the statement, and with the year when that differs. */
function timeOf(at: number, { saidAt, timeZone }: Pick<NoticeParts, 'saidAt' | 'timeZone'>): Text {
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at)
  if (isSameDay(at, saidAt, timeZone)) return { ko: time, en: time }
  const year = dayOf(at, timeZone).slice(0, 4) === dayOf(saidAt, timeZone).slice(0, 4) ? {} : ({ year: 'numeric' } as const)
  const date = (locale: string): string => new Intl.DateTimeFormat(locale, { timeZone, ...year, month: 'long', day: 'numeric' }).format(at)
  return { ko: `${date('ko-KR')} ${time}`, en: `${time} on ${date('en-GB')}` }
}

function isSameDay(one: number, other: number, timeZone: string): boolean {
  return dayOf(one, timeZone) === dayOf(other, timeZone)
}

function durationOf(ms: number): Text {
  const seconds = Math.max(1, Math.round(ms / 1_000))
  if (seconds < 120) return { ko: `${seconds}초`, en: `${seconds} seconds` }
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return { ko: `${minutes}분`, en: `${minutes} minutes` }
  return { ko: `${Math.floor(minutes / 60)}시간 ${minutes % 60}분`, en: `${Math.floor(minutes / 60)} h ${minutes % 60} min` }
}

export function joined(between: string, ...texts: readonly Text[]): Text {
  return { ko: texts.map(({ ko }) => ko).join(between), en: texts.map(({ en }) => en).join(between) }
}
