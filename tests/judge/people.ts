import { DEVICE_WORDS_BOUNDS } from '../../apps/sentinel/src/probe/device-words.ts'
import type { DevicesSample, FiguresSample, ReportsSample, SilentSlice } from '../../apps/sentinel/src/vocabulary/observation.ts'
import { GATEWAY_BOUNDS } from '../../apps/server/src/gateway/bounds.ts'
import { LIMITS } from '@bongsu/protocol'
import { noFigures } from '../worlds/evidence.ts'
import type { Random } from './random.ts'
import { during, type Trouble } from './trouble.ts'

const HOUR_MS = 3_600_000
/** A server remembers whom it lost for this long. */
const REMEMBERED_MS = 600_000
/** Time between two beats of a connection, each of which a device answers within `UNANSWERED_MS`. */
const BEAT_MS = 25_000
const UNANSWERED_MS = 5_000
/** Where signs of life of many connections lie within a beat. */
const BEAT_PARTS = 30
/** Part of the connected people who fall silent for reasons of their own, and how long they stay so. */
const OWN_SHARE = 0.008
const OWN_STAY_MS = 90_000
/** Part of those who fall silent who do not come back: an app that was killed, a closed laptop. */
const OWN_FOR_GOOD = 0.2
/** A train in a tunnel: so many people at most, of a town, six times a day. */
const TRAIN_SHARE = 0.03
const TRAINS_EVERY_MS = 4 * HOUR_MS
const TRAIN_MS = 30_000
/** Mean time in which somebody is back who can be. */
const BACK_MS = 4_000
const RETURN_AFTER_KILL_MS = 8_000
/** Mean time between the coming and going of a person within the day's curve. */
const COME_MS = 600_000
/** Part of the people with the app in front: these notice, ask the status page, and report. */
const IN_FRONT = 1
/** Mean time that a device is in front. It does not say when it leaves. */
const FRONT_STAY_MS = 60_000
const TROUBLED_ASKS_MS = 15_000
const WORDS_SPAN_MS = 30_000
/** A device reports an outage this long after it is back, at most. */
const REPORTED_AFTER_MS = 20_000

type Cause = 'own' | 'for-good' | 'train' | 'cut'

interface Lot {
  readonly lastSignAt: number
  /** From when the server counts them as silent: at once when a connection ends, and later when a device merely does not answer. */
  readonly noticedAt: number
  /** Server process from which they were lost. */
  readonly process: number
  readonly cause: Cause
  readonly backAt: number
  users: number
}

interface Outage {
  readonly from: number
  to: number
  readonly part: 'connection' | 'sign-in'
  readonly users: number
  readonly reportedAt: number
}

export interface Town {
  /** Everybody who has an account. */
  readonly users: number
  /** Part of them who sit in one office. */
  readonly office: number
  /** Part of them who are there at night, of those there by day. */
  readonly night: number
}

/** The people of a town, as counts: who is connected, who is silent since when, who is away. No names are needed for figures. */
export class People {
  readonly #town: Town
  readonly #random: Random
  readonly #outages: Outage[] = []
  #connected = 0
  #lots: Lot[] = []
  #at: number | null = null
  #trainAt: number
  #process = 1
  #signInsTried = 0
  #signInsFailed = 0
  /** Live devices that left the front, by the time when they were counted. */
  #left: { readonly at: number; readonly users: number }[] = []
  readonly #begun = new Set<Trouble>()
  /** Of each trouble under way: how many people were hit, of how many active. */
  readonly hit = new Map<Trouble, { users: number; active: number; connected: number }>()

  constructor(town: Town, random: Random, from: number) {
    this.#town = town
    this.#random = random
    this.#trainAt = from + random.wait(TRAINS_EVERY_MS)
  }

  get active(): number {
    return this.#connected + this.#silentNow()
  }

  /** Lets time pass until `at`. */
  live(at: number, troubles: readonly Trouble[]): void {
    const before = this.#at
    this.#at = at
    const target = this.#target(at)
    if (before === null) {
      this.#connected = target
      return
    }
    const passedMs = at - before
    for (const trouble of troubles) this.#suffer(trouble, at)
    const down = troubles.some((trouble) => isDown(trouble) && during(trouble, at))
    if (!down) this.#comeBack(at, passedMs)
    this.#lots = this.#lots.filter(({ users, lastSignAt, cause }) => users > 0 && (cause === 'cut' || at - lastSignAt < REMEMBERED_MS))
    if (down) return
    this.#comeAndGo(at, passedMs, this.#wanted(target, passedMs, troubles, at))
    this.#fall(at, passedMs)
    // One sign-in a day and person. A failure in front of the server reaches no counter.
    this.#signInsTried += this.#random.of(this.#town.users, passedMs / (24 * HOUR_MS))
  }

  /** A reading that brought nothing. */
  nothing(at: number): FiguresSample {
    return noFigures(at)
  }

  figures(at: number, troubles: readonly Trouble[]): FiguresSample {
    if (troubles.some((trouble) => isDown(trouble) && during(trouble, at))) return noFigures(at)
    const slices = new Map<number, number>()
    let unnoticed = 0
    for (const { lastSignAt, noticedAt, users, process } of this.#lots) {
      const agoMs = at - lastSignAt
      if (process !== this.#process || agoMs >= REMEMBERED_MS) continue
      if (at < noticedAt) {
        unnoticed += users
        continue
      }
      const slice = Math.floor(agoMs / LIMITS.silentSliceMs) * LIMITS.silentSliceMs
      slices.set(slice, (slices.get(slice) ?? 0) + users)
    }
    const silent: SilentSlice[] = [...slices].map(([agoMs, users]) => ({ agoMs, users })).toSorted((one, other) => one.agoMs - other.agoMs)
    return {
      ...noFigures(at),
      process: `process-${this.#process}`,
      cell: 'main',
      connectedUsers: this.#connected + unnoticed,
      silent,
      signInsTried: this.#signInsTried,
      signInsFailed: this.#signInsFailed,
    }
  }

  /** Distinct devices by their last word to the status page, while it counts. Null when there is none. */
  devices(at: number): DevicesSample | null {
    const cut = this.#lots.filter(({ cause, noticedAt }) => cause === 'cut' && at >= noticedAt)
    const troubled = cut.reduce((sum, { users }) => sum + users, 0)
    const since = Math.min(WORDS_SPAN_MS, ...cut.map(({ noticedAt }) => at - noticedAt))
    const notLive = Math.round(troubled * IN_FRONT * Math.min(1, since / TROUBLED_ASKS_MS))
    const { liveMs, notLiveMs } = DEVICE_WORDS_BOUNDS
    const front = this.#connected * IN_FRONT
    const passedMs = at - (this.#left.at(-1)?.at ?? at)
    this.#left = [...this.#left, { at, users: front * Math.min(1, passedMs / FRONT_STAY_MS) }].filter((each) => at - each.at < liveMs)
    const leftSince = (from: number): number => this.#left.reduce((sum, each) => (each.at > from ? sum + each.users : sum), 0)
    const live = Math.round(front + leftSince(at - liveMs))
    const liveLately = Math.round((front * notLiveMs) / liveMs + leftSince(at - notLiveMs))
    return live + notLive === 0 ? null : { at, live, liveLately, notLive }
  }

  reports(at: number, from: number, to: number): ReportsSample {
    const told = this.#outages.filter((outage) => outage.reportedAt <= at && outage.from <= to && outage.to >= from)
    const of = (part: Outage['part']): number => told.reduce((sum, outage) => (outage.part === part ? sum + outage.users : sum), 0)
    const connectionUsers = of('connection')
    const signInUsers = of('sign-in')
    // Active in the span were those connected when the first trouble in it began; without trouble, those connected now.
    const before = [...this.hit].find(([trouble]) => trouble.from <= to && trouble.to >= from)?.[1].connected
    const activeUsers = Math.max(before ?? this.#connected, connectionUsers)
    return { at, from, to, activeUsers, affectedUsers: connectionUsers + signInUsers, connectionUsers, signInUsers, unsent: 0 }
  }

  /** People who would be there at this time of the day. */
  #target(at: number): number {
    const hour = (at / HOUR_MS + 9) % 24
    const { users, night } = this.#town
    const curve = 0.5 + 0.5 * Math.cos(((hour - 15) / 24) * 2 * Math.PI)
    return Math.max(1, Math.round(users * (night + (1 - night) * curve)))
  }

  #suffer(trouble: Trouble, at: number): void {
    if (this.#begun.has(trouble) || at < trouble.from) return
    this.#begun.add(trouble)
    const active = this.active
    const { kind, share = 1, from, to } = trouble
    const fall = (users: number, cause: Cause, closed: boolean): void => {
      const some = Math.min(users, this.#connected)
      this.hit.set(trouble, { users: some, active, connected: this.#connected })
      this.#connected -= some
      if (closed) return this.#lose(some, cause, from, to)
      // Without a packet the last sign of life was up to one beat before, and its absence shows when the next beat goes unanswered, or when the server
      // asks all because several fell mute.
      const { askFrom, askPart, askMax } = GATEWAY_BOUNDS
      const first = Math.max(askFrom, active * askPart)
      const askedAt = first > some || active > askMax ? Number.POSITIVE_INFINITY : from + (first / some) * BEAT_MS + UNANSWERED_MS
      for (let left = some, part = BEAT_PARTS; part > 0; part -= 1) {
        const now = part === 1 ? left : this.#random.of(left, 1 / part)
        const lastSignAt = from - ((part - 0.5) / BEAT_PARTS) * BEAT_MS
        this.#lose(now, cause, lastSignAt, to, Math.min(lastSignAt + BEAT_MS, askedAt) + UNANSWERED_MS)
        left -= now
      }
    }
    if (kind === 'cut') fall(Math.round(active * share), 'cut', true)
    else if (kind === 'black-hole') fall(Math.round(active * share), 'cut', false)
    else if (kind === 'power') fall(Math.round(this.#town.office * this.#connected), 'for-good', false)
    else if (kind === 'reset') fall(trouble.people ?? 0, 'for-good', true)
    else if (isDown(trouble) || kind === 'socket') {
      fall(this.#connected, 'cut', true)
      if (kind !== 'hung' && kind !== 'socket') {
        this.#process += 1
        this.#signInsTried = 0
        this.#signInsFailed = 0
      }
    }
  }

  #lose(users: number, cause: Cause, lastSignAt: number, backAt: number, noticedAt = lastSignAt): void {
    if (users > 0) this.#lots.push({ users, cause, lastSignAt, noticedAt, backAt, process: this.#process })
  }

  #comeBack(at: number, passedMs: number): void {
    for (const lot of this.#lots) {
      if (at < lot.backAt || lot.cause === 'for-good') continue
      const meanMs = lot.process === this.#process ? BACK_MS : RETURN_AFTER_KILL_MS
      const back = at - lot.backAt > 10 * meanMs ? lot.users : this.#random.of(lot.users, 1 - Math.exp(-passedMs / meanMs))
      lot.users -= back
      this.#connected += back
      if (lot.cause !== 'cut' || back === 0 || at - lot.lastSignAt < LIMITS.outageMsMin) continue
      const users = this.#random.of(back, IN_FRONT)
      const reportedAt = at + this.#random.between(1_000, REPORTED_AFTER_MS)
      if (users > 0) this.#outages.push({ from: lot.lastSignAt, to: at, part: 'connection', users, reportedAt })
    }
    while (this.#outages.length > 0 && at - (this.#outages[0] as Outage).to > HOUR_MS) this.#outages.shift()
  }

  #comeAndGo(at: number, passedMs: number, target: number): void {
    const here = this.#connected
    const part = 1 - Math.exp(-passedMs / COME_MS)
    if (target >= here) {
      this.#connected += this.#random.of(target - here, part)
      return
    }
    this.#go(this.#random.of(here - target, part), at)
  }

  #go(gone: number, at: number): void {
    // Half of them say farewell; the others close a laptop or lose the network on their way.
    const silent = this.#random.of(gone, 0.5)
    this.#connected -= gone
    this.#lose(silent, 'for-good', at, Number.POSITIVE_INFINITY)
  }

  #fall(at: number, passedMs: number): void {
    const fallen = this.#random.of(this.#connected, (OWN_SHARE * passedMs) / OWN_STAY_MS)
    const forGood = this.#random.of(fallen, OWN_FOR_GOOD)
    this.#connected -= fallen
    this.#lose(forGood, 'for-good', at, Number.POSITIVE_INFINITY)
    this.#lose(fallen - forGood, 'own', at, at + this.#random.between(0, 2 * OWN_STAY_MS))
    if (at < this.#trainAt) return
    this.#trainAt = at + this.#random.wait(TRAINS_EVERY_MS)
    const riding = this.#random.of(this.#connected, TRAIN_SHARE * this.#random.next())
    this.#connected -= riding
    this.#lose(riding, 'train', at, at + TRAIN_MS)
  }

  /** How many would be connected if everybody came and went at once. */
  #wanted(target: number, passedMs: number, troubles: readonly Trouble[], at: number): number {
    const now = troubles.filter((trouble) => during(trouble, at))
    // Whoever is cut off is not replaced by others.
    const kept = now.some(({ kind }) => kind === 'cut' || kind === 'black-hole' || kind === 'power' || kind === 'socket') ? this.#connected : target
    for (const { kind, from, to, people = 0 } of now) {
      if (kind === 'leave') this.#go(this.#random.of(this.#connected, Math.min(1, passedMs / Math.max(passedMs, to - at))), at)
      if (kind === 'sleep') this.#sleep(this.#random.of(this.#connected, Math.min(1, (0.7 * passedMs) / (to - from))), at)
      if (kind === 'killed-apps')
        this.#sleep(Math.floor(((at - from) / (to - from)) * people) - Math.floor(((at - passedMs - from) / (to - from)) * people), at)
    }
    return now.some(({ kind }) => kind === 'leave' || kind === 'sleep' || kind === 'killed-apps') ? this.#connected : Math.min(this.#town.users, kept)
  }

  #sleep(users: number, at: number): void {
    const some = Math.max(0, Math.min(users, this.#connected))
    this.#connected -= some
    this.#lose(some, 'for-good', at, Number.POSITIVE_INFINITY)
  }

  #silentNow(): number {
    return this.#lots.reduce((sum, { users }) => sum + users, 0)
  }
}

/** Whether the server answers nobody. */
export function isDown({ kind }: Trouble): boolean {
  return kind === 'killed' || kind === 'hung' || kind === 'gone' || kind === 'restart'
}
