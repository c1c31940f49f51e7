import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export const ROOT = join(import.meta.dirname, '..')

/** Folders that hold nothing of ours, or nothing written by hand. */
const OUTSIDE = new Set(['node_modules', 'dist', '.git', 'data', 'screenshots', 'coverage', 'tmp'])

/** Our own files that match, as paths from the root with forward slashes, sorted. */
export function ourFiles(pattern: string): string[] {
  return globSync(pattern, { cwd: ROOT, exclude: (name) => OUTSIDE.has(name.split(/[\\/]/).at(-1) ?? name) })
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted()
}

export function readText(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

export interface Import {
  readonly specifier: string
  /** Gone at run time: `import type`, or every name in the braces is a type. */
  readonly typeOnly: boolean
  /** Not imported, but named by its address, as the start of a thread is. */
  readonly located: boolean
}

// Our own formatting keeps each import in one shape, so a pattern is enough and needs no parser.
const STATEMENT = /^(?:import|export)\s+(?:(type)\s+)?(?:([^'"`;]*?)\s+from\s+)?'([^']+)'/gm
const CALL = /\bimport\(\s*'([^']+)'\s*\)|new URL\(\s*'([^']+)'\s*,\s*import\.meta\.url/g

/** What a source imports, statically, by import() and by new URL(…, import.meta.url). */
export function importsOf(source: string): Import[] {
  const found: Import[] = []
  for (const [, type, names, specifier] of source.matchAll(STATEMENT)) {
    if (specifier === undefined) continue
    const braces = /^\{([^}]*)\}$/.exec(names?.trim() ?? '')?.[1]
    const parts = braces?.split(',').filter((part) => part.trim() !== '')
    const onlyTypes = parts !== undefined && parts.length > 0 && parts.every((part) => part.trim().startsWith('type '))
    found.push({ specifier, typeOnly: type !== undefined || onlyTypes, located: false })
  }
  for (const [, called, located] of source.matchAll(CALL)) {
    const specifier = called ?? located
    if (specifier !== undefined) found.push({ specifier, typeOnly: false, located: called === undefined })
  }
  return found
}

const PACKAGES: Readonly<Record<string, string>> = {
  '@bongsu/protocol': 'packages/protocol/src',
  '@bongsu/client': 'packages/client/src',
  '@bongsu/log': 'packages/log/src',
  '@bongsu/settings': 'packages/settings/src',
}

/** The file of ours that an import names, from the root; null for a package of others or of Node. */
export function resolveImport(from: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return relative(ROOT, join(ROOT, dirname(from), specifier)).replaceAll('\\', '/')
  for (const [name, folder] of Object.entries(PACKAGES)) {
    if (specifier === name) return `${folder}/${name === '@bongsu/settings' ? 'settings' : 'index'}.ts`
    if (specifier.startsWith(`${name}/`)) return `${folder}/${specifier.slice(name.length + 1)}.ts`
  }
  return null
}
