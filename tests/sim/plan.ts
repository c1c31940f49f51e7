import { Chance } from './chance.ts'

/** What people do. */
export const ACT_KINDS = {
  say: 40,
  'say several': 8,
  reply: 4,
  react: 16,
  'take back': 4,
  edit: 8,
  erase: 4,
  hide: 3,
  'read to the end': 14,
  'read a little': 5,
  write: 4,
  open: 14,
  'scroll up': 10,
  close: 3,
  invite: 8,
  leave: 5,
  rename: 3,
  'make group': 4,
  'open direct': 3,
  retry: 3,
  discard: 2,
  'come to front': 3,
  'new device': 2,
  'revoke device': 1.2,
} as const

/** What goes wrong. */
export const TROUBLE_KINDS = {
  'slow net': 5,
  'doubling net': 3,
  'swallowing net': 4,
  'cutting net': 5,
  'dying net': 3,
  'no net': 5,
  'slow reader': 14,
  'babbling device': 3,
  'older server': 3,
  'bad http': 6,
  cut: 6,
  'half-open': 4,
  'bad bus': 6,
  'no bus': 3,
  'slow disk': 4,
  'full disk': 3,
  'disk away': 3,
  'disk without answers': 4,
  'kill server': 6,
  'kill server, power': 3,
  'power cut': 4,
  'stop server': 3,
  'busy server': 4,
  drain: 3,
  restore: 4,
  'kill device': 6,
  'full device': 3,
  'slow device': 3,
  sleep: 5,
  'device clock': 3,
  'server clock': 3,
} as const

/** What goes wrong between several server processes, their bus and their store. */
export const PROCESS_TROUBLE_KINDS = {
  'deaf process': 6,
  'store away from one': 5,
  'late writes': 6,
  'rolling upgrade': 3,
  'put back': 4,
} as const

/** In a history of several processes. */
const MANY_ACTS = { ...ACT_KINDS, 'new device': 4, 'revoke device': 3 } as const
const MANY_TROUBLES = {
  ...PROCESS_TROUBLE_KINDS,
  'bad bus': 3,
  'no bus': 4,
  cut: 12,
  'half-open': 6,
  'no net': 2,
  'slow net': 2,
  sleep: 3,
  'disk away': 2,
  'disk without answers': 4,
  'kill server': 6,
  'kill server, power': 3,
  'stop server': 5,
  drain: 3,
  restore: 2,
  'kill device': 3,
  'server clock': 2,
} as const satisfies Partial<Record<HappeningKind, number>>

export type HappeningKind = keyof typeof ACT_KINDS | keyof typeof TROUBLE_KINDS | keyof typeof PROCESS_TROUBLE_KINDS

/** One thing that happens. Whom and what it concerns follows from its own numbers, so that leaving out another changes nothing in it. */
export interface Happening {
  readonly at: number
  readonly kind: HappeningKind
  /** Number of a device or a server process, modulo how many there are. */
  readonly who: number
  /** In [0, 1): what it picks. */
  readonly x: number
  readonly y: number
  readonly forMs: number
}

/** A whole history, to be run again and again. */
export interface Plan {
  readonly seed: number
  readonly accounts: number
  readonly devices: number
  readonly gateways: number
  readonly heartbeatMs: number
  /** Small bounds make pages, resets and cut tails happen in short histories. */
  readonly smallBounds: boolean
  /** No hint arrives to the very end [D1]. */
  readonly noHintsAtEnd: boolean
  /** Devices a server process lets in within a second; without it, as many as there are. */
  readonly hellosPerSecond?: number
  /** How long the troubled time lasts. */
  readonly forMs: number
  readonly happenings: readonly Happening[]
  /** Nothing goes wrong but one restore, and every device stays on: the old order must come back [A8]. */
  readonly isCalm?: boolean
}

/** One in so many histories is calm. */
const CALM_EACH = 10
const CALM_KINDS = { say: 40, 'say several': 8, react: 8, 'read to the end': 8, open: 4 } as const satisfies Partial<Record<HappeningKind, number>>

/** Every fourth history is one of two or three processes, from the third on. */
export const MANY = { from: 3, each: 4 } as const

export function planOf(seed: number): Plan {
  if (seed % MANY.each === MANY.from) return manyPlan(seed)
  const plan = troubledPlan(seed)
  return seed % CALM_EACH === 0 ? calmed(plan) : plan
}

/** Devices go from process to process, and what goes wrong is between these. */
function manyPlan(seed: number): Plan {
  const chance = new Chance(seed, 'many')
  const accounts = chance.between(2, 4)
  const forMs = chance.between(40_000, 80_000)
  const acts = chance.between(40, 160)
  const troubles = chance.between(6, 20)
  return {
    seed,
    accounts,
    devices: accounts + chance.between(1, accounts),
    gateways: chance.between(2, 3),
    heartbeatMs: 8_000,
    smallBounds: chance.may(0.8),
    noHintsAtEnd: chance.may(0.25),
    ...(chance.may(0.25) ? { hellosPerSecond: chance.between(1, 4) } : {}),
    forMs,
    happenings: [
      ...Array.from({ length: acts }, () => happening(chance, MANY_ACTS, forMs, 0)),
      ...Array.from({ length: troubles }, () => happening(chance, MANY_TROUBLES, forMs, 30_000)),
    ].toSorted((one, other) => one.at - other.at),
  }
}

/** Bounds are real, because a device does not see more of a conversation than a `reset` brings. A backup is made early and restored after some talk. Some more is said before and after the devices are back. */
function calmed(plan: Plan): Plan {
  const chance = new Chance(plan.seed, 'calm')
  const { hellosPerSecond: _none, ...rest } = plan
  const forMs = 90_000
  const acts = Array.from({ length: chance.between(20, 120) }, () => happening(chance, CALM_KINDS, 40_000, 0))
  const restored = { ...happening(chance, { restore: 1 }, 10_000, 0), x: 0, forMs: chance.between(5_000, 25_000) }
  return {
    ...rest,
    smallBounds: false,
    noHintsAtEnd: false,
    forMs,
    isCalm: true,
    happenings: [...acts, restored].toSorted((one, other) => one.at - other.at),
  }
}

function troubledPlan(seed: number): Plan {
  const chance = new Chance(seed, 'plan')
  const accounts = chance.between(2, 6)
  const forMs = chance.between(30_000, 90_000)
  const acts = chance.between(40, 250)
  const troubles = chance.between(2, 20)
  const happenings = [
    ...Array.from({ length: acts }, () => happening(chance, ACT_KINDS, forMs, 0)),
    ...Array.from({ length: troubles }, () => happening(chance, TROUBLE_KINDS, forMs, 40_000)),
  ].toSorted((one, other) => one.at - other.at)
  return {
    seed,
    accounts,
    devices: accounts + chance.below(accounts + 1),
    gateways: chance.may(0.8) ? 2 : 1,
    heartbeatMs: 8_000,
    smallBounds: chance.may(0.8),
    noHintsAtEnd: chance.may(0.25),
    ...(chance.may(0.3) ? { hellosPerSecond: chance.between(1, 4) } : {}),
    forMs,
    happenings,
  }
}

function happening(chance: Chance, kinds: Readonly<Partial<Record<HappeningKind, number>>>, withinMs: number, longestMs: number): Happening {
  return {
    at: chance.below(withinMs),
    kind: weighted(chance, kinds),
    who: chance.below(1_000),
    x: round(chance.next()),
    y: round(chance.next()),
    forMs: Math.round(longestMs * chance.next() ** 2) + (longestMs === 0 ? 0 : 500),
  }
}

function round(value: number): number {
  return Math.floor(value * 10_000) / 10_000
}

function weighted(chance: Chance, kinds: Readonly<Partial<Record<HappeningKind, number>>>): HappeningKind {
  const all = Object.entries(kinds) as [HappeningKind, number][]
  let left = chance.next() * all.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [kind, weight] of all) if ((left -= weight) < 0) return kind
  return all[0]![0]
}
