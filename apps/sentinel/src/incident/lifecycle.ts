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
  /** What is over sooner is seen on the page while it lasts, and is no incident: a process that was started again, a cable that was moved. */
  lastsMs: 6_000,
  /** A component that fails again so soon after the end has not been mended: the same incident goes on. */
  againMs: 10 * 60_000,
  /** The next word comes this much before it was promised for. */
  aheadMs: 30_000,
  /** A share that is this much off is said anew, but no more often than this. Nobody is mailed for it. */
  shareOff: 0.02,
  shareMs: 20_000,
  /** What changes is told at once the first time, and then no more often than this. */
  changeMs: 30_000,
} as const

export interface Measured {
  readonly share: Share | null
  readonly basis: IncidentUpdate['basis']
}

export interface Situation {
  readonly now: number
  /** Of each component, as the judge holds it. */
  readonly judgements: readonly Judgement[]
  /** Newest first, as folded. */
  readonly incidents: readonly Incident[]
  /** Components under planned work now: what fails in it was announced. */
  readonly underMaintenance: ReadonlySet<string>
  readonly suspicion: Suspicion
  /** Share of a span, where the evidence gives one, and what it was computed from. Asked only when something is said. */
  readonly measure: (hits: readonly Hit[], from: number, to: number) => Measured
  /** Measuring reads all of an incident: not at every breath. */
  readonly mayMeasure: boolean
  /** Whether the end of an incident may be told now; false while devices are asked what they could not do. */
  readonly mayEnd: (incident: Incident, endedAt: number) => boolean
  /** When the newest failure ended, where the evidence tells. */
  readonly endedAt: number | null
  readonly contact: string
  readonly timeZone: string
  readonly newId: () => string
}

/**
 * What the sentinel says next by itself, if anything. One incident at a time: what fails together is told together. An incident opened by a person
 * is never ended by the sentinel, for it may be about something that is not measured.
 */
export function react(situation: Situation): IncidentUpdate | null {
  const { judgements, incidents, now } = situation
  const hits = hitsOf(judgements, situation.underMaintenance)
  const open = incidents.find((incident) => isOpen(incident) && isAutomatic(incident))
  const word = open === undefined ? (hits.length === 0 ? null : begin(situation, hits)) : goOn(situation, open, hits)
  if (word !== null) return word
  // Of what a person has opened nothing is known here but that a next word was promised.
  const kept = incidents.find((incident) => isOpen(incident) && !isAutomatic(incident) && isDue(incident, now))
  const last = kept?.updates.findLast(({ by }) => by.kind === 'person')
  if (kept === undefined || last === undefined) return null
  return say(kept, { body: keptBody(last, { saidAt: now, timeZone: situation.timeZone }) }, now)
}

/** The next word about what the sentinel itself has opened. */
function goOn(situation: Situation, open: Incident, hits: readonly Hit[]): IncidentUpdate | null {
  const { judgements, now } = situation
  // Corrections and words of people count as words: what is promised is that somebody speaks.
  const last = open.updates.at(-1) as IncidentUpdate
  const due = isDue(open, now)
  const speaks = hits.length > 0 ? hits : open.hits
  const partsOf = (share: Share | null): NoticeParts => noticeParts(situation, speaks, share, open.startedAt, open.detectedAt ?? now)
  // Of an incident that came back, what is said of now is of what came back; its end is of all of it.
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
  // Better is said when it stays so: on its way to being well it looks better every few seconds.
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

/** Components that fail, and how. */
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

/** What is held of the component that matters most. */
function shareNow(judgements: readonly Judgement[], hits: readonly Hit[]): Share | null {
  return judgements.find(({ component }) => component === hits[0]?.component)?.share ?? null
}

/** What is published of an incident is its height: it is said anew when it was higher than was said. */
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

/** Whether the last word was already that nothing is seen. */
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

/** Something is hit that was not, or harder than it was. */
function worse(now: readonly Hit[], before: readonly Hit[]): boolean {
  return now.some((hit) => RANK[hit.condition] > RANK[before.find(({ component }) => component === hit.component)?.condition ?? 'operational'])
}
