import type { Texts } from './texts.ts'

const namesMax = 3

/** 이도현님, 박준호님 외 3명: some names and the count of the rest. */
export function namesLine(texts: Texts, names: readonly string[]): string {
  const shown = names.slice(0, namesMax).map(texts.honorific).join(', ')
  return names.length > namesMax ? texts.andOthers(shown, names.length - namesMax) : shown
}
