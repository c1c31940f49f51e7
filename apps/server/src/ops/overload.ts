import type { Clock } from './clock.ts'

/**
 * Work that is dropped under overload, first to last [O2]. A device loses nothing permanently: typing is never stored, unread numbers are sent again,
 * pages and hashes are asked for again, and a device that comes later resumes from the same cursors.
 */
export const SHED_IN_ORDER = ['typing', 'unread', 'history', 'resume'] as const
/** `send` has no level: it is refused only when the store itself is behind by its bound. */
export type Work = (typeof SHED_IN_ORDER)[number] | 'send'

/** Figures from WeChat's DAGOR (Zhou et al., SoCC 2018): a service is overloaded when its work has waited 20 ms on average over one second. */
export const OVERLOAD_BOUNDS = {
  windowMs: 1_000,
  /** Time between two samples of the event loop's delay. */
  sampleMs: 50,
  /** Above this a window is overloaded, and one more kind of work is dropped. */
  queueingMsHigh: 20,
  /** Below this a window is calm, and two kinds of work resume. Between the bounds nothing changes. */
  queueingMsLow: 10,
  /** The store's bound in time: when a write has waited this long, new sends are told to come back. */
  storeWaitMsMax: 1_000,
  /** The same bound in advance: as many writes may wait as the store did in this part of the last window … */
  storeAheadSeconds: 0.5,
  /** … and always at least this many, because a quiet window says nothing about the store's speed. */
  storeAheadMin: 500,
  /** Shortest and longest wait of a refused send. In between, sends return at the speed of the store. */
  sendRetryMs: { min: 1_000, max: 5_000 },
} as const

/** Totals of a queue since the start, and the wait of its head. */
export interface QueueStats {
  /** Writes that wait now. */
  readonly waiting: number
  readonly jobs: number
  /** Sum of the waits of all these jobs before they started. */
  readonly waitedMs: number
  readonly oldestMs: number
  /** How long the store holds one transaction, which others wait for. */
  readonly heldMs?: number
}

export interface Overload {
  /** 0 is calm; n drops the first n of SHED_IN_ORDER. */
  readonly level: number
  /** Average wait in the last full window: the longest of the event loop and the queues. */
  readonly queueingMs: number
  sheds(work: Work): boolean
  /** How late work is now, in ms: the longest of the event loop at its last sample and the oldest waiting jobs of the queues. */
  lateMs(): number
  /** Gives a refused send its turn: ms until it should come again. */
  sendRetryMs(): number
  stop(): void
}

/** The part of the overload watch needed by the places that do the work. */
export type Shedding = Pick<Overload, 'sheds' | 'lateMs' | 'sendRetryMs'>

/** For places that are never overloaded. */
export const CALM: Shedding = { sheds: () => false, lateMs: () => 0, sendRetryMs: () => OVERLOAD_BOUNDS.sendRetryMs.min }

/**
 * Measures how long work waits, in the event loop and in the store's queues, and decides what to drop [O1, O2].
 * @param queues the first is the queue of sends.
 */
export function watchOverload({ clock, queues }: { readonly clock: Clock; readonly queues: readonly (() => QueueStats)[] }): Overload {
  const bounds = OVERLOAD_BOUNDS
  let level = 0
  let queueingMs = 0
  let late = { sumMs: 0, samples: 0 }
  let sampleLateMs = 0
  let windowEnds = clock.monotonic() + bounds.windowMs
  /** Jobs of the first queue in one second of the last window. */
  let sendsPerSecond = 0
  let nextTurn = 0
  let before = queues.map((queue) => queue())
  let cancel = sample()

  function sample(): () => void {
    const due = clock.monotonic() + bounds.sampleMs
    return clock.after(bounds.sampleMs, () => {
      const now = clock.monotonic()
      sampleLateMs = Math.max(0, now - due)
      late = { sumMs: late.sumMs + sampleLateMs, samples: late.samples + 1 }
      if (now >= windowEnds) closeWindow(now)
      cancel = sample()
    })
  }

  function closeWindow(now: number): void {
    const stats = queues.map((queue) => queue())
    const waits = stats.map((queue, index) => {
      const jobs = queue.jobs - (before[index]?.jobs ?? 0)
      const average = jobs === 0 ? 0 : (queue.waitedMs - (before[index]?.waitedMs ?? 0)) / jobs
      // A blocked queue has no average. The wait of its head shows the blockage.
      return Math.max(average, oldestIn(queue))
    })
    queueingMs = Math.max(late.sumMs / late.samples, ...waits)
    if (queueingMs > bounds.queueingMsHigh) level = Math.min(SHED_IN_ORDER.length, level + 1)
    else if (queueingMs < bounds.queueingMsLow) level = Math.max(0, level - 2)
    sendsPerSecond = (((stats[0]?.jobs ?? 0) - (before[0]?.jobs ?? 0)) * 1_000) / (now - windowEnds + bounds.windowMs)
    late = { sumMs: 0, samples: 0 }
    before = stats
    windowEnds = now + bounds.windowMs
  }

  /** Checked for each send, not once a window: no send is refused because of old values. */
  function storeIsFull(): boolean {
    const queue = queues[0]?.()
    if (queue === undefined) return false
    return oldestIn(queue) > bounds.storeWaitMsMax || queue.waiting >= Math.max(bounds.storeAheadMin, sendsPerSecond * bounds.storeAheadSeconds)
  }

  return {
    get level() {
      return level
    },
    get queueingMs() {
      return queueingMs
    },
    sheds: (work) => (work === 'send' ? storeIsFull() : SHED_IN_ORDER.indexOf(work) < level),
    lateMs: () => Math.max(sampleLateMs, ...queues.map((queue) => oldestIn(queue()))),
    sendRetryMs() {
      const now = clock.monotonic()
      const { min, max } = bounds.sendRetryMs
      nextTurn = Math.min(now + max, Math.max(now + min, nextTurn + 1_000 / Math.max(1, sendsPerSecond)))
      return Math.ceil(nextTurn - now)
    },
    stop: () => cancel(),
  }
}

/**
 * Wait of the head of a queue because of load. A transaction that is held, as by a standby that is away, is none: others are served as soon as it goes on,
 * and coming again would take them longer [O13].
 */
function oldestIn({ oldestMs, heldMs = 0 }: QueueStats): number {
  return heldMs > OVERLOAD_BOUNDS.storeWaitMsMax ? 0 : oldestMs
}
