import type { ConversationId } from '@bongsu/protocol'
import type { Clock } from './ports.ts'

/** Most conversations asked for anew at a time; the others wait their turn. */
export const refreshesInFlightMax = 8
const retryMs = 2_000

/** Asks for conversations anew, each once, a few at a time. Nothing is kept across connections: what cursors do not tell a new one the rooms remember. */
export interface Refreshes {
  ask(conversationId: ConversationId): void
  /** Its reset has come. */
  answered(conversationId: ConversationId): void
  /** The oldest under way was refused, for good or for a while (the frame does not say which it was). */
  refused(again: boolean, retryAfterMs: number | undefined): void
  /** A heartbeat: what was under way at the one before will not be answered any more, and may be asked for again. */
  beat(): void
  clear(): void
}

export function createRefreshes(clock: Clock, send: (conversationId: ConversationId) => boolean): Refreshes {
  /** With the heartbeats heard since it was asked for. */
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
