import type { ReplicaState } from '@bongsu/client'
import type { Person } from '@bongsu/protocol'

/** One's friends, without those whom one has blocked: they are back after unblocking [B3]. */
export function unblocked({ friends, blocked }: ReplicaState): Person[] {
  return [...friends.values()].filter(({ accountId }) => !blocked.has(accountId))
}
