import { Random } from './random.ts'
import type { Town } from './people.ts'
import type { Trouble, TroubleKind } from './trouble.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Midnight of a Monday in Seoul. */
export const MONDAY = Date.parse('2026-03-02T00:00:00+09:00')

/** A town, its posts, and everything that happens in it. */
export interface World {
  readonly seed: number
  readonly town: Town
  /** Names of the places that watch. The first one is the sentinel itself. */
  readonly posts: readonly string[]
  /** Whether people's apps ask the status page, as the app on the web does. */
  readonly asks: boolean
  readonly from: number
  readonly to: number
  /** Oldest first. Between two of them there is time for everybody to come back. */
  readonly troubles: readonly Trouble[]
}

export const TOWNS: readonly Town[] = [
  { users: 5, office: 0, night: 0.6 },
  { users: 20, office: 0.5, night: 0.3 },
  { users: 100, office: 0.4, night: 0.3 },
  { users: 3_000, office: 0.02, night: 0.25 },
  { users: 100_000, office: 0.001, night: 0.2 },
]

/** Healthy noise: blips, restarts, sleeping machines, and everything that people do. No honest page calls any of it an outage. */
const NOISE: readonly { readonly kind: TroubleKind; readonly everyMs: number; readonly lastsMs: readonly [number, number] }[] = [
  { kind: 'blip', everyMs: DAY_MS, lastsMs: [300, 2_500] },
  { kind: 'restart', everyMs: 3 * DAY_MS, lastsMs: [1_000, 3_000] },
  { kind: 'offline', everyMs: 2 * DAY_MS, lastsMs: [MINUTE_MS, 10 * MINUTE_MS] },
  { kind: 'way', everyMs: 3 * DAY_MS, lastsMs: [MINUTE_MS, 5 * MINUTE_MS] },
  { kind: 'asleep', everyMs: 2 * DAY_MS, lastsMs: [20_000, 20_000] },
  { kind: 'leave', everyMs: DAY_MS, lastsMs: [3 * MINUTE_MS, 10 * MINUTE_MS] },
  { kind: 'sleep', everyMs: DAY_MS, lastsMs: [3 * MINUTE_MS, 10 * MINUTE_MS] },
  { kind: 'killed-apps', everyMs: 2 * DAY_MS, lastsMs: [2 * MINUTE_MS, 4 * MINUTE_MS] },
  { kind: 'reset', everyMs: 2 * DAY_MS, lastsMs: [1_000, 1_000] },
]

/** Only the sentinel's own post, and the people, can suffer these: the words are known. */
const FAULTS: readonly { readonly kind: TroubleKind; readonly shares: readonly number[] }[] = [
  { kind: 'killed', shares: [1] },
  { kind: 'hung', shares: [1] },
  { kind: 'socket', shares: [1] },
  { kind: 'gone', shares: [1] },
  { kind: 'sign-in', shares: [0.3, 0.5, 1] },
  { kind: 'web', shares: [0.5, 1] },
  { kind: 'cut', shares: [0.08, 0.3, 0.8] },
  { kind: 'black-hole', shares: [0.3, 0.5] },
  { kind: 'dropped', shares: [0.3] },
  { kind: 'slow', shares: [1] },
  { kind: 'power', shares: [1] },
]

/**
 * Days of a town: healthy noise all the time, and with `faults` a fault every few hours. Less than a whole day begins at noon, so that people leave in the
 * evening, and has each kind of noise once at least.
 */
export function worldOf(seed: number, town: Town, days: number, options: { readonly faults: boolean }): World {
  const random = new Random(seed * 7_919 + town.users)
  const start = days < 1 ? MONDAY + DAY_MS / 2 : MONDAY
  const to = start + days * DAY_MS
  const posts = random.chance(0.5) ? ['home'] : ['home', 'busan', 'jeju'].slice(0, random.chance(0.5) ? 2 : 3)
  const troubles: Trouble[] = []
  for (const [index, { kind, everyMs, lastsMs }] of NOISE.entries()) {
    for (let from = start + random.wait(everyMs); from < to; from += random.wait(everyMs))
      troubles.push(noise(kind, from, lastsMs, posts.length, random))
    if (days < 1) troubles.push(noise(kind, start + ((index + 1) * (to - start)) / (NOISE.length + 1), lastsMs, posts.length, random))
  }
  if (options.faults)
    for (let from = start + 2 * 3_600_000; from < to; from += random.between(2, 4) * 3_600_000) {
      const { kind, shares } = random.pick(FAULTS)
      const lastsMs = random.between(60_000, 240_000)
      const at = Math.round(from)
      troubles.push({ kind, from: at, to: at + Math.round(lastsMs), share: random.pick(shares) })
    }
  return { seed, town, posts, asks: random.chance(0.7), from: start, to, troubles: apart(troubles) }
}

function noise(kind: TroubleKind, from: number, [least, most]: readonly [number, number], posts: number, random: Random): Trouble {
  const at = Math.round(from)
  const trouble = { kind, from: at, to: at + Math.round(random.between(least, most)) }
  if (kind === 'reset') return { ...trouble, people: 7 }
  if (kind === 'killed-apps') return { ...trouble, people: 12 }
  if (kind === 'way' || kind === 'offline') return { ...trouble, post: Math.floor(random.next() * posts) }
  return trouble
}

/** Time after each trouble for everybody to come back, and for the last word about it. */
const APART_MS = 25 * MINUTE_MS

/** Leaves out what begins too soon after another: what is said must be about one trouble, so that it can be judged. */
function apart(troubles: readonly Trouble[]): readonly Trouble[] {
  const kept: Trouble[] = []
  for (const trouble of troubles.toSorted((one, other) => one.from - other.from))
    if (kept.length === 0 || trouble.from - (kept.at(-1) as Trouble).to >= APART_MS) kept.push(trouble)
  return kept
}
