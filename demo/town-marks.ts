import { createChance, type Chance } from './chance.ts'
import type { TownLine, TownRoom } from './town-room.ts'

/** One line in so many has reactions, and one in so many answers the line before it with a quote. */
const REACTED_EVERY = 14
const QUOTED_EVERY = 25
/** The newest lines have more of both: those are the ones that are looked at. */
const NEWEST = 10
const NEWEST_EVERY = 3
/** Most people who react to one line. */
const REACTING_MAX = 9
/** Someone who answers at once needs no quote. */
const QUOTED_MINUTES_MIN = 3

/** What a line calls for; the first that fits. */
const CALLS: readonly { readonly words: RegExp; readonly emoji: readonly string[] }[] = [
  { words: /ㅋㅋ|ㅎㅎ|하하/, emoji: ['😆', '😆', '👍'] },
  { words: /감사|고마|고맙|축하|사랑|생신|생일/, emoji: ['❤️', '❤️', '👍'] },
  { words: /아프|병원|걱정|ㅠㅠ|슬프|돌아가/, emoji: ['😢', '❤️'] },
  { words: /공지|안내|모집|신청|회의|확인|부탁/, emoji: ['✅', '✅', '👍'] },
  { words: /!|대박|진짜/, emoji: ['😮', '👍', '❤️'] },
]

/** Adds reactions and quoting answers to what was said, by a chance of its own: what is said stays as it was. */
export function withMarks(room: TownRoom, seed: number): TownRoom {
  const chance = createChance(seed)
  const talking = [...new Set(room.lines.map(({ author }) => author))]
  if (talking.length < 2) return room
  return {
    ...room,
    lines: room.lines.map((line, index) => ({ ...line, ...quote(room.lines, index, chance), ...reactions(room.lines, index, talking, chance) })),
  }
}

function quote(lines: readonly TownLine[], index: number, chance: Chance): Pick<TownLine, 'answers'> {
  const [line, before] = [lines[index], lines[index - 1]]
  if (line === undefined || before === undefined || line.begins || before.author === line.author) return {}
  const apart = before.minutesAgo - line.minutesAgo
  return apart >= QUOTED_MINUTES_MIN && apart < 60 && chance.below(isNew(lines, index) ? NEWEST_EVERY : QUOTED_EVERY) === 0
    ? { answers: index - 1 }
    : {}
}

function reactions(lines: readonly TownLine[], index: number, talking: readonly string[], chance: Chance): Pick<TownLine, 'reactions'> {
  const line = lines[index]
  if (line === undefined || chance.below(isNew(lines, index) ? NEWEST_EVERY : REACTED_EVERY) > 0) return {}
  const { author, text } = line
  const emoji = CALLS.find(({ words }) => words.test(text))?.emoji ?? ['👍', '👍', '❤️']
  const others = chance.shuffle(talking.filter((other) => other !== author)).slice(0, 1 + chance.below(REACTING_MAX))
  return { reactions: others.map((who) => ({ who, emoji: chance.pick(emoji) })) }
}

function isNew(lines: readonly TownLine[], index: number): boolean {
  return index >= lines.length - NEWEST
}
