import type { Evidence } from './judgement.ts'

const TICK_MS = 1_000
/** A longer gap means that nobody watched: the gap gets no ticks, and the judge sees a jump. */
const WATCHED_MS = 15_000

/** Stored evidence, oldest first, with the ticks in between, which are not stored: one at each whole second. */
export function* withTicks(evidence: Iterable<Evidence>): Generator<Evidence> {
  let last: number | null = null
  for (const each of evidence) {
    if (last !== null && each.at - last <= WATCHED_MS)
      for (let at = (Math.floor(last / TICK_MS) + 1) * TICK_MS; at <= each.at; at += TICK_MS) yield { kind: 'tick', at }
    yield each
    last = each.at
  }
}
