import type { Author, Hit, Incident, IncidentUpdate, Text } from '../incident/incident.ts'
import { impactOf } from '../incident/lifecycle.ts'
import { faultsInUpdate, isOpen, nextUpdate, openIncident, type Change } from '../incident/updates.ts'
import type { OperatorDesk, Said, Unsaid } from './operator-desk.ts'
import { readSaidForm, type SaidForm } from './said-form.ts'

// Turns a form about an incident into a statement, with the same pure functions as the sentinel and the command line.

const RESOLVED: Text = { ko: '다시 정상입니다.', en: 'Everything works again.' }
const CORRECTED: Text = { ko: '앞서 알린 내용을 바로잡습니다.', en: 'An earlier statement is corrected.' }

export interface Saying {
  readonly desk: OperatorDesk
  readonly form: URLSearchParams
  readonly by: Author
  readonly now: number
  readonly language: 'ko' | 'en'
}

export function openByForm({ desk, form, by, now, language }: Saying): Said<IncidentUpdate> {
  const read = readSaidForm(form, desk.snapshot().timeZone, now)
  const title = read.both('title', 'needed')
  const body = read.both('body', 'needed')
  const hits = read.hits()
  const startedAt = read.time('started', 'past')
  const share = read.share()
  const faults = read.faults.map((fault) => fault[language])
  if (title === undefined || body === undefined || faults.length > 0) return { faults }
  const id = desk.newId()
  return desk.sayIncident((_incidents, at) => {
    const began = startedAt ?? at
    const opening = {
      id,
      title,
      body,
      hits,
      impact: read.impact() ?? impactOf(hits),
      startedAt: began,
      detectedAt: at,
      share: share ?? null,
      notify: read.checked('notify'),
    }
    return faultless(openIncident(opening, by, at))
  })
}

export function updateByForm(saying: Saying, id: string): Said<IncidentUpdate> {
  const { desk, form, by, now, language } = saying
  const read = readSaidForm(form, desk.snapshot().timeZone, now)
  const status = read.status()
  const body = read.both('body', status === 'resolved' ? 'optional' : 'needed') ?? RESOLVED
  const endedAt = status === 'resolved' || status === 'postmortem' ? read.time('ended', 'past') : undefined
  const share = read.share()
  const hits = read.hits()
  const faults = read.faults.map((fault) => fault[language])
  if (faults.length > 0) return { faults }
  return onIncident(saying, id, (incident) => {
    const over = status === 'resolved' || status === 'postmortem'
    const change: Change = {
      body,
      notify: read.checked('notify'),
      ...given('status', status),
      ...given('impact', read.impact()),
      ...given('endedAt', endedAt),
      ...given('share', share),
      // A resolved incident keeps the components it hit, as its history.
      ...(over ? {} : { hits: keepPlaces(incident, hits) }),
    }
    return (at) => nextUpdate(incident, change, by, at)
  })
}

export function correctByForm(saying: Saying, id: string): Said<IncidentUpdate> {
  const { desk, form, by, now, language } = saying
  const read = readSaidForm(form, desk.snapshot().timeZone, now)
  const correction = read.both('why', 'needed')
  const body = read.both('body', 'optional') ?? CORRECTED
  const title = read.both('title', 'optional')
  const times = timesOf(read)
  const share = read.share()
  const faults = read.faults.map((fault) => fault[language])
  if (correction === undefined || faults.length > 0) return { faults }
  return onIncident(saying, id, (incident) => {
    const change: Change = { body, correction, notify: read.checked('notify'), ...given('title', title), ...times, ...given('share', share) }
    if (isOpen(incident)) return (at) => nextUpdate(incident, { ...change, endedAt: null }, by, at)
    return (at) => nextUpdate(incident, change, by, at)
  })
}

function timesOf(read: SaidForm): Partial<Pick<Change, 'startedAt' | 'detectedAt' | 'endedAt'>> {
  return {
    ...given('startedAt', read.time('started', 'past')),
    ...given('detectedAt', read.time('detected', 'past')),
    ...given('endedAt', read.time('ended', 'past')),
  }
}

/** Someone else has made a statement since the page was rendered, and the writer must see it first. */
const MOVED_ON: Text = {
  ko: '그사이 다른 말이 더해졌습니다. 아래 경과를 보시고 다시 보내 주십시오.',
  en: 'Someone published an update meanwhile. Please check the updates below and send again.',
}
const GONE: Text = { ko: '그런 장애는 없습니다.', en: 'There is no such incident.' }

function onIncident(
  { desk, form, language }: Saying,
  id: string,
  derive: (incident: Incident) => (at: number) => IncidentUpdate,
): Said<IncidentUpdate> {
  return desk.sayIncident((incidents, at) => {
    const incident = incidents.find(({ incidentId }) => incidentId === id)
    if (incident === undefined) return { faults: [GONE[language]] }
    if (form.get('seen') !== String(incident.updates.length)) return { faults: [MOVED_ON[language]] }
    return faultless(derive(incident)(at))
  })
}

function faultless(update: IncidentUpdate): IncidentUpdate | Unsaid {
  const faults = faultsInUpdate(update)
  return faults.length === 0 ? update : { faults }
}

/** The form has one choice for all profiles of a component. Profiles told apart earlier are kept when the condition is the same. */
function keepPlaces({ hits: before }: Incident, hits: readonly Hit[]): readonly Hit[] {
  return hits.map((hit) => {
    const same = before.find(({ component, condition }) => component === hit.component && condition === hit.condition)
    return same !== undefined && hit.profiles.length > 1 ? same : hit
  })
}

/** The field when it was filled in; `{}` otherwise, because omitted fields stay as they were. */
function given<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]: Value })
}
