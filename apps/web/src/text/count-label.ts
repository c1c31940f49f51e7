import type { Language } from './language.ts'

/** The first count that is written with a separator. */
const separated = 1_000

/** A count for the screen: 12,345. Most counts are small, and asking the browser for each is slow. */
export function countLabel(count: number, language: Language): string {
  return count < separated ? String(count) : count.toLocaleString(language)
}
