import type { Clock } from './clock.ts'

export const SERVER_TIME_BOUNDS = {
  /** A clock that shows more than this before the known time is in doubt. */
  behindMsMax: 300_000,
  /** A server may have been off for this long. A clock that shows more than this after the known time is in doubt. */
  aheadMsMax: 30 * 86_400_000,
  /** Accounts whose devices together are believed about the time, and the most that are remembered, newest first. */
  witnessesMin: 3,
  witnessesMax: 20,
  /** Devices whose median is nearer than this to the clock confirm it. */
  confirmMs: 3_600_000,
  /** Devices whose median is further than this from the clock contradict it. Messages written offline are older. */
  contradictMs: 86_400_000,
} as const

/** What is known about the clock of this machine. */
export interface ClockState {
  /** The clock minus the known time, when that difference is no ordinary one; else 0. */
  readonly offMs: number
  /** The devices' time minus the clock, when devices contradict the clock; else 0. */
  readonly devicesMs: number
}

/**
 * The time that decides whether a token has expired. A machine's clock may be wrong after a restart or be set wrongly; believing it would sign everybody
 * out for good [O8]. The known time follows the clock through ordinary steps, and else only the time that really passes.
 */
export interface ServerTime {
  /** A token that ends after this has not expired. */
  forExpiry(): number
  /** New tokens begin at this time. */
  forIssue(): number
  /** An entry arrived. Its id contains the device's time, when it is a UUID of version 7. */
  heard(accountId: string, id: string): void
  state(): ClockState
}

/** @param lastKnown the known time of the last run, epoch ms; null for the first run. */
export function createServerTime(clock: Pick<Clock, 'now' | 'monotonic'>, lastKnown: number | null): ServerTime {
  let known = lastKnown ?? clock.now()
  let at = clock.monotonic()
  let offMs = 0
  /** The devices' time minus the clock, by account, newest last. */
  const witnesses = new Map<string, number>()

  function look(): void {
    const now = clock.now()
    const monotonic = clock.monotonic()
    known += monotonic - at
    at = monotonic
    offMs = now - known
    const median = medianOf(witnesses)
    const ordinary = offMs >= -SERVER_TIME_BOUNDS.behindMsMax && offMs <= SERVER_TIME_BOUNDS.aheadMsMax
    if (!ordinary && (median === null || Math.abs(median) > SERVER_TIME_BOUNDS.confirmMs)) return
    known = now
    offMs = 0
  }

  return {
    forExpiry() {
      look()
      return Math.min(known, clock.now())
    },
    forIssue() {
      look()
      return known
    },
    heard(accountId, id) {
      if (id[14] !== '7') return
      witnesses.delete(accountId)
      witnesses.set(accountId, Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) - clock.now())
      const [oldest] = witnesses.keys()
      if (witnesses.size > SERVER_TIME_BOUNDS.witnessesMax && oldest !== undefined) witnesses.delete(oldest)
    },
    state() {
      look()
      const median = medianOf(witnesses) ?? 0
      return { offMs, devicesMs: Math.abs(median) > SERVER_TIME_BOUNDS.contradictMs ? median : 0 }
    },
  }
}

function medianOf(witnesses: ReadonlyMap<string, number>): number | null {
  if (witnesses.size < SERVER_TIME_BOUNDS.witnessesMin) return null
  return [...witnesses.values()].toSorted((one, other) => one - other)[witnesses.size >> 1] ?? null
}
