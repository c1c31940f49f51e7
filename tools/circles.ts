import { importsOf, readText, resolveImport } from './files.ts'

/** Groups of files that import each other in a circle. Type imports count: whoever knows a shape knows its file. */
export function circlesIn(files: readonly string[], read: (file: string) => string = readText): string[][] {
  const all = new Set(files)
  const next = new Map(files.map((file) => [file, targetsOf(file, read(file)).filter((target) => all.has(target) && target !== file)]))
  return components(next).filter((group) => group.length > 1)
}

function targetsOf(file: string, source: string): string[] {
  return importsOf(source).flatMap(({ specifier, located }) => (located ? [] : (resolveImport(file, specifier) ?? [])))
}

/** Strongly connected components, by Tarjan's algorithm (1972). */
function components(next: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []

  function visit(file: string): void {
    index.set(file, index.size)
    low.set(file, index.get(file) ?? 0)
    stack.push(file)
    for (const target of next.get(file) ?? []) {
      if (!index.has(target)) visit(target)
      if (stack.includes(target)) low.set(file, Math.min(low.get(file) ?? 0, low.get(target) ?? 0))
    }
    if (low.get(file) === index.get(file)) found.push(stack.splice(stack.indexOf(file)).toSorted())
  }

  for (const file of next.keys()) if (!index.has(file)) visit(file)
  return found
}
