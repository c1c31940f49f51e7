import type { IncidentUpdate, MaintenanceUpdate } from '../incident/incident.ts'

/** News for subscribers. `key` names it for ever, so that nobody is told twice. */
export type Notice =
  | { readonly kind: 'incident'; readonly key: string; readonly update: IncidentUpdate }
  | { readonly kind: 'maintenance'; readonly key: string; readonly update: MaintenanceUpdate }
