import type { Condition, IncidentUpdate, MaintenanceUpdate } from '../incident/incident.ts'
import type { Component } from '../record/observation.ts'
import type { Notice } from './notice.ts'

/** A component that is not any more what it was. */
export interface ComponentChange {
  readonly component: Component
  readonly from: Condition
  readonly to: Condition
}

/** A notice, with what it changed, as it is kept until everybody has been told. */
export interface StoredNotice {
  readonly notice: Notice
  readonly changes: readonly ComponentChange[]
}

/** Components that an update moved, compared with the update before it. What is over has all of them well again. */
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
