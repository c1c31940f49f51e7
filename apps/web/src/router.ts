import { useSyncExternalStore } from 'react'
import { parseRoute, type Route } from './route.ts'

/** The data of each history step: the number of steps inside the app before it. */
interface Step {
  readonly depth: number
}

let depth = stepOf(history.state)?.depth ?? 0

function stepOf(state: unknown): Step | null {
  return typeof state === 'object' && state !== null && 'depth' in state && typeof state.depth === 'number' ? { depth: state.depth } : null
}

addEventListener('hashchange', () => {
  const known = stepOf(history.state)
  // A step without data is new: a link was followed.
  depth = known?.depth ?? depth + 1
  if (known === null) history.replaceState({ depth } satisfies Step, '')
})

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return parseRoute(hash)
}

export function go(hash: string): void {
  location.hash = hash
}

/** Replaces the present step by another page. */
export function replace(hash: string): void {
  if (location.hash === hash) return
  history.replaceState({ depth } satisfies Step, '', hash)
  dispatchEvent(new HashChangeEvent('hashchange'))
}

/** One step back when that stays inside the app, else to `otherwise`. */
export function back(otherwise: string): void {
  if (depth > 0) history.back()
  else replace(otherwise)
}
