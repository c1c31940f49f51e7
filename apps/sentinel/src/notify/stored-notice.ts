import type { Condition, IncidentUpdate, MaintenanceUpdate } from '../incident/incident.ts'
import type { Component } from '../record/observation.ts'
import type { Notice } from './notice.ts'

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

/** Components changed by an update, compared with the update before it. A resolved incident returns all of them to operational. */
export function changesOfIncident(update: IncidentUpdate, before: IncidentUpdate | undefined): readonly ComponentChange[] {
  return changes(conditionsOf(before), conditionsOf(update))
}

export function changesOfMaintenance(update: MaintenanceUpdate, before: MaintenanceUpdate | undefined): readonly ComponentChange[] {
  return changes(underWork(before), underWork(update))
}

type Conditions = ReadonlyMap<Component, Condition>

function changes(then: Conditions, now: Conditions): readonly ComponentChange[] {
  return [...new Set([...then.keys(), ...now.keys()])]
    .map((component) => ({ component, from: then.get(component) ?? 'operational', to: now.get(component) ?? 'operational' }))
    .filter(({ from, to }) => from !== to)
}

function conditionsOf(update: IncidentUpdate | undefined): Conditions {
  const over = update === undefined || update.status === 'resolved' || update.status === 'postmortem'
  return new Map(over ? [] : update.hits.map(({ component, condition }) => [component, condition]))
}

function underWork(update: MaintenanceUpdate | undefined): Conditions {
  const going = update !== undefined && (update.status === 'in_progress' || update.status === 'verifying')
  return new Map(going ? update.components.map((component) => [component, 'under_maintenance']) : [])
}
