import { countCodePoints } from '@bongsu/protocol'
import type { Component } from '../vocabulary/observation.ts'
import type { Author, Incident, IncidentUpdate, Maintenance, MaintenanceUpdate, Share, Span, Text } from '../vocabulary/incident.ts'

// How a statement follows from the statements before it. Pure. Commands, the operator page and the sentinel itself all use these functions, so that
// no statement is incomplete.

export const TEXT_BOUNDS = { titleCodePointsMax: 120, bodyCodePointsMax: 4_000, authorCodePointsMax: 60 } as const

/** How soon the next update is promised while an incident lasts. */
export const NEXT_UPDATE_MS = 15 * 60_000

/** Changes for the next statement. Omitted fields stay as they were. A body is required. */
export type Change = Pick<IncidentUpdate, 'body'> & Partial<Omit<IncidentUpdate, 'incidentId' | 'number' | 'at' | 'by' | 'body'>>

/** A first statement. `detectedAt` is null when nobody noticed the incident while it lasted. */
export type Opening = Change & Pick<IncidentUpdate, 'title' | 'hits' | 'impact' | 'startedAt' | 'detectedAt'> & { readonly id: string }

export function openIncident({ id, ...opening }: Opening, by: Author, at: number): IncidentUpdate {
  const spans = [{ from: opening.startedAt, to: null }]
  const nothing = { incidentId: id, status: 'investigating', endedAt: null, spans, share: null, beside: null, updates: [] } as const
  return nextUpdate({ ...nothing, ...opening }, opening, by, at)
}

type Before = Pick<Incident, 'incidentId' | 'status' | 'impact' | 'title' | 'hits' | 'startedAt' | 'detectedAt' | 'endedAt' | 'share' | 'updates'> &
  Pick<IncidentUpdate, 'spans' | 'beside'>

export function nextUpdate(incident: Before, change: Change, by: Author, at: number): IncidentUpdate {
  const { incidentId, impact, title, hits, share, beside = null, spans = [], updates } = incident
  const status = change.status ?? incident.status
  const over = !isOpen({ status })
  const startedAt = change.startedAt ?? incident.startedAt
  // An ongoing incident has no end, and a resolved one has one.
  const endedAt = over ? (change.endedAt ?? incident.endedAt ?? at) : null
  const carried = { incidentId, impact, title, hits, share, basis: null, correction: null, notify: true }
  const present = { number: updates.length + 1, at, by, status, startedAt, endedAt }
  return {
    ...carried,
    ...change,
    ...present,
    detectedAt: change.detectedAt ?? incident.detectedAt,
    spans: spansWithin(change.spans ?? spans, startedAt, endedAt),
    // A stated share stands alone.
    beside: change.beside ?? (change.share === undefined ? beside : null),
    nextUpdateAt: over ? null : (change.nextUpdateAt ?? at + NEXT_UPDATE_MS),
  }
}

/** The spans of an incident with this start and end, which a person may have corrected. */
function spansWithin(spans: readonly Span[], startedAt: number, endedAt: number | null): readonly Span[] {
  const end = endedAt ?? Number.POSITIVE_INFINITY
  const within = spans.filter(({ from, to }, index) => index === 0 || (from < end && (to ?? end) > startedAt))
  return within.map(({ from, to }, index) => ({
    from: index === 0 ? startedAt : from,
    to: index === within.length - 1 ? endedAt : to,
  }))
}

/** How long some spans lasted, together. */
export function lastedMs(spans: readonly Span[], now: number): number {
  return spans.reduce((sum, { from, to }) => sum + Math.max(0, (to ?? now) - from), 0)
}

/** What a statement says, apart from its words and its share: two with the same text say the same. */
export function stateOf(update: IncidentUpdate | MaintenanceUpdate): string {
  if (!('incidentId' in update)) return JSON.stringify([update.status, update.title, update.components, update.scheduledFor, update.scheduledUntil])
  const { status, title, impact, hits, startedAt, detectedAt, endedAt, spans } = update
  const failing = hits.map(({ component, condition, profiles, trouble }) => [component, condition, profiles, trouble])
  return JSON.stringify([status, title, impact, failing, startedAt, detectedAt, endedAt, spans])
}

/** All components that were said to be hit. */
export function componentsHit({ updates }: Pick<Incident, 'updates'>): readonly Component[] {
  return [...new Set(updates.flatMap(({ hits }) => hits.map(({ component }) => component)))]
}

/** @returns what is wrong with an update, in words for its writer. Empty when it may be published. */
export function faultsInUpdate(update: IncidentUpdate): readonly string[] {
  const faults = faultsInTexts(update, update.correction)
  if (update.startedAt > update.at) faults.push('The start cannot be in the future.')
  if (update.detectedAt !== null && update.detectedAt > update.at) faults.push('The detection cannot be in the future.')
  if (update.endedAt !== null && update.endedAt < update.startedAt) faults.push('The end cannot be before the start.')
  if (update.endedAt !== null && update.endedAt > update.at) faults.push('The end cannot be in the future.')
  const { value, low, high } = update.share ?? { value: 0, low: 0, high: 0 }
  if (!(0 <= low && low <= value && value <= high && high <= 1)) faults.push('The share must be from 0 to 100 % and inside its interval.')
  return faults
}

/** Incidents folded from all their updates, newest start first. An update of an unknown incident opens it. */
export function foldIncidents(updates: readonly IncidentUpdate[]): readonly Incident[] {
  const all = Map.groupBy(updates, ({ incidentId }) => incidentId)
  return [...all.values()].map(incidentOf).toSorted((one, other) => other.startedAt - one.startedAt || other.createdAt - one.createdAt)
}

function incidentOf(said: readonly IncidentUpdate[]): Incident {
  const updates = said.map(inPresentForm)
  const [first, newest] = [updates[0] as IncidentUpdate, updates.at(-1) as IncidentUpdate]
  const { number: _number, at: updatedAt, by: _by, body: _body, basis: _basis, correction: _correction, notify: _notify, ...last } = newest
  const spans = last.spans ?? [{ from: last.startedAt, to: last.endedAt }]
  return { ...last, spans, beside: last.beside ?? null, createdAt: first.at, updatedAt, updates }
}

const EARLIER_SOURCES: Readonly<Record<string, Share['source']>> = { figures: 'server', probes: 'tries' }

/** Earlier records name the sources of a share otherwise, and have no kind: every share was one of people affected. */
function inPresentForm(update: IncidentUpdate): IncidentUpdate {
  const { share } = update
  if (share === null || (share.kind as unknown) !== undefined) return update
  return { ...update, share: { ...share, kind: 'affected', source: EARLIER_SOURCES[share.source] ?? share.source } }
}

export function isOpen({ status }: Pick<IncidentUpdate, 'status'>): boolean {
  return status !== 'resolved' && status !== 'postmortem'
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

/** Maintenance starts and ends as announced, unless a person has said otherwise. */
export function duePlans(maintenances: readonly Maintenance[], now: number): readonly MaintenanceUpdate[] {
  return maintenances.flatMap((maintenance) => {
    const { status, scheduledFor, scheduledUntil } = maintenance
    const begins = status === 'scheduled' && now >= scheduledFor
    const ends = status === 'in_progress' && now >= scheduledUntil
    if (!begins && !ends) return []
    const body = begins
      ? { ko: '예정된 작업을 시작합니다.', en: 'The planned maintenance has started.' }
      : { ko: '예정된 작업 시간이 끝났습니다.', en: 'The planned time of the maintenance is over.' }
    return [nextMaintenance(maintenance, { status: begins ? 'in_progress' : 'completed', body }, { kind: 'auto' }, now)]
  })
}

export function faultsInMaintenance(update: MaintenanceUpdate): readonly string[] {
  const faults = faultsInTexts(update)
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

function faultsInTexts({ title, body, by }: Pick<IncidentUpdate, 'title' | 'body' | 'by'>, correction: Text | null = null): string[] {
  return [
    ...faultsInText('title', title, TEXT_BOUNDS.titleCodePointsMax),
    ...faultsInText('body', body, TEXT_BOUNDS.bodyCodePointsMax),
    ...(correction === null ? [] : faultsInText('correction', correction, TEXT_BOUNDS.bodyCodePointsMax)),
    ...(by.kind === 'person' ? faultsInWords('author', by.name, TEXT_BOUNDS.authorCodePointsMax) : []),
  ]
}

function faultsInText(name: string, text: Text, codePointsMax: number): readonly string[] {
  return [...faultsInWords(`${name} (Korean)`, text.ko, codePointsMax), ...faultsInWords(`${name} (English)`, text.en, codePointsMax)]
}

function faultsInWords(name: string, words: string, codePointsMax: number): readonly string[] {
  if (words.trim() === '') return [`The ${name} is empty.`]
  if (!words.isWellFormed() || words.includes('\0')) return [`The ${name} holds NUL or a lone surrogate.`]
  return countCodePoints(words) > codePointsMax ? [`The ${name} is longer than ${codePointsMax} characters.`] : []
}
