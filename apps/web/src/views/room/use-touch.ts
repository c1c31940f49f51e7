import { useEffect, useRef, type RefObject } from 'react'
import type { Place } from './target.ts'

/** How long a resting finger takes to open the menu. */
const pressMs = 450
/** A finger that moved further is not resting. */
const restPx = 10
/** A message dragged this far to the left is answered on release. */
const replyPx = 56
const drawnPxMax = 80

interface Touched {
  readonly onPress: (key: string, place: Place) => void
  /** Null: messages cannot be answered. */
  readonly onSwipe: ((key: string) => void) | null
}

/** Whether the movement drags the message sideways. A steep movement scrolls. */
export function isSwipe(dx: number, dy: number): boolean {
  return dx < -restPx && -dx > 1.5 * Math.abs(dy)
}

/**
 * Long press and swipe on messages. `sign` shows beside a dragged message that it will be answered. The browser keeps vertical movements for
 * scrolling (touch-action in room.css).
 */
export function useTouch(log: RefObject<HTMLElement | null>, sign: RefObject<HTMLElement | null>, touched: Touched): void {
  const latest = useRef(touched)
  useEffect(() => {
    latest.current = touched
  })
  useEffect(() => {
    const found = log.current
    if (found === null) return
    const element: HTMLElement = found
    let from: { readonly x: number; readonly y: number; readonly message: HTMLElement; readonly pointer: number } | null = null
    let drawn: number | null = null
    let timer: ReturnType<typeof setTimeout> | undefined

    function end(): void {
      clearTimeout(timer)
      from?.message.style.removeProperty('--drawn')
      delete from?.message.dataset['drawn']
      if (sign.current !== null) sign.current.dataset['drawn'] = 'none'
      from = null
      drawn = null
    }
    function onDown(event: PointerEvent): void {
      end()
      const origin = event.target as Element
      const message = origin.closest<HTMLElement>('[data-key]')
      // Links and buttons have a long press of their own.
      if (event.pointerType !== 'touch' || !event.isPrimary || message === null || origin.closest('a, button, label') !== null) return
      from = { x: event.clientX, y: event.clientY, message, pointer: event.pointerId }
      const place = { x: event.clientX, y: event.clientY, held: true }
      timer = setTimeout(() => {
        const key = message.dataset['key']
        end()
        if (key !== undefined) latest.current.onPress(key, place)
      }, pressMs)
    }
    function onMove(event: PointerEvent): void {
      if (from === null || event.pointerId !== from.pointer) return
      const [dx, dy] = [event.clientX - from.x, event.clientY - from.y]
      if (drawn === null && Math.hypot(dx, dy) > restPx) {
        if (!isSwipe(dx, dy) || latest.current.onSwipe === null) {
          end()
          return
        }
        clearTimeout(timer)
        from.message.setPointerCapture(event.pointerId)
        drawn = 0
      }
      if (drawn === null) return
      drawn = Math.max(-drawnPxMax, Math.min(0, dx + restPx))
      from.message.style.setProperty('--drawn', `${drawn}px`)
      from.message.dataset['drawn'] = 'some'
      if (sign.current === null) return
      const { top, height } = from.message.getBoundingClientRect()
      sign.current.style.top = `${top + height / 2 - element.getBoundingClientRect().top}px`
      sign.current.dataset['drawn'] = drawn <= -replyPx ? 'enough' : 'some'
    }
    function onUp(event: PointerEvent): void {
      if (from === null || event.pointerId !== from.pointer) return
      const key = from.message.dataset['key']
      const enough = drawn !== null && drawn <= -replyPx
      end()
      if (enough && key !== undefined) latest.current.onSwipe?.(key)
    }
    element.addEventListener('pointerdown', onDown, { passive: true })
    element.addEventListener('pointermove', onMove, { passive: true })
    element.addEventListener('pointerup', onUp, { passive: true })
    element.addEventListener('pointercancel', end, { passive: true })
    return () => {
      end()
      element.removeEventListener('pointerdown', onDown)
      element.removeEventListener('pointermove', onMove)
      element.removeEventListener('pointerup', onUp)
      element.removeEventListener('pointercancel', end)
    }
  }, [log, sign])
}
