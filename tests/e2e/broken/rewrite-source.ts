import { registerHooks } from 'node:module'

/**
 * Changes one source file of the server while it is being loaded. Fails when the text is not there: a break that breaks nothing would
 * prove nothing. @param path how the file's URL ends.
 */
export function rewriteSource(path: string, from: string, to: string): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      if (!url.endsWith(path)) return loaded
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
      if (!source.includes(from)) throw new Error(`${path} no longer holds: ${from}`)
      return { ...loaded, source: source.replace(from, to) }
    },
  })
}
