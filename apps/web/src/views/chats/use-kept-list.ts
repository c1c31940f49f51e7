import { useEffect, type RefObject } from 'react'
import { keepLastList } from '../../adapters/last-list.ts'

/** Once nothing has changed for so long. */
const settledMs = 1_500

/** Keeps the list as it stands, for the next start to show at once. `calm`: it is what a start would show. */
export function useKeptList(scroller: RefObject<HTMLElement | null>, calm: boolean, wide: boolean, change: unknown): void {
  useEffect(() => {
    if (!calm) return undefined
    const keep = (): void => {
      const screen = scroller.current?.closest('.shell')
      // Scrolled down it is not what one sees first.
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
