import { registerHooks } from 'node:module'

/** A change of one module's text. */
export interface Change {
  /** How the module's path ends. */
  readonly path: string
  /** Stands in it exactly once. */
  readonly from: string
  readonly to: string
}

const waiting = new Set<Change>()

/**
 * Changes a module while it is being loaded. Fails when the text is not there, once and exactly: a breakage that breaks nothing would prove
 * nothing, and must be written anew together with the code.
 */
export function substitute(change: Change): void {
  waiting.add(change)
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      if (!url.endsWith(change.path)) return loaded
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
      const places = source.split(change.from).length - 1
      if (places !== 1) throw new Error(`${change.path} holds this ${places} times, not once: ${change.from}`)
      waiting.delete(change)
      return { ...loaded, source: source.replace(change.from, () => change.to) }
    },
  })
}

/** Call when everything is loaded. */
export function assertAllMade(): void {
  for (const { path } of waiting) throw new Error(`nothing has loaded ${path}`)
}
