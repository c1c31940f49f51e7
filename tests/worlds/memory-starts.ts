import type { Heads } from '../../apps/server/src/conversation/log-store.ts'
import type { Conversation, Kept } from './memory-kept.ts'

/** Called before each write. @param room whose head or change is about to rise. */
export function countWrite({ starts }: Kept, room?: Conversation): void {
  const [newest, ...older] = starts.list
  if (newest === undefined) return
  starts.list = [{ ...newest, written: newest.written + 1 }, ...older]
  if (room === undefined) return
  const heads = starts.heads.get(room.conversationId) ?? new Map<number, Heads>()
  starts.heads.set(room.conversationId, heads)
  if (!heads.has(newest.start)) heads.set(newest.start, { head: room.entries.length, change: room.change })
}

/** Another process goes on with this store. */
export function startAnew({ starts }: Kept, id: string): void {
  starts.list = [{ start: (starts.list[0]?.start ?? 0) + 1, id, written: 0 }, ...starts.list]
}

/** @param lastCommonStart 'now' after a restore from a backup. */
export function beginHistoryIn({ rooms, restoredFrom, restoredHeads, starts }: Kept, epoch: string, lastCommonStart: number | null | 'now'): void {
  restoredFrom.add(epoch)
  if (lastCommonStart === null) {
    for (const conversationId of rooms.keys()) restoredHeads.set(conversationId, { head: 0, change: 0 })
    return
  }
  for (const [conversationId, { entries, change }] of rooms) {
    const known = [...(starts.heads.get(conversationId) ?? [])].toSorted(([a], [b]) => a - b)
    const parted = lastCommonStart === 'now' ? undefined : known.find(([start]) => start > lastCommonStart)?.[1] // [seam: memory-parting-heads]
    const stood = parted ?? { head: entries.length, change }
    const before = restoredHeads.get(conversationId) ?? stood
    restoredHeads.set(conversationId, { head: Math.min(before.head, stood.head), change: Math.min(before.change, stood.change) })
  }
}
