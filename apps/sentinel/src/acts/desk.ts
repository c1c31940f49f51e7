import type { Incident, IncidentUpdate, Maintenance, MaintenanceUpdate, Text } from '../vocabulary/incident.ts'
import { isOpen } from '../incident/updates.ts'

/** What people make statements about. */
export type Area = 'incident' | 'maintenance'
export type Thing = Incident | Maintenance
export type Update = Thing['updates'][number]

export function idOf(one: Thing | IncidentUpdate | MaintenanceUpdate): string {
  return 'incidentId' in one ? one.incidentId : one.maintenanceId
}

/** Whether it goes on, or is to come. */
export function isCurrent(one: Thing): boolean {
  return 'incidentId' in one ? isOpen(one) : one.status !== 'completed'
}

/** Why a statement was not made, in words for its writer. */
export interface Unsaid {
  readonly faults: readonly Text[]
}

/** Derives a statement from all things of its area. */
export type Derive = (things: readonly Thing[], at: number) => Update | Unsaid

/**
 * The place from which a person makes statements. It uses the record alone, so it works while the messenger is down [S3]. `say` derives the statement
 * from all earlier ones, and derives it again when someone else spoke in between. When it returns without faults, the statement is in the record and
 * being published. It throws RecordUnavailable when the disk is full or the file is gone.
 */
export interface ActDesk {
  /** All of them, newest first. */
  things(area: Area): readonly Thing[]
  say(area: Area, derive: Derive): Said
  /** A new random id. */
  newId(): string
}

export type Said = { readonly update: Update } | Unsaid

/** One reason why a statement was not made. */
export function unsaid(ko: string, en: string): Unsaid {
  return { faults: [{ ko, en }] }
}

export const CROWDED = unsaid(
  '그사이 다른 말이 거듭 더해져 나가지 못했습니다. 다시 보내 주십시오.',
  'Others publish updates so often that this one could not be published. Try again.',
)
