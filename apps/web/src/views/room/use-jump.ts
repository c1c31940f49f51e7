import { useCallback, useEffect, useRef, useState } from 'react'
import { LIMITS } from '@bongsu/protocol'
import type { Room } from '@bongsu/client'
import { useApp } from '../../app-context.ts'
import { toast } from '../../parts/toast.tsx'
import { useTexts } from '../../adapters/settings-store.ts'

/** A message that was jumped to is marked for so long. */
const markedMs = 1_800

export interface Jump {
  /** Messages gone back so far while looking; null when nothing is looked for. */
  readonly gone: number | null
  readonly cancel: () => void
  /** Seq of the message to be marked. */
  readonly marked: number | null
  readonly to: (seq: number) => void
}

/** Goes to a message, also one that is far back: page by page, until it is there or nobody wants it any more. */
export function useJump(room: Room, hidden: ReadonlySet<number>, show: (seq: number) => boolean): Jump {
  const { device } = useApp()
  const texts = useTexts()
  const { conversationId } = room
  const [wanted, setWanted] = useState<{ readonly seq: number; readonly from: number; readonly isOver: boolean } | null>(null)
  const [marked, setMarked] = useState<number | null>(null)
  const now = useRef({ room, hidden, show })
  now.current = { room, hidden, show }
  const first = room.entries[0]?.seq ?? room.cursor + 1

  const to = useCallback(
    (seq: number) => {
      const current = now.current
      if (seq < current.room.membership.joinedSeq) toast(texts.jumpGone)
      else if (current.hidden.has(seq)) toast(texts.quoteGone)
      else setWanted({ seq, from: current.room.entries[0]?.seq ?? current.room.cursor + 1, isOver: false })
    },
    [texts],
  )

  useEffect(() => {
    if (wanted === null) return
    if (wanted.seq >= first) {
      setWanted(null)
      if (now.current.show(wanted.seq)) setMarked(wanted.seq)
      return
    }
    if (wanted.isOver) {
      setWanted(null)
      toast(texts.jumpGone)
      return
    }
    let isLeft = false
    device.loadOlder(conversationId, LIMITS.entriesPerPageMax).then(
      // What was loaded is in the room by the next drawing, and decided then.
      ({ more }) => !isLeft && !more && setWanted({ ...wanted, isOver: true }),
      () => {
        if (isLeft) return
        setWanted(null)
        toast(texts.jumpFailed)
      },
    )
    return () => {
      isLeft = true
    }
  }, [wanted, first, device, conversationId, texts])

  useEffect(() => {
    if (marked === null) return
    const timer = setTimeout(() => setMarked(null), markedMs)
    return () => clearTimeout(timer)
  }, [marked])

  return { gone: wanted === null || wanted.seq >= first ? null : wanted.from - first, cancel: () => setWanted(null), marked, to }
}
