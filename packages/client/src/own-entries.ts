import { markKind, type Entry } from '@bongsu/protocol'
import { isAct, type PendingAct } from './outbox.ts'
import type { Sending } from './sending.ts'
import type { ReplicaState } from './state.ts'

/** Removes own entries and acts from the outbox when they have arrived. */
export interface OwnEntries {
  /** These entries have arrived. Own ones among them are durable, whatever was answered before [M5]. */
  arrived(entries: readonly Entry[]): void
  /** Removes what the cursors have reached. */
  sweep(): void
  /** This device has everything: accepted entries of rooms left meanwhile never arrive here. */
  sweepLeft(): void
}

export function createOwnEntries(options: {
  readonly state: () => ReplicaState
  readonly sending: Pick<Sending, 'accepted' | 'pump' | 'sweep'>
}): OwnEntries {
  const { state, sending } = options

  function sweep(): void {
    const { rooms, account } = state()
    sending.sweep((item) => {
      const room = rooms.get(item.conversationId)
      if (isAct(item)) return item.seq !== null && item.seq <= (isOwnItem(item) ? account : (room?.change ?? -1))
      return room === undefined ? item.body.kind === 'left' : item.seq !== null && item.seq <= room.cursor
    })
  }

  return {
    sweep,
    sweepLeft() {
      const { rooms } = state()
      sending.sweep((item) => !rooms.has(item.conversationId)) // [seam: rooms-at-beat]
    },
    arrived(entries) {
      const { accountId } = state()
      for (const { id, author, seq } of entries) if (author === accountId) sending.accepted(id, seq)
      sweep()
      sending.pump()
    },
  }
}

/** Whether its item is in the account's log. */
function isOwnItem({ act }: PendingAct): boolean {
  return markKind(act.kind)?.owner === 'account'
}
