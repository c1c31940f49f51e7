import { LIMITS } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import type { Overload } from '../ops/overload.ts'
import type { ReceiptStore } from '../receipts/receipt-store.ts'
import { encode } from './encode.ts'
import type { LiveRoom, Watch, Watcher } from './live-room.ts'

/** How long changes are gathered before numbers are counted again. Large rooms change all the time and are counted once a second. */
const GATHER_MS = { small: 80, large: 1_000 }
/** Under overload numbers may be older and are counted less often [O2]. */
const GATHER_OVERLOADED_MS = 5_000
const LARGE_ROOM_DEVICES = 100
/** Views counted at once: enough that the store reads the marks once for many, few enough that resuming need not wait behind all. */
const VIEWS_AT_A_TIME = 32

export interface UnreadNumbers {
  /** Something in the room may have changed an unread number. Costs nothing when nobody watches. */
  changed(room: LiveRoom): void
  /** A device started to watch or moved its view: it gets its numbers at once. */
  tell(stream: Watcher): void
}

/** Sends devices the unread numbers of the entries in view, when they change [R4]. */
export function createUnreadNumbers(parts: {
  readonly receipts: ReceiptStore
  readonly clock: Clock
  readonly overload: Pick<Overload, 'sheds'>
  readonly failed: (cause: unknown) => void
}): UnreadNumbers {
  const gathering = new Set<LiveRoom>()
  /** Rooms and devices that are being counted for, each once at a time, so that a slow store is not asked faster than it answers [O1]. */
  const counting = new Set<LiveRoom>()
  const telling = new Set<Watcher>()

  async function count(room: LiveRoom, streams: readonly Watcher[]): Promise<void> {
    const views = streams.flatMap((stream) => (stream.watch?.room === room ? [{ stream, watch: stream.watch, ...rangeOf(stream.watch) }] : []))
    // Views with the same first and last entry are counted once: nearly all follow the head.
    const byRange = Map.groupBy(views, (view) => `${view.from}-${view.to}`)
    const groups = [...byRange.values()]
    for (let start = 0; start < groups.length; start += VIEWS_AT_A_TIME) {
      await Promise.all(
        groups.slice(start, start + VIEWS_AT_A_TIME).map(async (group) => {
          const [first] = group
          if (first === undefined || first.to < first.from) return
          const counts = await parts.receipts.unread(room.conversationId, first.from, first.to)
          for (const { stream, watch } of group) if (stream.watch === watch) sendChanged(stream, watch, first.from, counts)
        }),
      )
    }
  }

  async function countAll(room: LiveRoom): Promise<void> {
    counting.add(room)
    try {
      await count(room, [...(room.watchers ?? [])])
    } finally {
      counting.delete(room)
    }
  }

  /** When a device moves its view during a count, only its last view matters. */
  async function tellOne(stream: Watcher): Promise<void> {
    telling.add(stream)
    try {
      for (let told: Watch | null = null; stream.watch !== null && stream.watch !== told;) {
        told = stream.watch
        await count(told.room, [stream])
      }
    } finally {
      telling.delete(stream)
    }
  }

  function changed(room: LiveRoom): void {
    if (room.watchers === null || gathering.has(room)) return // [seam: gather-unread]
    gathering.add(room)
    const gatherMs = room.subscriptions.size > LARGE_ROOM_DEVICES ? GATHER_MS.large : GATHER_MS.small
    parts.clock.after(parts.overload.sheds('unread') ? GATHER_OVERLOADED_MS : gatherMs, () => {
      gathering.delete(room)
      // A running count may be older than this change.
      if (counting.has(room)) changed(room)
      else countAll(room).catch(parts.failed)
    })
  }

  return {
    changed,
    tell(stream) {
      if (!telling.has(stream)) tellOne(stream).catch(parts.failed)
    },
  }
}

function rangeOf(watch: Watch): { from: number; to: number } {
  const to = Math.min(watch.to ?? watch.room.head, watch.room.head)
  return { from: Math.max(1, watch.from, to - LIMITS.watchEntriesMax + 1), to }
}

/** Sends the stretch of counts that differs from the last ones sent. */
function sendChanged(stream: Watcher, watch: Watch, from: number, counts: readonly number[]): void {
  const told = (seq: number): number | undefined => watch.sent[seq - watch.sentFrom]
  let first = 0
  let last = counts.length - 1
  while (first <= last && told(from + first) === counts[first]) first++
  while (last >= first && told(from + last) === counts[last]) last--
  if (first > last) return
  const frame = encode({ t: 'unread', conversationId: watch.room.conversationId, from: from + first, counts: counts.slice(first, last + 1) })
  if (!stream.sendIfRoom(frame)) return
  watch.sentFrom = from
  watch.sent = counts
}
