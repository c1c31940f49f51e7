import { begins, folded } from '@bongsu/protocol'
import type { EmojiGroup, EmojiRow } from './emoji-row.ts'

/** Most results shown. */
const foundMax = 160

/** Cache of the folded names and words of each emoji: folding takes longer than comparing. */
const prepared = new WeakMap<EmojiRow, { readonly names: readonly string[]; readonly words: readonly string[] }>()

function preparedOf(row: EmojiRow) {
  const before = prepared.get(row)
  if (before !== undefined) return before
  const [, ko, en, words] = row
  const made = {
    names: [ko, en].map(folded),
    words: [...words.split('|'), ...ko.split(' '), ...en.split(' ')].map(folded),
  }
  prepared.set(row, made)
  return made
}

/** Emoji by their names and words, in Korean (초성 too) or English. Those whose whole name begins with the query come first. */
export function findEmoji(groups: readonly EmojiGroup[], wanted: string): readonly EmojiRow[] {
  const query = folded(wanted)
  const [first, others]: [EmojiRow[], EmojiRow[]] = [[], []]
  for (const group of groups) {
    for (const row of group) {
      const { names, words } = preparedOf(row)
      if (row[0] === wanted.trim() || names.some((name) => begins(name, query))) first.push(row)
      else if (words.some((word) => begins(word, query))) others.push(row)
    }
  }
  return [...first, ...others].slice(0, foundMax)
}
