import { idOf } from '../acts/desk.ts'
import type { Notice } from './notice.ts'

// When a notice is told. Pure. The aim: start and end at once, everything between at a calm pace, and the last state always.

export const PLAN_BOUNDS = {
  /** Time between two mails about one incident, apart from its start and end. */
  intervalMs: 5 * 60_000,
  /** Mails that one person gets without waiting, on any subject; one more each interval. Waiting notices share one mail. */
  allowance: 4,
  /** Waits before the second, third, … try. With the last one an hour has passed. */
  retryMs: [30_000, 150_000, 720_000, 2_700_000],
  /** A delivery that failed for this long is no news any more. Older notices found in the record are not told at all. */
  staleMs: 6 * 3_600_000,
  /** No delivery ever waits longer. One that seems to was planned before the clock was set back, and is due. */
  delayMsMax: 3_600_000,
} as const

/** What was told to one person about one subject. */
export interface ToldBefore {
  /** When they were last told about it; null when never. */
  readonly at: number | null
  /** When they were last told that it is over; null when never. */
  readonly closingAt: number | null
}

export function dueAt(closing: boolean, before: ToldBefore, now: number): number {
  const { intervalMs } = PLAN_BOUNDS
  const recent = (at: number | null): boolean => at !== null && at <= now && now - at < intervalMs
  if (before.at === null || !recent(before.at)) return now
  // The end is told at once, except to a person who was just told of an end: the service is flapping.
  return closing && !recent(before.closingAt) ? now : before.at + intervalMs
}

/** @returns when a person whose allowance is spent until then may be told the next thing (generic cell rate algorithm). */
export function allowedAt(spentUntil: number, now: number): number {
  const { allowance, intervalMs } = PLAN_BOUNDS
  return Math.max(now, sane(spentUntil, now) - (allowance - 1) * intervalMs)
}

export function spend(spentUntil: number, now: number): number {
  return Math.max(sane(spentUntil, now), now) + PLAN_BOUNDS.intervalMs
}

/** Limits the spent allowance to its maximum, which is exceeded only when the clock was set back. */
function sane(spentUntil: number, now: number): number {
  return Math.min(spentUntil, now + PLAN_BOUNDS.allowance * PLAN_BOUNDS.intervalMs)
}

/** @returns the wait after this many tries; null after the last. */
export function retryDelay(tries: number): number | null {
  return PLAN_BOUNDS.retryMs[tries - 1] ?? null
}

/** The incident or maintenance of a notice. */
export function subjectOf(notice: Notice): string {
  return `${notice.kind}:${idOf(notice.update)}`
}

export function isClosing(notice: Notice): boolean {
  return notice.update.status === 'resolved' || notice.update.status === 'completed'
}
