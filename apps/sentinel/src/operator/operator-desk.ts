import type { Incident, IncidentUpdate, Maintenance, MaintenanceUpdate } from '../incident/incident.ts'
import type { Snapshot } from '../publish/snapshot.ts'

/** Why something was not said, in words for its writer. */
export interface Unsaid {
  readonly faults: readonly string[]
}

/**
 * Where a person speaks from: over the record alone, so that it works with the messenger dead [S3]. `say…` derives what is said from all that was said
 * before, and again when somebody else spoke in between. When it returns without faults, the word is in the record, and on its way to everybody.
 * It throws RecordUnavailable when the disk is full or the file is gone.
 */
export interface OperatorDesk {
  /** As published last: what is held of each component now, the name, the time zone, the contact. */
  snapshot(): Snapshot
  /** All, newest first. */
  incidents(): readonly Incident[]
  maintenances(): readonly Maintenance[]
  sayIncident(derive: (incidents: readonly Incident[], at: number) => IncidentUpdate | Unsaid): Said<IncidentUpdate>
  sayMaintenance(derive: (maintenances: readonly Maintenance[], at: number) => MaintenanceUpdate | Unsaid): Said<MaintenanceUpdate>
  /** A new id, chosen by nobody. */
  newId(): string
}

export type Said<Update> = { readonly update: Update } | Unsaid
