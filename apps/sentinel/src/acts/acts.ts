import { INCIDENT_STATUSES, type IncidentStatus, type MaintenanceStatus, type Text } from '../vocabulary/incident.ts'

// Everything a person can state. Commands with their help, and the forms of the operator page, are made from this list.

export type FieldName = 'title' | 'body' | 'why' | 'component' | 'impact' | 'status' | 'started' | 'detected' | 'ended' | 'share' | 'from' | 'until'

/** A field: its flags, its lines in the help of a command, and its name in a form. */
export interface Field {
  readonly flags: readonly string[]
  readonly help: string
  readonly label: Text
}

const BODY_HELP = `--body-ko TEXT, --body-en TEXT
                  if one language is missing, the other is used for both. Without a body flag the body is read from standard input,
                  with a line of --- between Korean and English`

export const FIELDS: Readonly<Record<FieldName, Field>> = {
  title: { flags: ['title-ko', 'title-en'], help: '--title-ko TEXT, --title-en TEXT', label: { ko: '제목', en: 'Title' } },
  body: { flags: ['body-ko', 'body-en'], help: BODY_HELP, label: { ko: '글', en: 'Text' } },
  why: {
    flags: ['why-ko', 'why-en'],
    help: `--why-ko TEXT, --why-en TEXT
                  what was wrong before. The earlier statement stays readable for ever`,
    label: { ko: '무엇이 왜 틀렸는지', en: 'What was wrong, and why' },
  },
  component: {
    flags: ['component'],
    help: `--component C[=S] affected component (messaging, sign-in or web); for an incident with its state (operational, degraded_performance,
                  partial_outage or major_outage), which holds until you say operational; may be repeated; a :pc or :phone at the end
                  limits it to those devices`,
    label: { ko: '구성 요소', en: 'Components' },
  },
  impact: {
    flags: ['impact'],
    help: '--impact I        none, minor, major or critical; derived from the components when left out',
    label: { ko: '영향의 크기', en: 'Impact' },
  },
  status: {
    flags: ['status'],
    help: `--status S        ${INCIDENT_STATUSES.slice(0, -1).join(', ')} or postmortem`,
    label: { ko: '상태', en: 'State' },
  },
  started: { flags: ['started'], help: '--started TIME    start of the incident; now when left out', label: { ko: '시작', en: 'Began' } },
  detected: { flags: ['detected'], help: '--detected TIME   time of detection; now when left out', label: { ko: '감지', en: 'Noticed' } },
  ended: {
    flags: ['ended'],
    help: '--ended TIME      end of the incident; only with resolve, or for a resolved incident',
    label: { ko: '끝난 시각', en: 'Ended' },
  },
  share: {
    flags: ['share', 'share-range'],
    help: '--share 8%        share of active people affected, and --share-range 5%-11%',
    label: { ko: '영향을 받는 이용자', en: 'People affected' },
  },
  from: { flags: ['from'], help: '--from TIME       planned start', label: { ko: '시작', en: 'From' } },
  until: { flags: ['until'], help: '--until TIME      planned end', label: { ko: '끝', en: 'Until' } },
}

interface ActOf<Area extends string, Status> {
  readonly area: Area
  /** Word of the command, and last part of the form's address. */
  readonly name: string
  readonly heading: Text
  readonly button: Text
  readonly usage: string
  readonly fields: readonly FieldName[]
  /** Fields without which nothing can be said. */
  readonly needs: readonly FieldName[]
  /** Fields of the form: those shown at once, and those folded away. */
  readonly form: { readonly main: readonly FieldName[]; readonly more: readonly FieldName[] }
  /** The text when none is typed. Null: a text is needed. */
  readonly body: Text | null
  /** The state after this act, unless another is typed. Null: as it was. */
  readonly status: Status | null
  readonly opens: boolean
  /** Whether subscribers are told unless the person decides otherwise. */
  readonly tells: boolean
}

export type IncidentAct = ActOf<'incident', IncidentStatus>
export type MaintenanceAct = ActOf<'maintenance', MaintenanceStatus>
export type Act = IncidentAct | MaintenanceAct

const next = { opens: false, tells: true, body: null, status: null, needs: ['body'] } as const
const SAID = ['title', 'body', 'component', 'impact', 'status', 'started', 'detected', 'ended', 'share'] as const
const incident = { ...next, area: 'incident', fields: SAID } as const
const maintenance = { ...next, area: 'maintenance', fields: ['title', 'body', 'component', 'from', 'until'] } as const

export const ACTS = {
  open: {
    ...incident,
    name: 'open',
    opens: true,
    heading: { ko: '장애 알리기', en: 'Announce an incident' },
    button: { ko: '알리기', en: 'Publish' },
    usage: '--title-ko … --component sign-in=major_outage [--body-ko …]',
    form: { main: ['title', 'body', 'component'], more: ['impact', 'started', 'share'] },
    needs: ['title', 'body', 'component'],
  },
  update: {
    ...incident,
    name: 'update',
    heading: { ko: '다음 알림', en: 'Next statement' },
    button: { ko: '알리기', en: 'Publish' },
    usage: '[ID] [--status identified] [--body-ko …]',
    form: { main: ['status', 'body'], more: ['component', 'impact', 'share'] },
  },
  resolve: {
    ...incident,
    name: 'resolve',
    heading: { ko: '이렇게 나갑니다', en: 'This will be published' },
    button: { ko: '해결됨으로 알리기', en: 'Publish as resolved' },
    usage: '[ID] [--ended 12:20] [--body-ko …]',
    form: { main: ['ended'], more: ['body', 'component', 'share'] },
    needs: [],
    body: { ko: '문제가 해결되어 다시 정상입니다. 불편을 드려 죄송합니다.', en: 'The problem is solved and everything works again. We apologise.' },
    status: 'resolved',
  },
  correct: {
    ...incident,
    name: 'correct',
    heading: { ko: '바로잡기', en: 'Correct' },
    button: { ko: '바로잡기', en: 'Correct' },
    usage: 'ID --why-ko … [--started 10:54] [--share 8%] …',
    fields: ['why', ...SAID],
    form: { main: ['why'], more: ['title', 'started', 'detected', 'ended', 'share'] },
    needs: ['why'],
    body: { ko: '앞서 알린 내용을 바로잡습니다.', en: 'An earlier statement is corrected.' },
    tells: false,
  },
  schedule: {
    ...maintenance,
    name: 'schedule',
    opens: true,
    heading: { ko: '점검 예고하기', en: 'Announce maintenance' },
    button: { ko: '예고하기', en: 'Announce' },
    usage: '--title-ko … --component messaging --from "2026-11-23 04:00" --until "2026-11-23 05:00" [--body-ko …]',
    form: { main: ['title', 'body', 'component', 'from', 'until'], more: [] },
    needs: ['title', 'body', 'component', 'from', 'until'],
  },
  change: {
    ...maintenance,
    name: 'update',
    heading: { ko: '다음 알림', en: 'Next statement' },
    button: { ko: '알리기', en: 'Publish' },
    usage: '[ID] [--from TIME] [--until TIME] [--body-ko …]',
    form: { main: ['body'], more: ['from', 'until', 'title', 'component'] },
  },
  start: {
    ...maintenance,
    name: 'start',
    heading: { ko: '시작', en: 'Start' },
    button: { ko: '시작했다고 알리기', en: 'Say that it has started' },
    usage: '[ID] [--body-ko …]',
    fields: ['body'],
    form: { main: ['body'], more: [] },
    needs: [],
    body: { ko: '예고한 작업을 시작합니다.', en: 'The announced maintenance has started.' },
    status: 'in_progress',
  },
  complete: {
    ...maintenance,
    name: 'complete',
    heading: { ko: '마침', en: 'Complete' },
    button: { ko: '마쳤다고 알리기', en: 'Say that it is completed' },
    usage: '[ID] [--body-ko …]',
    fields: ['body'],
    form: { main: ['body'], more: [] },
    needs: [],
    body: { ko: '예고한 작업을 마쳤습니다.', en: 'The announced maintenance is completed.' },
    status: 'completed',
  },
} as const satisfies Readonly<Record<string, Act>>

export function actNamed(area: string, name: string): Act | undefined {
  return Object.values<Act>(ACTS).find((act) => act.area === area && act.name === name)
}
