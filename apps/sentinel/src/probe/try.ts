import type { Clock } from '../clock.ts'
import type { Component, Observation, Outcome, Profile } from '../vocabulary/observation.ts'

/** One running try. */
export type Try = ReturnType<typeof beginTry>

type Known = Pick<Observation, 'acceptedMs' | 'deliveredMs' | 'readMs' | 'stage'>

/** All times of a try come from its start and the monotonic clock, so that setting the clock meanwhile does no harm. */
export function beginTry(clock: Clock, id: number, component: Component, profile: Profile) {
  const at = clock.now()
  const begunMs = clock.monotonic()
  const elapsedMs = (): number => Math.max(0, Math.round(clock.monotonic() - begunMs))
  return {
    id,
    /** Start, in monotonic ms. */
    begunMs,
    elapsedMs,
    /** The observation as of now. */
    observation: (outcome: Outcome, known: Partial<Known> = {}): Observation => ({
      id,
      at,
      knownAt: at + elapsedMs(),
      component,
      profile,
      outcome,
      acceptedMs: null,
      deliveredMs: null,
      readMs: null,
      ...known,
    }),
  }
}

/** Whether the try failed. A message that came late was already reported as failed. */
export function hasFailed({ outcome }: Pick<Observation, 'outcome'>): boolean {
  return outcome !== 'ok' && outcome !== 'late'
}
