import type { Author, Condition, Impact, IncidentStatus, MaintenanceStatus, Share, Text, Trouble } from './incident.ts'
import type { Component } from './observation.ts'

// The fixed words of the pages in both languages. Plain words, without alarm or blame.

export const COMPONENT_NAMES: Readonly<Record<Component, Text>> = {
  messaging: { ko: '메시지 보내기·받기', en: 'Sending and receiving messages' },
  'sign-in': { ko: '로그인', en: 'Signing in' },
  web: { ko: '앱 불러오기', en: 'Loading the app' },
}

/** Said of a time of which nothing is recorded, by which nobody is called well [S2]. */
export const NO_RECORD: Text = { ko: '기록 없음', en: 'no record' }

export const CONDITION_NAMES: Readonly<Record<Condition, Text>> = {
  operational: { ko: '정상', en: 'Working' },
  degraded_performance: { ko: '느림', en: 'Slow' },
  partial_outage: { ko: '일부 장애', en: 'Partly down' },
  major_outage: { ko: '장애', en: 'Down' },
  under_maintenance: { ko: '점검 중', en: 'Maintenance' },
  unknown: { ko: '알 수 없음', en: 'Unknown' },
}

export const STATUS_NAMES: Readonly<Record<IncidentStatus, Text>> = {
  investigating: { ko: '조사 중', en: 'Investigating' },
  identified: { ko: '원인 파악', en: 'Cause found' },
  monitoring: { ko: '지켜보는 중', en: 'Watching' },
  resolved: { ko: '해결', en: 'Resolved' },
  postmortem: { ko: '사후 분석', en: 'Afterwards' },
}

export const MAINTENANCE_NAMES: Readonly<Record<MaintenanceStatus, Text>> = {
  scheduled: { ko: '예정', en: 'Planned' },
  in_progress: { ko: '점검 중', en: 'Going on' },
  completed: { ko: '끝남', en: 'Done' },
}

export const IMPACT_NAMES: Readonly<Record<Impact, Text>> = {
  none: { ko: '영향 없음', en: 'No harm' },
  minor: { ko: '가벼움', en: 'Minor' },
  major: { ko: '큼', en: 'Major' },
  critical: { ko: '매우 큼', en: 'Critical' },
}

export const SOURCE_NAMES: Readonly<Record<Share['source'], Text>> = {
  tries: { ko: '관측 시도', en: 'our own test messages and sign-ins' },
  server: { ko: '서버가 센 이용자', en: 'people, counted by the server' },
  reports: { ko: '기기들이 알려 온 것', en: 'reports from devices afterwards' },
  devices: { ko: '기기들이 지금 알려 온 것', en: 'direct words of devices' },
  person: { ko: '담당자가 밝힌 값', en: 'stated by a person' },
}

/** What a share is a share of. */
export function shareName({ kind, source }: Pick<Share, 'kind' | 'source'>): Text {
  if (kind === 'silent') return { ko: '한꺼번에 연락이 끊긴 이용자', en: 'of people fell silent together' }
  return source === 'tries' ? { ko: '실패한 관측 시도', en: 'of our tests failed' } : { ko: '영향을 받는 이용자', en: 'of people affected' }
}

/** Said while the operator allows settings that could lose messages [O19]: what it means for people, and nothing about machines. */
export const CAUTION: Text = {
  ko: '지금 설정에서는 서버가 고장 나면 보낸 것으로 보이는 메시지도 사라질 수 있습니다.',
  en: 'With the present settings, even messages shown as sent may be lost if a server breaks down.',
}

/** The state of a component in a word or two. The trouble says more than the condition where nobody is known to fail. */
export function conditionName({ trouble }: { readonly trouble: Trouble | null }, condition: Condition): Text {
  return trouble === null || condition === 'unknown' || condition === 'operational'
    ? CONDITION_NAMES[condition]
    : (TROUBLE_NAMES[trouble] ?? CONDITION_NAMES[condition])
}

const TROUBLE_NAMES: Readonly<Partial<Record<Trouble, Text>>> = {
  late: { ko: '늦음', en: 'Late' },
  slow: { ko: '느림', en: 'Slow' },
  silent: { ko: '알아보는 중', en: 'Being looked into' },
  'from-here': { ko: '여기서 닿지 않음', en: 'Not reachable from here' },
}

export function authorName(by: Author): Text {
  return by.kind === 'auto' ? { ko: '자동', en: 'automatic' } : { ko: by.name, en: by.name }
}

/** What still works while something else fails. */
export const WORKING: Readonly<Record<Component, Text>> = {
  messaging: { ko: '메시지는 정상으로 오갑니다.', en: 'Messages work as usual.' },
  'sign-in': { ko: '로그인은 됩니다.', en: 'Signing in works.' },
  web: { ko: '앱은 평소처럼 열립니다.', en: 'The app loads as usual.' },
}
export const SIGNED_IN_WORK: Text = { ko: '이미 로그인한 기기는 그대로 쓸 수 있습니다.', en: 'Signed-in devices work as before.' }

/** Stands before or above what was wrong. */
export const CORRECTION: Text = { ko: '바로잡음', en: 'Correction' }
