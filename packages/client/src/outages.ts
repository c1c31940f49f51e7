import { LIMITS, REFUSALS, type Outage } from '@bongsu/protocol'
import type { Api } from './api.ts'
import type { Connection } from './connection.ts'
import type { Clock, Random } from './ports.ts'
import type { StoredOutage } from './stored-outage.ts'

/** How often a running outage is looked at, and by how much a look must be late to say that the program did not run. */
export const lookMs = 1_000
export const lateMs = 3_000
/** A running outage is stored when it is one, and then so often: whoever closes the app in the middle of it has told nearly all. */
export const keepEveryMs = 30_000
/** Outages are told within so much of the time over which devices came back, at least a second: not all at once when many are back. */
const tellSpreads = 2
const tellMsMin = 1_000
/** When they are told again after the server could not take them. */
export const tellAgainMs = 60_000

export interface Outages {
  /** What was stored, and what could not be done before there was a device. */
  load(stored: readonly StoredOutage[]): void
  start(): void
  /** Resolves when what it has counted is stored. */
  stop(): Promise<void>
  /** The person looks at the app, or does not. A program without a screen is always looked at. */
  inFront(front: boolean): void
  changed(connection: Connection): void
  /** Forgets them all; nothing of them is stored any more when it resolves. */
  clear(): Promise<void>
}

interface Running {
  /** Made when it has become an outage. */
  id: string | null
  lastedMs: number
  unsent: number
  keptMs: number
  /** When it was last looked at. */
  lookedAt: number
}

/** Counts the times in which this device could not reach its server though it was wanted, and tells the server when it can. */
export function createOutages(options: {
  readonly clock: Clock
  readonly random: Random
  readonly http: Pick<Api, 'call'>
  /** Messages in the outbox that wait. */
  readonly unsent: () => number
  /** Over how long devices are to come back, as the server last said. */
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
    // One after the other, so that an older list never comes last. What cannot be stored is told all the same, if the program lives so long.
    storing = storing.then(() => options.store(kept)).catch(() => undefined)
  }

  /** Without a network nobody is to blame, without a token nothing can be done, and live is well. */
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

  /** @returns false when the program did not run meanwhile, or the clock was set: then that time is counted for nothing. */
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
      // It ended where the sleep began; what comes after it is another.
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
    // Refused for good they would be refused for ever: by a server that is older than this program, or because they cannot be.
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

/** As the server is told: in durations, because whose clock is right is not known. Nothing of what is too long ago to be told. */
function reportOf({ id, part, endedAt, lastedMs, unsent }: StoredOutage, now: number): Outage[] {
  const agoMs = Math.max(0, Math.round(now - endedAt))
  return agoMs > LIMITS.outageAgoMsMax ? [] : [{ id, agoMs, lastedMs: Math.round(lastedMs), part, unsent }]
}
