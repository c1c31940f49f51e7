import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Room } from '@bongsu/client'
import type { VirtualizerHandle } from 'virtua'
import { useApp, useView } from '../../app-context.ts'
import { isInFront } from '../../adapters/in-front.ts'
import { putPlace } from '../../adapters/places.ts'
import { endPx, isCovered, lastInView, placeInView } from './in-view.ts'
import { firstUnreadRow, rowAt, seqRange, seenTo, type Row } from './rows.ts'
import { useNewest } from './use-newest.ts'
import type { Older } from './use-older.ts'
import type { Opening } from './use-opening.ts'

/** A distance to the end that counts as being at the end. */
const bottomPx = 48
/** A distance to the beginning at which the next older page is loaded. */
const topPx = 900
/** A distance to the end from which the button to the newest message is shown. */
const awayPx = 240
/** Pause in scrolling after which the server is told the range in view. */
const watchMs = 100
/** What is in view is noted at most once in this time. */
const lookMs = 100
/** Rows outside of the view whose numbers are watched, so that they are right when they come into view. */
const watchMarginRows = 12
/** The part of the view that a page key scrolls by. */
const pagePart = 0.9
/** Space above the first unread entry when the view stands at it. */
const lineOffsetPx = -96

interface LogPosition {
  readonly room: Room
  readonly rows: readonly Row[]
  readonly older: Older
  readonly opening: Opening
  readonly hidden: ReadonlySet<number>
  /** Rises with each own message: the view always follows one's own messages. */
  readonly sent: number
}

/** The reading position in the log: it opens the log, follows the newest entry, and tells the device what is in view. */
export function useLogPosition({ room, rows, older, opening, hidden, sent }: LogPosition) {
  const { device, accountId: me } = useApp()
  const { replica } = useView()
  const scroller = useRef<HTMLDivElement>(null)
  const list = useRef<VirtualizerHandle>(null)
  /** Whether to follow the newest entry. Ends when the person scrolls up, and when something unseen would leave the view. */
  const follow = useRef(true)
  /** The app is on its way to a row, and the view has not moved yet. */
  const going = useRef(false)
  const lastTop = useRef(0)
  /** The person has gone past everything up to this entry. */
  const passed = useRef(0)
  const opened = useRef(false)
  const [away, setAway] = useState(false)
  const newest = useNewest(room, replica, hidden)
  const { seen } = newest
  const { stopAt } = opening
  const now = useRef({ room, rows, loadOlder: older.load })
  now.current = { room, rows, loadOlder: older.load }

  const firstSeq = room.entries[0]?.seq ?? Number.POSITIVE_INFINITY
  const firstSeqBefore = useRef(firstSeq)
  const prepended = firstSeq < firstSeqBefore.current

  /**
   * The list goes to its row again with each size that it learns, also against a person who scrolls meanwhile. So the list does it only while the room
   * opens. Afterwards `onResize` goes again, only while the view follows.
   */
  const toEnd = useCallback(() => {
    follow.current = true
    if (!opened.current) {
      list.current?.scrollToIndex(now.current.rows.length - 1, { align: 'end', offset: endPx })
      return
    }
    const go = (): void => {
      if (follow.current && scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight
    }
    go()
    // The height of the list is right after its own next drawing.
    queueMicrotask(go)
  }, [])

  /** Shows a row, and stays there. */
  const goTo = useCallback((index: number, place: Parameters<VirtualizerHandle['scrollToIndex']>[1]) => {
    follow.current = false
    going.current = true
    list.current?.scrollToIndex(index, place)
    // The list scrolls in a microtask.
    queueMicrotask(() => (going.current = false))
  }, [])

  /** Goes to the end at the person's wish, past everything. */
  const pass = useCallback(() => {
    passed.current = now.current.room.cursor
    toEnd()
  }, [toEnd])

  /** Goes to the end, or only to where reading stopped when what follows does not fit into the view [R5]. */
  const toNews = useCallback(() => {
    const view = list.current
    const { room: current, rows: shown } = now.current
    if (view === null) return
    // Without the entries after the watermark there is no such place.
    const first = current.unreadBelow > 0 ? -1 : firstUnreadRow(shown, Math.max(current.readSeq, passed.current), me)
    const last = shown.length - 1
    if (first === -1 || view.getItemOffset(last) + view.getItemSize(last) - view.getItemOffset(first) <= view.viewportSize) {
      toEnd()
      return
    }
    stopAt(current.readSeq)
    goTo(first, { align: 'start', offset: lineOffsetPx })
  }, [me, stopAt, toEnd, goTo])

  const look = useCallback(() => {
    const element = scroller.current
    // Until the room is at its opening position, the app itself scrolls.
    if (element === null || !opened.current) return
    const { scrollTop, scrollHeight, clientHeight } = element
    const distance = scrollHeight - scrollTop - clientHeight
    const { cursor, readSeq, unreadBelow } = now.current.room
    // Growing content does not change scrollTop, so only a person reduces it.
    if (distance < bottomPx && !going.current) {
      follow.current = true
      // Nobody has gone past entries that are missing here.
      if (unreadBelow === 0 && isInFront() && !isCovered(element)) passed.current = cursor
    } else if (scrollTop < lastTop.current - 1) follow.current = false
    lastTop.current = scrollTop
    // An unread message just below the edge must be noticed: nothing else shows it.
    setAway(distance > (cursor > readSeq ? bottomPx : awayPx))
    if (scrollTop < topPx) now.current.loadOlder()
  }, [])

  // A page that failed without a connection is tried again, also when nobody scrolls.
  useEffect(() => {
    if (older.state === 'idle') look()
  }, [older.state, look])

  const noting = useRef<ReturnType<typeof setTimeout>>(undefined)
  /** [R5] Notes what is in view. It counts as read when a person can see it, and nothing unread between is missing here. */
  const note = useCallback(() => {
    noting.current ??= setTimeout(() => {
      noting.current = undefined
      const element = scroller.current
      const view = list.current
      const { room: current, rows: shown } = now.current
      if (element === null || view === null || !opened.current) return
      putPlace(current.conversationId, follow.current ? null : placeInView(view, shown))
      const last = lastInView(view, shown)
      if (last === null) return
      const seq = seenTo(shown, last, current.cursor)
      seen(seq)
      if (seq > current.readSeq && current.unreadBelow === 0 && isInFront() && !isCovered(element)) device.markRead(current.conversationId, seq)
    }, lookMs)
  }, [device, seen])

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

  const cursorBefore = useRef(room.cursor)
  useLayoutEffect(() => {
    // What comes while nobody looks is below the line.
    const isSeen = isInFront() && (scroller.current === null || !isCovered(scroller.current))
    if (room.cursor > cursorBefore.current && !isSeen) stopAt(now.current.room.readSeq)
    cursorBefore.current = room.cursor
  }, [room.cursor, stopAt])

  useLayoutEffect(() => {
    firstSeqBefore.current = firstSeq
    if (follow.current) toNews()
  }, [rows, firstSeq, toNews])

  useEffect(() => {
    note()
    watch()
  }, [rows, note, watch])

  useLayoutEffect(() => {
    if (sent > 0) pass()
  }, [sent, pass])

  useEffect(() => {
    // What covered the log may be closed by a tap or a key, and gives the focus back only if it had taken it.
    const events = ['focus', 'focusin', 'pageshow', 'pointerup', 'keyup'] as const
    for (const event of events) addEventListener(event, note)
    document.addEventListener('visibilitychange', note)
    // On a busy machine the view may be taken back to the end before the scroll of the wheel is seen.
    const element = scroller.current
    const onWheel = ({ deltaY, ctrlKey }: WheelEvent): void => {
      if (deltaY < 0 && !ctrlKey && element !== null && element.scrollTop > 0) follow.current = false
    }
    element?.addEventListener('wheel', onWheel, { passive: true })
    return () => {
      element?.removeEventListener('wheel', onWheel)
      for (const event of events) removeEventListener(event, note)
      document.removeEventListener('visibilitychange', note)
      clearTimeout(noting.current)
      noting.current = undefined
      clearTimeout(watching.current)
      device.watch(null)
    }
  }, [device, note])

  // [R6] A room opens where the reader left it, else where reading stopped, else at the end.
  const { goal } = opening
  useLayoutEffect(() => {
    opened.current = false
    if (!older.reached) return
    // Only the first rows decide. Later ones must not move the reader.
    const { room: current, rows: shown } = now.current
    const isThere = goal !== null && (current.entries[0]?.seq ?? Number.POSITIVE_INFINITY) <= goal.seq
    const index = isThere ? rowAt(shown, goal.seq) : -1
    if (goal === null || goal.abovePx === null || index === -1) toNews()
    else goTo(index, { align: 'start', offset: goal.abovePx })
    const settled = setTimeout(() => {
      opened.current = true
      look()
      // A busy machine may still be on its way from the end to the place.
      if (index !== -1) follow.current = false
      note()
    }, 2 * lookMs)
    return () => clearTimeout(settled)
  }, [older.reached, goal, goTo, look, note, toNews])

  return {
    scroller,
    list,
    away,
    newest,
    prepended,
    onScroll: () => {
      look()
      note()
      watch()
    },
    onResize: () => {
      if (follow.current) toNews()
      note()
      watch()
    },
    toLatest: pass,
    page: useCallback((direction: 1 | -1) => {
      const element = scroller.current
      element?.scrollBy({ top: direction * pagePart * element.clientHeight })
    }, []),
    toRow: (index: number) => goTo(index, { align: 'center' }),
    /** Goes back to where reading stopped. */
    toLine: (index: number) => goTo(index, { align: 'start', offset: lineOffsetPx }),
  }
}
