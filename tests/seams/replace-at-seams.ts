import { registerHooks } from 'node:module'
import { seamsIn } from './seams-in.ts'

/** What stands at a seam instead, while the code is loaded. Types are not checked. */
export interface Change {
  readonly seam: string
  /** The whole line at the seam; '' leaves the line out. */
  readonly to: string
}

/** The seams that were met so far. */
const met = new Set<string>()
const wanted = new Map<string, Change>()

/**
 * Changes modules while they are being loaded, wherever their seams are. Call before the code is loaded.
 * Loading fails when a seam stands at two places.
 */
export function replaceAtSeams(changes: readonly Change[]): void {
  for (const change of changes) {
    if (wanted.has(change.seam)) throw new Error(`two changes at the seam ${change.seam}`)
    wanted.set(change.seam, change)
  }
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      if (!url.startsWith('file:') || url.includes('/node_modules/') || loaded.source === undefined || loaded.source === null) return loaded
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
      return { ...loaded, source: replaceIn(source, changes) }
    },
  })
}

function replaceIn(source: string, changes: readonly Change[]): string {
  const lines = source.split('\n')
  for (const { name, line } of seamsIn(source)) {
    const change = changes.find(({ seam }) => seam === name)
    if (change === undefined) continue
    if (met.has(name)) throw new Error(`the seam ${name} stands at two places`)
    met.add(name)
    lines[line] = change.to
  }
  return lines.join('\n')
}

/** Call when everything is loaded. A seam that is not there would break nothing, and so prove nothing. */
export function assertAllReplaced(): void {
  for (const seam of wanted.keys()) if (!met.has(seam)) throw new Error(`nothing that was loaded has the seam ${seam}`)
}
