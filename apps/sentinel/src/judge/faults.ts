import type { Component, Outcome, Profile } from '../record/observation.ts'

// Faults of a messenger in generated evidence, and their effect on tries. For tests.

/** Uniform in [0, 1), the same for the same seed: sfc32 of PractRand. Its 128 bits of state suffice for a year of tries with rare events. */
export function seeded(seed: number): () => number {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9, 0x243f6a88, 1]
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 4_294_967_296
  }
  for (let round = 0; round < 15; round += 1) next()
  return next
}

/**
 * A fault of the messenger. Times are epoch ms.
 * - refuse: nothing answers, and connections fail at once; hang: connections stay open, and nothing comes back in time.
 * - half-open: messages are accepted and not delivered.
 * - cut: a share of the people has no connection; the same share of the tries too, unless `canaries` are spared.
 * - sign-in: a share of the sign-ins is refused. - slow: tries take `slowMs`.
 * - blip: tries fail, and no people notice.
 */
export interface Fault {
  readonly kind: 'refuse' | 'hang' | 'half-open' | 'cut' | 'sign-in' | 'slow' | 'blip'
  readonly from: number
  readonly to: number
  /** 1 when left out. */
  readonly share?: number
  /** The share grows from 0 to its full value over the whole time. */
  readonly growing?: boolean
  readonly spared?: 'canaries'
  readonly profile?: Profile
  readonly slowMs?: number
}

export const ACCEPTED_WITHIN_MS = 3_000
const DELIVERED_WITHIN_MS = 5_000

export interface Known {
  readonly outcome: Outcome
  readonly afterMs: number
}

interface Suffering {
  readonly component: Component
  readonly profile: Profile
  readonly at: number
  readonly random: () => number
  readonly known: Known
}

/** @returns the outcome of a try that would otherwise have ended as `known`. */
export function suffer(fault: Fault, { component, profile, at, random, known }: Suffering): Known {
  const within = at >= fault.from && at < fault.to
  const leftMs = fault.to - at
  if (!within || fault.spared === 'canaries' || (fault.profile !== undefined && fault.profile !== profile)) return known
  const share = shareOf(fault, at)
  switch (fault.kind) {
    case 'refuse':
      return { outcome: 'unreachable', afterMs: 20 }
    case 'hang':
    case 'blip':
      if (random() >= share) return known
      return leftMs > ACCEPTED_WITHIN_MS || fault.kind === 'blip'
        ? { outcome: 'unaccepted', afterMs: ACCEPTED_WITHIN_MS }
        : { outcome: 'ok', afterMs: leftMs + known.afterMs }
    case 'half-open':
      if (component !== 'messaging' || random() >= share) return known
      return leftMs > DELIVERED_WITHIN_MS
        ? { outcome: 'undelivered', afterMs: DELIVERED_WITHIN_MS }
        : { outcome: 'ok', afterMs: leftMs + known.afterMs }
    case 'cut':
      return random() < share ? { outcome: 'unreachable', afterMs: ACCEPTED_WITHIN_MS } : known
    case 'sign-in':
      return component === 'sign-in' && random() < share ? { outcome: 'refused', afterMs: 40 } : known
    case 'slow':
      return { outcome: 'ok', afterMs: (fault.slowMs ?? 2_000) * (0.8 + 0.4 * random()) }
  }
}

export function shareOf(fault: Fault, at: number): number {
  const share = fault.share ?? 1
  return fault.growing === true ? (share * (at - fault.from)) / (fault.to - fault.from) : share
}
