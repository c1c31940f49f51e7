import { useSyncExternalStore } from 'react'
import { parseRoute, type Route } from './route.ts'

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return parseRoute(hash)
}

/** How many steps inside the app lie behind, so that `back` never leaves it. */
let depth = 0

export function go(hash: string): void {
  if (location.hash === hash) return
  depth++
  location.hash = hash
}

/** Another page in the place of this one: choosing between rooms must not fill the history. */
export function replace(hash: string): void {
  if (location.hash === hash) return
  history.replaceState(null, '', hash)
  dispatchEvent(new HashChangeEvent('hashchange'))
}

/** One step back where that stays inside, else to `otherwise`. */
export function back(otherwise: string): void {
  if (depth > 0) {
    depth--
    history.back()
  } else replace(otherwise)
}
