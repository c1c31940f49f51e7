import type { Clock, Random } from '../src/ports.ts'

/** A clock that advances only on request. */
export interface FakeClock extends Clock {
  /** Advances the time and runs all due timers in order, with everything they start. */
  pass(ms: number): Promise<void>
  /** Number of waiting timers. */
  readonly waiting: () => number
}

export function createFakeClock(start = 1_000_000): FakeClock {
  let now = start
  let made = 0
  const timers = new Map<number, { at: number; run: () => void }>()

  function next(until: number): [number, { at: number; run: () => void }] | null {
    let found: [number, { at: number; run: () => void }] | null = null
    for (const timer of timers) if (timer[1].at <= until && (found === null || timer[1].at < found[1].at)) found = timer
    return found
  }

  return {
    now: () => now,
    after(delayMs, run) {
      const id = ++made
      timers.set(id, { at: now + Math.max(0, delayMs), run })
      return () => timers.delete(id)
    },
    async pass(ms) {
      const until = now + ms
      await settle()
      for (let due = next(until); due !== null; due = next(until)) {
        timers.delete(due[0])
        now = Math.max(now, due[1].at)
        due[1].run()
        await settle()
      }
      now = until
    },
    waiting: () => timers.size,
  }
}

/** Lets all pending promises settle. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The same numbers for the same seed (mulberry32). */
export function createRandom(seed: number): Random & { below(bound: number): number } {
  let state = seed | 0
  let uuids = 0
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    uuid: () => uuidOf(seed, ++uuids),
  }
}

export function uuidOf(kind: number, number: number): string {
  return `${(kind >>> 0).toString(16).padStart(8, '0')}-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
}
