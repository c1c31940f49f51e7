import type { Judgement } from '../judge/judgement.ts'
import type { Condition, Hit, Impact, Incident, IncidentUpdate, Share } from './incident.ts'
import {
  againBody,
  blindBody,
  changedBody,
  keptBody,
  openingBody,
  resolvedBody,
  shareBody,
  stillBody,
  titleOf,
  type NoticeParts,
  type Suspicion,
} from './templates.ts'
import { isOpen, NEXT_UPDATE_MS, nextUpdate, openIncident } from './updates.ts'

export const LIFECYCLE_BOUNDS = {
  /** Shorter trouble is visible on the page while it lasts and is no incident: a restarted process, a moved cable. */
  lastsMs: 6_000,
  /** A component that fails again this soon after the end was not repaired: the same incident continues. */
  againMs: 10 * 60_000,
  /** How long before its promised time the next update is published. */
  aheadMs: 30_000,
  /** A share that is wrong by `shareOff` is updated, at most once in `shareMs`. Subscribers are not mailed. */
  shareOff: 0.02,
  shareMs: 20_000,
  /** Least time between two updates about changes. The first change is published at once. */
  changeMs: 30_000,
} as const

export interface Measured {
  readonly share: Share | null
  readonly basis: IncidentUpdate['basis']
}

export interface Situation {
  readonly now: number
  /** The judge's verdict on each component. */
  readonly judgements: readonly Judgement[]
  /** Newest first, as folded. */
  readonly incidents: readonly Incident[]
  /** Components under maintenance now: their failures were announced. */
  readonly underMaintenance: ReadonlySet<string>
  readonly suspicion: Suspicion
  /** Share of a span, where the evidence gives one, and its basis. Called only when something is said. */
  readonly measure: (hits: readonly Hit[], from: number, to: number) => Measured
  /** Whether a measurement is allowed now: each one reads the whole incident. */
  readonly mayMeasure: boolean
  /** Whether the end of an incident may be announced now. False while devices are asked what they could not do. */
  readonly mayEnd: (incident: Incident, endedAt: number) => boolean
  /** End of the newest failure, where the evidence shows it. */
  readonly endedAt: number | null
  readonly contact: string
  readonly timeZone: string
  readonly newId: () => string
}

/**
 * The sentinel's next own statement, if any. There is one incident at a time: simultaneous failures are announced together. The sentinel never ends
 * an incident that a person opened, because it may concern something that is not measured.
 */
export function react(situation: Situation): IncidentUpdate | null {
  const { judgements, incidents, now } = situation
  const hits = hitsOf(judgements, situation.underMaintenance)
  const open = incidents.find((incident) => isOpen(incident) && isAutomatic(incident))
  const word = open === undefined ? (hits.length === 0 ? null : begin(situation, hits)) : goOn(situation, open, hits)
  if (word !== null) return word
  // For an incident of a person, only the promised time of the next update is known here.
  const kept = incidents.find((incident) => isOpen(incident) && !isAutomatic(incident) && isDue(incident, now))
  const last = kept?.updates.findLast(({ by }) => by.kind === 'person')
  if (kept === undefined || last === undefined) return null
  return say(kept, { body: keptBody(last, { saidAt: now, timeZone: situation.timeZone }) }, now)
}

/** The next statement about an incident that the sentinel opened. */
function goOn(situation: Situation, open: Incident, hits: readonly Hit[]): IncidentUpdate | null {
  const { judgements, now } = situation
  // Corrections and statements of people count as updates: the promise is that somebody speaks.
  const last = open.updates.at(-1) as IncidentUpdate
  const due = isDue(open, now)
  const speaks = hits.length > 0 ? hits : open.hits
  const partsOf = (share: Share | null): NoticeParts => noticeParts(situation, speaks, share, open.startedAt, open.detectedAt ?? now)
  // When an incident returned, statements about now concern what returned, and its end concerns all of it.
  const from = Math.max(open.startedAt, Math.min(now, ...judgements.flatMap(({ startedAt }) => startedAt ?? [])))
  const measure = (): Measured => situation.measure(speaks, from, now)
  if (hits.length === 0) {
    if (judgements.every(isWell)) return situation.mayEnd(open, endOf(situation, open)) ? end(situation, open) : null
    const blind = judgements.every(({ condition }) => condition === 'unknown')
    return due || (blind && !saysBlind(open))
      ? say(open, { body: blindBody(partsOf(null)), hits: open.hits.map((hit) => ({ ...hit, condition: 'unknown' })) }, now)
      : null
  }
  const changed = !sameHits(hits, open.hits)
  // An improvement is announced only when it lasts: a recovering service looks better every few seconds.
  const stays = judgements.every(({ since }) => now - since >= LIFECYCLE_BOUNDS.changeMs)
  if (changed && (worse(hits, open.hits) || (stays && now - last.at >= LIFECYCLE_BOUNDS.changeMs))) {
    const measured = measure()
    const changes = { title: titleOf(hits), impact: maxImpact(open.impact, impactOf(hits)) }
    return say(open, { ...changes, ...measured, hits, body: changedBody(partsOf(measured.share)) }, now)
  }
  const later = now - last.at >= LIFECYCLE_BOUNDS.shareMs && situation.mayMeasure
  if (!due && later && shareHasRisen(open.share, shareNow(judgements, hits))) {
    const measured = measure()
    if (shareHasRisen(open.share, measured.share)) return say(open, { ...measured, hits, body: shareBody(measured.share), notify: false }, now)
  }
  if (!due) return null
  const measured = measure()
  return say(open, { ...measured, body: stillBody(partsOf(measured.share)) }, now)
}

function isDue({ nextUpdateAt }: Incident, now: number): boolean {
  return nextUpdateAt !== null && now >= nextUpdateAt - LIFECYCLE_BOUNDS.aheadMs
}

/** Failing components, and how badly they are hit. */
export function hitsOf(judgements: readonly Judgement[], underMaintenance: ReadonlySet<string>): readonly Hit[] {
  return judgements
    .filter(({ component, condition }) => RANK[condition] > 0 && !underMaintenance.has(component))
    .map(({ component, condition, profiles }) => ({ component, condition, profiles }))
}

function begin(situation: Situation, hits: readonly Hit[]): IncidentUpdate | null {
  const { now, incidents } = situation
  const failing = situation.judgements.filter(({ component }) => hits.some((hit) => hit.component === component))
  const startedAt = Math.min(now, ...failing.map((each) => each.startedAt ?? each.since))
  if (now - startedAt < LIFECYCLE_BOUNDS.lastsMs) return null
  const latest = incidents.find(isAutomatic)
  const measured = situation.measure(hits, startedAt, now)
  const parts = noticeParts(situation, hits, measured.share, startedAt, now)
  if (latest !== undefined && latest.endedAt !== null && startedAt - latest.endedAt < LIFECYCLE_BOUNDS.againMs) {
    const impact = maxImpact(latest.impact, impactOf(hits))
    return say(latest, { status: 'investigating', hits, title: titleOf(hits), impact, body: againBody(parts), ...measured }, now)
  }
  const opening = {
    id: situation.newId(),
    title: titleOf(hits),
    body: openingBody(parts),
    hits,
    impact: impactOf(hits),
    startedAt,
    detectedAt: now,
    ...measured,
  }
  return openIncident(opening, { kind: 'auto' }, now)
}

function endOf({ now, endedAt }: Situation, { startedAt }: Incident): number {
  return Math.min(now, Math.max(startedAt, endedAt ?? now))
}

function end(situation: Situation, open: Incident): IncidentUpdate {
  const { now, contact, timeZone } = situation
  const { startedAt } = open
  const endedAt = endOf(situation, open)
  const measured = situation.measure(open.hits, startedAt, endedAt)
  const share = measured.share ?? open.share
  const body = resolvedBody({ share, startedAt, endedAt, saidAt: now, contact, timeZone })
  return say(open, { status: 'resolved', endedAt, body, share, basis: measured.basis }, now)
}

function say(incident: Incident, change: Parameters<typeof nextUpdate>[1], now: number): IncidentUpdate {
  return nextUpdate(incident, { nextUpdateAt: now + NEXT_UPDATE_MS, ...change }, { kind: 'auto' }, now)
}

function noticeParts(
  { now, suspicion, contact, timeZone, judgements }: Situation,
  hits: readonly Hit[],
  share: Share | null,
  startedAt: number,
  detectedAt: number,
): NoticeParts {
  const well = judgements.filter(isWell).map(({ component }) => component)
  return { hits, well, share, suspicion, startedAt, detectedAt, saidAt: now, contact, timeZone }
}

/** Present share of the most important component. */
function shareNow(judgements: readonly Judgement[], hits: readonly Hit[]): Share | null {
  return judgements.find(({ component }) => component === hits[0]?.component)?.share ?? null
}

/** The published share is that of the height: a higher share is published anew. */
function shareHasRisen(said: Share | null, now: Share | null): boolean {
  if (now === null || said?.source === 'person') return false
  return said === null || now.value - said.value > LIFECYCLE_BOUNDS.shareOff
}

export function isAutomatic(incident: Incident): boolean {
  return incident.updates[0]?.by.kind === 'auto'
}

function isWell({ condition }: Judgement): boolean {
  return RANK[condition] === 0 && condition !== 'unknown'
}

/** Whether the last statement already says that nothing can be observed. */
function saysBlind(incident: Incident): boolean {
  return incident.hits.length > 0 && incident.hits.every(({ condition }) => condition === 'unknown')
}

const RANK: Readonly<Record<Condition, number>> = {
  operational: 0,
  unknown: 0,
  under_maintenance: 0,
  degraded_performance: 1,
  partial_outage: 2,
  major_outage: 3,
}

const IMPACTS: readonly Impact[] = ['none', 'minor', 'major', 'critical']

export function impactOf(hits: readonly Hit[]): Impact {
  return IMPACTS[Math.max(0, ...hits.map(({ condition }) => RANK[condition]))] as Impact
}

export function maxImpact(one: Impact, other: Impact): Impact {
  return IMPACTS.indexOf(one) > IMPACTS.indexOf(other) ? one : other
}

function sameHits(one: readonly Hit[], other: readonly Hit[]): boolean {
  const text = (hits: readonly Hit[]): string =>
    hits
      .map(({ component, condition, profiles }) => `${component} ${condition} ${profiles.toSorted().join()}`)
      .toSorted()
      .join(';')
  return text(one) === text(other)
}

/** Whether something new is hit, or something is hit harder. */
function worse(now: readonly Hit[], before: readonly Hit[]): boolean {
  return now.some((hit) => RANK[hit.condition] > RANK[before.find(({ component }) => component === hit.component)?.condition ?? 'operational'])
}
