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
  /** Below this it is calm, and one kind is taken up again. Between the two nothing changes. */
  queueingMsLow: 10,
  /** A write that has waited this long is the store's bound in time: new sends are told to come back. */
  storeWaitMsMax: 1_000,
} as const

/** What has gone through a queue since the start, and how long what stands at its head has waited. */
export interface QueueStats {
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
  stop(): void
}

/** For those who are never overloaded. */
export const CALM: Pick<Overload, 'sheds'> = { sheds: () => false }

/** Watches how long work waits, in the event loop and in the store's queues, and says what to give up [O1, O2]. */
export function watchOverload({ clock, queues }: { readonly clock: Clock; readonly queues: readonly (() => QueueStats)[] }): Overload {
  const bounds = OVERLOAD_BOUNDS
  let level = 0
  let queueingMs = 0
  let late = { sumMs: 0, samples: 0 }
  let windowEnds = clock.monotonic() + bounds.windowMs
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
    else if (queueingMs < bounds.queueingMsLow) level = Math.max(0, level - 1)
    late = { sumMs: 0, samples: 0 }
    before = stats
    windowEnds = now + bounds.windowMs
  }

  return {
    get level() {
      return level
    },
    get queueingMs() {
      return queueingMs
    },
    // The newest queue and not the window's: a send is never given up on old news.
    sheds: (work) => (work === 'send' ? (queues[0]?.().oldestMs ?? 0) > bounds.storeWaitMsMax : SHED_IN_ORDER.indexOf(work) < level),
    stop: () => cancel(),
  }
}
