import type { Plugin } from 'vite'

/**
 * How the built app loads a part later [C9]: every file of the part is fetched before the part is imported. A browser remembers a failed import as long
 * as the page lives, so an import must not begin before its files are there. This replaces Vite's own helper, which is called with the loader of the
 * part and with its files.
 */
export function laterParts(): Plugin {
  return {
    name: 'later-parts',
    enforce: 'pre',
    apply: 'build',
    load: (id) => (id === '\0vite/preload-helper.js' ? HELPER : null),
  }
}

const HELPER = `
const there = new Set()
async function get(file) {
  if (there.has(file)) return
  const answer = await fetch('/' + file)
  if (!answer.ok) throw new Error(file + ' did not come: ' + answer.status)
  await answer.arrayBuffer()
  there.add(file)
}
export async function __vitePreload(load, files = []) {
  await Promise.all(files.map(get))
  return load()
}
`
