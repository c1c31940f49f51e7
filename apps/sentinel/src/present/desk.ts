import type { Area, Thing } from '../acts/desk.ts'
import { pinsOf, type Pin } from '../incident/pins.ts'
import type { Incident, IncidentUpdate, Maintenance, MaintenanceUpdate } from '../vocabulary/incident.ts'
import { foldIncidents, foldMaintenances, isOpen } from '../incident/updates.ts'
import type { Judgement } from '../judge/judgement.ts'
import type { ComponentState, RecordState, Snapshot } from './snapshot.ts'
import { COMPONENTS, type Component, type FiguresSample } from '../vocabulary/observation.ts'
import type { DaySummary, RecordEntry } from '../record/record.ts'
import { dayBefore, dayOf } from '../days.ts'
import { NEWS_MS } from './evidence.ts'
import { Latency } from './latency.ts'

export const DESK_BOUNDS = {
  days: 90,
  /** A post that has been silent for longer is no longer listed as observing. */
  postSilentMs: 60_000,
  /** A server process whose last figures are this much older than the newest of any process says nothing about safety any more [O19]. */
  safetyMs: 60_000,
} as const

const DAY_MS = 86_400_000

/** The parts of a page that the operator has set. */
export type Letterhead = Pick<Snapshot, 'name' | 'serverUrl' | 'pageUrl' | 'contact' | 'timeZone'>

/** The present state, folded from the record entry by entry, and written out as a snapshot for the pages. */
export class Desk {
  readonly #head: Letterhead
  readonly #latency = new Latency()
  readonly #incidentUpdates: IncidentUpdate[] = []
  readonly #maintenanceUpdates: MaintenanceUpdate[] = []
  /** By day and component. The newest summary wins. */
  readonly #days = new Map<string, DaySummary>()
  readonly #today = new Map<string, DaySummary>()
  readonly #posts = new Map<string, { online: boolean; heardAt: number }>()
  /** When each server process last gave figures, and whether it could lose messages. */
  readonly #safety = new Map<string, { readonly at: number; readonly unsafe: boolean }>()
  #countedAt: number | null = null
  #incidents: readonly Incident[] | null = null
  #maintenances: readonly Maintenance[] | null = null
  readonly #shown = new Map<Component, { readonly today: string; readonly days: readonly (DaySummary | null)[] }>()
  #createdAt: number | null = null
  #measuredAt: number | null = null

  constructor(head: Letterhead) {
    this.#head = head
  }

  hear(entry: RecordEntry): void {
    this.#createdAt ??= entry.at
    if (entry.kind === 'incident') {
      this.#incidentUpdates.push(entry.body)
      this.#incidents = null
    } else if (entry.kind === 'maintenance') {
      this.#maintenanceUpdates.push(entry.body)
      this.#maintenances = null
    } else if (entry.kind === 'day') this.#keepDay(this.#days, entry.body)
    else if (entry.kind === 'figures') {
      this.#hearFigures(entry.body, entry.at)
    } else if (entry.kind === 'observations') {
      const { post, online, observations } = entry.body
      // A late report of a post describes the past, not the present.
      const isNews = observations.length === 0 || observations.some(({ knownAt }) => entry.at - knownAt <= NEWS_MS)
      if (isNews) this.#posts.set(post, { online, heardAt: entry.at })
      for (const observation of observations) this.#latency.hear(observation)
      // A late observation counts for the time at which it was made [S2].
      if (online && observations.length > 0) this.#sawAt(Math.min(entry.at, Math.max(...observations.map(({ knownAt }) => knownAt))))
    }
  }

  #hearFigures({ process, unsafe }: FiguresSample, at: number): void {
    if (process === null) return
    this.#sawAt(at)
    this.#safety.set(process, { at, unsafe: unsafe === true })
    for (const [other, word] of this.#safety) if (at - word.at > DESK_BOUNDS.safetyMs) this.#safety.delete(other)
  }

  /** Sets the summary of the unfinished day, counted up to a time. It is recounted repeatedly and is not in the record. */
  setToday(summary: DaySummary, countedAt: number): void {
    this.#keepDay(this.#today, summary)
    this.#countedAt = countedAt
  }

  #keepDay(days: Map<string, DaySummary>, summary: DaySummary): void {
    days.set(keyOf(summary), summary)
    this.#shown.delete(summary.component)
  }

  /** Whether the record holds the summaries of a day. */
  hasClosed(day: string): boolean {
    return COMPONENTS.some((component) => this.#days.has(keyOf({ day, component })))
  }

  get incidents(): readonly Incident[] {
    return (this.#incidents ??= foldIncidents(this.#incidentUpdates))
  }

  get maintenances(): readonly Maintenance[] {
    return (this.#maintenances ??= foldMaintenances(this.#maintenanceUpdates))
  }

  things(area: Area): readonly Thing[] {
    return area === 'incident' ? this.incidents : this.maintenances
  }

  /** Components under announced maintenance that has started. */
  underMaintenance(): ReadonlySet<Component> {
    return new Set(this.maintenances.filter(({ status }) => status === 'in_progress').flatMap(({ components }) => components))
  }

  snapshot(judgements: readonly Judgement[], now: number, record: RecordState = 'written'): Snapshot {
    const since = now - DESK_BOUNDS.days * DAY_MS
    const recent = this.incidents.filter((incident) => isOpen(incident) || incident.updatedAt >= since)
    const planned = this.#underMaintenanceOf(judgements)
    const open = this.incidents.filter(isOpen)
    const pins = pinsOf(open)
    const today = dayOf(now, this.#head.timeZone)
    return {
      ...this.#head,
      madeAt: now,
      measuredAt: this.#measuredAt,
      record,
      unsafe: [...this.#safety.values()].some(({ unsafe }) => unsafe),
      posts: [...this.#posts].map(([name, post]) => ({ name, ...post })).filter(({ heardAt }) => now - heardAt < DESK_BOUNDS.postSilentMs),
      components: planned.map((judgement) => this.#componentState(judgement, now, today, pins.get(judgement.component))),
      open,
      incidents: recent,
      maintenances: this.maintenances.filter(({ status, updatedAt }) => status !== 'completed' || updatedAt >= since),
      latency: this.#latency.points(now),
    }
  }

  #underMaintenanceOf(judgements: readonly Judgement[]): readonly Judgement[] {
    const under = this.underMaintenance()
    return judgements.map((judgement) =>
      under.has(judgement.component) ? { ...judgement, condition: 'under_maintenance', profiles: [], share: null } : judgement,
    )
  }

  #componentState(measured: Judgement, now: number, today: string, pin: Pin | undefined): ComponentState {
    const { component } = measured
    // What a person set stands [S14].
    const judgement: Judgement =
      pin === undefined || measured.condition === 'under_maintenance'
        ? measured
        : { ...measured, condition: pin.condition, profiles: pin.profiles, trouble: null, since: pin.at, startedAt: measured.startedAt ?? pin.at }
    const days = this.#daysUntil(today, component)
    const known = days.filter((day) => day !== null)
    const minutes = known.reduce((sum, { knownMinutes }) => sum + knownMinutes, 0)
    const affected = known.reduce((sum, { affectedShare, knownMinutes }) => sum + affectedShare * knownMinutes, 0)
    const createdAt = this.#createdAt ?? now
    return {
      component,
      judgement,
      days,
      countedAt: this.#countedAt,
      affectedShare: minutes === 0 ? null : affected / minutes,
      createdAt,
      updatedAt: Math.max(createdAt, judgement.since),
      ...(judgement === measured || pin === undefined ? {} : { pin: { by: pin.by, at: pin.at, measured: measured.condition } }),
    }
  }

  /** The days shown on a page of this day, oldest first. A page is made every two seconds, and its days change seldom. */
  #daysUntil(today: string, component: Component): readonly (DaySummary | null)[] {
    const shown = this.#shown.get(component)
    if (shown?.today === today) return shown.days
    const names = Array.from({ length: DESK_BOUNDS.days }, (_, index) => dayBefore(today, DESK_BOUNDS.days - 1 - index))
    const days = names.map((day) => keyOf({ day, component })).map((key) => this.#days.get(key) ?? this.#today.get(key) ?? null)
    this.#shown.set(component, { today, days })
    return days
  }

  #sawAt(at: number): void {
    this.#measuredAt = Math.max(this.#measuredAt ?? 0, at)
  }
}

function keyOf({ day, component }: Pick<DaySummary, 'day' | 'component'>): string {
  return `${day} ${component}`
}
