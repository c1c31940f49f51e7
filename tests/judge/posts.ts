import {
  COMPONENTS,
  PROFILES,
  type Component,
  type Observation,
  type ObservationBatch,
  type Outcome,
} from '../../apps/sentinel/src/vocabulary/observation.ts'
import { calmAfterMs, LIGHT_MS, EVERY_MS, MEASURE_BOUNDS } from '../../apps/sentinel/src/probe/rhythm.ts'
import type { Random } from './random.ts'
import { during, type Trouble } from './trouble.ts'

/** A refusal comes at once; an answer that does not come is awaited for so long. */
const REFUSED_MS = 20
const ACCEPTED_WITHIN_MS = 3_000
/** One in so many tries fails for no reason of the messenger's. */
const STRAYS = 5_000
/** Outcomes of calm times are gathered for so long. */
const GATHER_MS = 2_000

type Stage = NonNullable<Observation['stage']>

interface Ended {
  readonly outcome: Outcome
  readonly afterMs: number
  readonly stage: Stage | null
  /** When a message came after all that was too late for its try. */
  readonly lateMs?: number
}

/** A place that watches: its tries, and what becomes of them. */
export class Post {
  readonly name: string
  readonly #index: number
  readonly #random: Random
  readonly #next: Record<Component, number>
  #pending: Observation[] = []
  #gathered: Observation[] = []
  #gatheredSince = 0
  #id = 0
  #alarmUntil = 0
  readonly #measuring = new Map<Component, { from: number; until: number; next: number }>()
  readonly #nextLight: Record<'messaging' | 'sign-in', number>
  #stray: number

  constructor(name: string, index: number, random: Random, from: number) {
    this.name = name
    this.#index = index
    this.#random = random
    this.#next = { messaging: from + 100 * index, 'sign-in': from + 500, web: from + 3_000 }
    this.#nextLight = { messaging: from + 250, 'sign-in': from + 750 }
    this.#stray = random.wait(STRAYS)
  }

  /** Tries more often for a while. */
  alarm(at: number): void {
    this.#alarmUntil = at + calmAfterMs
    for (const component of COMPONENTS) this.#next[component] = Math.min(this.#next[component], at + EVERY_MS[component].alarmed)
    for (const component of LIGHT) this.#nextLight[component] = Math.min(this.#nextLight[component], at + LIGHT_MS.alarmed)
  }

  /** Tries one component as often as allowed, for a while. */
  measure(component: Component, at: number): void {
    const { longestMs, restMs, heldMs } = MEASURE_BOUNDS
    const before = this.#measuring.get(component) ?? { from: Number.NEGATIVE_INFINITY, until: Number.NEGATIVE_INFINITY, next: at }
    const rested = at - Math.min(before.until, before.from + longestMs) >= restMs
    this.#measuring.set(component, { from: rested ? at : before.from, until: at + heldMs, next: before.next })
  }

  /**
   * Lets time pass from `from` to `until`. In quiet times one try of each kind stands for the whole span.
   * @returns what became known, in batches, with the time at which each is told.
   */
  live(
    from: number,
    until: number,
    troubles: readonly Trouble[],
    quiet: boolean,
  ): readonly { readonly at: number; readonly batch: ObservationBatch }[] {
    const mine = troubles.filter(({ post = 0, kind }) => !OF_POSTS.has(kind) || post === this.#index)
    for (const component of COMPONENTS) {
      const everyMs = quiet ? Math.max(EVERY_MS[component].calm, until - from) : EVERY_MS[component][this.#alarmUntil > from ? 'alarmed' : 'calm']
      while (this.#next[component] < until) {
        const at = Math.max(from, this.#next[component])
        this.#next[component] = at + everyMs
        this.#try(component, at, mine)
      }
    }
    const lightMs = quiet ? Math.max(LIGHT_MS.calm, until - from) : LIGHT_MS[this.#alarmUntil > from ? 'alarmed' : 'calm']
    for (const component of LIGHT)
      for (; this.#nextLight[component] < until; this.#nextLight[component] += lightMs) {
        this.#nextLight[component] = Math.max(from, this.#nextLight[component])
        this.#try(component, this.#nextLight[component], mine, true)
      }
    for (const [component, measuring] of this.#measuring) {
      measuring.next = Math.max(measuring.next, from)
      const end = Math.min(until, measuring.until, measuring.from + MEASURE_BOUNDS.longestMs)
      for (; measuring.next < end; measuring.next += 1_000 / MEASURE_BOUNDS.measureTriesPerSecondMax)
        this.#try(component, measuring.next, mine, component !== 'web')
    }
    const known = this.#pending.filter(({ knownAt }) => knownAt < until)
    if (known.length > 0) this.#pending = this.#pending.filter(({ knownAt }) => knownAt >= until)
    return this.#tell(known, until, mine)
  }

  #try(component: Component, at: number, troubles: readonly Trouble[], light = false): void {
    this.#id += 1
    const profile = this.#random.pick(PROFILES)
    const good: Ended = {
      outcome: 'ok',
      afterMs: this.#random.chance(0.001) ? 300 + 1_500 * this.#random.next() : 20 + 100 * this.#random.next() ** 2,
      stage: null,
    }
    const met = this.#end(component, at, troubles, good, light)
    this.#stray -= 1
    const isStray = this.#stray <= 0 && met.outcome === 'ok'
    if (isStray) this.#stray = this.#random.wait(STRAYS)
    const ended: Ended = isStray ? { outcome: 'unaccepted', afterMs: ACCEPTED_WITHIN_MS, stage: 'door' } : met
    const ok = ended.outcome === 'ok'
    const { lateMs } = ended
    const { offMs = 0 } = troubles.find((trouble) => trouble.kind === 'clock' && during(trouble, at)) ?? {}
    const base = { id: this.#id, at: Math.floor(at + offMs), component, profile, readMs: null }
    if (lateMs !== undefined)
      this.#pending.push({ ...base, knownAt: Math.floor(at + lateMs + offMs), outcome: 'late', acceptedMs: null, deliveredMs: Math.floor(lateMs) })
    this.#pending.push({
      ...base,
      knownAt: Math.floor(at + ended.afterMs + offMs),
      outcome: ended.outcome,
      acceptedMs: ok ? Math.floor(ended.afterMs / (component === 'messaging' ? 2 : 1)) : null,
      deliveredMs: ok && component === 'messaging' && !light ? Math.floor(ended.afterMs) : null,
      ...(ended.stage === null ? {} : { stage: ended.stage }),
      ...(light ? { light } : {}),
    })
  }

  #end(component: Component, at: number, troubles: readonly Trouble[], good: Ended, light: boolean): Ended {
    const way: Ended = { outcome: 'unreachable', afterMs: ACCEPTED_WITHIN_MS, stage: 'way' }
    let ended = good
    for (const trouble of troubles) {
      if (!during(trouble, at)) continue
      const { kind, share = 1, slowMs = 5_000, to } = trouble
      const spared = ended.outcome !== 'ok' || !this.#random.chance(share)
      const silent: Ended =
        component === 'messaging' ? { outcome: 'unaccepted', afterMs: ACCEPTED_WITHIN_MS, stage: 'door' } : { ...way, stage: 'door' }
      if (kind === 'way' || kind === 'gone' || kind === 'offline') return way
      if (kind === 'killed' || kind === 'restart') return { outcome: 'unreachable', afterMs: REFUSED_MS, stage: 'door' }
      if (kind === 'hung' || kind === 'blip')
        return to - at > ACCEPTED_WITHIN_MS || kind === 'blip' ? silent : { ...good, afterMs: to - at + good.afterMs }
      if (kind === 'socket' && component === 'messaging') return { outcome: 'unreachable', afterMs: REFUSED_MS, stage: 'door' }
      if (kind === 'slow') ended = slowed(component, good, slowMs)
      if (spared) continue
      if (kind === component) ended = { outcome: 'refused', afterMs: 40, stage: 'door' }
      // The messaging canary keeps its connection; whoever connects anew, signs in, or loads the app makes a new one.
      if (kind === 'dropped' && (component !== 'messaging' || light)) ended = { ...way, afterMs: REFUSED_MS, stage: 'door' }
    }
    return ended
  }

  #tell(
    known: readonly Observation[],
    until: number,
    troubles: readonly Trouble[],
  ): readonly { readonly at: number; readonly batch: ObservationBatch }[] {
    const failed = known.some(({ outcome }) => outcome !== 'ok')
    if (failed) this.alarm(until)
    else if (this.#alarmUntil > 0 && until > this.#alarmUntil) this.#alarmUntil = 0
    if (this.#gathered.length === 0) this.#gatheredSince = until
    this.#gathered.push(...known)
    if (this.#gathered.length === 0 || (!failed && until - this.#gatheredSince < GATHER_MS)) return []
    const observations = this.#gathered
    this.#gathered = []
    const offline = troubles.some((trouble) => trouble.kind === 'offline' && during(trouble, until))
    return [{ at: until, batch: { post: this.name, online: !offline, observations } }]
  }
}

const LIGHT = ['messaging', 'sign-in'] as const

const OF_POSTS: ReadonlySet<Trouble['kind']> = new Set<Trouble['kind']>(['way', 'offline', 'clock'])

/** Five seconds each way are more than a try waits for. */
function slowed(component: Component, good: Ended, slowMs: number): Ended {
  if (component !== 'messaging') return { ...good, afterMs: good.afterMs + slowMs }
  const lateMs = good.afterMs + 2 * slowMs
  if (lateMs < ACCEPTED_WITHIN_MS) return { ...good, afterMs: lateMs }
  return { outcome: 'unaccepted', afterMs: ACCEPTED_WITHIN_MS, stage: 'door', lateMs }
}
