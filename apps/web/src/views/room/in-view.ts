import type { ReadingPlace } from '../../adapters/places.ts'

/** An entry counts as in view although this much of its lower edge is cut off. */
const slackPx = 4

const seqOf = (row: HTMLElement): number => Number(row.dataset['seq'])

/** The last entry whose end is in view; null without one. A message taller than the view is seen when its end is. */
export function lastInView(scroller: HTMLElement): number | null {
  const { top, bottom } = scroller.getBoundingClientRect()
  let last: number | null = null
  for (const row of scroller.querySelectorAll<HTMLElement>('[data-seq]')) {
    const edge = row.getBoundingClientRect().bottom
    if (edge > top && edge <= bottom + slackPx && (last === null || seqOf(row) > last)) last = seqOf(row)
  }
  return last
}

/** The entry at the upper edge of the view; null without one. */
export function placeInView(scroller: HTMLElement): ReadingPlace | null {
  const { top } = scroller.getBoundingClientRect()
  for (const row of scroller.querySelectorAll<HTMLElement>('[data-seq]')) {
    const edges = row.getBoundingClientRect()
    if (edges.bottom > top) return { seq: seqOf(row), abovePx: top - edges.top }
  }
  return null
}

/** Whether something else, such as a dialog, covers the log. */
export function isCovered(scroller: HTMLElement): boolean {
  const { left, top, width, height } = scroller.getBoundingClientRect()
  const there = document.elementFromPoint(left + width / 2, top + height / 2)
  return there !== null && there.closest('.log-place') === null
}
