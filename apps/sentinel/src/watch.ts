import type { Clock } from './clock.ts'
import type { Hit, Incident, IncidentUpdate, Maintenance, MaintenanceUpdate } from './incident/incident.ts'
import { react, type Measured } from './incident/lifecycle.ts'
import { isCorrection, Reports } from './incident/reports.ts'
import { correctionTexts } from './incident/templates.ts'
import { duePlans } from './incident/plans.ts'
import { isOpen, nextUpdate } from './incident/updates.ts'
import type { JudgeOfAll } from './judge/judge.ts'
import type { Notice } from './notify/notice.ts'
import type { Said, Unsaid } from './operator/operator-desk.ts'
import type { Desk } from './present/desk.ts'
import { asEvidence, newsOf } from './present/evidence.ts'
import { basisOf, mainComponent, reportedShare, shareOf } from './present/measure.ts'
import type { Snapshot } from './publish/snapshot.ts'
import type { FiguresSample, ObservationBatch, ReportsSample } from './record/observation.ts'
import type { DaySummary, RecordBody, RecordEntry } from './record/record.ts'
import type { SqliteRecord } from './record/sqlite-record.ts'
import { RecordUnavailable } from './record/unavailable.ts'
import { noticeOf } from './notices.ts'
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
  measureMs: 20_000,
  measurePart: 0.05,
  /** How often a statement is derived again because someone else spoke in between. */
  turnsMax: 10,
} as const

export interface WatchParts {
  readonly clock: Clock
  readonly record: SqliteRecord
  readonly desk: Desk
  readonly judge: JudgeOfAll
  readonly contact: string
  readonly timeZone: string
  /** False when the record cannot be read now. */
  readonly isRead: boolean
  readonly newId: () => string
  readonly readReports: (from: number, to: number) => Promise<ReportsSample | null>
  /** Called every second during trouble: look more often. */
  readonly alarm: () => void
  readonly publish: (snapshot: Snapshot) => void
  readonly tell: (notices: readonly Notice[]) => void
  readonly warn: (sentence: string, cause?: unknown) => void
}

/** A body that waits for the disk, with the time of the observation or statement. */
export interface Unwritten {
  readonly body: RecordBody
  readonly at: number
}

/**
 * Handles everything the sentinel observes: records it, has it judged, and publishes what follows. Every statement goes through the record first.
 * While the disk is full, statements are published anyway and recorded as soon as possible.
 */
export class Watch {
  readonly #parts: WatchParts
  /** Newest entry that the desk has heard. */
  #seq: number
  #unwritten: (Unwritten & { heard: boolean })[]
  #writable = true
  #dropping = false
  /** By the monotonic clock. */
  #writeFrom = Number.NEGATIVE_INFINITY
  #publishedAt = Number.NEGATIVE_INFINITY
  #changed = true
  readonly #suspicions: Suspicions
  readonly #reports: Reports
  /** By the monotonic clock. */
  #measureFrom = Number.NEGATIVE_INFINITY
  readonly #cancel: () => void

  /**
   * @param seq newest entry that the desk knows.
   * @param unwritten bodies that desk and judge have already heard and that are not yet in the record.
   */
  constructor(parts: WatchParts, seq: number, unwritten: readonly Unwritten[] = []) {
    this.#parts = parts
    this.#seq = seq
    this.#suspicions = new Suspicions(parts.clock)
    this.#unwritten = unwritten.map((each) => ({ ...each, heard: true }))
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
    if (judge.judgements().some(({ startedAt }) => startedAt !== null)) this.#parts.alarm()
    this.#keepPlans()
    this.#reports.askDue(this.#parts.desk.incidents, (incidentId, seq, settled) => this.#correct(incidentId, seq, settled))
    if (this.#changed || clock.monotonic() - this.#publishedAt >= WATCH_BOUNDS.publishMs) this.publish()
  }

  publish(): void {
    const { clock, publish } = this.#parts
    this.#changed = false
    this.#publishedAt = clock.monotonic()
    publish(this.snapshot())
  }

  snapshot(): Snapshot {
    const { clock, desk, judge, isRead } = this.#parts
    return desk.snapshot(judge.judgements(), clock.now(), !isRead ? 'unread' : this.#writable ? 'written' : 'unwritten')
  }

  /**
   * Publishes a person's statement. It is derived from the statements so far, and derived again when someone else spoke in between.
   * @throws RecordUnavailable: nothing was said then.
   */
  sayIncident(derive: (incidents: readonly Incident[], at: number) => IncidentUpdate | Unsaid): Said<IncidentUpdate> {
    return this.#sayOnce(
      () => derive(this.#parts.desk.incidents, this.#parts.clock.now()),
      (body) => ({ kind: 'incident', body }),
    )
  }

  sayMaintenance(derive: (maintenances: readonly Maintenance[], at: number) => MaintenanceUpdate | Unsaid): Said<MaintenanceUpdate> {
    return this.#sayOnce(
      () => derive(this.#parts.desk.maintenances, this.#parts.clock.now()),
      (body) => ({ kind: 'maintenance', body }),
    )
  }

  #sayOnce<Update>(derive: () => Update | Unsaid, bodyOf: (update: Update) => RecordBody): Said<Update> {
    // Earlier observations come before the statement in the record.
    if (!this.complete) this.#writeUnwritten()
    for (let turn = 0; turn < WATCH_BOUNDS.turnsMax; turn++) {
      this.#follow()
      const derived = derive()
      if (typeof derived === 'object' && derived !== null && 'faults' in derived) return derived
      if (!this.#append(bodyOf(derived))) continue
      this.publish()
      return { update: derived }
    }
    return { faults: ['Others publish updates so often that this one could not be published. Try again.'] }
  }

  get unwritten(): readonly Unwritten[] {
    return this.#unwritten.map(({ body, at }) => ({ body, at }))
  }

  /** Whether every observation is in the record. */
  get complete(): boolean {
    return this.#unwritten.length === 0
  }

  /** Records the summaries of finished days. */
  writeDays(summaries: readonly DaySummary[]): void {
    this.#write(summaries.map((body) => ({ kind: 'day', body })))
  }

  /** Drops the bodies of old observations. */
  letGo(keepDays: number): void {
    try {
      this.#parts.record.letGo(keepDays, this.#parts.clock.now())
    } catch (cause) {
      this.#unwritable(cause)
    }
  }

  /** Records that this program has started. Unwritten bodies of an earlier start already include that statement and are written instead. */
  begin(version: string): void {
    this.#write(this.complete ? [{ kind: 'sentinel', body: { event: 'started', version } }] : [])
  }

  stop(version: string): void {
    this.pause()
    this.#write([{ kind: 'sentinel', body: { event: 'stopped', version } }])
  }

  /** Stops, so that a successor continues with the unwritten bodies. */
  pause(): void {
    this.#cancel()
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
    const open = desk.incidents.find((incident) => isOpen(incident) && incident.updates[0]?.by.kind === 'auto')
    const update = react({
      now: clock.now(),
      judgements,
      incidents: desk.incidents,
      underMaintenance: desk.underMaintenance(),
      suspicion: this.#suspicions.of(judgements.find(({ component }) => component === 'messaging')),
      measure: (hits, from, to) => this.#measure(open, hits, from, to),
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

  #measure(open: Incident | undefined, hits: readonly Hit[], from: number, to: number): Measured {
    const { clock, record } = this.#parts
    this.#measureFrom = clock.monotonic() + Math.max(WATCH_BOUNDS.measureMs, (to - from) * WATCH_BOUNDS.measurePart)
    try {
      const read = (basis: { fromSeq: number; toSeq: number }): Iterable<RecordEntry> => record.each(basis)
      const reported = this.#reports.seqOf(open?.incidentId ?? '')
      if (reported !== null) {
        const basis = { fromSeq: reported, toSeq: reported }
        const share = reportedShare(read, basis, hits)
        if (share !== null && share.affected > 0) return { share, basis }
      }
      const basis = { ...basisOf(record, from), from, to }
      return { share: shareOf(read, basis, hits, from, to), basis }
    } catch (cause) {
      this.#unwritable(cause)
      return { share: null, basis: null }
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
    const basis = { fromSeq: seq, toSeq: seq }
    const share = reportedShare((query) => record.each(query), basis, incident.hits)
    if (share === null || !isCorrection(incident.share, share, settled)) return
    const update = nextUpdate(incident, { ...correctionTexts(incident.share, share), share, basis, notify: false }, { kind: 'auto' }, clock.now())
    this.#say({ kind: 'incident', body: update })
  }
}

function bounded<T extends { readonly body: RecordBody }>(waiting: readonly T[]): T[] {
  let surplus = waiting.length - WATCH_BOUNDS.unwrittenMax
  return waiting.filter(({ body: { kind } }) => !((kind === 'observations' || kind === 'figures') && surplus-- > 0))
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.max(...known)
}
