import { createHash } from 'node:crypto'
import type { Condition, Hit, Incident, IncidentUpdate, Maintenance } from '../incident/incident.ts'
import type { Component } from '../record/observation.ts'
import type { Language } from './numbers.ts'
import type { ComponentState, Snapshot } from './snapshot.ts'
import type {
  ApiAffected,
  ApiComponent,
  ApiIncident,
  ApiMaintenance,
  ApiPage,
  ApiStatus,
  ApiUpdate,
  ComponentStatus,
  Indicator,
} from './statuspage-shapes.ts'
import { incidentPath } from './timeline.ts'
import { COMPONENT_NAMES } from './words.ts'

/** Most incidents listed by the API, and most maintenances. */
export const API_ENTRIES_MAX = 50

const ID_CHARACTERS = 12

/** An id in Statuspage's form, twelve characters of a-z and 0-9. The same thing always has the same id. */
export function statuspageId(kind: 'page' | 'component' | 'incident' | 'update' | 'maintenance', name: string): string {
  const digest = createHash('sha256').update(`${kind} ${name}`).digest('hex').slice(0, 24)
  return BigInt(`0x${digest}`).toString(36).padStart(ID_CHARACTERS, '0').slice(-ID_CHARACTERS)
}

/** Source of the API: the snapshot, whether it is too old to describe the present, and the one language of the API. */
export interface ApiSource {
  readonly snapshot: Snapshot
  readonly stale: boolean
  readonly language: Language
}

function time(at: number): string {
  return new Date(at).toISOString()
}

export function apiPage({ snapshot }: Pick<ApiSource, 'snapshot'>): ApiPage {
  return {
    id: pageId(snapshot),
    name: snapshot.name,
    url: snapshot.pageUrl,
    time_zone: snapshot.timeZone,
    // Time of the last statement or change. The time of measuring is not used, because readers take a new time for news.
    updated_at: time(
      Math.max(
        0,
        ...snapshot.components.map(({ updatedAt }) => updatedAt),
        ...[...snapshot.incidents, ...snapshot.maintenances].map(({ updatedAt }) => updatedAt),
      ),
    ),
  }
}

function pageId(snapshot: Snapshot): string {
  return statuspageId('page', snapshot.pageUrl)
}

/**
 * Statuspage has no word for "unknown". A component without evidence is never called operational [S2]: it keeps its last known fault, or else is
 * called degraded, and its description says that nothing is known.
 */
export function apiComponent(source: ApiSource, state: ComponentState): ApiComponent {
  const { snapshot, language } = source
  const known = isKnown(source, state)
  return {
    id: statuspageId('component', state.component),
    name: COMPONENT_NAMES[state.component][language],
    status: known ? (state.judgement.condition as ComponentStatus) : unseenStatus(snapshot, state.component),
    created_at: time(state.createdAt),
    updated_at: time(state.updatedAt),
    position: snapshot.components.indexOf(state) + 1,
    description: known ? null : { ko: '지금은 상태를 알 수 없습니다.', en: 'The state is unknown right now.' }[language],
    showcase: true,
    start_date: null,
    group_id: null,
    page_id: pageId(snapshot),
    group: false,
    only_show_if_degraded: false,
  }
}

function isKnown({ snapshot, stale }: ApiSource, { judgement }: ComponentState): boolean {
  return !stale && snapshot.measuredAt !== null && judgement.condition !== 'unknown'
}

/** The last statement about a component without evidence. */
function unseenStatus(snapshot: Snapshot, component: Component): ComponentStatus {
  for (const incident of snapshot.open) {
    const hit = incident.updates.findLast(({ hits }) => hits.some((each) => each.component === component && each.condition !== 'unknown'))
    const condition = hit?.hits.find((each) => each.component === component)?.condition
    if (condition === 'major_outage' || condition === 'partial_outage') return condition
  }
  return 'degraded_performance'
}

const INDICATORS = ['none', 'minor', 'major', 'critical'] as const

const DESCRIPTIONS: Readonly<Record<Indicator, string>> = {
  none: 'All Systems Operational',
  minor: 'Minor Service Outage',
  major: 'Partial System Outage',
  critical: 'Major Service Outage',
  maintenance: 'Service Under Maintenance',
}

/**
 * The overall status: the worst of the components and of the open incidents' impacts. Degraded is minor, a broken component is major, all of them
 * broken is critical. Maintenance shows when nothing else does.
 */
export function apiStatus(source: ApiSource): ApiStatus {
  const { snapshot } = source
  const statuses = snapshot.components.map((state) => apiComponent(source, state).status)
  const has = (status: ComponentStatus): boolean => statuses.includes(status)
  const all = statuses.length > 0 && statuses.every((status) => status === 'major_outage')
  const ofComponents = all ? 3 : has('major_outage') || has('partial_outage') ? 2 : has('degraded_performance') ? 1 : 0
  const worst = Math.max(ofComponents, ...snapshot.open.map(({ impact }) => INDICATORS.indexOf(impact)))
  const indicator = INDICATORS[worst] as Indicator
  if (indicator === 'none' && has('under_maintenance')) return { indicator: 'maintenance', description: DESCRIPTIONS.maintenance }
  if (indicator === 'minor' && snapshot.components.some((state) => !isKnown(source, state)))
    return { indicator, description: 'Status Unknown: Monitoring Lost' }
  if (indicator === 'minor' && snapshot.open.length === 0) return { indicator, description: 'Partially Degraded Service' }
  return { indicator, description: DESCRIPTIONS[indicator] }
}

export function apiIncident(source: ApiSource, incident: Incident): ApiIncident {
  const { snapshot, language } = source
  const id = statuspageId('incident', incident.incidentId)
  const at = (status: IncidentUpdate['status']): string | null => {
    const update = incident.updates.find((each) => each.status === status)
    return update === undefined ? null : time(update.at)
  }
  const hit = new Set(incident.updates.flatMap(({ hits }) => hits.map(({ component }) => component)))
  const over = incident.status === 'resolved' || incident.status === 'postmortem'
  return {
    id,
    name: incident.title[language],
    status: incident.status,
    created_at: time(incident.createdAt),
    updated_at: time(incident.updatedAt),
    monitoring_at: at('monitoring'),
    resolved_at: over ? (at('resolved') ?? at('postmortem')) : null,
    impact: incident.impact,
    shortlink: `${snapshot.pageUrl}/${incidentPath(incident.incidentId)}`,
    started_at: time(incident.startedAt),
    page_id: pageId(snapshot),
    incident_updates: incident.updates.map((update, index) => apiUpdate(id, update, affectedBy(incident, index, language), language)).toReversed(),
    components: snapshot.components.filter(({ component }) => hit.has(component)).map((state) => apiComponent(source, state)),
  }
}

function apiUpdate(
  incidentId: string,
  update: Pick<IncidentUpdate, 'number' | 'body' | 'at' | 'notify'> & { readonly status: string; readonly correction?: IncidentUpdate['correction'] },
  affected: readonly ApiAffected[] | null,
  language: Language,
): ApiUpdate {
  const correction = update.correction ?? null
  return {
    id: statuspageId('update', `${incidentId} ${update.number}`),
    status: update.status,
    body: correction === null ? update.body[language] : `${update.body[language]}\n${correction[language]}`,
    incident_id: incidentId,
    created_at: time(update.at),
    updated_at: time(update.at),
    display_at: time(update.at),
    affected_components: affected,
    deliver_notifications: update.notify,
    custom_tweet: null,
    tweet_id: null,
  }
}

/** What a statement changed: its components, with old and new state. A resolved component works again. */
function affectedBy(incident: Incident, index: number, language: Language): readonly ApiAffected[] | null {
  const update = incident.updates[index] as IncidentUpdate
  const before = incident.updates[index - 1]
  const names = new Set([...(before?.hits ?? []), ...update.hits].map(({ component }) => component))
  if (names.size === 0) return null
  return [...names].map((component) => ({
    code: statuspageId('component', component),
    name: COMPONENT_NAMES[component][language],
    old_status: statusIn(before, component),
    new_status: statusIn(update, component),
  }))
}

function statusIn(update: IncidentUpdate | undefined, component: Component): ComponentStatus {
  if (update === undefined || update.status === 'resolved' || update.status === 'postmortem') return 'operational'
  const hit: Hit | undefined = update.hits.find((each) => each.component === component)
  return hit === undefined ? 'operational' : enumOf(hit.condition)
}

function enumOf(condition: Condition): ComponentStatus {
  return condition === 'unknown' ? 'degraded_performance' : condition
}

export function apiMaintenance(source: ApiSource, maintenance: Maintenance): ApiMaintenance {
  const { snapshot, language } = source
  const id = statuspageId('maintenance', maintenance.maintenanceId)
  const done = maintenance.updates.find(({ status }) => status === 'completed')
  const verifying = maintenance.updates.find(({ status }) => status === 'verifying')
  return {
    id,
    name: maintenance.title[language],
    status: maintenance.status,
    created_at: time(maintenance.createdAt),
    updated_at: time(maintenance.updatedAt),
    monitoring_at: verifying === undefined ? null : time(verifying.at),
    resolved_at: maintenance.status === 'completed' && done !== undefined ? time(done.at) : null,
    impact: 'maintenance',
    shortlink: `${snapshot.pageUrl}/history.html#maintenance-${maintenance.maintenanceId}`,
    started_at: time(maintenance.scheduledFor),
    page_id: pageId(snapshot),
    incident_updates: maintenance.updates
      .map((update, index) => apiUpdate(id, update, plannedFor(maintenance, index, language), language))
      .toReversed(),
    components: snapshot.components.filter(({ component }) => maintenance.components.includes(component)).map((state) => apiComponent(source, state)),
    scheduled_for: time(maintenance.scheduledFor),
    scheduled_until: time(maintenance.scheduledUntil),
  }
}

function plannedFor(maintenance: Maintenance, index: number, language: Language): readonly ApiAffected[] {
  const update = maintenance.updates[index]
  const during = (status: string | undefined): ComponentStatus =>
    status === 'in_progress' || status === 'verifying' ? 'under_maintenance' : 'operational'
  return (update?.components ?? []).map((component) => ({
    code: statuspageId('component', component),
    name: COMPONENT_NAMES[component][language],
    old_status: during(maintenance.updates[index - 1]?.status),
    new_status: during(update?.status),
  }))
}

/** All documents of the API by path. */
export function apiDocuments(source: ApiSource): ReadonlyMap<string, object> {
  const { snapshot } = source
  const page = apiPage(source)
  const status = apiStatus(source)
  const components = snapshot.components.map((state) => apiComponent(source, state))
  const unresolved = snapshot.open.map((incident) => apiIncident(source, incident))
  const maintenances = (those: readonly Maintenance[]): readonly ApiMaintenance[] => those.map((each) => apiMaintenance(source, each))
  const upcoming = snapshot.maintenances.filter((each) => each.status === 'scheduled')
  const active = snapshot.maintenances.filter((each) => each.status === 'in_progress' || each.status === 'verifying')
  return new Map<string, object>([
    ['api/v2/summary.json', { page, status, components, incidents: unresolved, scheduled_maintenances: maintenances([...active, ...upcoming]) }],
    ['api/v2/status.json', { page, status }],
    ['api/v2/components.json', { page, components }],
    ['api/v2/incidents.json', { page, incidents: snapshot.incidents.slice(0, API_ENTRIES_MAX).map((incident) => apiIncident(source, incident)) }],
    ['api/v2/incidents/unresolved.json', { page, incidents: unresolved }],
    ['api/v2/scheduled-maintenances.json', { page, scheduled_maintenances: maintenances(snapshot.maintenances.slice(0, API_ENTRIES_MAX)) }],
    ['api/v2/scheduled-maintenances/upcoming.json', { page, scheduled_maintenances: maintenances(upcoming) }],
    ['api/v2/scheduled-maintenances/active.json', { page, scheduled_maintenances: maintenances(active) }],
  ])
}
