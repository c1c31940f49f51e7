import { useSyncExternalStore } from 'react'
import { withoutLayerStep } from './adapters/layer-step.ts'
import { parseRoute, type Route } from './route.ts'

/** The data of each history step: the number of steps inside the app before it. A step of layers has the depth of its page. */
interface Step {
  readonly depth: number
}

let depth = stepOf(history.state)?.depth ?? 0
// The first page is known when the way back leads to it.
history.replaceState({ ...(history.state as object | null), depth } satisfies Step, '')

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
  withoutLayerStep(() => {
    history.replaceState({ depth } satisfies Step, '', hash)
    dispatchEvent(new HashChangeEvent('hashchange'))
  })
}

/** The present step becomes a first page: what was seen before is another person's, or gone. */
export function beginAnew(): void {
  withoutLayerStep(() => {
    depth = 0
    history.replaceState({ depth } satisfies Step, '', location.pathname)
  })
}

/** One step back when that stays inside the app, else to `otherwise`. */
export function back(otherwise: string): void {
  if (depth > 0) withoutLayerStep(() => history.back())
  else replace(otherwise)
}
