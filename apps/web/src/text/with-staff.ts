import type { Room } from '@bongsu/client'

/** Whether the other person of a 1:1 is staff. A group has no badge, whatever it is called [B32]. */
export function isWithStaff({ meta }: Room): boolean {
  return meta.kind === 'direct' && meta.people[0]?.staff === true
}
