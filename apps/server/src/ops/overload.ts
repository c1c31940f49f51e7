import type { Clock } from './clock.ts'

/**
 * What is given up under overload, first to last [O2]. Taking part in it costs a device nothing that lasts: typing is never stored, unread numbers
 * are sent again, pages and hashes are asked for again, a device that comes back later resumes from the same cursors.
 */
export const SHED_IN_ORDER = ['typing', 'unread', 'history', 'resume'] as const
/** `send` has no level: it is refused only when the store itself is behind by its bound. */
export type Work = (typeof SHED_IN_ORDER)[number] | 'send'

/** Figures of WeChat's DAGOR (Zhou et al., SoCC 2018): a service is overloaded when what it does has waited 20 ms on average over one second. */
export const OVERLOAD_BOUNDS = {
  windowMs: 1_000,
  /** How often the lateness of the event loop is looked at. */
  sampleMs: 50,
  /** Above this a window is overloaded, and one more kind of work is given up. */
  queueingMsHigh: 20,
  /** Below this it is calm, and two kinds are taken up again. Between the two nothing changes. */
  queueingMsLow: 10,
  /** The store's bound in time: when a write has waited this long, new sends are told to come back. */
  storeWaitMsMax: 1_000,
  /** The same, seen beforehand: as many writes may wait as the store did in so much of the last window … */
  storeAheadSeconds: 0.5,
  /** … and always so many, for a window with little to do says nothing of what could be done. */
  storeAheadMin: 500,
  /** When a send is told to come back, at the soonest and at the latest. Between the two, as many in a second as the store does. */
  sendRetryMs: { min: 1_000, max: 5_000 },
} as const

/** What has gone through a queue since the start, and how long what stands at its head has waited. */
export interface QueueStats {
  /** Writes that wait now. */
  readonly waiting: number
  readonly jobs: number
  /** Sum over all those jobs of the time each waited before it was begun. */
  readonly waitedMs: number
  readonly oldestMs: number
}

export interface Overload {
  /** 0 is calm; n gives up the first n of SHED_IN_ORDER. */
  readonly level: number
  /** Average wait in the last full window: the longest of the event loop's and the queues'. */
  readonly queueingMs: number
  sheds(work: Work): boolean
  /** Gives a send that was shed its turn: ms until it should come again. */
  sendRetryMs(): number
  stop(): void
}

/** What those need to know who do the work. */
export type Shedding = Pick<Overload, 'sheds' | 'sendRetryMs'>

/** For those who are never overloaded. */
export const CALM: Shedding = { sheds: () => false, sendRetryMs: () => OVERLOAD_BOUNDS.sendRetryMs.min }

/**
 * Watches how long work waits, in the event loop and in the store's queues, and says what to give up [O1, O2].
 * @param queues the first is the one that sends wait in.
 */
export function watchOverload({ clock, queues }: { readonly clock: Clock; readonly queues: readonly (() => QueueStats)[] }): Overload {
  const bounds = OVERLOAD_BOUNDS
  let level = 0
  let queueingMs = 0
  let late = { sumMs: 0, samples: 0 }
  let windowEnds = clock.monotonic() + bounds.windowMs
  /** Jobs of the first queue in a second of the last window. */
  let sendsPerSecond = 0
  let nextTurn = 0
  let before = queues.map((queue) => queue())
  let cancel = sample()

  function sample(): () => void {
    const due = clock.monotonic() + bounds.sampleMs
    return clock.after(bounds.sampleMs, () => {
      const now = clock.monotonic()
      late = { sumMs: late.sumMs + Math.max(0, now - due), samples: late.samples + 1 }
      if (now >= windowEnds) closeWindow(now)
      cancel = sample()
    })
  }

  function closeWindow(now: number): void {
    const stats = queues.map((queue) => queue())
    const waits = stats.map((queue, index) => {
      const jobs = queue.jobs - (before[index]?.jobs ?? 0)
      const average = jobs === 0 ? 0 : (queue.waitedMs - (before[index]?.waitedMs ?? 0)) / jobs
      // A queue that stands still has no average to show; what waits at its head tells.
      return Math.max(average, queue.oldestMs)
    })
    queueingMs = Math.max(late.sumMs / late.samples, ...waits)
    if (queueingMs > bounds.queueingMsHigh) level = Math.min(SHED_IN_ORDER.length, level + 1)
    else if (queueingMs < bounds.queueingMsLow) level = Math.max(0, level - 2)
    sendsPerSecond = (((stats[0]?.jobs ?? 0) - (before[0]?.jobs ?? 0)) * 1_000) / (now - windowEnds + bounds.windowMs)
    late = { sumMs: 0, samples: 0 }
    before = stats
    windowEnds = now + bounds.windowMs
  }

  /** Looked at for each send, and not once in a window: none is refused on old news. */
  function storeIsFull(): boolean {
    const queue = queues[0]?.()
    if (queue === undefined) return false
    return queue.oldestMs > bounds.storeWaitMsMax || queue.waiting >= Math.max(bounds.storeAheadMin, sendsPerSecond * bounds.storeAheadSeconds)
  }

  return {
    get level() {
      return level
    },
    get queueingMs() {
      return queueingMs
    },
    sheds: (work) => (work === 'send' ? storeIsFull() : SHED_IN_ORDER.indexOf(work) < level),
    sendRetryMs() {
      const now = clock.monotonic()
      const { min, max } = bounds.sendRetryMs
      nextTurn = Math.min(now + max, Math.max(now + min, nextTurn + 1_000 / Math.max(1, sendsPerSecond)))
      return Math.ceil(nextTurn - now)
    },
    stop: () => cancel(),
  }
}
