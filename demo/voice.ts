import type { Chance } from './chance.ts'

type Habit = (text: string, chance: Chance) => string

/** What comes after the last word; some texts are better left alone. */
function ending(share: number, endings: readonly string[]): Habit {
  return (text, chance) => (chance.next() < share && /[가-힣.]$/.test(text) ? text.replace(/\.$/, '') + chance.pick(endings) : text)
}

const plain: Habit = (text) => text
const noStops: Habit = (text) => text.replace(/\.$/, '')

/** How people write: each has one of these for life. */
const HABITS: readonly Habit[] = [
  plain,
  noStops,
  ending(0.6, ['~', '~~', '~!']),
  ending(0.5, [' ^^', ' ^^*', '^^']),
  ending(0.5, ['!', '!!', '!!!']),
  ending(0.45, ['..', '...', '....']),
  ending(0.45, ['ㅎㅎ', ' ㅎㅎ', 'ㅎ']),
  ending(0.45, ['ㅋㅋ', ' ㅋㅋㅋ', 'ㅋ']),
  ending(0.4, [' 😊', ' 🙏', ' ☺️', ' 💛']),
  ending(0.4, [' 👍', ' 🔥', ' 💪']),
  (text) => text.replaceAll(/요([.!]?)$/g, '용$1'),
  (text, chance) => (chance.next() < 0.5 ? text.replaceAll(', ', ' ') : text),
]

/** The same name always writes the same way. */
function habitOf(author: string): Habit {
  let sum = 7
  for (const letter of author) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521
  return HABITS[sum % HABITS.length] ?? plain
}

/** A text as this person would write it: with their habits, and sometimes in two messages where there are two sentences. */
export function inVoice(author: string, text: string, chance: Chance): string[] {
  const written = habitOf(author)(text, chance)
  const cut = /^([^\n]{4,}?[.!?]) ([^\n]{4,})$/u.exec(written)
  if (cut?.[1] === undefined || cut[2] === undefined || text.length > 120 || chance.next() > 0.3) return [written]
  return [cut[1].replace(/\.$/, ''), cut[2]]
}
