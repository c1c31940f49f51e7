import { IMPACTS, RANK, type Condition, type Incident, type Text } from '../vocabulary/incident.ts'
import { factOfOne, joined } from '../incident/templates.ts'
import type { Judgement } from '../judge/judgement.ts'
import type { Component } from '../vocabulary/observation.ts'
import type { ComponentState, Snapshot } from '../present/snapshot.ts'
import { COMPONENT_NAMES, SIGNED_IN_WORK, WORKING } from '../vocabulary/words.ts'

/** Look and tone of the whole page. `lost`: our own monitoring is gone. `waiting`: nothing was ever measured. */
export type Mood = 'well' | 'slow' | 'bad' | 'maintenance' | 'unknown' | 'lost' | 'waiting'

export interface Headline {
  readonly mood: Mood
  /** One sentence that everybody understands. */
  readonly sentence: Text
  /** Shown as prominently as the sentence: messages work while something else fails. */
  readonly relief: Text | null
  /** What still works, or what the fault means. May be empty. */
  readonly rest: Text
}

/** An older measurement says nothing about the present [S2]. */
export const STALE_AFTER_MS = 30_000

/** A time further ahead of the clock was not measured by this clock. */
const AHEAD_MS_MAX = 60_000

/** Whether the evidence is too old, by the clock, to count as the present [S2]. */
export function isStale(measuredAt: number | null, now: number): boolean {
  return measuredAt !== null && (now - measuredAt > STALE_AFTER_MS || measuredAt - now > AHEAD_MS_MAX)
}

/** The present condition of a component: as a person set it, else unknown when its evidence is old or missing. */
export function conditionNow(state: ComponentState, snapshot: Snapshot, stale: boolean): Condition {
  const old = stale || snapshot.measuredAt === null
  // What a person set stands, except that nothing is called well from old data [S15].
  return old && (state.pin === undefined || state.judgement.condition === 'operational') ? 'unknown' : state.judgement.condition
}

export function headlineOf(snapshot: Snapshot, stale: boolean): Headline {
  if (snapshot.measuredAt === null) return WAITING
  if (stale) return LOST
  const conditions = new Map(snapshot.components.map(({ component, judgement }) => [component, judgement.condition]))
  const failing = snapshot.components.filter(({ judgement }) => isFailing(judgement.condition))
  const blind = [...conditions.values()].every((condition) => condition === 'unknown')
  const worst = worstOf(snapshot.open)
  if (worst !== null) {
    return {
      mood: moodOf(worst, failing),
      sentence: { ko: sentence(worst.title.ko), en: sentence(worst.title.en) },
      relief: reliefOf(conditions, failing.length > 0),
      rest: blind
        ? { ko: '다른 것은 지금 알 수 없습니다.', en: 'The state of the other parts is unknown.' }
        : worksOf(conditions, failing.length > 0),
    }
  }
  const first = failing.toSorted((one, other) => RANK[other.judgement.condition] - RANK[one.judgement.condition])[0]
  if (first !== undefined) {
    return {
      mood: isBad(first.judgement) ? 'bad' : 'slow',
      sentence: factOfOne({ ...first.judgement, trouble: first.judgement.trouble ?? 'failing' }),
      relief: reliefOf(conditions, true),
      rest: worksOf(conditions, true),
    }
  }
  if (blind) return snapshot.posts.some(({ online }) => online) ? UNDECIDED : BLIND
  const working = snapshot.maintenances.some(({ status }) => status === 'in_progress')
  if (working || [...conditions.values()].includes('under_maintenance')) {
    return {
      mood: 'maintenance',
      sentence: { ko: '미리 알려 드린 점검을 하고 있습니다.', en: 'Planned maintenance is in progress.' },
      relief: reliefOf(conditions, true),
      rest: worksOf(conditions, true),
    }
  }
  const unseen = snapshot.components.filter(({ judgement }) => judgement.condition === 'unknown').map(({ component }) => component)
  if (unseen.length > 0) return halfSeen(conditions, unseen)
  return WELL
}

const WELL: Headline = {
  mood: 'well',
  sentence: { ko: '메신저가 잘 되고 있습니다.', en: 'The messenger is working.' },
  relief: null,
  rest: { ko: '메시지도, 로그인도, 앱 불러오기도 모두 정상입니다.', en: 'Messages, signing in and loading the app all work.' },
}

const WAITING: Headline = {
  mood: 'waiting',
  sentence: { ko: '첫 측정을 기다리고 있습니다.', en: 'Waiting for the first measurement.' },
  relief: null,
  rest: { ko: '관측을 막 시작했습니다. 곧 여기에 상태가 나타납니다.', en: 'Monitoring has only just begun. The state will appear here shortly.' },
}

export const LOST: Headline = {
  mood: 'lost',
  sentence: { ko: '지금 어떤지 저희도 모릅니다.', en: 'We do not know how it is now.' },
  relief: null,
  rest: { ko: '메신저가 멈췄다는 뜻은 아닙니다.', en: 'It does not mean that the messenger is down.' },
}

const BLIND: Headline = {
  mood: 'unknown',
  sentence: { ko: '지금은 상태를 알 수 없습니다.', en: 'We do not know the state right now.' },
  relief: null,
  rest: {
    ko: '관측소의 인터넷이 끊겨 메신저를 볼 수 없습니다. 메신저는 잘 되고 있을 수도 있습니다.',
    en: 'Our posts have no network and cannot see the messenger. It may well be working.',
  },
}

const UNDECIDED: Headline = {
  ...BLIND,
  rest: {
    ko: '판단할 만큼의 측정이 지금은 없습니다. 메신저는 잘 되고 있을 수도 있습니다.',
    en: 'There are not enough measurements at the moment. The messenger may well be working.',
  },
}

function isFailing(condition: Condition): boolean {
  return RANK[condition] > 0
}

/** The open incident that the page names first. */
export function worstOf(open: readonly Incident[]): Incident | null {
  return open.toSorted((one, other) => IMPACTS.indexOf(other.impact) - IMPACTS.indexOf(one.impact))[0] ?? null
}

/** Beacons lit, of five: 1 well, 2 slow or being looked into, 3 partly out, 4 messages out, 5 all out; 0 when nothing is known. */
export function beaconsOf({ mood }: Headline, { components }: Snapshot): number {
  if (mood === 'unknown' || mood === 'lost' || mood === 'waiting') return 0
  if (mood !== 'bad') return mood === 'slow' ? 2 : 1
  const out = components.filter(({ judgement }) => judgement.condition === 'major_outage').map(({ component }) => component)
  return out.length === components.length ? 5 : out.includes('messaging') ? 4 : 3
}

/** Trouble in which nobody is known to fail is never told as an outage [S9]. */
function isBad({ condition, trouble }: Pick<Judgement, 'condition' | 'trouble'>): boolean {
  return RANK[condition] > 1 && trouble !== 'silent' && trouble !== 'from-here'
}

function moodOf(worst: Incident, failing: readonly ComponentState[]): Mood {
  if (failing.length > 0) return failing.some(({ judgement }) => isBad(judgement)) ? 'bad' : 'slow'
  return worst.impact === 'major' || worst.impact === 'critical' ? 'bad' : 'slow'
}

/** A title with its full stop. */
function sentence(title: string): string {
  return /[.!?…。]$/.test(title.trim()) ? title.trim() : `${title.trim()}.`
}

function reliefOf(conditions: ReadonlyMap<Component, Condition>, others: boolean): Text | null {
  return others && conditions.get('messaging') === 'operational' ? WORKING.messaging : null
}

function worksOf(conditions: ReadonlyMap<Component, Condition>, others: boolean): Text {
  const works = [...conditions].filter(([, condition]) => condition === 'operational').map(([component]) => component)
  if (!others && works.length === conditions.size) return { ko: '저희가 재는 것은 모두 정상으로 나옵니다.', en: 'All our measurements are normal.' }
  const texts = works.filter((component) => !others || component !== 'messaging').map((component) => WORKING[component])
  if (isFailing(conditions.get('sign-in') ?? 'unknown') && conditions.get('messaging') === 'operational') texts.unshift(SIGNED_IN_WORK)
  if (isFailing(conditions.get('messaging') ?? 'unknown'))
    texts.push({
      ko: '쓰신 메시지는 기기에 남아 있다가, 연결되면 저절로 갑니다.',
      en: 'Your messages stay on your device and are sent as soon as possible.',
    })
  return joined(' ', ...texts)
}

function halfSeen(conditions: ReadonlyMap<Component, Condition>, unseen: readonly Component[]): Headline {
  return {
    mood: 'unknown',
    sentence: {
      ko: `${unseen.map((component) => COMPONENT_NAMES[component].ko).join(', ')}: 지금은 알 수 없습니다.`,
      en: `${unseen.map((component) => COMPONENT_NAMES[component].en).join(', ')}: not known right now.`,
    },
    relief: null,
    rest: worksOf(conditions, false),
  }
}
