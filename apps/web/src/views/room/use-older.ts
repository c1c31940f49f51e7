import { useCallback, useEffect, useRef, useState } from 'react'
import type { Room } from '@bongsu/client'
import { useApp } from '../../app-context.ts'

export type OlderState = 'beginning' | 'idle' | 'loading' | 'failed'

const pageEntries = 80
/** A room opens on its read line when the line is at most this many pages back; otherwise at the end. */
const linePagesMax = 4

export interface Older {
  readonly state: OlderState
  /** The last read entry is in memory, and so the line below it; or it will not be loaded. */
  readonly reachedLine: boolean
  /** Loads a page unless one is loading, the beginning is reached, or the last try failed. */
  readonly load: () => void
  readonly retry: () => void
}

/** What is above the entries in memory [D4]: loading, a failure, or nothing. */
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
      // The log shows the failure, with a button to retry.
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

  // The connection is back: a failed page is tried again automatically.
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
