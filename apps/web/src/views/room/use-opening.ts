import { useCallback, useEffect, useRef, useState } from 'react'
import { unreadCount, type ReplicaState, type Room } from '@bongsu/client'
import { placeIn } from '../../adapters/places.ts'

/** The entry at which a room opens. */
export interface Goal {
  readonly seq: number
  /** How far its top is above the view; null for the last read entry. */
  readonly abovePx: number | null
}

export interface Opening {
  /** The last entry that was read before the unread ones came; null for none. */
  readonly line: number | null
  /** Null: the end of the room. */
  readonly goal: Goal | null
  /** Reading stopped here: what follows came unseen. */
  readonly stopAt: (seq: number) => void
}

/** Where a room opens, and where its line of what was read stands [R5, R6]. */
export function useOpening(room: Room, replica: ReplicaState): Opening {
  const [line, stopAt] = useState(() => (unreadCount(room, replica) > 0 ? room.readSeq : null))
  const [goal, setGoal] = useState<Goal | null>(() => placeIn(room.conversationId) ?? (line === null ? null : { seq: line, abovePx: null }))
  const { readSeq } = room

  // After a long absence only the newest entries came. The room opens anew, where reading stopped.
  const lost = room.unreadBelow > 0
  const lostBefore = useRef(lost)
  useEffect(() => {
    if (lost && !lostBefore.current) {
      stopAt(readSeq)
      setGoal({ seq: readSeq, abovePx: null })
    }
    lostBefore.current = lost
  }, [lost, readSeq])

  return { line, goal, stopAt: useCallback((seq: number) => stopAt(seq), []) }
}
