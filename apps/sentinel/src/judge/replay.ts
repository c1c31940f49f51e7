import type { Evidence } from './judgement.ts'

const TICK_MS = 1_000
/** In a gap longer than this nobody watched: time is not filled with ticks, and the judge sees that it leapt. */
const WATCHED_MS = 15_000

/** Stored evidence, oldest first, with the ticks between that are not stored: one at each whole second. */
export function* withTicks(evidence: Iterable<Evidence>): Generator<Evidence> {
  let last: number | null = null
  for (const each of evidence) {
    if (last !== null && each.at - last <= WATCHED_MS)
      for (let at = (Math.floor(last / TICK_MS) + 1) * TICK_MS; at <= each.at; at += TICK_MS) yield { kind: 'tick', at }
    yield each
    last = each.at
  }
}
