import { COMPONENTS, type Component } from '../vocabulary/observation.ts'
import { createJudge } from './judge.ts'
import type { Evidence } from './judgement.ts'
import { withTicks } from './replay.ts'

const MINUTE_MS = 60_000
const SECONDS = 60
/** A minute is known when at least this many of its seconds are known. */
const KNOWN_SECONDS_MIN = 30

export interface UserMinutes {
  /** Share of active users affected in each minute, oldest first. Null where nothing is known [S2]. */
  readonly minutes: readonly (number | null)[]
  readonly knownMinutes: number
  readonly affectedMinutes: number
  /** Sum of the minutes' shares / known minutes, in [0, 1]. Null when none is known. */
  readonly affectedShare: number | null
}

/**
 * How many user-minutes were affected: Σ share × minutes / known minutes. The evidence is judged again, second by second. A second during trouble
 * counts with the share judged in it, from the start of the trouble to its end. Other seconds count as 0.
 * @param evidence oldest first; it should include some minutes before `from`, so that the usual number of falls is known.
 */
export function affectedUserMinutes(evidence: Iterable<Evidence>, component: Component, from: number, to: number): UserMinutes {
  const seconds = new Float64Array(Math.max(0, Math.ceil((to - from) / 1_000))).fill(Number.NaN)
  const judge = createJudge()
  const index = COMPONENTS.indexOf(component)
  const place = (at: number): number => Math.min(seconds.length, Math.max(0, Math.floor((at - from) / 1_000)))
  let failing = false
  let filledFrom: number | null = null
  for (const each of withTicks(evidence)) {
    judge.hear(each)
    if (each.at >= to) break
    if (each.at < from || each.kind !== 'tick') continue
    const judgement = judge.judgements()[index]
    // What cannot be reached from here is not known, and whoever fell silent is counted nowhere [S9].
    if (judgement === undefined || judgement.condition === 'unknown' || judgement.trouble === 'from-here') continue
    const share = judgement.startedAt === null ? 0 : (judgement.share?.value ?? 0)
    // It is known only later than its start who is affected, and later than its end that it is over.
    if (judgement.startedAt !== null && share > 0 && filledFrom !== judgement.startedAt) {
      fillKnown(seconds, share, place(judgement.startedAt), place(each.at))
      filledFrom = judgement.startedAt
    }
    if (judgement.startedAt === null && failing) fillKnown(seconds, 0, place(judge.endedAt(component) ?? each.at), place(each.at))
    failing = judgement.startedAt !== null
    seconds[place(each.at)] = share
  }
  return summed(seconds)
}

function fillKnown(seconds: Float64Array, share: number, first: number, end: number): void {
  for (let second = first; second < end; second += 1) if (!Number.isNaN(seconds[second])) seconds[second] = share
}

function summed(seconds: Float64Array): UserMinutes {
  const minutes = Array.from({ length: Math.ceil((seconds.length * 1_000) / MINUTE_MS) }, (_, minute) => {
    const known = [...seconds.subarray(minute * SECONDS, (minute + 1) * SECONDS)].filter((share) => !Number.isNaN(share))
    return known.length < KNOWN_SECONDS_MIN ? null : known.reduce((sum, share) => sum + share, 0) / known.length
  })
  const known = minutes.filter((share) => share !== null)
  return {
    minutes,
    knownMinutes: known.length,
    affectedMinutes: known.filter((share) => share > 0).length,
    affectedShare: known.length === 0 ? null : known.reduce((sum, share) => sum + share, 0) / known.length,
  }
}
