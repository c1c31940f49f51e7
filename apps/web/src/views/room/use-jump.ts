import { useCallback, useEffect, useRef, useState } from 'react'
import type { DeviceHandle, Room } from '@bongsu/client'
import { LIMITS, type ConversationId } from '@bongsu/protocol'
import { useApp } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { toast } from '../../parts/toast.tsx'

/** How long the target of a jump is marked. */
const markedMs = 1_800

export interface Jump {
  /** Messages searched so far; null when no search runs. */
  readonly gone: number | null
  readonly cancel: () => void
  /** Seq of the marked message. */
  readonly marked: number | null
  readonly to: (seq: number) => void
}

interface Wanted {
  readonly seq: number
  /** First seq in memory when the search began. */
  readonly from: number
  readonly isThere: boolean
}

/** Loads older entries until the one at `seq` is in memory. @returns false when there is no such entry here, or the search was cancelled. */
async function loadBackTo(device: DeviceHandle, conversationId: ConversationId, seq: number, signal: AbortSignal): Promise<boolean> {
  for (let more = true; more && !signal.aborted;) {
    const room = device.view().replica.rooms.get(conversationId)
    if (room === undefined || seq < room.membership.joinedSeq) return false
    if (seq >= (room.entries[0]?.seq ?? room.cursor + 1)) return true
    more = (await device.loadOlder(conversationId, LIMITS.entriesPerPageMax)).more
  }
  const first = device.view().replica.rooms.get(conversationId)?.entries[0]?.seq
  return !signal.aborted && first !== undefined && seq >= first
}

/**
 * Goes to a message, also one that is far back, until it is there or the person cancels. @param show returns false for a message that is not drawn.
 */
export function useJump(room: Room, show: (seq: number) => boolean): Jump {
  const { device } = useApp()
  const texts = useTexts()
  const { conversationId } = room
  const [wanted, setWanted] = useState<Wanted | null>(null)
  const [marked, setMarked] = useState<number | null>(null)
  const looking = useRef<AbortController>(undefined)
  const first = room.entries[0]?.seq ?? room.cursor + 1
  const now = useRef({ first, show, texts })
  now.current = { first, show, texts }

  const to = useCallback(
    (seq: number) => {
      looking.current?.abort()
      const controller = (looking.current = new AbortController())
      setWanted({ seq, from: now.current.first, isThere: seq >= now.current.first })
      if (seq >= now.current.first) return
      loadBackTo(device, conversationId, seq, controller.signal).then(
        (isThere) => {
          if (controller.signal.aborted) return
          if (!isThere) toast(now.current.texts.jumpGone)
          setWanted((before) => (isThere && before !== null ? { ...before, isThere } : null))
        },
        () => {
          if (controller.signal.aborted) return
          toast(now.current.texts.jumpFailed)
          setWanted(null)
        },
      )
    },
    [device, conversationId],
  )

  // Loaded entries are drawn by now.
  useEffect(() => {
    if (wanted?.isThere !== true) return
    setWanted(null)
    if (now.current.show(wanted.seq)) setMarked(wanted.seq)
    else toast(now.current.texts.quoteGone)
  }, [wanted])

  useEffect(() => () => looking.current?.abort(), [])

  useEffect(() => {
    if (marked === null) return
    const timer = setTimeout(() => setMarked(null), markedMs)
    return () => clearTimeout(timer)
  }, [marked])

  const cancel = useCallback(() => {
    looking.current?.abort()
    setWanted(null)
  }, [])
  return { gone: wanted === null || wanted.isThere ? null : Math.max(0, wanted.from - first), cancel, marked, to }
}
