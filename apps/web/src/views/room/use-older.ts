import { useCallback, useEffect, useRef, useState } from 'react'
import type { Room } from '@bongsu/client'
import { useApp } from '../../app-context.ts'

export type OlderState = 'beginning' | 'idle' | 'loading' | 'failed'

const pageEntries = 80
/** A room is opened on its line of what was read when that is at most so many pages back; further back it opens at the end. */
const linePagesMax = 4

export interface Older {
  readonly state: OlderState
  /** The last entry that was read is in memory, and so the line below it; or it is not going to be. */
  readonly reachedLine: boolean
  /** Fetches a page unless one is on its way, the beginning is reached, or the last try failed. */
  readonly load: () => void
  readonly retry: () => void
}

/** What is older than the entries in memory [D4]: loading, not to be had now, or nothing. */
export function useOlder(room: Room, live: boolean, readTo: number | null): Older {
  const { device } = useApp()
  const { conversationId } = room
  const [loading, setLoading] = useState(false)
  const [failed, setFailed] = useState(false)
  const busy = useRef(false)
  const pages = useRef(0)
  const [gaveUp, setGaveUp] = useState(false)

  const first = room.entries[0]?.seq ?? room.cursor + 1
  const more = first > room.membership.joinedSeq
  const reachedLine = readTo === null || first <= readTo || !more || gaveUp

  const fetch = useCallback(async () => {
    if (busy.current) return
    busy.current = true
    setLoading(true)
    setFailed(false)
    try {
      await device.loadOlder(conversationId, pageEntries)
    } catch {
      // Said in the log, with a way to try again.
      setFailed(true)
    }
    busy.current = false
    setLoading(false)
  }, [device, conversationId])

  useEffect(() => {
    if (reachedLine) return
    if (failed || pages.current >= linePagesMax) setGaveUp(true)
    else if (!loading) {
      pages.current++
      void fetch()
    }
  }, [reachedLine, failed, loading, fetch])

  // The connection is back: what could not be had is worth another try, without being asked.
  useEffect(() => {
    if (live) setFailed(false)
  }, [live])

  return {
    state: loading ? 'loading' : failed ? 'failed' : more ? 'idle' : 'beginning',
    reachedLine,
    load() {
      if (more && !failed) void fetch()
    },
    retry: () => void fetch(),
  }
}
