import type { Maintenance, MaintenanceUpdate } from './incident.ts'
import { nextMaintenance } from './updates.ts'

/** Maintenance starts and ends as announced, unless a person has said otherwise. */
export function duePlans(maintenances: readonly Maintenance[], now: number): readonly MaintenanceUpdate[] {
  return maintenances.flatMap((maintenance) => {
    const { status, scheduledFor, scheduledUntil } = maintenance
    const begins = status === 'scheduled' && now >= scheduledFor
    const ends = (status === 'in_progress' || status === 'verifying') && now >= scheduledUntil
    if (!begins && !ends) return []
    const body = begins
      ? { ko: '예정된 작업을 시작합니다.', en: 'The planned maintenance has started.' }
      : { ko: '예정된 작업 시간이 끝났습니다.', en: 'The planned time of the maintenance is over.' }
    return [nextMaintenance(maintenance, { status: begins ? 'in_progress' : 'completed', body }, { kind: 'auto' }, now)]
  })
}
