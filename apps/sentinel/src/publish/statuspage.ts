import { createHash } from 'node:crypto'
import type { StatusDocument } from '@bongsu/protocol'
import { IMPACTS, type Condition, type Hit, type Impact, type Incident, type IncidentUpdate, type Maintenance } from '../vocabulary/incident.ts'
import { componentsHit, isOpen } from '../incident/updates.ts'
import type { Component } from '../vocabulary/observation.ts'
import { conditionNow, headlineOf, STALE_AFTER_MS } from './headline.ts'
import type { Language } from '../vocabulary/numbers.ts'
import type { ComponentState, Snapshot } from '../present/snapshot.ts'
import { incidentPath } from './timeline.ts'
import { CAUTION, COMPONENT_NAMES } from '../vocabulary/words.ts'

// The public API v2 of Statuspage, with keys in the order in which it serves them. All fields are there, and only `page.expires_at` and `page.caution` are
// added: programs written for Statuspage can read these documents unchanged.

type Indicator = Impact | 'maintenance'
type ComponentStatus = Exclude<Condition, 'unknown'>

/** Most incidents listed by the API, and most maintenances. */
export const API_ENTRIES_MAX = 50

/** The time of measuring moves in such steps, so that long documents are not made anew each second. */
export const API_STEP_MS = 5_000

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

export function apiPage({ snapshot, stale, language }: ApiSource) {
  const measuredAt = snapshot.measuredAt === null ? null : Math.floor(snapshot.measuredAt / API_STEP_MS) * API_STEP_MS
  return {
    id: pageId(snapshot),
    name: snapshot.name,
    url: snapshot.pageUrl,
    time_zone: snapshot.timeZone,
    // Moves with measuring: a program can tell a copy that nobody renews [S15].
    updated_at: time(
      Math.max(
        measuredAt ?? 0,
        ...snapshot.components.map(({ updatedAt }) => updatedAt),
        ...[...snapshot.incidents, ...snapshot.maintenances].map(({ updatedAt }) => updatedAt),
      ),
    ),
    /** Later than this the document says nothing about the present. Null when nothing was ever measured. */
    expires_at: measuredAt === null ? null : time(measuredAt + STALE_AFTER_MS),
    /** What people should know although nothing fails, or null [O19]. */
    caution: snapshot.unsafe && !stale ? CAUTION[language] : null,
  }
}

function pageId(snapshot: Snapshot): string {
  return statuspageId('page', snapshot.pageUrl)
}

/** A component without evidence keeps its last known fault, or else is called degraded, and its description says that nothing is known. */
export function apiComponent(source: ApiSource, state: ComponentState) {
  const { snapshot, language } = source
  const known = isKnown(source, state)
  return {
    id: statuspageId('component', state.component),
    name: COMPONENT_NAMES[state.component][language],
    // Of a component without evidence, the last statement.
    status: statusOf(known ? state.judgement.condition : (lastBroken(snapshot, state.component)?.condition ?? 'unknown')),
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

function isKnown({ snapshot, stale }: ApiSource, state: ComponentState): boolean {
  return conditionNow(state, snapshot, stale) !== 'unknown'
}

/** Statuspage has no word for "unknown", and a component without evidence is never called operational [S2]. */
export function statusOf(condition: Condition): ComponentStatus {
  return condition === 'unknown' ? 'degraded_performance' : condition
}

function lastBroken({ open }: Snapshot, component: Component): Hit | null {
  for (const incident of open) {
    const all = incident.updates.flatMap(({ hits }) => hits)
    const hit = all.findLast((each) => each.component === component && each.condition !== 'unknown')
    if (hit?.condition === 'major_outage' || hit?.condition === 'partial_outage') return hit
  }
  return null
}

/** Whether what is known of a broken component is that people fail, and not that they are silent, or that our own posts cannot reach it. */
function isAccused(source: ApiSource, state: ComponentState): boolean {
  const trouble = isKnown(source, state) ? state.judgement.trouble : lastBroken(source.snapshot, state.component)?.trouble
  return trouble !== 'silent' && trouble !== 'from-here'
}

const DESCRIPTIONS: Readonly<Record<Indicator, string>> = {
  none: 'All Systems Operational',
  minor: 'Minor Service Outage',
  major: 'Partial System Outage',
  critical: 'Major Service Outage',
  maintenance: 'Service Under Maintenance',
}

/**
 * The overall status: the worst of the components and of the open incidents' impacts. Degraded is minor, a broken component is major, all of them
 * broken is critical. Where nobody is known to fail it is minor. Maintenance shows when nothing else does.
 */
export function apiStatus(source: ApiSource): { readonly indicator: Indicator; readonly description: string } {
  const { snapshot } = source
  const statuses = snapshot.components.map((state) => apiComponent(source, state).status)
  const has = (status: ComponentStatus): boolean => statuses.includes(status)
  const all = statuses.length > 0 && statuses.every((status) => status === 'major_outage')
  const broken = snapshot.components.some(
    (state, index) => (statuses[index] === 'major_outage' || statuses[index] === 'partial_outage') && isAccused(source, state),
  )
  const ofComponents = all ? 3 : broken ? 2 : has('major_outage') || has('partial_outage') || has('degraded_performance') ? 1 : 0
  const worst = Math.max(ofComponents, ...snapshot.open.map(({ impact }) => IMPACTS.indexOf(impact)))
  const indicator: Indicator = IMPACTS[worst] as Impact
  if (indicator === 'none' && has('under_maintenance')) return { indicator: 'maintenance', description: DESCRIPTIONS.maintenance }
  if (indicator === 'minor' && snapshot.components.some((state) => !isKnown(source, state)))
    return { indicator, description: 'Status Unknown: Monitoring Lost' }
  if (indicator === 'minor' && snapshot.open.length === 0) return { indicator, description: 'Partially Degraded Service' }
  return { indicator, description: DESCRIPTIONS[indicator] }
}

export function apiIncident(source: ApiSource, incident: Incident) {
  const { snapshot, language } = source
  const id = statuspageId('incident', incident.incidentId)
  const hit = componentsHit(incident)
  return {
    id,
    name: incident.title[language],
    status: incident.status,
    created_at: time(incident.createdAt),
    updated_at: time(incident.updatedAt),
    monitoring_at: firstAt(incident.updates, 'monitoring'),
    // The end as it was told, which a person may have corrected.
    resolved_at: !isOpen(incident) && incident.endedAt !== null ? time(incident.endedAt) : null,
    impact: incident.impact,
    shortlink: `${snapshot.pageUrl}/${incidentPath(incident.incidentId)}`,
    started_at: time(incident.startedAt),
    page_id: pageId(snapshot),
    incident_updates: incident.updates.map((update, index) => apiUpdate(id, update, hitBy(incident, index, language), language)).toReversed(),
    components: snapshot.components.filter(({ component }) => hit.includes(component)).map((state) => apiComponent(source, state)),
  }
}

type Update = Incident['updates'][number] | Maintenance['updates'][number]

function firstAt(updates: readonly Update[], status: Update['status']): string | null {
  const update = updates.find((each) => each.status === status)
  return update === undefined ? null : time(update.at)
}

function apiUpdate(incidentId: string, update: Update, affected: ReturnType<typeof affectedBy> | null, language: Language) {
  const correction = 'correction' in update ? update.correction : null
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

/** Some components with their states before and after a statement. */
function affectedBy(components: readonly Component[], language: Language, before: StatusIn, after: StatusIn) {
  return components.map((component) => ({
    code: statuspageId('component', component),
    name: COMPONENT_NAMES[component][language],
    old_status: before(component),
    new_status: after(component),
  }))
}

type StatusIn = (component: Component) => ComponentStatus

/** What a statement changed. A resolved component works again. */
function hitBy({ updates }: Incident, index: number, language: Language): ReturnType<typeof affectedBy> | null {
  const [before, update] = [updates[index - 1], updates[index]]
  const names = new Set([...(before?.hits ?? []), ...(update?.hits ?? [])].map(({ component }) => component))
  const statusIn =
    (of: IncidentUpdate | undefined): StatusIn =>
    (component) => {
      if (of === undefined || !isOpen(of)) return 'operational'
      return statusOf(of.hits.find((hit) => hit.component === component)?.condition ?? 'operational')
    }
  return names.size === 0 ? null : affectedBy([...names], language, statusIn(before), statusIn(update))
}

export function apiMaintenance(source: ApiSource, maintenance: Maintenance) {
  const { snapshot, language } = source
  const id = statuspageId('maintenance', maintenance.maintenanceId)
  const { updates, status } = maintenance
  const during =
    (index: number): StatusIn =>
    () =>
      updates[index]?.status === 'in_progress' ? 'under_maintenance' : 'operational'
  return {
    id,
    name: maintenance.title[language],
    status,
    created_at: time(maintenance.createdAt),
    updated_at: time(maintenance.updatedAt),
    monitoring_at: null,
    resolved_at: status === 'completed' ? firstAt(updates, 'completed') : null,
    impact: 'maintenance',
    shortlink: `${snapshot.pageUrl}/history.html#maintenance-${maintenance.maintenanceId}`,
    started_at: time(maintenance.scheduledFor),
    page_id: pageId(snapshot),
    incident_updates: updates
      .map((update, index) => apiUpdate(id, update, affectedBy(update.components, language, during(index - 1), during(index)), language))
      .toReversed(),
    components: snapshot.components.filter(({ component }) => maintenance.components.includes(component)).map((state) => apiComponent(source, state)),
    scheduled_for: time(maintenance.scheduledFor),
    scheduled_until: time(maintenance.scheduledUntil),
  }
}

export function apiDocuments(source: ApiSource): ReadonlyMap<string, object> {
  const { snapshot } = source
  const page = apiPage(source)
  const status = apiStatus(source)
  const components = snapshot.components.map((state) => apiComponent(source, state))
  const unresolved = snapshot.open.map((incident) => apiIncident(source, incident))
  const maintenances = (those: readonly Maintenance[]) => those.map((each) => apiMaintenance(source, each))
  const upcoming = snapshot.maintenances.filter((each) => each.status === 'scheduled')
  const active = snapshot.maintenances.filter((each) => each.status === 'in_progress')
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

/** `/status.json` for the messenger's own app and other programs, as defined in the protocol. */
export function statusDocument(snapshot: Snapshot, stale: boolean): StatusDocument {
  return {
    name: snapshot.name,
    pageUrl: snapshot.pageUrl,
    madeAt: snapshot.madeAt,
    measuredAt: snapshot.measuredAt,
    staleAfterMs: STALE_AFTER_MS,
    sentence: headlineOf(snapshot, stale).sentence,
    ...(snapshot.unsafe && !stale ? { caution: CAUTION } : {}),
    components: snapshot.components.map((state) => ({
      id: state.component,
      name: COMPONENT_NAMES[state.component],
      condition: conditionNow(state, snapshot, stale),
    })),
    incidents: snapshot.open.map((incident) => ({
      id: incident.incidentId,
      url: `${snapshot.pageUrl}/${incidentPath(incident.incidentId)}`,
      title: incident.title,
      body: incident.updates.at(-1)?.body ?? incident.title,
      impact: incident.impact,
      status: incident.status,
      startedAt: incident.startedAt,
      updatedAt: incident.updatedAt,
      nextUpdateAt: incident.nextUpdateAt,
      share: incident.share === null ? null : { value: incident.share.value, low: incident.share.low, high: incident.share.high },
    })),
  }
}
