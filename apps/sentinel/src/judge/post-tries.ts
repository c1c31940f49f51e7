import { PROFILES, type Component, type Profile } from '../record/observation.ts'
import { FAILURE_TEST, SequentialTest, SLOWNESS_TEST } from './sequential.ts'

/** Duration from which a successful try counts as slow, as a user would say: to the arrival of the message, to a token, to the whole page. */
export const SLOW_MS: Readonly<Record<Component, number>> = { messaging: 1_500, 'sign-in': 2_000, web: 2_500 }

/** What one post observes of one component: its sequential tests, and when they last got a try. */
export class PostTries {
  readonly #all = new SequentialTest(FAILURE_TEST)
  readonly #each: Readonly<Record<Profile, SequentialTest>> = { pc: new SequentialTest(FAILURE_TEST), phone: new SequentialTest(FAILURE_TEST) }
  readonly #slowness = new SequentialTest(SLOWNESS_TEST)
  #heardAt = Number.NEGATIVE_INFINITY
  #lastFailed = false

  get heardAt(): number {
    return this.#heardAt
  }

  /** Start of the failing that is now certain. Null while nothing is certain. */
  get failingSince(): number | null {
    return earliest(this.#all.alarmedSince, this.#each.pc.alarmedSince, this.#each.phone.alarmedSince)
  }

  get slowSince(): number | null {
    return this.#slowness.alarmedSince
  }

  /** Neither failing nor about to be found failing. */
  get fine(): boolean {
    return this.failingSince === null && !this.#lastFailed && !this.#all.suspicious
  }

  failingProfiles(): readonly Profile[] {
    return PROFILES.filter((profile) => this.#each[profile].alarmedSince !== null)
  }

  hearTry(profile: Profile, failed: boolean, beganAt: number, knownAt: number): void {
    this.#heardAt = knownAt
    this.#lastFailed = failed
    this.#all.hear(failed, beganAt)
    this.#each[profile].hear(failed, beganAt)
  }

  /** For a successful try. A message that came twice or out of order is as bad as a slow one. */
  hearPace(slow: boolean, beganAt: number): void {
    this.#slowness.hear(slow, beganAt)
  }

  /** Clears the suspicion, which was settled or can no longer be checked. */
  reset(): void {
    this.#all.reset()
    for (const profile of PROFILES) this.#each[profile].reset()
    this.#slowness.reset()
    this.#lastFailed = false
  }
}

function earliest(...times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.min(...known)
}
