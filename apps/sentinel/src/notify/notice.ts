import { idOf, type Thing, type Update } from '../acts/desk.ts'
import type { Condition, IncidentUpdate, MaintenanceUpdate } from '../vocabulary/incident.ts'
import { isOpen } from '../incident/updates.ts'
import type { Component } from '../vocabulary/observation.ts'
import type { RecordEntry } from '../record/record.ts'

/** News for subscribers. `key` names it for ever, so that nobody is told twice. */
export type Notice =
  | { readonly kind: 'incident'; readonly key: string; readonly update: IncidentUpdate }
  | { readonly kind: 'maintenance'; readonly key: string; readonly update: MaintenanceUpdate }

function noticeAbout(update: Update): Notice {
  const key = `${idOf(update)}#${update.number}`
  return 'incidentId' in update ? { kind: 'incident', key, update } : { kind: 'maintenance', key, update }
}

/** The notice that subscribers get about an entry. Null when the entry is no statement. */
export function noticeOf(entry: RecordEntry): Notice | null {
  return entry.kind === 'incident' || entry.kind === 'maintenance' ? noticeAbout(entry.body) : null
}

/** All notices that may still have to be sent, for use at a start. Their keys prevent a second delivery. */
export function noticesSince(things: readonly Thing[], at: number): readonly Notice[] {
  const updates = things.flatMap((thing): readonly Update[] => thing.updates)
  return updates.filter((update) => update.notify && update.at >= at).map(noticeAbout)
}

/** A component whose state has changed. */
export interface ComponentChange {
  readonly component: Component
  readonly from: Condition
  readonly to: Condition
}

/** A notice with the changes it brought, stored until everybody has been told. */
export interface StoredNotice {
  readonly notice: Notice
  readonly changes: readonly ComponentChange[]
}

/** Components changed by a statement, compared with the one before it. The end returns all of them to operational. */
export function changesOf(update: Update, before: Update | undefined): readonly ComponentChange[] {
  const [then, now] = [conditionsIn(before), conditionsIn(update)]
  return [...new Set([...then.keys(), ...now.keys()])]
    .map((component) => ({ component, from: then.get(component) ?? 'operational', to: now.get(component) ?? 'operational' }))
    .filter(({ from, to }) => from !== to)
}

function conditionsIn(update: Update | undefined): ReadonlyMap<Component, Condition> {
  if (update === undefined) return new Map()
  if ('incidentId' in update) return new Map(isOpen(update) ? update.hits.map(({ component, condition }) => [component, condition]) : [])
  return new Map(update.status === 'in_progress' ? update.components.map((component) => [component, 'under_maintenance']) : [])
}
