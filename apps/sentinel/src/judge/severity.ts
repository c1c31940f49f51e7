import type { Condition } from '../incident/incident.ts'

export const SEVERITY_BOUNDS = {
  /** A share of at least half is a major outage, of at least a twentieth a partial outage. A smaller share, or slowness, is degraded performance. */
  majorShare: 0.5,
  partialShare: 0.05,
  /** The level falls only when the share is below this part of the bound, */
  lowerPart: 0.9,
  /** for this long. The level rises almost at once. */
  lowerMs: 30_000,
  raiseMs: 2_000,
} as const

const LEVELS = ['degraded_performance', 'partial_outage', 'major_outage'] as const satisfies readonly Condition[]

/** Level of an outage from the share affected, without fluttering at the bounds. */
export class Severity {
  #level: number | null = null
  #changingTo = 0
  #changingSince = 0

  /** A new outage: its first share decides at once. */
  begin(): void {
    this.#level = null
  }

  hear(share: number, now: number): Condition {
    const target = levelOf(share, 1)
    const level = this.#level ?? target
    this.#level = level
    const wanted = target > level ? target : Math.min(level, levelOf(share, SEVERITY_BOUNDS.lowerPart))
    // A change between two higher levels, or two lower ones, continues. Only a change of direction starts anew.
    if (wanted === level || Math.sign(wanted - level) !== Math.sign(this.#changingTo - level)) this.#changingSince = now
    this.#changingTo = wanted
    if (wanted !== level && now - this.#changingSince >= (wanted > level ? SEVERITY_BOUNDS.raiseMs : SEVERITY_BOUNDS.lowerMs)) {
      this.#level = wanted
      this.#changingSince = now
    }
    return LEVELS[this.#level] ?? 'degraded_performance'
  }
}

function levelOf(share: number, part: number): number {
  return share >= SEVERITY_BOUNDS.majorShare * part ? 2 : share >= SEVERITY_BOUNDS.partialShare * part ? 1 : 0
}
