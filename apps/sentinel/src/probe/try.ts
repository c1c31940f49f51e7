import type { Clock } from '../clock.ts'
import type { Component, Observation, Outcome, Profile } from '../record/observation.ts'

/** One try under way. Everything it tells is placed by its own beginning and the monotonic clock, so that a clock which is set meanwhile harms nothing. */
export interface Try {
  readonly id: number
  /** Monotonic ms of its beginning. */
  readonly begunMs: number
  elapsedMs(): number
  /** What is known of it now. */
  observation(outcome: Outcome, durations?: Partial<Durations>): Observation
}

type Durations = Pick<Observation, 'acceptedMs' | 'deliveredMs' | 'readMs'>

export function beginTry(clock: Clock, id: number, component: Component, profile: Profile): Try {
  const at = clock.now()
  const begunMs = clock.monotonic()
  const elapsedMs = (): number => Math.max(0, Math.round(clock.monotonic() - begunMs))
  return {
    id,
    begunMs,
    elapsedMs,
    observation: (outcome, durations = {}) => ({
      id,
      at,
      knownAt: at + elapsedMs(),
      component,
      profile,
      outcome,
      acceptedMs: null,
      deliveredMs: null,
      readMs: null,
      ...durations,
    }),
  }
}

/** Did the try end otherwise than it should? A message that came late after all was told as failed before. */
export function hasFailed({ outcome }: Pick<Observation, 'outcome'>): boolean {
  return outcome !== 'ok' && outcome !== 'late'
}
