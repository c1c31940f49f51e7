import { createChance, type Chance } from './chance.ts'
import { chooseParticles } from './josa.ts'
import { withMarks } from './town-marks.ts'
import { residents, talkers, type TownPerson } from './town-people.ts'
import { inVoice } from './voice.ts'
import type { TownLine, TownRoom } from './town-room.ts'
import { HOURS, ROOM_PLANS, TOWN_ROOM, type RoomPlan } from './town-rooms.ts'
import { WORDS } from './town-words.ts'

export interface Town {
  readonly people: readonly TownPerson[]
  readonly rooms: readonly TownRoom[]
}

/** 60 who talk, and these who listen. */
const RESIDENTS = 2_940
const DAY_MINUTES = 1_440
/** One line in so many is a long text, where the room has any. */
const LONG_EVERY = 150

interface Turn {
  readonly role: string
  readonly variants: readonly string[]
}

interface Thread {
  readonly hour: 'any' | 'morning' | 'night'
  readonly turns: readonly Turn[]
}

/**
 * 달여울읍, a small town that does not exist, and what its people wrote to each other.
 * @param nowMinuteOfDay minutes since midnight where the reader is, so that nights are quiet there.
 */
export function generateTown(seed: number, nowMinuteOfDay = 20 * 60): Town {
  const chance = createChance(seed)
  const talking = talkers()
  const people = [...talking, ...residents(RESIDENTS, chance)]
  const rooms = ROOM_PLANS.map((plan) => makeRoom(plan, plan.members, plan.members, nowMinuteOfDay, chance))
  const town = makeRoom(
    TOWN_ROOM,
    [...new Set([...TOWN_ROOM.members, ...people.map((person) => person.handle)])],
    talking.map((person) => person.handle),
    nowMinuteOfDay,
    chance,
  )
  return { people, rooms: [...rooms, town].map((room, index) => withMarks(room, seed * 1_000 + index)) }
}

function makeRoom(plan: RoomPlan, members: readonly string[], speakers: readonly string[], nowMinuteOfDay: number, chance: Chance): TownRoom {
  const conversations = holdConversations(plan, speakers, chance)
  return { title: plan.title, kind: plan.kind, members, lines: setTimes(conversations, plan, nowMinuteOfDay, chance) }
}

type Spoken = Pick<TownLine, 'author' | 'text'>
interface Conversation {
  readonly hour: Thread['hour']
  readonly lines: readonly Spoken[]
}

/** As many conversations as the room's lines ask for; every thread is used once before any is used again, and never twice in a short while. */
function holdConversations(plan: RoomPlan, speakers: readonly string[], chance: Chance): Conversation[] {
  const threads = plan.talk.flatMap(parseTalk)
  const long = chance.shuffle(plan.long.map((text): Thread => ({ hour: 'any', turns: [parseTurn(text, null)] })))
  const conversations: Conversation[] = []
  const lately: Thread[] = []
  let bag: Thread[] = []
  let left = plan.lines
  let untilLong = LONG_EVERY / 2
  while (left > 0) {
    if (bag.length === 0) bag = refill(threads, lately, chance)
    const [longest] = untilLong <= 0 ? long : []
    const thread = longest ?? bag.pop()
    if (thread === undefined) throw new Error(`Nothing is said in ${plan.title}.`)
    if (longest !== undefined) {
      // To the back of the row, so that the one told longest ago is next.
      long.push(...long.splice(0, 1))
      untilLong = LONG_EVERY
    }
    lately.push(thread)
    const lines = speak(thread, plan, speakers, chance).slice(0, left)
    conversations.push({ hour: thread.hour, lines })
    left -= lines.length
    untilLong -= lines.length
  }
  return conversations
}

/** All threads in a new order; those of the last third come last again. The bag is emptied from its end. */
function refill(threads: readonly Thread[], lately: readonly Thread[], chance: Chance): Thread[] {
  const recent = new Set(lately.slice(-Math.ceil(threads.length / 3)))
  const mixed = chance.shuffle(threads)
  return [...mixed.filter((thread) => recent.has(thread)), ...mixed.filter((thread) => !recent.has(thread))]
}

function speak(thread: Thread, plan: RoomPlan, speakers: readonly string[], chance: Chance): Spoken[] {
  const inRole = new Set(thread.turns.map((turn) => plan.roles[turn.role]))
  const free = chance.shuffle(speakers.filter((handle) => !inRole.has(handle)))
  const cast = new Map<string, string>()
  const slots = new Map<string, string>()
  const said: Spoken[] = []
  // People do not always finish.
  const end = thread.turns.length > 3 && chance.next() < 0.2 ? thread.turns.length - 1 : thread.turns.length
  for (const { role, variants } of thread.turns.slice(0, end)) {
    const author = plan.roles[role] ?? cast.get(role) ?? free.pop() ?? chance.pick(speakers)
    cast.set(role, author)
    for (const text of inVoice(author, fill(chance.pick(variants), slots, chance), chance)) said.push({ author, text })
  }
  const others = speakers.filter((handle) => handle !== said.at(-1)?.author)
  if (others.length > 0 && chance.next() < 0.15) {
    const replier = others.find((handle) => [...cast.values()].includes(handle)) ?? chance.pick(others)
    said.push({ author: replier, text: fill(chance.pick(plan.replies), slots, chance) })
  }
  return said
}

const parsed = new Map<string, readonly Thread[]>()

function parseTalk(talk: string): readonly Thread[] {
  const known = parsed.get(talk)
  if (known !== undefined) return known
  const threads = talk
    .trim()
    .split('\n\n')
    .map((block): Thread => {
      const lines = block.split('\n')
      const [first] = lines
      const hour = first === '(밤)' ? 'night' : first === '(아침)' ? 'morning' : 'any'
      return { hour, turns: (hour === 'any' ? lines : lines.slice(1)).map((line) => parseTurn(line, '|')) }
    })
  parsed.set(talk, threads)
  return threads
}

function parseTurn(line: string, separator: string | null): Turn {
  const colon = line.indexOf(': ')
  if (colon < 0) throw new Error(`Nobody says this: ${line}`)
  const text = line.slice(colon + 2)
  return { role: line.slice(0, colon), variants: separator === null ? [text] : text.split(separator) }
}

/** Chooses among [one/other], puts words in the {slots}, and sets the particles after them. */
function fill(template: string, slots: Map<string, string>, chance: Chance): string {
  const chosen = template.replaceAll(/\[([^[\]]*\/[^[\]]*)\]/g, (_, options: string) => chance.pick(options.split('/')))
  const filled = chosen.replaceAll(/\{(\w+)\}/g, (whole, slot: string) => {
    // Moods change from line to line; things that are talked about stay.
    const value = slot === 'lol' || slot === 'emoji' ? undefined : slots.get(slot)
    const list = WORDS[slot]
    if (list === undefined) throw new Error(`No words for ${whole}.`)
    const word = value ?? chance.pick(list)
    slots.set(slot, word)
    return word
  })
  return chooseParticles(filled).trim()
}

function setTimes(conversations: readonly Conversation[], plan: RoomPlan, nowMinuteOfDay: number, chance: Chance): TownLine[] {
  const today = plan.days * DAY_MINUTES
  const now = today + nowMinuteOfDay
  // Starts are drawn first and sorted, so that a conversation never begins in the middle of another, and the same thread is not held twice in a row.
  const inPast = (start: number): number => (start < now - 90 ? start : start - DAY_MINUTES)
  const drawn = conversations
    .map(() => inPast(chance.below(plan.days + 1) * DAY_MINUTES + minuteOfDay('any', plan, chance)))
    .toSorted((one, other) => one - other)
  const order = conversations
    .map(({ hour, lines: said }, index) => {
      const start = drawn[index] ?? 0
      return { said, start: hour === 'any' ? start : inPast(start - (start % DAY_MINUTES) + minuteOfDay(hour, plan, chance)) }
    })
    .toSorted((one, other) => one.start - other.start)
  const lines: TownLine[] = []
  let minute = 0
  for (const { start, said } of order) {
    minute = Math.max(start, minute + 3 + chance.below(20))
    for (const [place, line] of said.entries()) {
      lines.push({ ...line, begins: place === 0, minutesAgo: Math.max(1, now - minute) })
      minute += pause(minute, chance)
    }
  }
  return lines
}

function minuteOfDay(hour: Thread['hour'], plan: RoomPlan, chance: Chance): number {
  if (hour === 'night') return 22 * 60 + chance.below(50)
  if (hour === 'morning') return 6 * 60 + 40 + chance.below(110)
  const weights = HOURS[plan.hours]
  let draw = chance.next() * weights.reduce((sum: number, weight) => sum + weight, 0)
  const found = weights.findIndex((weight) => (draw -= weight) < 0)
  return Math.max(0, found) * 60 + chance.below(60)
}

/** Minutes to the next line: mostly at once, sometimes after a while; late in the evening nobody lets others wait. */
function pause(minute: number, chance: Chance): number {
  const late = minute % DAY_MINUTES > 22 * 60
  const mood = chance.next()
  if (late || mood < 0.78) return chance.below(3)
  return mood < 0.95 ? 3 + chance.below(10) : 15 + chance.below(35)
}
