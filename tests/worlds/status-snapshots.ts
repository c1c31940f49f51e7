import type {
  Condition,
  Hit,
  Incident,
  IncidentUpdate,
  Maintenance,
  MaintenanceUpdate,
  Share,
  Text,
} from '../../apps/sentinel/src/vocabulary/incident.ts'
import { COMPONENTS, type Component, type Profile } from '../../apps/sentinel/src/vocabulary/observation.ts'
import type { DaySummary } from '../../apps/sentinel/src/record/record.ts'
import type { ComponentState, LatencyPoint, Snapshot } from '../../apps/sentinel/src/present/snapshot.ts'

// Snapshots for tests and screenshots, each made from a few words. Nothing in them is random: the same words give the same bytes.

/** 2026-11-22 11:06:21 in Seoul. */
export const NOW = Date.UTC(2026, 10, 22, 2, 6, 21)
const MINUTE = 60_000
const DAY = 86_400_000
const DAYS = 90

const AUTO = { kind: 'auto' } as const

function share(value: number, source: Share['source'] = 'server', total = 4_210): Share {
  const affected = Math.round(value * total)
  const spread = 1.96 * Math.sqrt((value * (1 - value)) / total) + 1.9 / total
  return { kind: 'affected', source, value, low: Math.max(0, value - spread), high: Math.min(1, value + spread), affected, total }
}

export interface Said {
  readonly at: number
  readonly body: Text
  readonly by?: string
  readonly change?: Partial<IncidentUpdate>
}

/** An incident from its first update and the following ones. */
export function exampleIncident(id: string, title: Text, first: Partial<IncidentUpdate>, said: readonly Said[]): Incident {
  const updates: IncidentUpdate[] = []
  for (const { at, body, by, change } of said) {
    const before: Partial<IncidentUpdate> = updates.at(-1) ?? first
    updates.push({
      incidentId: id,
      status: 'investigating',
      impact: 'major',
      title,
      hits: [],
      startedAt: at,
      detectedAt: at,
      endedAt: null,
      share: null,
      basis: { fromSeq: 10_400, toSeq: 10_872 },
      nextUpdateAt: null,
      ...before,
      correction: null,
      notify: true,
      ...change,
      number: updates.length + 1,
      at,
      by: by === undefined ? AUTO : { kind: 'person', name: by },
      body,
    })
  }
  const {
    number: _number,
    at,
    by: _by,
    body: _body,
    basis: _basis,
    correction: _correction,
    notify: _notify,
    ...last
  } = updates.at(-1) as IncidentUpdate
  return {
    ...last,
    spans: last.spans ?? [{ from: last.startedAt, to: last.endedAt }],
    beside: null,
    createdAt: (updates[0] as IncidentUpdate).at,
    updatedAt: at,
    updates,
  }
}

export function exampleMaintenance(id: string, from: number, status: Maintenance['status']): Maintenance {
  const update: MaintenanceUpdate = {
    maintenanceId: id,
    number: 1,
    at: from - 2 * DAY,
    by: { kind: 'person', name: '김봉화' },
    status,
    title: { ko: '데이터베이스 교체', en: 'Exchange of the database' },
    body: {
      ko: '새벽에 데이터베이스를 바꿉니다. 메시지 보내기·받기가 1분쯤 멈출 수 있습니다. 쓰신 메시지는 기기에 남아 있다가 갑니다.',
      en: 'We exchange the database at night. Messages may pause for about a minute; what you write is kept on your device and sent after.',
    },
    components: ['messaging'],
    scheduledFor: from,
    scheduledUntil: from + 90 * MINUTE,
    notify: true,
  }
  const { number: _number, at, by: _by, body: _body, notify: _notify, ...last } = update
  return { ...last, createdAt: at, updatedAt: at, updates: [update] }
}

function latency(options: { readonly slow?: boolean; readonly down?: boolean; readonly hours?: number }): readonly LatencyPoint[] {
  const count = Math.round((options.hours ?? 24) * 6)
  return Array.from({ length: count }, (_, index): LatencyPoint => {
    const at = NOW - (count - 1 - index) * 10 * MINUTE
    const wave = Math.sin(index / 9) * 6 + Math.sin(index * 2.3) * 4
    const late = index >= count - 2
    if (late && options.down === true) return { at, p50Ms: null, p99Ms: null, tried: 600, failed: 598 }
    // A night with half an hour without observation, which is drawn as a gap.
    if (index > 40 && index < 44 && count > 60) return { at, p50Ms: null, p99Ms: null, tried: 0, failed: 0 }
    const factor = late && options.slow === true ? 40 : index === 71 ? 9 : 1
    return { at, p50Ms: (46 + wave) * factor, p99Ms: (140 + wave * 5 + (index % 17)) * factor, tried: 600, failed: index === 71 ? 7 : 0 }
  })
}

/** Summaries of 90 days with the given share on some days, counted back from today. */
function days(component: Component, bad: Readonly<Record<number, number>>, unknownBefore = 0): readonly (DaySummary | null)[] {
  return Array.from({ length: DAYS }, (_, index) => {
    const back = DAYS - 1 - index
    if (index < unknownBefore) return null
    const affectedShare = bad[back] ?? 0
    return {
      day: new Date(NOW + 9 * 3_600_000 - back * DAY).toISOString().slice(0, 10),
      timeZone: 'Asia/Seoul',
      component,
      affectedShare,
      knownMinutes: back === 0 ? 666 : 1_440,
      affectedMinutes: affectedShare === 0 ? 0 : Math.ceil(affectedShare * 1_440 * 3),
      basis: { fromSeq: 1 + index * 118, toSeq: (index + 1) * 118 },
    }
  })
}

function state(
  component: Component,
  condition: Condition,
  bad: Readonly<Record<number, number>>,
  profiles: readonly Profile[],
  unknownBefore = 0,
): ComponentState {
  const all = days(component, bad, unknownBefore)
  const known = all.filter((day) => day !== null)
  const minutes = known.reduce((sum, day) => sum + day.knownMinutes, 0)
  const affected = known.reduce((sum, day) => sum + day.affectedShare * day.knownMinutes, 0)
  const failing = condition !== 'operational' && condition !== 'unknown' && condition !== 'under_maintenance'
  return {
    component,
    judgement: {
      component,
      condition,
      profiles: failing ? profiles : [],
      since: NOW - 12 * MINUTE,
      startedAt: failing ? NOW - 12 * MINUTE : null,
      trouble: failing ? (condition === 'degraded_performance' ? 'slow' : 'failing') : null,
      share: null,
      silent: null,
      cohort: null,
      unheard: null,
      alone: null,
      unsure: false,
    },
    days: all,
    countedAt: NOW,
    affectedShare: minutes === 0 ? null : affected / minutes,
    createdAt: NOW - 200 * DAY,
    updatedAt: failing ? NOW - 12 * MINUTE : NOW - 9 * DAY,
  }
}

const PAST = exampleIncident(
  '2026-11-13-0512',
  { ko: '일부 이용자가 메시지를 주고받지 못했습니다', en: 'Some people could not send or receive messages' },
  {
    startedAt: NOW - 9 * DAY - 55 * MINUTE,
    detectedAt: NOW - 9 * DAY - 55 * MINUTE + 21_000,
    hits: [{ component: 'messaging', condition: 'partial_outage', profiles: ['pc', 'phone'] }],
    share: share(0.081),
  },
  [
    {
      at: NOW - 9 * DAY - 55 * MINUTE + 23_000,
      body: {
        ko: '■ 사실: 일부 이용자가 메시지를 주고받지 못합니다.\n■ 원인: 아직 밝혀지지 않았습니다.\n■ 대응: 자동 관측이 알아챘습니다.\n■ 문의: 02-000-0000',
        en: '■ What: Some people cannot send or receive messages.\n■ Cause: Not yet known.\n■ Response: Noticed by our own monitoring.\n■ Contact: 02-000-0000',
      },
    },
    {
      at: NOW - 9 * DAY - 30 * MINUTE,
      by: '김봉화',
      body: { ko: '서버 세 대 가운데 한 대의 연결 표가 가득 찼습니다.', en: 'The connection table of one of three servers is full.' },
      change: { status: 'identified' },
    },
    {
      at: NOW - 9 * DAY,
      body: { ko: '다시 정상입니다. 54분 이어졌습니다.', en: 'All is well again. It lasted 54 minutes.' },
      change: { status: 'resolved', endedAt: NOW - 9 * DAY - 60_000 },
    },
    {
      at: NOW - 8 * DAY,
      body: { ko: '영향을 받은 이용자를 바로잡습니다.', en: 'The share of people affected is corrected.' },
      change: {
        status: 'resolved',
        share: share(0.094, 'reports'),
        startedAt: NOW - 9 * DAY - 58 * MINUTE,
        correction: {
          ko: '다시 연결된 기기들이 알려 온 것으로 다시 셈했습니다.',
          en: 'Counted again from what devices reported after they were back.',
        },
      },
    },
  ],
)

const BAD: Readonly<Record<Component, Readonly<Record<number, number>>>> = {
  messaging: { 9: 0.0036, 52: 0.0002 },
  'sign-in': { 9: 0.0011, 67: 0.004, 28: 0.0006 },
  web: { 28: 0.0004 },
}

interface Wish {
  readonly conditions?: Partial<Record<Component, Condition>>
  readonly profiles?: readonly Profile[]
  readonly open?: readonly Incident[]
  readonly maintenances?: readonly Maintenance[]
  readonly latency?: readonly LatencyPoint[]
  readonly measuredAt?: number | null
  readonly blindPosts?: number
  readonly today?: Partial<Record<Component, number>>
  readonly unknownBefore?: number
  readonly past?: readonly Incident[]
}

export function exampleSnapshot(wish: Wish = {}): Snapshot {
  const open = wish.open ?? []
  const names = ['서울', '부산', '도쿄']
  return {
    name: '봉수',
    serverUrl: 'https://talk.example.org',
    pageUrl: 'https://status.example.org',
    contact: '02-000-0000',
    timeZone: 'Asia/Seoul',
    madeAt: NOW,
    measuredAt: wish.measuredAt === undefined ? NOW - 1_000 : wish.measuredAt,
    record: 'written',
    unsafe: false,
    posts: names.map((name, index) => ({ name, online: index >= (wish.blindPosts ?? 0), heardAt: NOW - 1_000 })),
    components: COMPONENTS.map((component) => {
      const today = wish.today?.[component]
      const bad = wish.unknownBefore === DAYS ? {} : { ...BAD[component], ...(today === undefined ? {} : { 0: today }) }
      return state(component, wish.conditions?.[component] ?? 'operational', bad, wish.profiles ?? ['pc', 'phone'], wish.unknownBefore)
    }),
    open,
    incidents: [...open, ...(wish.past ?? [PAST])],
    maintenances: wish.maintenances ?? [],
    latency: wish.latency ?? latency({}),
  }
}

function hit(component: Component, condition: Condition, profiles: readonly Profile[] = ['pc', 'phone']): Hit {
  return { component, condition, profiles }
}

const NEXT = { nextUpdateAt: NOW + 14 * MINUTE - 21_000 }

export const EXAMPLES = {
  well: () => exampleSnapshot(),

  /** The operator allows settings that could lose messages. */
  unsafe: () => ({ ...exampleSnapshot(), unsafe: true }),

  /** The example from the design. */
  signIn: () =>
    exampleSnapshot({
      conditions: { 'sign-in': 'major_outage' },
      profiles: ['pc'],
      today: { 'sign-in': 0.0014 },
      open: [
        exampleIncident(
          '2026-11-22-1054',
          { ko: 'PC에서 로그인이 되지 않습니다', en: 'Signing in does not work on PCs' },
          {
            startedAt: NOW - 12 * MINUTE - 21_000,
            detectedAt: NOW - 12 * MINUTE - 12_000,
            hits: [hit('sign-in', 'major_outage', ['pc'])],
            share: share(0.078),
            ...NEXT,
          },
          [
            {
              at: NOW - 12 * MINUTE - 4_000,
              body: {
                ko: '■ 사실: PC에서 로그인이 되지 않습니다. 메시지는 정상으로 오갑니다. 10:54:00에 시작되었습니다.\n■ 원인: 아직 밝혀지지 않았습니다.\n■ 대응: 자동 관측이 10:54:09에 알아챘습니다.\n■ 문의: 02-000-0000',
                en: '■ What: Signing in does not work on PCs. Messages work as usual. Since 10:54:00.\n■ Cause: Not yet known.\n■ Response: Noticed by our own monitoring at 10:54:09.\n■ Contact: 02-000-0000',
              },
            },
            {
              at: NOW - MINUTE,
              by: '김봉화',
              body: {
                ko: '인증 서버 두 대 가운데 한 대가 응답하지 않습니다. 로그인 요청을 남은 한 대로 보내고 있습니다.',
                en: 'One of two sign-in servers does not answer. Requests are being sent to the other.',
              },
              change: { status: 'identified' },
            },
          ],
        ),
      ],
    }),

  outage: () =>
    exampleSnapshot({
      conditions: { messaging: 'major_outage', 'sign-in': 'major_outage', web: 'major_outage' },
      latency: latency({ down: true }),
      today: { messaging: 0.0092, 'sign-in': 0.009, web: 0.0088 },
      open: [
        exampleIncident(
          '2026-11-22-1100',
          { ko: '메시지를 주고받을 수 없습니다', en: 'Messages cannot be sent or received' },
          {
            startedAt: NOW - 6 * MINUTE,
            detectedAt: NOW - 6 * MINUTE + 4_000,
            impact: 'critical',
            hits: COMPONENTS.map((component) => hit(component, 'major_outage')),
            share: share(1, 'tries', 48),
            ...NEXT,
          },
          [
            {
              at: NOW - 6 * MINUTE + 5_000,
              body: {
                ko: '■ 사실: 메시지를 주고받을 수 없습니다. 로그인이 되지 않습니다. 앱이 열리지 않습니다. 11:00:21에 시작되었습니다.\n■ 원인: 서버가 응답하지 않습니다. 그 까닭은 아직 밝혀지지 않았습니다.\n■ 대응: 이미 쓴 메시지는 기기에 보관되며, 연결되면 이어서 전송됩니다.\n■ 문의: 02-000-0000',
                en: '■ What: Messages cannot be sent or received. Signing in does not work. The app does not load. Since 11:00:21.\n■ Cause: The server does not answer. The reason is not yet known.\n■ Response: Your messages stay on your device and are sent when the connection is back.\n■ Contact: 02-000-0000',
              },
            },
          ],
        ),
      ],
    }),

  eightPercent: () =>
    exampleSnapshot({
      conditions: { messaging: 'degraded_performance' },
      latency: latency({ slow: true }),
      today: { messaging: 0.0016 },
      open: [
        exampleIncident(
          '2026-11-22-1045',
          { ko: '메시지가 늦게 전달되거나 일부 이용자의 연결이 끊깁니다', en: 'Messages are late, or a few people lose their connection' },
          {
            startedAt: NOW - 21 * MINUTE,
            detectedAt: NOW - 21 * MINUTE + 17_000,
            impact: 'minor',
            hits: [hit('messaging', 'degraded_performance')],
            share: share(0.0812),
            ...NEXT,
          },
          [
            {
              at: NOW - 20 * MINUTE,
              body: {
                ko: '■ 사실: 메시지가 늦게 전달되거나 일부 이용자의 연결이 끊깁니다. 이용자의 8.1%가 영향을 받고 있습니다(7.3%~9.0%).\n■ 원인: 서버에 일이 몰린 것으로 보입니다(추정).\n■ 대응: 계속 지켜보고 있습니다.\n■ 문의: 02-000-0000',
                en: '■ What: Messages are late, or a few people lose their connection. 8.1% of active people are affected (7.3%–9.0%).\n■ Cause: The server seems to be overloaded (suspected).\n■ Response: We keep watching.\n■ Contact: 02-000-0000',
              },
            },
          ],
        ),
      ],
    }),

  blind: () => exampleSnapshot({ conditions: { messaging: 'unknown', 'sign-in': 'unknown', web: 'unknown' }, blindPosts: 3 }),

  /** Rendered as stale. */
  stale: () => exampleSnapshot({ measuredAt: NOW - 47_000 }),

  maintenance: () =>
    exampleSnapshot({
      conditions: { messaging: 'under_maintenance' },
      maintenances: [exampleMaintenance('m2', NOW + 3 * DAY, 'scheduled'), exampleMaintenance('m1', NOW - 20 * MINUTE, 'in_progress')],
    }),

  firstHour: () =>
    exampleSnapshot({
      measuredAt: null,
      latency: [],
      unknownBefore: DAYS,
      past: [],
      conditions: { messaging: 'unknown', 'sign-in': 'unknown', web: 'unknown' },
    }),
} as const satisfies Readonly<Record<string, () => Snapshot>>
