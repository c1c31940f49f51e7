import type { ConversationId } from '@bongsu/protocol'
import type { Clock } from './ports.ts'

/** Most conversations requested at a time. The others wait for their turn. */
export const refreshesInFlightMax = 8
const retryMs = 2_000

/**
 * Requests conversations again, each once, a few at a time. Nothing is kept across connections: what the cursors do not tell a new connection is
 * remembered by the rooms.
 */
export interface Refreshes {
  ask(conversationId: ConversationId): void
  /** Its reset has arrived. */
  answered(conversationId: ConversationId): void
  /** The oldest request was refused, finally or for now (the frame does not say which request it was). */
  refused(again: boolean, retryAfterMs: number | undefined): void
  /** A heartbeat: requests from before the last heartbeat will not be answered any more, and may be repeated. */
  beat(): void
  clear(): void
}

export function createRefreshes(clock: Clock, send: (conversationId: ConversationId) => boolean): Refreshes {
  /** With the heartbeats heard since the request. */
  const underWay = new Map<ConversationId, number>()
  const waiting = new Set<ConversationId>()
  let cancel: (() => void) | null = null

  function pump(): void {
    if (cancel !== null) return
    for (const conversationId of waiting) {
      if (underWay.size >= refreshesInFlightMax) return
      waiting.delete(conversationId)
      if (send(conversationId)) underWay.set(conversationId, 0)
    }
  }

  return {
    ask(conversationId) {
      if (underWay.has(conversationId)) return
      waiting.add(conversationId)
      pump()
    },
    answered(conversationId) {
      underWay.delete(conversationId)
      pump()
    },
    refused(again, retryAfterMs) {
      const [conversationId] = underWay.keys()
      if (conversationId === undefined) return
      underWay.delete(conversationId)
      if (again) {
        waiting.add(conversationId)
        cancel ??= clock.after(retryAfterMs ?? retryMs, () => {
          cancel = null
          pump()
        })
      }
      pump()
    },
    beat() {
      for (const [conversationId, beats] of underWay) {
        if (beats > 0) underWay.delete(conversationId)
        else underWay.set(conversationId, beats + 1)
      }
      pump()
    },
    clear() {
      cancel?.()
      cancel = null
      underWay.clear()
      waiting.clear()
    },
  }
}
