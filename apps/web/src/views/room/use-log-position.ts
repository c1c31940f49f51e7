import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Room } from '@bongsu/client'
import type { VirtualizerHandle } from 'virtua'
import { useApp } from '../../app-context.ts'
import { seqRange, type Row } from './rows.ts'
import { useNewest } from './use-newest.ts'
import type { Older } from './use-older.ts'

/** A distance to the end that counts as being at the end. */
const bottomPx = 48
/** A distance to the beginning at which the next older page is loaded. */
const topPx = 900
/** A distance to the end from which the button to the newest message is shown. */
const awayPx = 240
/** Pause in scrolling after which the server is told the range in view. */
const watchMs = 100
/** Rows outside of the view whose numbers are watched, so that they are right when they come into view. */
const watchMarginRows = 12
/** Space above the read line when a room opens on it. */
const lineOffsetPx = -96

interface LogPosition {
  readonly room: Room
  readonly rows: readonly Row[]
  readonly older: Older
  /** Rises with each own message: the view always follows one's own messages. */
  readonly sent: number
}

/** The reading position in the log: it opens the log, follows the newest entry, and tells the device what is in view. */
export function useLogPosition({ room, rows, older, sent }: LogPosition) {
  const { device, accountId: me } = useApp()
  const scroller = useRef<HTMLDivElement>(null)
  const list = useRef<VirtualizerHandle>(null)
  /** Whether to follow the newest entry. Ends when the person scrolls up. */
  const follow = useRef(true)
  const lastTop = useRef(0)
  const opened = useRef(false)
  const [away, setAway] = useState(false)
  const newest = useNewest(room, me, follow)
  const now = useRef({ room, rows, loadOlder: older.load })
  now.current = { room, rows, loadOlder: older.load }

  const firstSeq = room.entries[0]?.seq ?? Number.POSITIVE_INFINITY
  const firstSeqBefore = useRef(firstSeq)
  const prepended = firstSeq < firstSeqBefore.current

  const toEnd = useCallback(() => list.current?.scrollToIndex(now.current.rows.length - 1, { align: 'end' }), [])

  const look = useCallback(() => {
    const element = scroller.current
    // Until the room is at its opening position, the app itself scrolls.
    if (element === null || !opened.current) return
    const { scrollTop, scrollHeight, clientHeight } = element
    const distance = scrollHeight - scrollTop - clientHeight
    // Growing content does not change scrollTop, so only a person reduces it.
    if (distance < bottomPx) follow.current = true
    else if (scrollTop < lastTop.current - 1) follow.current = false
    lastTop.current = scrollTop
    const { cursor, readSeq } = now.current.room
    // An unread message just below the edge must be noticed: nothing else shows it.
    setAway(distance > (cursor > readSeq ? bottomPx : awayPx))
    if (scrollTop < topPx) now.current.loadOlder()
  }, [])

  /** [R1] Read means that a person can have seen it: the room in front, and its newest entry in view. */
  const markRead = useCallback(() => {
    const { room: current } = now.current
    if (!opened.current || !follow.current || document.visibilityState !== 'visible' || !document.hasFocus()) return
    if (current.cursor > current.readSeq) device.markRead(current.conversationId, current.cursor)
  }, [device])

  const watching = useRef<ReturnType<typeof setTimeout>>(undefined)
  const watch = useCallback(() => {
    clearTimeout(watching.current)
    watching.current = setTimeout(() => {
      const view = list.current
      const { room: current, rows: shown } = now.current
      if (view === null) return
      const from = view.findItemIndex(view.scrollOffset) - watchMarginRows
      const to = view.findItemIndex(view.scrollOffset + view.viewportSize) + watchMarginRows
      const range = seqRange(shown, from, to)
      device.watch({
        conversationId: current.conversationId,
        from: range?.from ?? current.cursor,
        to: range === null || range.to >= current.cursor ? null : range.to,
      })
    }, watchMs)
  }, [device])

  useLayoutEffect(() => {
    firstSeqBefore.current = firstSeq
    if (follow.current) toEnd()
  }, [rows, firstSeq, toEnd])

  useEffect(() => {
    markRead()
    watch()
  }, [rows, markRead, watch])

  useLayoutEffect(() => {
    if (sent === 0) return
    follow.current = true
    toEnd()
  }, [sent, toEnd])

  useEffect(() => {
    addEventListener('focus', markRead)
    document.addEventListener('visibilitychange', markRead)
    return () => {
      removeEventListener('focus', markRead)
      document.removeEventListener('visibilitychange', markRead)
      clearTimeout(watching.current)
      device.watch(null)
    }
  }, [device, markRead])

  // A room opens at the read line when something is unread, else at the end.
  useLayoutEffect(() => {
    if (opened.current || !older.reachedLine) return
    // Only the first rows decide. Later ones must not move the reader.
    const line = now.current.rows.findIndex((row) => row.kind === 'read-line')
    if (line !== -1) {
      follow.current = false
      list.current?.scrollToIndex(line, { align: 'start', offset: lineOffsetPx })
    }
    const settled = setTimeout(() => {
      const element = scroller.current
      // When everything unread fits into the view, the space above the line is given up.
      if (line !== -1 && element !== null && element.scrollHeight - element.scrollTop - element.clientHeight < -lineOffsetPx) {
        follow.current = true
        toEnd()
      }
      opened.current = true
      look()
      markRead()
    }, 2 * watchMs)
    return () => clearTimeout(settled)
  }, [older.reachedLine, look, markRead, toEnd])

  return {
    scroller,
    list,
    away,
    newest,
    prepended,
    onScroll: () => {
      look()
      markRead()
      watch()
      if (follow.current) newest.seen()
    },
    onResize: () => {
      if (follow.current) toEnd()
      watch()
    },
    toLatest: () => {
      follow.current = true
      newest.seen()
      toEnd()
    },
    /** Shows one row in the middle, and stays there. */
    toRow: (index: number) => {
      follow.current = false
      list.current?.scrollToIndex(index, { align: 'center' })
    },
  }
}
