import { PROFILES, type Component, type Observation } from '../record/observation.ts'
import { ACCEPTED_WITHIN_MS, seeded, suffer, type Fault, type Known } from './faults.ts'
import type { Evidence } from './judgement.ts'
import { Town } from './town.ts'

// Generated evidence for tests and the drill: what a sentinel's posts would observe of a messenger, from a seed. The sentinel itself does not use it.

export interface StreamOptions {
  readonly seed: number
  readonly from: number
  readonly to: number
  readonly users: number
  readonly faults: readonly Fault[]
  /** Share of tries that fail alone; 0.02 % when left out. */
  readonly loneFailures?: number
  /** Bursts of cut users a day. */
  readonly burstsADay?: number
  /** Times at which the observing post has no network, and how long it takes to notice. */
  readonly offline?: readonly { readonly from: number; readonly to: number; readonly seenAfterMs: number }[]
  readonly withoutFigures?: boolean
  /** Name of the post. Streams of several posts are merged. */
  readonly post?: string
  /** Shortens long quiet times: when the last failure is 3 minutes past, one try of each kind stands for 8 s. */
  readonly compressed?: boolean
}

const CALM_MS: Readonly<Record<Component, number>> = { messaging: 1_000, 'sign-in': 5_000, web: 5_000 }
const ALERT_MS: Readonly<Record<Component, number>> = { messaging: 250, 'sign-in': 1_000, web: 1_000 }
const ALERT_LASTS_MS = 60_000
const QUIET_AFTER_MS = 180_000
const STEP_MS = 250
const COMPRESSED_STEP_MS = 8_000
/** A little less than 8 s, so that each step has one of each. */
const COMPRESSED_TRIES_MS = 7_500
const FIGURES_MS = 2_000

/** @yields what the judge would hear, in order of time. */
export function* stream(options: StreamOptions): Generator<Evidence> {
  const { faults, from, to } = options
  const random = seeded(options.seed)
  const town = new Town({ users: options.users, burstsADay: options.burstsADay ?? 6, random: seeded(options.seed ^ 0x5eed) })
  const loneFailures = options.loneFailures ?? 0.0002
  const post = options.post ?? 'home'
  const ahead = (options.offline ?? []).toSorted((one, other) => one.from - other.from)
  let offline: typeof ahead = []
  const nextTry: Record<Component, number> = { messaging: from, 'sign-in': from + 700 * random(), web: from + 1_700 * random() }
  let pending: Observation[] = []
  let id = 0
  let lastFailureAt = Number.NEGATIVE_INFINITY
  let nextFigures = from
  let nextTick = from
  let untilLone = gap(random, loneFailures)
  let fault = 0
  const active: Fault[] = []
  const sorted = faults.toSorted((one, other) => one.from - other.from)

  const begin = (component: Component, at: number, standsFor: number): void => {
    id += 1
    const profile = PROFILES[id % PROFILES.length] as (typeof PROFILES)[number]
    untilLone -= standsFor
    const lone = untilLone <= 0
    if (lone) untilLone = gap(random, loneFailures)
    let known: Known = lone ? { outcome: 'unaccepted', afterMs: ACCEPTED_WITHIN_MS } : { outcome: 'ok', afterMs: latencyMs(random) }
    for (const each of active) if (known.outcome === 'ok') known = suffer(each, { component, profile, at, random, known })
    if (offline.some((span) => at >= span.from && at < span.to)) known = { outcome: 'unreachable', afterMs: 20 }
    const done = known.outcome === 'ok' ? known.afterMs : null
    const durations = { acceptedMs: done === null ? null : done / 2, deliveredMs: component === 'messaging' ? done : null, readMs: null }
    pending.push({ id, at, knownAt: at + known.afterMs, component, profile, outcome: known.outcome, ...durations })
  }

  for (let at = from; at < to;) {
    const quiet =
      options.compressed === true &&
      active.length === 0 &&
      at - lastFailureAt > QUIET_AFTER_MS &&
      (sorted[fault]?.from ?? to) - at > 2 * COMPRESSED_STEP_MS
    const until = at + (quiet ? COMPRESSED_STEP_MS : STEP_MS)
    while (sorted[fault] !== undefined && (sorted[fault] as Fault).from < until) active.push(sorted[fault++] as Fault)
    while (ahead[0] !== undefined && ahead[0].from < until) offline = [...offline, ...ahead.splice(0, 1)]
    if (offline[0] !== undefined && offline[0].to + 30_000 <= at) offline = offline.slice(1)
    for (const each of active) if (each.to + 30_000 <= at) active.splice(active.indexOf(each), 1)
    const alert = at - lastFailureAt < ALERT_LASTS_MS
    for (const component of ['messaging', 'sign-in', 'web'] as const) {
      const everyMs = quiet ? COMPRESSED_TRIES_MS : alert ? ALERT_MS[component] : CALM_MS[component]
      // Trouble shortens the running wait.
      nextTry[component] = Math.min(nextTry[component], Math.max(at, nextTry[component] - CALM_MS[component] + everyMs))
      while (nextTry[component] < until) {
        begin(component, Math.max(at, nextTry[component]), quiet ? everyMs / CALM_MS[component] : 1)
        nextTry[component] = Math.max(at, nextTry[component]) + everyMs * (0.97 + 0.06 * random())
      }
    }
    const heard: Evidence[] = []
    if (pending.length > 0) {
      const known = pending.filter((each) => each.knownAt < until)
      pending = known.length === pending.length ? [] : pending.filter((each) => each.knownAt >= until)
      // In quiet times everything known is yielded at once.
      for (const batch of quiet ? [known] : known.map((each) => [each])) {
        const knownAt = batch.reduce((latest, each) => Math.max(latest, each.knownAt), from)
        if (batch.some(({ outcome }) => outcome !== 'ok')) lastFailureAt = knownAt
        const out = offline.some((span) => knownAt >= span.from + span.seenAfterMs && knownAt < span.to + span.seenAfterMs)
        if (batch.length > 0) heard.push({ kind: 'observations', at: knownAt, batch: { post, online: !out, observations: out ? [] : batch } })
      }
    }
    for (; nextFigures < until; nextFigures += FIGURES_MS) {
      const sample = town.sample(nextFigures, active)
      if (options.withoutFigures !== true && !offline.some((span) => nextFigures >= span.from && nextFigures < span.to))
        heard.push({ kind: 'figures', at: nextFigures, sample })
    }
    for (; nextTick < until; nextTick += quiet ? COMPRESSED_STEP_MS : 1_000) heard.push({ kind: 'tick', at: nextTick })
    if (heard.length > 1) heard.sort((one, other) => one.at - other.at)
    yield* heard
    at = until
  }
}

function gap(random: () => number, chance: number): number {
  return chance === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(Math.log(1 - random()) / Math.log(1 - chance)))
}

/** Mostly 20 to 120 ms, one in a thousand some seconds. */
function latencyMs(random: () => number): number {
  return random() < 0.001 ? 300 + 1_500 * random() : 20 + 100 * random() * random()
}
