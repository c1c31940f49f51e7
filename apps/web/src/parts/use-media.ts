import { useCallback, useSyncExternalStore } from 'react'

export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}

/** Enough width for list and conversation side by side. */
export const wideQuery = '(min-width: 721px)'
/** A finger is the main pointer: Enter breaks the line, and focus does not open the keyboard by itself. */
export const touchQuery = '(pointer: coarse)'
