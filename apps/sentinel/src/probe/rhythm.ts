import type { Clock } from '../clock.ts'
import { PROFILES, type Component, type Profile } from '../record/observation.ts'

/** Time between two tries of a component, profiles in turn: in calm times, and during an alarm. */
export const EVERY_MS = {
  messaging: { calm: 1_000, alarmed: 250 },
  'sign-in': { calm: 5_000, alarmed: 1_000 },
  web: { calm: 5_000, alarmed: 1_000 },
} as const satisfies Record<Component, { readonly calm: number; readonly alarmed: number }>

/** The alarm ends after this long without a failure. */
export const calmAfterMs = 15_000

export interface Rhythm {
  readonly alarmed: boolean
  /** To be called after a failure. */
  alarm(): void
  stop(): void
}

/** Decides when which component is tried as which profile. Tries do not wait for each other. */
export function startRhythm(clock: Clock, go: (component: Component, profile: Profile) => void): Rhythm {
  let alarmed = false
  let cancelCalm = (): void => undefined
  const beats = [startBeat('messaging', 0), startBeat('sign-in', 500), startBeat('web', 3_000)]

  function startBeat(component: Component, offsetMs: number): { hasten(): void; stop(): void } {
    const { calm, alarmed: hurried } = EVERY_MS[component]
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
      go(component, PROFILES[turn++ % PROFILES.length] as Profile)
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
    get alarmed() {
      return alarmed
    },
    alarm() {
      cancelCalm()
      cancelCalm = clock.after(calmAfterMs, () => {
        alarmed = false
      })
      if (alarmed) return
      alarmed = true
      for (const beat of beats) beat.hasten()
    },
    stop() {
      cancelCalm()
      for (const beat of beats) beat.stop()
    },
  }
}
