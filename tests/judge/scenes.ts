import type { Town } from './people.ts'
import type { Trouble, TroubleKind } from './trouble.ts'
import { MONDAY, TOWNS, type World } from './worlds.ts'

const MINUTE_MS = 60_000
/** Noon of a Monday, when most people are there. */
const AT = MONDAY + 12 * 60 * MINUTE_MS
const [TINY, SMALL, MIDDLE, LARGE, HUGE] = TOWNS as [Town, Town, Town, Town, Town]

/** Short worlds with one event each, for a first look and for breakages. */
export const SCENES = {
  killed: scene(MIDDLE, 'killed', 2),
  hung: scene(LARGE, 'hung', 2),
  signInHalf: scene(MIDDLE, 'sign-in', 4, { share: 0.5 }),
  signInAll: scene(MIDDLE, 'sign-in', 3),
  webAll: scene(MIDDLE, 'web', 3),
  dropped: scene(MIDDLE, 'dropped', 4, { share: 0.3 }),
  cut: scene(LARGE, 'cut', 4, { share: 0.3 }, { asks: false }),
  cutTold: scene(LARGE, 'cut', 4, { share: 0.08 }),
  cutSmall: scene(MIDDLE, 'cut', 4, { share: 0.3 }, { asks: false }),
  cutTiny: scene(SMALL, 'cut', 3, { share: 0.1 }, { asks: false }),
  blackHole: scene(LARGE, 'black-hole', 4, { share: 0.5 }, { asks: false }),
  slow: scene(MIDDLE, 'slow', 3),
  power: scene(MIDDLE, 'power', 3),
  leave: scene(LARGE, 'leave', 5),
  leaveLarge: scene(HUGE, 'leave', 4),
  reset: scene(SMALL, 'reset', 1, { people: 7 }),
  wayAlone: scene(MIDDLE, 'way', 3, {}, { asks: false }),
  wayOfOne: scene(MIDDLE, 'way', 3, { post: 1 }, { posts: ['home', 'busan'], asks: false }),
  /** Trains go into tunnels all afternoon. */
  trains: { ...scene(HUGE, 'blip', 0.02), to: AT + 300 * MINUTE_MS },
  strays: scene(TINY, 'blip', 0.04),
} as const satisfies Readonly<Record<string, World>>

export type SceneName = keyof typeof SCENES

function scene(town: Town, kind: TroubleKind, minutes: number, more: Partial<Trouble> = {}, other: Partial<World> = {}): World {
  const trouble = { kind, from: AT + 15 * MINUTE_MS, to: AT + (15 + minutes) * MINUTE_MS, ...more }
  return { seed: 1, town, posts: ['home'], asks: true, from: AT, to: trouble.to + 20 * MINUTE_MS, troubles: [trouble], ...other }
}
