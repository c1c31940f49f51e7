import type { Author, Condition, Impact, IncidentStatus, MaintenanceStatus, Share, Text } from '../incident/incident.ts'
import type { Component } from '../record/observation.ts'

// The fixed words of the pages in both languages. Plain words, without alarm or blame.

export const COMPONENT_NAMES: Readonly<Record<Component, Text>> = {
  messaging: { ko: '메시지 보내기·받기', en: 'Sending and receiving messages' },
  'sign-in': { ko: '로그인', en: 'Signing in' },
  web: { ko: '앱 불러오기', en: 'Loading the app' },
}

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
  verifying: { ko: '확인 중', en: 'Checking' },
  completed: { ko: '끝남', en: 'Done' },
}

export const IMPACT_NAMES: Readonly<Record<Impact, Text>> = {
  none: { ko: '영향 없음', en: 'No harm' },
  minor: { ko: '가벼움', en: 'Minor' },
  major: { ko: '큼', en: 'Major' },
  critical: { ko: '매우 큼', en: 'Critical' },
}

export const SOURCE_NAMES: Readonly<Record<Share['source'], Text>> = {
  figures: { ko: '서버가 센 이용자', en: 'people, counted by the server' },
  probes: { ko: '관측 시도', en: 'our own test messages and sign-ins' },
  reports: { ko: '기기들이 알려 온 것', en: 'reports from devices afterwards' },
  person: { ko: '담당자가 밝힌 값', en: 'stated by a person' },
}

export function authorName(by: Author): Text {
  return by.kind === 'auto' ? { ko: '자동', en: 'automatic' } : { ko: by.name, en: by.name }
}

/** What fails, while no incident says it yet. */
export const FAILING: Readonly<Record<'degraded_performance' | 'partial_outage' | 'major_outage', Readonly<Record<Component, Text>>>> = {
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
    messaging: { ko: '메시지가 늦게 오갈 수 있습니다.', en: 'Messages may be late.' },
    'sign-in': { ko: '로그인이 느릴 수 있습니다.', en: 'Signing in may be slow.' },
    web: { ko: '앱이 느리게 열릴 수 있습니다.', en: 'The app may load slowly.' },
  },
}

/** What still works while something else fails. */
export const WORKING: Readonly<Record<Component, Text>> = {
  messaging: { ko: '메시지는 정상으로 오갑니다.', en: 'Messages work as usual.' },
  'sign-in': { ko: '로그인은 됩니다.', en: 'Signing in works.' },
  web: { ko: '앱은 평소처럼 열립니다.', en: 'The app loads as usual.' },
}
