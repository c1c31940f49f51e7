import type { Clock } from '../clock.ts'
import { PROFILES, type Component, type Profile } from '../vocabulary/observation.ts'

/** Time between two tries of a component, profiles in turn: in calm times, and during an alarm. */
export const EVERY_MS = {
  messaging: { calm: 1_000, alarmed: 250 },
  'sign-in': { calm: 5_000, alarmed: 1_000 },
  web: { calm: 5_000, alarmed: 1_000 },
} as const satisfies Record<Component, { readonly calm: number; readonly alarmed: number }>

/** The same for light tries: a new connection without a message, a sign-in with an empty form. */
export const LIGHT_MS = { calm: 1_000, alarmed: 250 } as const

/** The alarm ends after this long without a failure. */
export const calmAfterMs = 15_000

/** Measuring the share of a partial fault: most tries of a component in a second, how many of them are light, and for how long at a time. */
export const MEASURE_BOUNDS = {
  measureTriesPerSecondMax: 20,
  /** Of the sign-ins one in so many is whole: each costs the server a password hash. */
  wholeSignInEvery: 4,
  longestMs: 60_000,
  restMs: 60_000,
  /** A request to measure holds for this long. It is repeated every second. */
  heldMs: 2_000,
} as const

/** Decides when which component is tried as which profile. Tries do not wait for each other. */
export function startRhythm(clock: Clock, go: (component: Component, profile: Profile, light: boolean) => void) {
  let alarmed = false
  let cancelCalm = (): void => undefined
  const whole = [startBeat('messaging', 0), startBeat('sign-in', 500), startBeat('web', 3_000)]
  const beats = [...whole, startBeat('messaging', 250, LIGHT_MS), startBeat('sign-in', 750, LIGHT_MS)]

  function startBeat(component: Component, offsetMs: number, light?: typeof LIGHT_MS): { hasten(): void; stop(): void } {
    const { calm, alarmed: hurried } = light ?? EVERY_MS[component]
    let turn = 0
    let dueMs = 0
    let cancel = (): void => undefined
    const plan = (delayMs: number): void => {
      cancel()
      dueMs = clock.monotonic() + delayMs
      cancel = clock.after(delayMs, beat)
    }
    const beat = (): void => {
      plan(alarmed ? hurried : calm)
      go(component, PROFILES[turn++ % PROFILES.length] as Profile, light !== undefined)
    }
    plan(offsetMs)
    return {
      hasten() {
        if (dueMs - clock.monotonic() > hurried) plan(hurried)
      },
      stop: () => cancel(),
    }
  }

  return {
    get alarmed(): boolean {
      return alarmed
    },
    /** To be called after a failure. */
    alarm(): void {
      cancelCalm()
      cancelCalm = clock.after(calmAfterMs, () => {
        alarmed = false
      })
      if (alarmed) return
      alarmed = true
      for (const beat of beats) beat.hasten()
    },
    stop(): void {
      cancelCalm()
      for (const beat of beats) beat.stop()
    },
  }
}

/** Makes tries while it is asked to. */
export function startMeasuring(clock: Clock, go: () => void): { ask(): void; stop(): void } {
  let [fromMs, untilMs] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let cancel: (() => void) | null = null
  const endMs = (): number => Math.min(untilMs, fromMs + MEASURE_BOUNDS.longestMs)
  const beat = (): void => {
    cancel = null
    if (clock.monotonic() >= endMs()) return
    cancel = clock.after(1_000 / MEASURE_BOUNDS.measureTriesPerSecondMax, beat)
    go()
  }
  return {
    ask() {
      const now = clock.monotonic()
      if (now - endMs() >= MEASURE_BOUNDS.restMs) fromMs = now
      untilMs = now + MEASURE_BOUNDS.heldMs
      if (cancel === null) beat()
    },
    stop: () => cancel?.(),
  }
}
