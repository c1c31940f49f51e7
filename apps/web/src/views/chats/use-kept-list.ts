import { useEffect, type RefObject } from 'react'
import { keepLastList } from '../../adapters/last-list.ts'

/** Time without changes before the list is stored. */
const settledMs = 1_500

/** Stores the visible list for the next start. `calm`: the list looks as after a start. */
export function useKeptList(scroller: RefObject<HTMLElement | null>, calm: boolean, wide: boolean, change: unknown): void {
  useEffect(() => {
    if (!calm) return undefined
    const keep = (): void => {
      const screen = scroller.current?.closest('.shell')
      // A list that is scrolled down is not what a start shows.
      if (screen !== null && screen !== undefined && scroller.current?.scrollTop === 0) keepLastList(screen, wide)
    }
    const keepHidden = (): void => {
      if (document.visibilityState === 'hidden') keep()
    }
    const timer = setTimeout(keep, settledMs)
    document.addEventListener('visibilitychange', keepHidden)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', keepHidden)
    }
  }, [scroller, calm, wide, change])
}
