import type { VirtualizerHandle } from 'virtua'
import type { ReadingPlace } from '../../adapters/places.ts'
import { seqOf, type Row } from './rows.ts'

/** An entry counts as in view although this much of its lower edge is cut off. */
const slackPx = 4
/** The line above the oldest entry has a fixed height, because the list must know where it begins. See room.css. */
export const olderLinePx = 48
/** Space below the newest message, which the list does not count as its view. See room.css. */
export const endPx = 28

/** The last entry whose end is in view; null without one. A message taller than the view is seen when its end is. From the list's own sizes: no layout. */
export function lastInView(view: VirtualizerHandle, rows: readonly Row[]): number | null {
  const isShort = view.scrollSize <= view.viewportSize
  const end = isShort ? Number.POSITIVE_INFINITY : view.scrollOffset - olderLinePx + view.viewportSize + endPx + slackPx
  for (let index = isShort ? rows.length - 1 : view.findItemIndex(view.scrollOffset + view.viewportSize + endPx); index >= 0; index--) {
    const edge = view.getItemOffset(index) + view.getItemSize(index)
    if (!isShort && edge < view.scrollOffset - olderLinePx) return null
    const seq = seqOf(rows[index])
    if (seq !== null && edge <= end) return seq
  }
  return null
}

/** The entry at the upper edge of the view; null without one. */
export function placeInView(view: VirtualizerHandle, rows: readonly Row[]): ReadingPlace | null {
  const top = view.scrollOffset - olderLinePx
  for (let index = view.findItemIndex(view.scrollOffset); index < rows.length; index++) {
    const seq = seqOf(rows[index])
    const offset = view.getItemOffset(index)
    if (seq !== null && offset + view.getItemSize(index) > top) return { seq, abovePx: top - offset }
  }
  return null
}

/** Whether something else, such as a dialog, covers the log. */
export function isCovered(scroller: HTMLElement): boolean {
  const { left, top, width, height } = scroller.getBoundingClientRect()
  const there = document.elementFromPoint(left + width / 2, top + height / 2)
  return there !== null && there.closest('.log-place') === null
}
