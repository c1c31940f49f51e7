import { Worker } from 'node:worker_threads'
import type { DaySummary } from '../record/record.ts'

export interface CountJob {
  readonly id: number
  readonly day: string
  readonly timeZone: string
  readonly now: number
}

export type CountReply = { readonly id: number; readonly summaries: readonly (DaySummary | null)[] } | { readonly id: number; readonly fault: string }

/** Counts days in a separate thread. */
export interface DayCounter {
  /** One summary for each component that was observed. Rejects when the record cannot be read. */
  count(day: string, timeZone: string, now: number): Promise<readonly DaySummary[]>
  stop(): Promise<void>
}

export function createDayCounter(directory: string): DayCounter {
  const waiting = new Map<number, { resolve: (found: readonly DaySummary[]) => void; reject: (error: Error) => void }>()
  let worker: Worker | null = null
  let asked = 0

  function start(): Worker {
    const started = new Worker(new URL('./day-thread.ts', import.meta.url), { name: 'days', workerData: { directory } })
    started.on('message', (reply: CountReply) => {
      const one = waiting.get(reply.id)
      waiting.delete(reply.id)
      if ('fault' in reply) one?.reject(new Error(reply.fault))
      else one?.resolve(reply.summaries.filter((summary) => summary !== null))
    })
    started.on('error', (error) => gone(error instanceof Error ? error : new Error(String(error))))
    started.on('exit', () => gone(new Error('The thread that counts days ended.')))
    // The thread alone does not keep the program alive.
    started.unref()
    return started
  }

  /** The next question starts a new thread. */
  function gone(error: Error): void {
    worker = null
    for (const one of waiting.values()) one.reject(error)
    waiting.clear()
  }

  return {
    count(day, timeZone, now) {
      worker ??= start()
      const id = ++asked
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        worker?.postMessage({ id, day, timeZone, now } satisfies CountJob)
      })
    },
    async stop() {
      await worker?.terminate()
    },
  }
}
