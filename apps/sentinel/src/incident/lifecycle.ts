import { pinsIn } from './pins.ts'
import type { Judgement } from '../judge/judgement.ts'
import { disagree } from '../judge/share.ts'
import { COMPONENTS, type Component } from '../vocabulary/observation.ts'
import {
  IMPACTS,
  RANK,
  type Basis,
  type Hit,
  type Impact,
  type Incident,
  type IncidentUpdate,
  type Share,
  type Span,
} from '../vocabulary/incident.ts'
import {
  againBody,
  blindBody,
  changedBody,
  correctionTexts,
  keptBody,
  openingBody,
  resolvedBody,
  shareBody,
  stillBody,
  titleOf,
  waitingBody,
  type NoticeParts,
  type Suspicion,
} from './templates.ts'
import { isOpen, NEXT_UPDATE_MS, nextUpdate, openIncident, type Change } from './updates.ts'

export const LIFECYCLE_BOUNDS = {
  /** Shorter trouble is visible on the page while it lasts and is no incident: a restarted process, a moved cable. */
  lastsMs: 6_000,
  /** A component that fails again this soon after the end was not repaired: the same incident continues. */
  againMs: 10 * 60_000,
  /** How long before its promised time the next update is published. */
  aheadMs: 30_000,
  /** A published share that turns out wrong by `shareOff` is published anew, at most once in `shareMs`. */
  shareOff: 0.02,
  shareMs: 10_000,
  /** Least time between two updates about changes. The first change is published at once. */
  changeMs: 30_000,
  /** A component that was not observed for this long keeps no incident open while the others are well. */
  unseenMs: 15 * 60_000,
} as const

/** The estimates of some spans of trouble, and the entries they were computed from. */
export interface Measured {
  readonly share: Share | null
  readonly beside: Share | null
  readonly basis: Basis | null
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
  /** Estimates for some spans, where the evidence gives any. Called only when something is said. */
  readonly measure: (hits: readonly Hit[], spans: readonly Span[]) => Measured
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
 * what a person holds open, because it may concern something that is not measured.
 */
export function react(situation: Situation): IncidentUpdate | null {
  const { judgements, incidents, now } = situation
  const hits = hitsOf(judgements, situation.underMaintenance)
  const open = incidents.find((incident) => isOpen(incident) && isAutomatic(incident))
  const word = open === undefined ? (hits.length === 0 ? null : begin(situation, hits)) : goOn(situation, open, hits)
  if (word !== null) return word
  // Of what a person holds open, only the promised time of the next update is known here.
  const kept = incidents.find((incident) => isOpen(incident) && isHeld(incident) && isDue(incident, now))
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
  const partsOf = (said: readonly Hit[], { share, beside }: Pick<Measured, 'share' | 'beside'>): NoticeParts => ({
    ...noticeParts(situation, said),
    share,
    beside,
    spans: open.spans,
    detectedAt: open.detectedAt ?? now,
  })
  if (hits.length === 0) {
    const unseen = judgements.filter(isUnseen)
    if (unseen.length === judgements.length) {
      // A person may have lifted all hits.
      const hit = open.updates.findLast((update) => update.hits.length > 0)?.hits ?? []
      const blind = { body: blindBody(partsOf(open.hits, open)), hits: hit.map((each) => ({ ...each, condition: 'unknown' }) as const) }
      return due || !saysBlind(open) ? say(open, blind, now) : null
    }
    // What fails and is no hit is under announced maintenance.
    const planned = judgements.filter(({ condition }) => RANK[condition] > 0)
    if (planned.length === 0 && unseen.every(({ since }) => now - since >= LIFECYCLE_BOUNDS.unseenMs))
      return !isHeld(open) && situation.mayEnd(open, endOf(situation, open)) ? end(situation, open) : null
    const waits = { planned: planned.map(({ component }) => component), unseen: unseen.map(({ component }) => component) }
    return due ? say(open, { body: waitingBody({ ...partsOf(open.hits, open), ...waits }) }, now) : null
  }
  // A share is of the hits that are said with it, so that it can be computed again [S6].
  const measure = (said: readonly Hit[]): Measured => keep(open, situation.measure(said, open.spans), said)
  const changed = !sameHits(hits, open.hits)
  // An improvement is announced only when it lasts: a recovering service looks better every few seconds.
  const stays = judgements.every(({ since }) => now - since >= LIFECYCLE_BOUNDS.changeMs)
  if (changed && (due || worse(hits, open.hits) || (stays && now - last.at >= LIFECYCLE_BOUNDS.changeMs))) {
    const measured = measure(hits)
    const changes = { title: titleOf(hits), impact: impactOf(hits) }
    return say(open, { ...changes, ...measured, hits, body: changedBody(partsOf(hits, measured)) }, now)
  }
  if (due) {
    const measured = measure(open.hits)
    return say(open, { ...measured, body: stillBody(partsOf(open.hits, measured)) }, now)
  }
  if (now - last.at < LIFECYCLE_BOUNDS.shareMs || !situation.mayMeasure || !mayCount(open.hits)) return null
  const measured = measure(open.hits)
  if (!isNews(open, measured)) return null
  // Whoever was told the first figure is told the better one.
  const wrong = open.share !== null && measured.share !== null && isWrong(open.share, measured.share)
  const correction = wrong ? correctionTexts(open.share, measured.share).earlier : null
  return say(open, { ...measured, body: shareBody(partsOf(open.hits, measured)), correction }, now)
}

function isDue({ nextUpdateAt }: Incident, now: number): boolean {
  return nextUpdateAt !== null && now >= nextUpdateAt - LIFECYCLE_BOUNDS.aheadMs
}

/** Failing components, and how badly they are hit. */
export function hitsOf(judgements: readonly Judgement[], underMaintenance: ReadonlySet<string>): readonly Hit[] {
  return judgements
    .filter(({ component, condition }) => RANK[condition] > 0 && !underMaintenance.has(component))
    .map(({ component, condition, profiles, trouble }) => ({ component, condition, profiles, ...(trouble === null ? {} : { trouble }) }))
}

function begin(situation: Situation, hits: readonly Hit[]): IncidentUpdate | null {
  const { now, incidents } = situation
  const failing = situation.judgements.filter(({ component }) => hits.some((hit) => hit.component === component))
  const startedAt = Math.min(now, ...failing.map((each) => each.startedAt ?? each.since))
  if (now - startedAt < LIFECYCLE_BOUNDS.lastsMs) return null
  const latest = incidents.find(isAutomatic)
  const returned = latest !== undefined && latest.endedAt !== null && startedAt - latest.endedAt < LIFECYCLE_BOUNDS.againMs
  const spans = [...(returned ? latest.spans : []), { from: startedAt, to: null }]
  const measured = situation.measure(hits, spans)
  const parts = { ...noticeParts(situation, hits), ...measured, spans: spans.slice(-1), detectedAt: now }
  const said = { title: titleOf(hits), hits, impact: impactOf(hits) }
  if (returned) return say(latest, { status: 'investigating', ...said, spans, body: againBody(parts), ...keep(latest, measured, hits) }, now)
  const opening = { id: situation.newId(), ...said, body: openingBody(parts), startedAt, detectedAt: now, ...measured }
  return openIncident(opening, { kind: 'auto' }, now)
}

/** The component whose share is published for an incident: the most important one affected. */
export function mainComponent(hits: readonly Hit[]): Component {
  return COMPONENTS.find((component) => hits.some((hit) => hit.component === component)) ?? 'messaging'
}

/** What was known before is not forgotten when nothing is known now, unless it was about another component. */
function keep({ share, beside, hits: before }: Incident, measured: Measured, hits: readonly Hit[]): Measured {
  const isOfThese = share?.source === 'person' || mainComponent(before) === mainComponent(hits)
  return measured.share === null && isOfThese ? { share, beside, basis: null } : measured
}

/** The end that the evidence shows. Of what is not observed any more, the last that is known is when it was lost from sight. */
function endOf({ now, endedAt, judgements }: Situation, { spans, startedAt, hits }: Incident): number {
  const lost = judgements.filter((each) => isUnseen(each) && hits.some(({ component }) => component === each.component)).map(({ since }) => since)
  const known = endedAt === null ? lost : [endedAt, ...lost]
  return Math.min(now, Math.max(spans.at(-1)?.from ?? startedAt, ...(known.length === 0 ? [now] : known)))
}

function end(situation: Situation, open: Incident): IncidentUpdate {
  const { now, contact, timeZone } = situation
  const endedAt = endOf(situation, open)
  const spans = closedAt(open.spans, endedAt)
  const measured = keep(open, situation.measure(open.hits, spans), open.hits)
  const unseen = situation.judgements.filter(isUnseen).map(({ component }) => component)
  // All that was said to be hit counts, not only what was hit last.
  const hits = open.updates.flatMap((update) => update.hits)
  const body = resolvedBody({ ...measured, hits, unseen, spans, saidAt: now, contact, timeZone })
  // While it lasts, the impact is the present one. In the end it is the worst, since a person spoke about it last.
  const spokenAt = open.updates.findLastIndex(({ by }) => by.kind === 'person')
  const told = open.updates.slice(Math.max(0, spokenAt))
  const impact = told.map((update) => update.impact).reduce(maxImpact)
  return say(open, { status: 'resolved', impact, endedAt, spans, body, ...measured }, now)
}

/** The spans of an incident that ended at this time. */
export function closedAt(spans: readonly Span[], endedAt: number): readonly Span[] {
  return spans.map((span) => ({ ...span, to: span.to ?? endedAt }))
}

function say(incident: Incident, change: Change, now: number): IncidentUpdate {
  return nextUpdate(incident, { nextUpdateAt: now + NEXT_UPDATE_MS, ...change }, { kind: 'auto' }, now)
}

function noticeParts({ now, suspicion, contact, timeZone, judgements }: Situation, hits: readonly Hit[]) {
  const well = judgements.filter(isWell).map(({ component }) => component)
  return { hits, well, suspicion, saidAt: now, contact, timeZone }
}

/** Whether these hits have a share: what comes late or slowly, and what cannot be reached from here, have none. */
export function mayCount(hits: readonly Hit[]): boolean {
  return hits.some(({ trouble }) => trouble !== 'slow' && trouble !== 'late' && trouble !== 'from-here') // [seam: may-count]
}

/** Whether an estimate says something that the published one does not. */
function isNews({ share: said, beside: saidBeside }: Incident, { share, beside }: Measured): boolean {
  if (share === null || said?.source === 'person') return false
  if (said === null || said.kind !== share.kind || (saidBeside === null && beside !== null)) return true
  const halved = share.high - share.low <= (said.high - said.low) / 2
  return Math.abs(share.value - said.value) > LIFECYCLE_BOUNDS.shareOff && (halved || isWrong(said, share))
}

/** Whether the newer estimate rules the earlier one out. */
function isWrong(said: Share, share: Share): boolean {
  return disagree({ ...said, low: said.value, high: said.value }, share)
}

export function isAutomatic(incident: Incident): boolean {
  return incident.updates[0]?.by.kind === 'auto'
}

/** Whether only a person ends it: a person opened it, or a state that a person set stands [S14]. */
function isHeld(incident: Incident): boolean {
  return !isAutomatic(incident) || pinsIn(incident.updates).length > 0
}

function isWell({ condition }: Judgement): boolean {
  return RANK[condition] === 0 && condition !== 'unknown'
}

function isUnseen({ condition }: Judgement): boolean {
  return condition === 'unknown'
}

/** Whether the sentinel's last statement already says that nothing can be observed. What a person said since then makes it no news. */
function saysBlind({ updates }: Incident): boolean {
  const hits = updates.findLast(({ by }) => by.kind === 'auto')?.hits ?? []
  return hits.length > 0 && hits.every(({ condition }) => condition === 'unknown')
}

/** The impact of the worst hit. Where nobody is known to fail it is minor. */
export function impactOf(hits: readonly Hit[]): Impact {
  return IMPACTS[Math.max(0, ...hits.map((hit) => (isFailing(hit) ? RANK[hit.condition] : Math.min(1, RANK[hit.condition]))))] as Impact // [seam: impact]
}

function isFailing({ trouble }: Hit): boolean {
  return trouble === undefined || trouble === 'failing'
}

export function maxImpact(one: Impact, other: Impact): Impact {
  return IMPACTS.indexOf(one) > IMPACTS.indexOf(other) ? one : other
}

function sameHits(one: readonly Hit[], other: readonly Hit[]): boolean {
  const text = (hits: readonly Hit[]): string =>
    hits
      .map(({ component, condition, profiles, trouble }) => `${component} ${condition} ${trouble ?? ''} ${profiles.toSorted().join()}`)
      .toSorted()
      .join(';')
  return text(one) === text(other)
}

/** Whether something new is hit, something is hit harder, or something fails that did not. */
function worse(now: readonly Hit[], before: readonly Hit[]): boolean {
  return now.some((hit) => {
    const was = before.find(({ component }) => component === hit.component)
    return was === undefined || RANK[hit.condition] > RANK[was.condition] || (isFailing(hit) && !isFailing(was))
  })
}
