import { useCallback, useEffect, useRef, useState } from 'react'
import type { Room } from '@bongsu/client'
import { LIMITS } from '@bongsu/protocol'
import type { Goal } from './use-opening.ts'
import { useApp } from '../../app-context.ts'

export type OlderState = 'beginning' | 'idle' | 'loading' | 'failed'

const pageEntries = 80
/** A room opens at an earlier entry when it is at most this many pages of `LIMITS.entriesPerPageMax` back; otherwise at the end. */
export const openingPagesMax = 20

export interface Older {
  readonly state: OlderState
  /** The entry at which the room opens is in memory, or it will not be loaded. */
  readonly reached: boolean
  /** Loads a page unless one is loading, the beginning is reached, or the last try failed. */
  readonly load: () => void
  readonly retry: () => void
}

/** What is above the entries in memory [D4]: loading, a failure, or nothing. `goal` is where the room opens. */
export function useOlder(room: Room, live: boolean, goal: Goal | null): Older {
  const { device } = useApp()
  const { conversationId } = room
  const [loading, setLoading] = useState(false)
  const [failed, setFailed] = useState(false)
  const busy = useRef(false)
  const pages = useRef(0)
  const [gaveUpOn, setGaveUpOn] = useState<Goal | null>(null)

  const first = room.entries[0]?.seq ?? room.cursor + 1
  const more = first > room.membership.joinedSeq
  // A room opens once: when its entries are loaded anew, the reader stays.
  const reachedBefore = useRef<Goal | null>(null)
  const isThere = goal === null || reachedBefore.current === goal || first <= goal.seq || !more
  if (isThere) reachedBefore.current = goal
  const reached = isThere || gaveUpOn === goal

  const fetch = useCallback(
    async (count: number) => {
      if (busy.current) return
      busy.current = true
      setLoading(true)
      setFailed(false)
      try {
        await device.loadOlder(conversationId, count)
      } catch {
        // The log shows the failure, with a button to retry.
        setFailed(true)
      }
      busy.current = false
      setLoading(false)
    },
    [device, conversationId],
  )

  useEffect(() => {
    pages.current = 0
  }, [goal])
  useEffect(() => {
    if (reached) return
    if (failed || pages.current >= openingPagesMax) setGaveUpOn(goal)
    else if (!loading) {
      pages.current++
      void fetch(LIMITS.entriesPerPageMax)
    }
  }, [reached, failed, loading, fetch, goal])

  // The connection is back, or a jump has brought entries: the next page may come too.
  useEffect(() => {
    if (live) setFailed(false)
  }, [live, first])

  return {
    state: !more ? 'beginning' : loading ? 'loading' : failed ? 'failed' : 'idle',
    reached,
    load() {
      if (more && !failed) void fetch(pageEntries)
    },
    retry: () => void fetch(pageEntries),
  }
}
