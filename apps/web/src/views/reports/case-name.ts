import type { ReportCase } from '@bongsu/protocol'

/** Whom or what a case is about. @param unnamed for a group without a title. */
export function caseName({ person, room }: ReportCase, unnamed: string): string {
  return person?.displayName ?? (room?.title === '' || room === null ? unnamed : room.title)
}
