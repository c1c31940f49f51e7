import { LIMITS, type ConversationId, type DownFrame, type UpFrame } from '@bongsu/protocol'
import type { DeviceHandle } from './device.ts'
import type { Clock } from './ports.ts'
import type { Room } from './state.ts'

/** How long changes of the view are gathered while the person scrolls. */
export const watchGatherMs = 50
const watchRetryMs = 2_000
/** Time from a watermark the server knows to the numbers that follow from it: longer than an overloaded server gathers changes. */
export const watchDoubtMs = 6_000

type Watched = Parameters<DeviceHandle['watch']>[0]

/** Tells the server which entries are on the screen, so that it sends their unread numbers [R4]. */
export interface Watching {
  /** @returns false when it is already watched. */
  set(next: Watched): boolean
  readonly watched: () => Watched
  isOn(conversationId: ConversationId): boolean
  /** A new connection does not know the view yet. */
  welcomed(): void
  /** The conversation was loaded again: the server may have removed this device from it in between, and with it the watch. */
  renewed(conversationId: ConversationId): void
  again(retryAfterMs: number | undefined): void
  /** The person has read, and the numbers here were reduced at once. */
  took(before: Room, after: Room): void
  /**
   * Once the server knows the watermark it sends the numbers it counts again. Numbers it does not send may be wrong here: the watermark was not new
   * to it, because another device of the account had read the same, and the person was already subtracted. All numbers are then requested.
   */
  heard(frame: DownFrame): void
  forget(): void
  stop(): void
}

/** @param cursorOf last entry of a room on this device. */
export function createWatching(
  clock: Clock,
  cursorOf: (watched: NonNullable<Watched>) => number,
  send: (frame: Extract<UpFrame, { t: 'watch' }>) => boolean,
): Watching {
  let watched: Watched = null
  let cancel: (() => void) | null = null
  /** Numbers of the room in view that were changed here and not sent since. */
  const doubtful = new Set<number>()
  let cancelDoubt: (() => void) | null = null

  function stop(): void {
    cancel?.()
    cancel = null
    doubtful.clear()
    cancelDoubt?.()
    cancelDoubt = null
  }

  function plan(delayMs: number): void {
    cancel ??= clock.after(delayMs, tell)
  }

  function tell(): void {
    stop()
    if (watched === null) {
      send({ t: 'watch', conversationId: null, from: 0, to: null })
      return
    }
    const { conversationId, to } = watched
    // A view that reaches beyond the last entry, as after a restore, leaves room for older ones.
    const last = Math.min(to ?? Number.POSITIVE_INFINITY, cursorOf(watched))
    const from = Math.max(0, watched.from, last - LIMITS.watchEntriesMax + 1)
    send({ t: 'watch', conversationId, from, to: to === null ? null : Math.max(1, to) })
  }

  return {
    set(next) {
      if (same(watched, next)) return false
      watched = next
      plan(watchGatherMs)
      return true
    },
    watched: () => watched,
    isOn: (conversationId) => watched?.conversationId === conversationId,
    welcomed() {
      if (watched !== null) tell()
    },
    renewed(conversationId) {
      if (watched?.conversationId === conversationId) plan(watchGatherMs)
    },
    again: (retryAfterMs) => plan(retryAfterMs ?? watchRetryMs),
    took(before, after) {
      if (watched?.conversationId !== after.conversationId) return
      for (const [seq, number] of after.unread) if (before.unread.get(seq) !== number) doubtful.add(seq)
    },
    heard(frame) {
      if (doubtful.size === 0 || watched === null) return
      const { conversationId } = watched
      if (frame.t === 'unread' && frame.conversationId === conversationId) frame.counts.forEach((_, index) => doubtful.delete(frame.from + index))
      if (frame.t !== 'account' || !frame.items.some(({ kind, key }) => kind === 'read' && key === conversationId)) return
      cancelDoubt ??= clock.after(watchDoubtMs, () => {
        cancelDoubt = null
        if (doubtful.size > 0) tell()
      })
    },
    forget() {
      watched = null
    },
    stop,
  }
}

function same(a: Watched, b: Watched): boolean {
  return a === b || (a !== null && b !== null && a.conversationId === b.conversationId && a.from === b.from && a.to === b.to)
}
