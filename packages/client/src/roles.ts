import { hasRight, roleOf } from '@bongsu/log'
import type { AccountId, ConversationMeta, Right, RoomRole } from '@bongsu/protocol'

type Owned = Pick<ConversationMeta, 'host' | 'deputies' | 'rights'>

/** The role of a member of a group [B10]. */
export function roleIn({ host = null, deputies = [] }: Owned, accountId: AccountId): RoomRole {
  return roleOf({ host, deputies }, accountId)
}

/** Whether a member of a group may do this [B12]. @param right `host`: what only the host may do. */
export function mayIn({ host = null, deputies = [], rights = {} }: Owned, accountId: AccountId, right: Right | 'host'): boolean {
  return hasRight({ host, deputies, rights }, accountId, right)
}
