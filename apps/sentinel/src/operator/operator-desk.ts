import type { Incident, IncidentUpdate, Maintenance, MaintenanceUpdate } from '../incident/incident.ts'
import type { Snapshot } from '../publish/snapshot.ts'

/** Why a statement was not made, in words for its writer. */
export interface Unsaid {
  readonly faults: readonly string[]
}

/**
 * The place from which a person makes statements. It uses the record alone, so it works while the messenger is down [S3]. `say…` derives the
 * statement from all earlier ones, and derives it again when someone else spoke in between. When it returns without faults, the statement is in the
 * record and being published. It throws RecordUnavailable when the disk is full or the file is gone.
 */
export interface OperatorDesk {
  /** The last published snapshot: conditions of the components, name, time zone, contact. */
  snapshot(): Snapshot
  /** All of them, newest first. */
  incidents(): readonly Incident[]
  maintenances(): readonly Maintenance[]
  sayIncident(derive: (incidents: readonly Incident[], at: number) => IncidentUpdate | Unsaid): Said<IncidentUpdate>
  sayMaintenance(derive: (maintenances: readonly Maintenance[], at: number) => MaintenanceUpdate | Unsaid): Said<MaintenanceUpdate>
  /** A new random id. */
  newId(): string
}

export type Said<Update> = { readonly update: Update } | Unsaid
