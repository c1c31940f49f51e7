import { countCodePoints } from '@bongsu/protocol'
import type { Author, Hit, Incident, IncidentUpdate, Maintenance, MaintenanceUpdate, Share, Text } from './incident.ts'

// How a statement follows from the statements before it. Pure. Commands, the operator page and the sentinel itself all use these functions, so that
// no statement is incomplete.

export const TEXT_BOUNDS = { titleCodePointsMax: 120, bodyCodePointsMax: 4_000, authorCodePointsMax: 60 } as const

/** How soon the next update is promised while an incident lasts. */
export const NEXT_UPDATE_MS = 15 * 60_000

export interface Opening {
  readonly id: string
  readonly title: Text
  readonly body: Text
  readonly hits: readonly Hit[]
  readonly impact: IncidentUpdate['impact']
  readonly startedAt: number
  /** Null when nobody noticed the incident while it lasted. */
  readonly detectedAt: number | null
  readonly status?: IncidentUpdate['status']
  readonly endedAt?: number | null
  readonly share?: Share | null
  readonly basis?: IncidentUpdate['basis']
  readonly notify?: boolean
}

export function openIncident(opening: Opening, by: Author, at: number): IncidentUpdate {
  const status = opening.status ?? 'investigating'
  const over = status === 'resolved' || status === 'postmortem'
  return {
    incidentId: opening.id,
    number: 1,
    at,
    by,
    status,
    impact: opening.impact,
    title: opening.title,
    body: opening.body,
    hits: opening.hits,
    startedAt: opening.startedAt,
    detectedAt: opening.detectedAt,
    endedAt: over ? (opening.endedAt ?? at) : null,
    share: opening.share ?? null,
    basis: opening.basis ?? null,
    nextUpdateAt: over ? null : at + NEXT_UPDATE_MS,
    correction: null,
    notify: opening.notify ?? true,
  }
}

/** Changes for the next statement. Omitted fields stay as they were. A body is required. */
export type Change = Pick<IncidentUpdate, 'body'> &
  Partial<
    Pick<
      IncidentUpdate,
      'status' | 'impact' | 'title' | 'hits' | 'startedAt' | 'detectedAt' | 'endedAt' | 'share' | 'basis' | 'nextUpdateAt' | 'correction' | 'notify'
    >
  >

export function nextUpdate(incident: Incident, change: Change, by: Author, at: number): IncidentUpdate {
  const status = change.status ?? incident.status
  const over = status === 'resolved' || status === 'postmortem'
  const endedAt = change.endedAt ?? incident.endedAt
  return {
    incidentId: incident.incidentId,
    number: incident.updates.length + 1,
    at,
    by,
    status,
    impact: change.impact ?? incident.impact,
    title: change.title ?? incident.title,
    body: change.body,
    hits: change.hits ?? incident.hits,
    startedAt: change.startedAt ?? incident.startedAt,
    detectedAt: change.detectedAt ?? incident.detectedAt,
    // An ongoing incident has no end, and a resolved one has one.
    endedAt: over ? (endedAt ?? at) : null,
    share: change.share === undefined ? incident.share : change.share,
    basis: change.basis ?? null,
    nextUpdateAt: over ? null : (change.nextUpdateAt ?? at + NEXT_UPDATE_MS),
    correction: change.correction ?? null,
    notify: change.notify ?? true,
  }
}

/** @returns what is wrong with an update, in words for its writer. Empty when it may be published. */
export function faultsInUpdate(update: IncidentUpdate): readonly string[] {
  const faults = [...faultsInText('title', update.title, TEXT_BOUNDS.titleCodePointsMax)]
  faults.push(...faultsInText('body', update.body, TEXT_BOUNDS.bodyCodePointsMax))
  if (update.correction !== null) faults.push(...faultsInText('correction', update.correction, TEXT_BOUNDS.bodyCodePointsMax))
  if (update.by.kind === 'person') faults.push(...faultsInWords('author', update.by.name, TEXT_BOUNDS.authorCodePointsMax))
  if (update.startedAt > update.at) faults.push('The start cannot be in the future.')
  if (update.detectedAt !== null && update.detectedAt > update.at) faults.push('The detection cannot be in the future.')
  if (update.endedAt !== null && update.endedAt < update.startedAt) faults.push('The end cannot be before the start.')
  if (update.endedAt !== null && update.endedAt > update.at) faults.push('The end cannot be in the future.')
  if (
    update.share !== null &&
    !(0 <= update.share.low && update.share.low <= update.share.value && update.share.value <= update.share.high && update.share.high <= 1)
  )
    faults.push('The share must be from 0 to 100 % and inside its interval.')
  return faults
}

/** Incidents folded from all their updates, newest start first. An update of an unknown incident opens it. */
export function foldIncidents(updates: readonly IncidentUpdate[]): readonly Incident[] {
  const all = Map.groupBy(updates, ({ incidentId }) => incidentId)
  return [...all.values()].map(incidentOf).toSorted((one, other) => other.startedAt - one.startedAt || other.createdAt - one.createdAt)
}

function incidentOf(updates: readonly IncidentUpdate[]): Incident {
  const first = updates[0] as IncidentUpdate
  const {
    number: _number,
    at: updatedAt,
    by: _by,
    body: _body,
    basis: _basis,
    correction: _correction,
    notify: _notify,
    ...last
  } = updates.at(-1) as IncidentUpdate
  return { ...last, createdAt: first.at, updatedAt, updates }
}

export function isOpen(incident: Incident): boolean {
  return incident.status !== 'resolved' && incident.status !== 'postmortem'
}

export type Planning = Pick<MaintenanceUpdate, 'maintenanceId' | 'title' | 'body' | 'components' | 'scheduledFor' | 'scheduledUntil'>

export function planMaintenance(planning: Planning, by: Author, at: number): MaintenanceUpdate {
  return { ...planning, number: 1, at, by, status: 'scheduled', notify: true }
}

export type MaintenanceChange = Pick<MaintenanceUpdate, 'body'> &
  Partial<Pick<MaintenanceUpdate, 'status' | 'title' | 'components' | 'scheduledFor' | 'scheduledUntil' | 'notify'>>

export function nextMaintenance(maintenance: Maintenance, change: MaintenanceChange, by: Author, at: number): MaintenanceUpdate {
  const { maintenanceId, status, title, components, scheduledFor, scheduledUntil } = maintenance
  const carried = { maintenanceId, status, title, components, scheduledFor, scheduledUntil }
  return { ...carried, notify: true, ...change, number: maintenance.updates.length + 1, at, by }
}

export function faultsInMaintenance(update: MaintenanceUpdate): readonly string[] {
  const faults = [...faultsInText('title', update.title, TEXT_BOUNDS.titleCodePointsMax)]
  faults.push(...faultsInText('body', update.body, TEXT_BOUNDS.bodyCodePointsMax))
  if (update.by.kind === 'person') faults.push(...faultsInWords('author', update.by.name, TEXT_BOUNDS.authorCodePointsMax))
  if (update.scheduledUntil <= update.scheduledFor) faults.push('The end must be after the start.')
  if (update.components.length === 0) faults.push('At least one component must be named.')
  return faults
}

/** Newest first by their time. */
export function foldMaintenances(updates: readonly MaintenanceUpdate[]): readonly Maintenance[] {
  const all = Map.groupBy(updates, ({ maintenanceId }) => maintenanceId)
  return [...all.values()].map(maintenanceOf).toSorted((one, other) => other.scheduledFor - one.scheduledFor)
}

function maintenanceOf(updates: readonly MaintenanceUpdate[]): Maintenance {
  const first = updates[0] as MaintenanceUpdate
  const { number: _number, at: updatedAt, by: _by, body: _body, notify: _notify, ...last } = updates.at(-1) as MaintenanceUpdate
  return { ...last, createdAt: first.at, updatedAt, updates }
}

function faultsInText(name: string, text: Text, codePointsMax: number): readonly string[] {
  return [...faultsInWords(`${name} (Korean)`, text.ko, codePointsMax), ...faultsInWords(`${name} (English)`, text.en, codePointsMax)]
}

function faultsInWords(name: string, words: string, codePointsMax: number): readonly string[] {
  if (words.trim() === '') return [`The ${name} is empty.`]
  if (!words.isWellFormed() || words.includes('\0')) return [`The ${name} holds NUL or a lone surrogate.`]
  return countCodePoints(words) > codePointsMax ? [`The ${name} is longer than ${codePointsMax} characters.`] : []
}
