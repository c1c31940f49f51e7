import { CROWDED, type Area, type Derive, type Said } from './acts/desk.ts'
import type { Clock } from './clock.ts'
import { FORMULA, type Hit, type Incident, type Span } from './vocabulary/incident.ts'
import { isAutomatic, mainComponent, react, type Measured } from './incident/lifecycle.ts'
import { isCorrection, Reports } from './incident/reports.ts'
import { correctionTexts } from './incident/templates.ts'
import { duePlans, isOpen, nextUpdate } from './incident/updates.ts'
import type { Judge } from './judge/judgement.ts'
import { noticeOf, type Notice } from './notify/notice.ts'
import type { Desk } from './present/desk.ts'
import { asEvidence, newsOf } from './present/evidence.ts'
import { isSaid } from './judge/share.ts'
import { measure, reportedShare } from './present/measure.ts'
import type { Snapshot } from './present/snapshot.ts'
import type { Component, DevicesSample, FiguresSample, ObservationBatch, ReportsSample } from './vocabulary/observation.ts'
import { PACKED_KINDS, type DaySummary, type RecordBody, type RecordEntry } from './record/record.ts'
import type { SqliteRecord } from './record/sqlite-record.ts'
import { RecordUnavailable } from './record/unavailable.ts'
import { Suspicions } from './suspicions.ts'

export const WATCH_BOUNDS = {
  tickMs: 1_000,
  /** Longest time between two publications: the pages show their age. */
  publishMs: 2_000,
  /** Most bodies kept while the disk takes nothing. The oldest evidence is dropped first, statements never. */
  unwrittenMax: 20_000,
  /** Most entries written in one transaction. */
  togetherMax: 1_000,
  /** Rest after a failed write, as a multiple of its duration, and the longest rest: a locked record must not delay the pages. */
  restTimes: 10,
  restMsMax: 60_000,
  /** Least time between two measurements of an incident, in ms and as a part of its duration: each measurement reads the whole incident. */
  measureMs: 10_000,
  measurePart: 0.05,
  /** How often a statement is derived again because someone else spoke in between. */
  turnsMax: 10,
  /** Most runs of evidence packed in a row. */
  tidyStepsMax: 10,
} as const

export interface WatchParts {
  readonly clock: Clock
  readonly record: SqliteRecord
  readonly desk: Desk
  readonly judge: Judge
  readonly contact: string
  readonly timeZone: string
  readonly newId: () => string
  readonly readReports: (from: number, to: number) => Promise<ReportsSample | null>
  /** Called every second during trouble: look more often. */
  readonly alarm: () => void
  /** Called every second while the share of a component is not known well: try it as often as allowed. */
  readonly measure: (component: Component) => void
  readonly publish: (snapshot: Snapshot) => void
  readonly tell: (notices: readonly Notice[]) => void
  readonly warn: (sentence: string, cause?: unknown) => void
}

/**
 * Handles everything the sentinel observes: records it, has it judged, and publishes what follows. Every statement goes through the record first.
 * While the disk is full, statements are published anyway and recorded as soon as possible.
 */
export class Watch {
  readonly #parts: WatchParts
  /** Newest entry that the desk has heard. */
  #seq: number
  /** Bodies that wait for the disk, with the time of the observation or statement. */
  #unwritten: { readonly body: RecordBody; readonly at: number; heard: boolean }[] = []
  #writable = true
  #dropping = false
  /** By the monotonic clock. */
  #writeFrom = Number.NEGATIVE_INFINITY
  #publishedAt = Number.NEGATIVE_INFINITY
  #changed = true
  readonly #suspicions: Suspicions
  readonly #reports: Reports
  /** When people fell silent together last. */
  #cohort: Span | null = null
  /** By the monotonic clock. */
  #measureFrom = Number.NEGATIVE_INFINITY
  readonly #cancel: () => void

  /** @param seq newest entry that the desk knows. */
  constructor(parts: WatchParts, seq: number) {
    this.#parts = parts
    this.#seq = seq
    this.#suspicions = new Suspicions(parts.clock)
    this.#reports = new Reports({
      clock: parts.clock,
      read: parts.readReports,
      keep: (body) => {
        this.#write([{ kind: 'reports', body }])
        return this.#writable ? this.#seq : null
      },
      warn: parts.warn,
    })
    this.#cancel = parts.clock.every(WATCH_BOUNDS.tickMs, () => this.tick())
  }

  hearBatch(batch: ObservationBatch): void {
    this.#receive({ kind: 'observations', body: batch })
  }

  hearDevices(sample: DevicesSample): void {
    this.#receive({ kind: 'devices', body: sample })
  }

  hearFigures(sample: FiguresSample): void {
    this.#suspicions.hear(sample)
    this.#receive({ kind: 'figures', body: sample })
  }

  /** Runs once a second and after every observation. */
  tick(): void {
    const { clock, judge } = this.#parts
    this.#follow()
    judge.hear({ kind: 'tick', at: clock.now() })
    this.#conclude()
    const judgements = judge.judgements()
    if (judgements.some(({ startedAt }) => startedAt !== null)) this.#parts.alarm()
    for (const { component, unsure } of judgements) if (unsure) this.#parts.measure(component)
    this.#keepPlans()
    const silentFrom = judgements.find(({ cohort }) => cohort !== null)?.cohort?.from ?? null
    this.#reports.askDue(this.#parts.desk.incidents, silentFrom, (incidentId, seq, settled) => this.#correct(incidentId, seq, settled))
    if (this.#changed || clock.monotonic() - this.#publishedAt >= WATCH_BOUNDS.publishMs) this.publish()
  }

  publish(): void {
    const { clock, publish } = this.#parts
    this.#changed = false
    this.#publishedAt = clock.monotonic()
    publish(this.snapshot())
  }

  snapshot(): Snapshot {
    const { clock, desk, judge } = this.#parts
    return desk.snapshot(judge.judgements(), clock.now(), this.#writable ? 'written' : 'unwritten')
  }

  /**
   * Publishes a person's statement. It is derived from the statements so far, and derived again when someone else spoke in between.
   * @throws RecordUnavailable: nothing was said then.
   */
  say(area: Area, derive: Derive): Said {
    const { clock, desk } = this.#parts
    // Earlier observations come before the statement in the record.
    if (!this.complete) this.#writeUnwritten()
    for (let turn = 0; turn < WATCH_BOUNDS.turnsMax; turn++) {
      this.#follow()
      const update = derive(desk.things(area), clock.now())
      if ('faults' in update) return update
      if (!this.#append({ kind: area, body: update } as RecordBody)) continue
      this.publish()
      return { update }
    }
    return CROWDED
  }

  /** Whether every observation is in the record. */
  get complete(): boolean {
    return this.#unwritten.length === 0
  }

  writeDays(summaries: readonly DaySummary[]): void {
    this.#write(summaries.map((body) => ({ kind: 'day', body })))
  }

  /** Packs the evidence of finished hours and drops what is old, a part at a time. */
  tidy(keepDays: number): void {
    try {
      for (let step = 0; step < WATCH_BOUNDS.tidyStepsMax && this.#parts.record.tidy(keepDays, this.#parts.clock.now()) > 0; step++);
    } catch (cause) {
      this.#unwritable(cause)
    }
  }

  begin(version: string): void {
    this.#write([{ kind: 'sentinel', body: { event: 'started', version } }])
  }

  stop(version: string): void {
    this.#cancel()
    this.#write([{ kind: 'sentinel', body: { event: 'stopped', version } }])
  }

  #receive(body: RecordBody): void {
    this.#write([body])
    this.#conclude()
    if (this.#changed) this.publish()
  }

  /** Reads what others have appended: an operator's command writes into the same record. */
  #follow(): void {
    try {
      if (this.#parts.record.head() === this.#seq) return
      this.#hearAll(this.#parts.record.read({ fromSeq: this.#seq + 1, limit: 1_000 }), true)
    } catch (cause) {
      this.#unwritable(cause)
    }
  }

  /** Publishes a statement of the sentinel itself, also while the disk takes nothing. */
  #say(body: RecordBody): void {
    try {
      // Someone else has just spoken. The next tick takes that statement into account.
      if (this.#unwritten.length === 0 && !this.#append(body)) return this.#follow()
      if (this.#unwritten.length === 0) return
    } catch (cause) {
      this.#unwritable(cause)
    }
    this.#write([body])
  }

  /** @returns false when another statement of this kind, not yet heard here, came in between. */
  #append(body: RecordBody): boolean {
    const { clock, record } = this.#parts
    const written = record.appendUnless({ kinds: [body.kind], seq: this.#seq }, [body], clock.now())
    if (written === null) return false
    this.#hearGap(written)
    this.#hearAll(written, false)
    return true
  }

  #hearGap(written: readonly RecordEntry[]): void {
    const first = written[0]?.seq ?? 0
    if (first > this.#seq + 1) this.#hearAll(this.#parts.record.read({ fromSeq: this.#seq + 1, toSeq: first - 1 }), true)
  }

  #write(bodies: readonly RecordBody[]): void {
    const { clock } = this.#parts
    const at = clock.now()
    this.#unwritten.push(...bodies.map((body) => ({ body, at, heard: false })))
    const begunMs = clock.monotonic()
    if (begunMs < this.#writeFrom) return this.#hearUnwritten()
    try {
      this.#writeUnwritten()
    } catch (cause) {
      this.#unwritable(cause)
      const tookMs = clock.monotonic() - begunMs
      this.#writeFrom = begunMs + tookMs + Math.min(WATCH_BOUNDS.restMsMax, tookMs * WATCH_BOUNDS.restTimes)
      this.#hearUnwritten()
    }
  }

  #writeUnwritten(): void {
    const { record, warn } = this.#parts
    // Entries of others in between are heard first: the desk hears every entry once and in order.
    this.#follow()
    while (this.#unwritten.length > 0) {
      const next = this.#unwritten.slice(0, WATCH_BOUNDS.togetherMax)
      // Each body keeps its own time, so that a later recomputation hears the same evidence at the same time [S6].
      const written = record.append(
        next.map(({ body }) => body),
        next.map(({ at }) => at),
      )
      this.#unwritten.splice(0, next.length)
      this.#hearGap(written)
      for (const [index, entry] of written.entries()) {
        this.#seq = entry.seq
        // Waiting bodies were heard when they were observed.
        if (next[index]?.heard !== true) this.#hear(entry, false)
      }
    }
    if (!this.#writable) warn('The record can be written again.')
    this.#writable = true
    this.#dropping = false
  }

  #hearUnwritten(): void {
    const from = this.#unwritten.findLastIndex(({ heard }) => heard) + 1
    for (const one of this.#unwritten.slice(from)) {
      one.heard = true
      this.#hear({ ...one.body, seq: this.#seq, at: one.at, hash: '' }, false)
    }
    if (this.#unwritten.length <= WATCH_BOUNDS.unwrittenMax) return
    this.#unwritten = bounded(this.#unwritten)
    if (!this.#dropping) this.#parts.warn('The record has been unwritable for so long that the oldest observations are dropped.')
    this.#dropping = true
  }

  #unwritable(cause: unknown): void {
    if (!(cause instanceof RecordUnavailable)) throw cause
    if (this.#writable) this.#parts.warn('The record cannot be written now. Observations are kept in memory, and the pages continue.', cause)
    this.#writable = false
  }

  #hearAll(entries: readonly RecordEntry[], foreign: boolean): void {
    for (const entry of entries) {
      this.#seq = entry.seq
      this.#hear(entry, foreign)
    }
  }

  #hear(entry: RecordEntry, foreign: boolean): void {
    const { desk, judge, tell } = this.#parts
    desk.hear(entry)
    const evidence = asEvidence(entry)
    // Evidence in the record is always from this process: other posts report through it.
    if (evidence !== null && !foreign) judge.hear(newsOf(evidence))
    const notice = noticeOf(entry)
    if (notice === null) return
    this.#changed = true
    if (notice.update.notify) tell([notice])
  }

  #conclude(): void {
    const { clock, desk, judge, contact, timeZone, newId } = this.#parts
    const judgements = judge.judgements()
    const open = desk.incidents.find((incident) => isOpen(incident) && isAutomatic(incident))
    this.#cohort = judgements.find(({ cohort }) => cohort !== null)?.cohort ?? this.#cohort
    const update = react({
      now: clock.now(),
      judgements,
      incidents: desk.incidents,
      underMaintenance: desk.underMaintenance(),
      suspicion: this.#suspicions.of(judgements),
      measure: (hits, spans) => this.#measure(open, hits, spans),
      mayMeasure: clock.monotonic() >= this.#measureFrom,
      // Only the devices know who could not sign in: their reports are awaited before the end is announced.
      mayEnd: (incident, endedAt) => mainComponent(incident.hits) !== 'sign-in' || !this.#reports.mustWait(incident, endedAt),
      endedAt: open === undefined ? null : latest(open.hits.map(({ component }) => judge.endedAt(component))),
      contact,
      timeZone,
      newId,
    })
    if (update === null) return
    if (update.status === 'investigating') this.#reports.forget(update.incidentId)
    this.#say({ kind: 'incident', body: update })
  }

  #measure(open: Incident | undefined, hits: readonly Hit[], spans: readonly Span[]): Measured {
    const { clock, record } = this.#parts
    const from = spans[0]?.from ?? clock.now()
    this.#measureFrom = clock.monotonic() + Math.max(WATCH_BOUNDS.measureMs, (clock.now() - from) * WATCH_BOUNDS.measurePart)
    try {
      const cohort = this.#cohort ?? open?.updates.findLast(({ basis }) => basis?.cohort !== undefined)?.basis?.cohort ?? null
      return measure(record, hits, spans, cohort, this.#reports.seqOf(open?.incidentId ?? ''))
    } catch (cause) {
      this.#unwritable(cause)
      return { share: null, beside: null, basis: null }
    }
  }

  #keepPlans(): void {
    const { clock, desk } = this.#parts
    for (const body of duePlans(desk.maintenances, clock.now())) this.#say({ kind: 'maintenance', body })
  }

  /** Corrects a published share by a new update that states the earlier value [S5]. `settled`: everybody has had time to come back. */
  #correct(incidentId: string, seq: number, settled: boolean): void {
    const { clock, desk, record } = this.#parts
    const incident = desk.incidents.find((each) => each.incidentId === incidentId)
    if (incident === undefined || isOpen(incident)) return
    const basis = { fromSeq: seq, toSeq: seq, formula: FORMULA }
    const share = reportedShare((query) => record.each({ fromSeq: query.fromSeq, toSeq: query.toSeq }), basis, incident.hits)
    if (!isSaid(share) || !isCorrection(incident.share, share, settled)) return
    const { body, correction } = correctionTexts(incident.share, share)
    const update = nextUpdate(incident, { body, correction, share, basis }, { kind: 'auto' }, clock.now())
    this.#say({ kind: 'incident', body: update })
  }
}

function bounded<T extends { readonly body: RecordBody }>(waiting: readonly T[]): T[] {
  let surplus = waiting.length - WATCH_BOUNDS.unwrittenMax
  return waiting.filter(({ body: { kind } }) => !(PACKED_KINDS.some((packed) => packed === kind) && surplus-- > 0))
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.max(...known)
}
