import { Worker } from 'node:worker_threads'
import type { DaySummary } from '../record/record.ts'

export interface CountJob {
  readonly day: string
  readonly timeZone: string
  readonly now: number
}

export type DayCounter = ReturnType<typeof createDayCounter>

/** Counts days in a separate thread, one at a time. @param thread source of the thread. */
export function createDayCounter(directory: string, thread = new URL('./day-thread.ts', import.meta.url)) {
  type Counted = readonly (DaySummary | null)[]
  let worker: Worker | null = null
  let asked = Promise.withResolvers<Counted>()

  function start(): Worker {
    const started = new Worker(thread, { name: 'days', workerData: { directory } })
    // The next question starts a new thread. An error may also come while nothing is asked.
    const ended = (cause: unknown): void => {
      if (worker !== started) return
      worker = null
      asked.reject(cause)
    }
    started.on('message', (counted: Counted) => asked.resolve(counted))
    started.on('error', ended)
    started.on('exit', (code) => ended(new Error(`The thread that counts days ended with code ${code}.`)))
    return started
  }

  return {
    /** One summary for each component that was observed. Rejects when the record cannot be read. */
    async count(job: CountJob): Promise<readonly DaySummary[]> {
      worker ??= start()
      // The thread alone does not keep the program alive.
      worker.unref()
      asked = Promise.withResolvers()
      worker.postMessage(job)
      return (await asked.promise).filter((summary) => summary !== null)
    },
    async stop(): Promise<void> {
      const ending = worker
      worker = null
      await ending?.terminate()
    },
  }
}
