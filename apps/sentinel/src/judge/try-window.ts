import { PROFILES, type Profile } from '../record/observation.ts'

/** Seconds that are kept: the judge's window, and the time until the last outcome of a try is known. */
const SECONDS = 64
const PLACES = PROFILES.length * 2

export interface Tries {
  readonly tried: number
  readonly failed: number
}

/** How many tries began in each of the last seconds and how many of them failed, by profile. O(1), bounded. */
export class TryWindow {
  readonly #counts = new Int32Array(SECONDS * PLACES)
  readonly #seconds = new Float64Array(SECONDS).fill(-1)

  add(beganAt: number, profile: Profile, failed: boolean): void {
    const second = Math.floor(beganAt / 1_000)
    const row = second % SECONDS
    const held = this.#seconds[row] ?? -1
    if (held > second) return
    if (held < second) {
      this.#counts.fill(0, row * PLACES, (row + 1) * PLACES)
      this.#seconds[row] = second
    }
    const place = row * PLACES + PROFILES.indexOf(profile) * 2
    this.#counts[place] = (this.#counts[place] ?? 0) + 1
    if (failed) this.#counts[place + 1] = (this.#counts[place + 1] ?? 0) + 1
  }

  /** Tries that began in [from, to), to the second. */
  between(from: number, to: number, profile: Profile | null): Tries {
    const first = Math.max(Math.floor(from / 1_000), Math.floor(to / 1_000) - SECONDS)
    let tried = 0
    let failed = 0
    for (let second = first; second * 1_000 < to; second += 1) {
      const row = second % SECONDS
      if (this.#seconds[row] !== second) continue
      for (let index = 0; index < PROFILES.length; index += 1) {
        if (profile !== null && PROFILES[index] !== profile) continue
        tried += this.#counts[row * PLACES + index * 2] ?? 0
        failed += this.#counts[row * PLACES + index * 2 + 1] ?? 0
      }
    }
    return { tried, failed }
  }
}
