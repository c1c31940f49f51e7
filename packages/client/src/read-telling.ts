import type { ConversationId } from '@bongsu/protocol'
import type { Clock } from './ports.ts'
import type { ReplicaState } from './state.ts'

/** How long watermarks are gathered, so that scrolling through a room is one frame and not a hundred. */
export const gatherMs = 300
/** Most conversations told at a time. The others follow. */
export const readsAtOnceMax = 20

/** Tells the server how far this account has read, until the server confirms it [R3]. */
export interface ReadTelling {
  plan(): void
  /** The server was too busy. */
  again(retryAfterMs: number | undefined): void
  disconnected(): void
}

/** @param live the state while connected and caught up, else null. */
export function createReadTelling(
  clock: Clock,
  live: () => ReplicaState | null,
  send: (conversationId: ConversationId, seq: number) => boolean,
): ReadTelling {
  const told = new Map<ConversationId, number>()
  let cancel: (() => void) | null = null

  function plan(delayMs: number): void {
    cancel ??= clock.after(delayMs, () => {
      cancel = null
      tell()
    })
  }

  function tell(): void {
    const state = live()
    if (state === null) return
    let left = readsAtOnceMax
    for (const room of state.rooms.values()) {
      if (room.readSeq <= room.readSaid || told.get(room.conversationId) === room.readSeq) continue
      if (left-- === 0) return plan(gatherMs)
      if (send(room.conversationId, room.readSeq)) told.set(room.conversationId, room.readSeq)
    }
  }

  return {
    plan: () => plan(gatherMs),
    again(retryAfterMs) {
      told.clear()
      plan(retryAfterMs ?? gatherMs)
    },
    disconnected() {
      told.clear() // [seam: forget-told-marks]
      cancel?.()
      cancel = null
    },
  }
}
