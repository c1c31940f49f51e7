import type { Clock } from '../clock.ts'
import type { ReportsSample } from '../vocabulary/observation.ts'
import { areTold } from '../judge/silence.ts'
import type { Incident, Share } from '../vocabulary/incident.ts'
import { isOpen } from './updates.ts'

export const REPORTS_BOUNDS = {
  /** Times after the end of an incident at which devices' reports are read: most devices are back, all are back, and a day later. */
  afterMs: [90_000, 15 * 60_000, 24 * 3_600_000],
  /** Time between two readings while an incident is open: devices that are back report while others are not. */
  openEveryMs: 10_000,
  /** An incident that ended this long before it could be asked about is skipped. */
  lateMs: 3_600_000,
  /** Readings before an end is announced. */
  triesBeforeEnd: 3,
  /** A share is corrected when it was wrong by more than this. */
  correctionMin: 0.01,
} as const

interface Asked {
  /** Place of the newest report in the record. */
  readonly seq: number | null
  readonly tries: number
  /** Readings since the end. */
  readonly times: number
  readonly asking: boolean
}

const NOT_ASKED: Asked = { seq: null, tries: 0, times: 0, asking: false }

export interface ReportsParts {
  readonly clock: Pick<Clock, 'now'>
  readonly read: (from: number, to: number) => Promise<ReportsSample | null>
  /** Records a sample. @returns its place; null when it could not be written. */
  readonly keep: (sample: ReportsSample) => number | null
  readonly warn: (sentence: string, cause?: unknown) => void
}

/** Reads devices' reports about an incident at the times when that is useful. */
export class Reports {
  readonly #parts: ReportsParts
  readonly #asked = new Map<string, Asked>()
  /** Time of the last reading about open incidents, and whether its answer is awaited. */
  #openAsked = { at: Number.NEGATIVE_INFINITY, asking: false }

  constructor(parts: ReportsParts) {
    this.#parts = parts
  }

  /** Place of the newest report about an incident. */
  seqOf(incidentId: string): number | null {
    return this.#asked.get(incidentId)?.seq ?? null
  }

  /** The incident continues: the reports so far are incomplete. */
  forget(incidentId: string): void {
    this.#asked.delete(incidentId)
  }

  /** Only the devices know who could not sign in: their reports are read before the end is announced. @returns whether the end must wait. */
  mustWait(incident: Incident, endedAt: number): boolean {
    const asked = this.#asked.get(incident.incidentId) ?? NOT_ASKED
    if (asked.asking) return true
    if (asked.seq !== null || asked.tries >= REPORTS_BOUNDS.triesBeforeEnd) return false
    this.#ask(incident, endedAt)
    return true
  }

  /** @param silentFrom when people fell silent together, if some are. @param correct called with the place of each new report, and whether everybody has had time to come back. */
  askDue(incidents: readonly Incident[], silentFrom: number | null, correct: (incidentId: string, seq: number, settled: boolean) => void): void {
    const now = this.#parts.clock.now()
    const open = incidents.filter(isOpen)
    // The present trouble, not the first one of the incident: what was lost before says nothing about those who are silent now.
    if (open.length > 0) this.#askOpen(Math.max(silentFrom ?? 0, ...open.map(({ spans, startedAt }) => spans.at(-1)?.from ?? startedAt)), now)
    for (const incident of incidents) {
      const { incidentId, endedAt } = incident
      if (endedAt === null || isOpen(incident)) continue
      const asked = this.#asked.get(incidentId) ?? NOT_ASKED
      const dueMs = REPORTS_BOUNDS.afterMs[asked.times]
      if (asked.asking || dueMs === undefined || now < endedAt + dueMs) continue
      this.#asked.set(incidentId, { ...asked, times: asked.times + 1 })
      if (now <= endedAt + dueMs + REPORTS_BOUNDS.lateMs) this.#ask(incident, endedAt, (seq) => correct(incidentId, seq, asked.times > 0))
    }
  }

  /** Records what has been reported so far as evidence. It corrects nothing: most devices are not back yet. */
  #askOpen(from: number, now: number): void {
    // The clock may have been set back.
    if (this.#openAsked.asking || Math.abs(now - this.#openAsked.at) < REPORTS_BOUNDS.openEveryMs) return
    this.#openAsked = { at: now, asking: true }
    this.#parts
      .read(from, now)
      .then((sample) => {
        if (sample !== null && sample.affectedUsers > 0) this.#parts.keep(sample)
      })
      .catch((cause: unknown) => this.#parts.warn('The devices’ reports could not be read.', cause))
      .finally(() => {
        this.#openAsked = { ...this.#openAsked, asking: false }
      })
  }

  #ask({ incidentId, startedAt }: Incident, endedAt: number, found: (seq: number) => void = () => {}): void {
    const before = this.#asked.get(incidentId) ?? NOT_ASKED
    this.#asked.set(incidentId, { ...before, tries: before.tries + 1, asking: true })
    this.#parts
      .read(startedAt, endedAt)
      .then((sample) => {
        const seq = sample === null ? null : this.#parts.keep(sample)
        this.#settle(incidentId, seq)
        if (seq !== null) found(seq)
      })
      .catch((cause: unknown) => {
        this.#settle(incidentId, null)
        this.#parts.warn('The devices’ reports could not be read.', cause)
      })
  }

  #settle(incidentId: string, seq: number | null): void {
    const asked = this.#asked.get(incidentId)
    // The incident continued meanwhile, so its state was forgotten.
    if (asked !== undefined) this.#asked.set(incidentId, { ...asked, seq: seq ?? asked.seq, asking: false })
  }
}

/** Devices that are not back yet have not reported. Until all are back, a smaller number corrects only an estimate from tries. A silence is corrected by as many as would have made it an outage. */
export function isCorrection(before: Share | null, after: Share, settled: boolean): boolean {
  if (before?.source === 'person') return false
  if (before?.kind === 'silent') return areTold(after.affected, before.affected)
  if (before === null || (before.source === 'tries' && after.affected > 0)) return true
  const difference = after.value - before.value
  return difference > REPORTS_BOUNDS.correctionMin || (settled && difference < -REPORTS_BOUNDS.correctionMin && before.source === 'reports')
}
