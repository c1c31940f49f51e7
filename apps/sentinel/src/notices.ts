import type { IncidentUpdate, MaintenanceUpdate } from './incident/incident.ts'
import type { Notice } from './notify/notice.ts'
import type { Desk } from './present/desk.ts'
import type { RecordEntry } from './record/record.ts'

/** The notice that subscribers get about an entry. Null when the entry is no statement. */
export function noticeOf(entry: RecordEntry): Notice | null {
  if (entry.kind === 'incident') return { kind: 'incident', key: keyOf(entry.body.incidentId, entry.body), update: entry.body }
  if (entry.kind === 'maintenance') return { kind: 'maintenance', key: keyOf(entry.body.maintenanceId, entry.body), update: entry.body }
  return null
}

function keyOf(id: string, { number }: IncidentUpdate | MaintenanceUpdate): string {
  return `${id}#${number}`
}

/** All notices that may still have to be sent, for use at a start. Notice ids prevent a second delivery. */
export function noticesSince({ incidents, maintenances }: Pick<Desk, 'incidents' | 'maintenances'>, at: number): readonly Notice[] {
  const isDue = (update: IncidentUpdate | MaintenanceUpdate): boolean => update.notify && update.at >= at
  return [
    ...incidents.flatMap(({ incidentId, updates }) =>
      updates.filter(isDue).map((update): Notice => ({ kind: 'incident', key: keyOf(incidentId, update), update })),
    ),
    ...maintenances.flatMap(({ maintenanceId, updates }) =>
      updates.filter(isDue).map((update): Notice => ({ kind: 'maintenance', key: keyOf(maintenanceId, update), update })),
    ),
  ]
}
