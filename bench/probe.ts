import { watchLoopDelay } from './loop-delay.ts'

// Loaded before a server that is measured, into its process. It does nothing until it is asked, over the channel to the bench.

export interface Reading {
  /** User and system time of all threads of the process, in µs. */
  readonly cpuMicros: number
  /** The same of the thread of the event loop alone: without the threads of the store and of the garbage collector. */
  readonly loopCpuMicros: number
  /** 99th percentile of how late the event loop was, since the reading before. */
  readonly loopDelayP99Ms: number
  readonly rssBytes: number
  /** Objects of JavaScript in use, and memory outside its heap that they hold. */
  readonly heapBytes: number
}

const delay = watchLoopDelay()

function read(): Reading {
  const { user, system } = process.cpuUsage()
  const loop = process.threadCpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    cpuMicros: user + system,
    loopCpuMicros: loop.user + loop.system,
    loopDelayP99Ms: delay.takeP99Ms(),
    rssBytes: rss,
    heapBytes: heapUsed + external,
  }
}

process.on('message', (asked: { readonly n: number; readonly collect: boolean }) => {
  if (asked.collect) {
    if (globalThis.gc === undefined) throw new Error('The process that is measured was started without --expose-gc.')
    // Twice: what the first finds to be garbage may have held memory outside the heap until then.
    globalThis.gc()
    globalThis.gc()
  }
  process.send?.({ n: asked.n, reading: read() })
})
// The bench is gone: so is the reason to be.
process.on('disconnect', () => process.exit(0))
