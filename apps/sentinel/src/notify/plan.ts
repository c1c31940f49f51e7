import type { Notice } from './notice.ts'

// When a notice is told. Pure. The aim: the beginning and the end at once, everything between in calm steps, and the last state always.

export const PLAN_BOUNDS = {
  /** Between two mails about one incident, besides its beginning and its end. */
  intervalMs: 5 * 60_000,
  /** Mails one person gets without waiting, whatever they are about; one more each interval. What waits goes together in one mail. */
  allowance: 4,
  /** Waiting times before the second, third, … try. With the last one the hour is over. */
  retryMs: [30_000, 150_000, 720_000, 2_700_000],
  /** What could not be told for so long is no news any more. Older notices, met when reading the record again, are not told at all. */
  staleMs: 6 * 3_600_000,
  /** No delivery ever waits longer. One that seems to was planned before the clock was set back, and is due. */
  delayMsMax: 3_600_000,
} as const

/** What is known of one person and one subject. */
export interface ToldBefore {
  /** When they were last told about it; null when never. */
  readonly at: number | null
  /** When they were last told that it is over; null when never. */
  readonly closingAt: number | null
}

/** @returns when to tell it. */
export function dueAt(closing: boolean, before: ToldBefore, now: number): number {
  const { intervalMs } = PLAN_BOUNDS
  const recent = (at: number | null): boolean => at !== null && at <= now && now - at < intervalMs
  if (before.at === null || !recent(before.at)) return now
  // The end is told at once. Only who has just been told of an end is watching something flap.
  return closing && !recent(before.closingAt) ? now : before.at + intervalMs
}

/** @returns when somebody whose allowance is spent until then may be told the next thing (generic cell rate algorithm). */
export function allowedAt(spentUntil: number, now: number): number {
  const { allowance, intervalMs } = PLAN_BOUNDS
  return Math.max(now, sane(spentUntil, now) - (allowance - 1) * intervalMs)
}

export function spend(spentUntil: number, now: number): number {
  return Math.max(sane(spentUntil, now), now) + PLAN_BOUNDS.intervalMs
}

/** More than everything cannot be spent, unless the clock was set back. */
function sane(spentUntil: number, now: number): number {
  return Math.min(spentUntil, now + PLAN_BOUNDS.allowance * PLAN_BOUNDS.intervalMs)
}

/** @returns how long to wait after so many tries; null when that was the last. */
export function retryDelay(tries: number): number | null {
  return PLAN_BOUNDS.retryMs[tries - 1] ?? null
}

/** The incident or maintenance a notice is about. */
export function subjectOf(notice: Notice): string {
  return notice.kind === 'incident' ? `incident:${notice.update.incidentId}` : `maintenance:${notice.update.maintenanceId}`
}

export function isClosing(notice: Notice): boolean {
  return notice.update.status === 'resolved' || notice.update.status === 'completed'
}
