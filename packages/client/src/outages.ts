import { LIMITS, REFUSALS, type Outage } from '@bongsu/protocol'
import type { Api } from './api.ts'
import type { Connection } from './connection.ts'
import type { Clock, Random } from './ports.ts'
import type { StoredOutage } from './stored-outage.ts'

/** Time between two checks of a running outage, and the delay of a check that shows that the program did not run. */
export const lookMs = 1_000
export const lateMs = 3_000
/** How often a running outage is stored: closing the app in the middle of it loses little. */
export const keepEveryMs = 30_000
/**
 * Outages are reported within this multiple of the spread over which devices reconnected, and at least a second: not all at once when many are back.
 */
const tellSpreads = 2
const tellMsMin = 1_000
/** Wait before outages are reported again after the server could not accept them. */
export const tellAgainMs = 60_000

export interface Outages {
  /** The stored outages, and those from before there was a device. */
  load(stored: readonly StoredOutage[]): void
  start(): void
  /** Resolves when everything counted is stored. */
  stop(): Promise<void>
  /** Whether the person looks at the app. A program without a screen always counts as in front. */
  inFront(front: boolean): void
  changed(connection: Connection): void
  /** Deletes all outages. Nothing of them is stored when it resolves. */
  clear(): Promise<void>
}

interface Running {
  /** Created when the break has become an outage. */
  id: string | null
  lastedMs: number
  unsent: number
  keptMs: number
  /** Time of the last check. */
  lookedAt: number
}

/** Counts the times in which this device could not reach its server although it was needed, and reports them to the server later. */
export function createOutages(options: {
  readonly clock: Clock
  readonly random: Random
  readonly http: Pick<Api, 'call'>
  /** Waiting messages in the outbox. */
  readonly unsent: () => number
  /** The server's last spread for reconnecting devices. */
  readonly spreadMs: () => number
  readonly store: (outages: readonly StoredOutage[]) => Promise<void>
}): Outages {
  const { clock, random } = options
  let outages: readonly StoredOutage[] = []
  let started = false
  let front = true
  let state: Connection['state'] = 'offline'
  let running: Running | null = null
  let cancelLook: (() => void) | null = null
  let cancelTell: (() => void) | null = null
  let telling = false
  let storing: Promise<void> = Promise.resolve()

  function keep(next: readonly StoredOutage[]): void {
    outages = next.slice(-LIMITS.outagesPerReportMax)
    const kept = outages
    // One after the other, so that an older list is never written last. An outage that cannot be stored is reported all the same, if the program
    // lives that long.
    storing = storing.then(() => options.store(kept)).catch(() => undefined)
  }

  /** Without a network the server is not at fault, without a token nothing can be done, and live is well. */
  function felt(): boolean {
    return started && front && (state === 'connecting' || state === 'waiting' || state === 'catching-up')
  }

  function follow(): void {
    if (felt() && running === null) begin()
    else if (!felt() && running !== null) end()
    if (state === 'live' && started) return plan(() => Math.floor(random.next() * Math.max(tellMsMin, tellSpreads * options.spreadMs())))
    cancelTell?.()
    cancelTell = null
  }

  function begin(): void {
    running = { id: null, lastedMs: 0, unsent: options.unsent(), keptMs: 0, lookedAt: clock.now() }
    cancelLook?.()
    cancelLook = clock.after(lookMs, look)
  }

  function end(): void {
    if (running !== null) count(running)
    finish()
  }

  function finish(): void {
    cancelLook?.()
    cancelLook = null
    if (running !== null && running.lastedMs > LIMITS.outageMsMin) note(running)
    running = null
  }

  /** @returns false when the program did not run meanwhile, or the clock was set. That time is not counted. */
  function count(mine: Running): boolean {
    const sinceMs = clock.now() - mine.lookedAt
    if (sinceMs < 0 || sinceMs > lookMs + lateMs) return false
    mine.lookedAt += sinceMs
    mine.lastedMs += sinceMs
    mine.unsent = Math.max(mine.unsent, options.unsent())
    return true
  }

  function look(): void {
    if (running === null) return
    if (!count(running)) {
      // The outage ended where the sleep began. Later time is another outage.
      finish()
      return begin()
    }
    const { id, lastedMs, keptMs } = running
    if (lastedMs > LIMITS.outageMsMin && (id === null || lastedMs - keptMs >= keepEveryMs)) note(running)
    cancelLook = clock.after(lookMs, look)
  }

  function note(mine: Running): void {
    const id = (mine.id ??= random.uuid())
    mine.keptMs = mine.lastedMs
    const outage: StoredOutage = {
      id,
      part: 'connection',
      endedAt: mine.lookedAt,
      lastedMs: Math.min(mine.lastedMs, LIMITS.outageMsMax),
      unsent: Math.min(mine.unsent, LIMITS.unsentMax),
    }
    keep([...outages.filter((other) => other.id !== id), outage])
  }

  function plan(afterMs: () => number): void {
    if (outages.length === 0 || telling) return
    cancelTell ??= clock.after(afterMs(), () => {
      cancelTell = null
      void tell()
    })
  }

  async function tell(): Promise<void> {
    const now = clock.now()
    const told = outages
    const reports = told.flatMap((outage) => reportOf(outage, now))
    telling = true
    const answer = reports.length === 0 ? ({ ok: true } as const) : await options.http.call('reportOutages', { body: { outages: reports } })
    telling = false
    // A final refusal would be repeated for ever: the server is older than this program, or the values are impossible.
    const done = answer.ok || (REFUSALS[answer.refusal.code].retry === 'never' && answer.refusal.code !== 'unauthenticated')
    if (done) keep(outages.filter((outage) => !told.some(({ id }) => id === outage.id)))
    if (state === 'live' && started) plan(() => Math.max(tellAgainMs, answer.ok ? 0 : (answer.refusal.retryAfterMs ?? 0)))
  }

  return {
    load(stored) {
      const known = new Set(outages.map(({ id }) => id))
      const fresh = stored.filter(({ id, endedAt }) => !known.has(id) && clock.now() - endedAt <= LIMITS.outageAgoMsMax)
      if (fresh.length > 0) keep([...outages, ...fresh])
    },
    start() {
      started = true
      follow()
    },
    stop() {
      started = false
      follow()
      return storing
    },
    inFront(now) {
      front = now
      follow()
    },
    changed(connection) {
      if (connection.state === state) return
      state = connection.state
      follow()
    },
    clear() {
      finish()
      outages = []
      return storing
    },
  }
}

/** The report for the server: durations, because it is unknown whose clock is right. Outages that are too old are left out. */
function reportOf({ id, part, endedAt, lastedMs, unsent }: StoredOutage, now: number): Outage[] {
  const agoMs = Math.max(0, Math.round(now - endedAt))
  return agoMs > LIMITS.outageAgoMsMax ? [] : [{ id, agoMs, lastedMs: Math.round(lastedMs), part, unsent }]
}
