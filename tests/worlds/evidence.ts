import type { Evidence } from '../../apps/sentinel/src/judge/judgement.ts'
import { COMPONENTS, PROFILES, type Component, type FiguresSample, type Observation } from '../../apps/sentinel/src/vocabulary/observation.ts'

// Evidence made by hand: what a sentinel would observe of a small town. For tests of single rules.

const SLICE_MS = 2_000
const FORGOTTEN_MS = 600_000

/** Uniform in [0, 1), the same for the same seed: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The people of one server process, as it counts them. */
export class Town {
  process = 'p1'
  connected: number
  failedUsers = 0
  signInsTried = 0
  signInsFailed = 0
  /** How many people were last heard from when. */
  #silent: { readonly at: number; users: number }[] = []

  constructor(people: number) {
    this.connected = people
  }

  /** People fall silent. @param at their last sign of life. */
  lose(users: number, at: number): void {
    this.connected -= users
    this.#silent.push({ at, users })
  }

  /** People come back, those who left last first. */
  return(users = Number.POSITIVE_INFINITY): void {
    for (const each of this.#silent.toReversed()) {
      const back = Math.min(users, each.users)
      each.users -= back
      users -= back
      this.connected += back
    }
  }

  sample(at: number): FiguresSample {
    const slices = new Map<number, number>()
    for (const { at: lastSign, users } of this.#silent) {
      const agoMs = Math.floor((at - lastSign) / SLICE_MS) * SLICE_MS
      if (users > 0 && agoMs >= 0 && agoMs < FORGOTTEN_MS) slices.set(agoMs, (slices.get(agoMs) ?? 0) + users)
    }
    const silent = [...slices].toSorted(([one], [other]) => one - other).map(([agoMs, users]) => ({ agoMs, users }))
    const { process, failedUsers, signInsTried, signInsFailed } = this
    const counts = { connectedUsers: this.connected, silent, failedUsers, signInsTried, signInsFailed, reconnects: 0, accepted: 0, refusedBusy: 0 }
    return { at, process, cell: 'a', ...counts }
  }
}

/** No answer to the question for figures. */
export function noFigures(at: number): FiguresSample {
  return { ...new Town(0).sample(at), process: null, cell: '' }
}

/** A try of this component that ended just now. */
export function tryOf(id: number, at: number, component: Component, more: Partial<Observation> = {}, durationMs = 50): Observation {
  const done = (more.outcome ?? 'ok') === 'ok' ? durationMs : null
  return {
    id,
    at: at - durationMs,
    knownAt: at,
    component,
    profile: PROFILES[Math.floor(id / COMPONENTS.length) % PROFILES.length] as Observation['profile'],
    outcome: 'ok',
    acceptedMs: done,
    deliveredMs: component === 'messaging' ? done : null,
    readMs: null,
    ...more,
  }
}

/** One try of each component each second, which fails from `outFrom` to `outTo`, and figures of a calm town every 2 s. */
export function* stream(options: {
  readonly from: number
  readonly to: number
  readonly people?: number
  readonly outFrom?: number
  readonly outTo?: number
  readonly post?: string
}): Generator<Evidence> {
  const { from, to, people, post = 'home', outFrom = Number.POSITIVE_INFINITY, outTo = Number.POSITIVE_INFINITY } = options
  const town = people === undefined ? null : new Town(people)
  let id = from % 1_000_000_000
  for (let at = from; at < to; at += 1_000) {
    yield { kind: 'tick', at }
    const out = at >= outFrom && at < outTo
    for (let part = 0; part < (out ? 4 : 1); part += 1) {
      const knownAt = at + 100 + part * 250
      const observations = COMPONENTS.map((component) => tryOf(++id, knownAt, component, out ? { outcome: 'unreachable' } : {}))
      yield { kind: 'observations', at: knownAt, batch: { post, online: true, observations } }
    }
    if (town !== null && (at - from) % 2_000 === 0) yield { kind: 'figures', at: at + 900, sample: out ? noFigures(at + 900) : town.sample(at + 900) }
  }
}
