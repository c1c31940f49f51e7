import { Worker } from 'node:worker_threads'
import { Unavailable } from '../../conversation/log-store.ts'
import type { Start } from '../../delivery/history-store.ts'
import { IDLE, JobQueue, type Lane, type LaneBounds, type LaneStats, type Waiting } from '../../store/job-queue.ts'
import type { Fault } from './sqlite-faults.ts'

/** The thread's answer to one message of jobs. */
export type ThreadReply =
  /**
   * Answers are in the order of the jobs. Failed jobs are listed by position. `wrote`: something reached the disk. `start`: what the writer has written
   * in all; null before its first write.
   */
  | {
      readonly t: 'done'
      readonly answers: readonly unknown[]
      readonly threw: readonly (readonly [number, Fault])[]
      readonly wrote: boolean
      readonly start?: Start | null
    }
  /** Nothing of the message was done. */
  | { readonly t: 'failed'; readonly fault: Fault }

/** A lane that does nothing, for a reason. */
export function shutLane(reason: string): Lane<unknown> {
  return { ask: async () => Promise.reject(new Unavailable(reason)), stats: () => IDLE, stop: () => undefined, close: async () => undefined }
}

/** All messages of a thread. `bug`: the error that ends it. */
export type FromThread = { readonly t: 'ready' } | { readonly t: 'bug'; readonly sentence: string } | (ThreadReply & { readonly busyMs: number })

/**
 * A worker thread that does one message of jobs at a time. Jobs that arrive meanwhile wait and are sent together: for the writer that is group
 * commit, for the reader it saves wake-ups. Answers come in the order of the requests.
 */
export class ThreadLane<Job> implements Lane<Job> {
  readonly #name: string
  readonly #queue: JobQueue<Job>
  readonly #worker: Worker
  readonly #onReply: (reply: ThreadReply) => void
  readonly #onFatal: (error: Error) => void
  readonly #ready = Promise.withResolvers<void>()
  /** Resolves when the thread has released everything it held. */
  readonly #ended = Promise.withResolvers<void>()
  #inFlight: readonly Waiting<Job>[] = []
  #state: 'starting' | 'open' | 'stopped' | 'closing' | 'gone' = 'starting'
  #opened = false
  #pumpPlanned = false

  /** @param onFatal the thread died by a bug; all waiting jobs have been rejected, and no more will be done. */
  constructor(
    name: string,
    script: URL,
    workerData: object,
    bounds: LaneBounds,
    onReply: (reply: ThreadReply) => void,
    onFatal: (error: Error) => void,
  ) {
    this.#name = name
    this.#queue = new JobQueue(name, bounds)
    this.#onReply = onReply
    this.#onFatal = onFatal
    this.#worker = new Worker(script, { name, workerData })
    this.#worker.on('message', (message: FromThread) => this.#heard(message))
    this.#worker.on('error', (error) => this.#died(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', (code) => this.#exited(code))
  }

  /** Resolves when the thread has opened the database. */
  ready(): Promise<void> {
    return this.#ready.promise
  }

  ask<Answer>(job: Job, weight: number, chars: number): Promise<Answer> {
    if (this.#state !== 'open') return Promise.reject(new Unavailable(`the ${this.#name} is closed`))
    const answer = this.#queue.put<Answer>(job, weight, chars)
    this.#planPump()
    return answer
  }

  stats(): LaneStats {
    return this.#queue.stats()
  }

  stop(): void {
    if (this.#state === 'open') this.#state = 'stopped'
  }

  async close(): Promise<void> {
    if (this.#state !== 'closing' && this.#state !== 'gone') {
      this.#state = 'closing'
      this.#closeWhenIdle()
    }
    await this.#ended.promise
  }

  /** Everything that arrives in this turn of the event loop goes out in one message, not the first job alone. */
  #planPump(): void {
    if (this.#pumpPlanned || this.#inFlight.length > 0) return
    this.#pumpPlanned = true
    setImmediate(() => {
      this.#pumpPlanned = false
      this.#pump()
    })
  }

  #pump(): void {
    if (this.#inFlight.length > 0 || this.#state === 'gone') return
    this.#inFlight = this.#queue.take()
    if (this.#inFlight.length > 0) this.#post(this.#inFlight.map((waiting) => waiting.job))
  }

  #heard(message: FromThread): void {
    if (message.t === 'ready') {
      this.#opened = true
      if (this.#state === 'starting') this.#state = 'open'
      this.#ready.resolve()
      return
    }
    if (message.t === 'bug') return this.#died(new Error(message.sentence))
    const answered = this.#inFlight
    this.#inFlight = []
    this.#queue.done(message.busyMs, message.t === 'failed')
    // The next message goes out before the answers are processed, so that the disk is never idle while work waits.
    this.#afterReply()
    this.#onReply(message)
    if (message.t === 'failed') {
      for (const waiting of answered) waiting.reject(asError(message.fault))
      return
    }
    for (const [index, fault] of message.threw) answered[index]?.reject(asError(fault))
    answered.forEach((waiting, index) => waiting.resolve(message.answers[index] as never))
  }

  #afterReply(): void {
    if (this.#state === 'closing') this.#closeWhenIdle()
    this.#pump()
  }

  #closeWhenIdle(): void {
    if (this.#queue.isEmpty && this.#inFlight.length === 0) this.#post('close')
  }

  #post(message: readonly unknown[] | 'close'): void {
    this.#worker.postMessage(message)
  }

  #died(error: Error): void {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    const lost = [...this.#inFlight, ...this.#queue.clear()]
    this.#inFlight = []
    for (const waiting of lost) waiting.reject(new Unavailable(`the ${this.#name} died`, { cause: error }))
    if (this.#opened) this.#onFatal(error)
    else this.#ready.reject(error)
  }

  #exited(code: number): void {
    this.#ended.resolve()
    if (this.#state === 'closing' && code === 0) this.#state = 'gone'
    else this.#died(new Error(`the ${this.#name} ended by itself with code ${code}`))
  }
}

function asError(fault: Fault): Error {
  const cause = Object.assign(new Error(fault.message), { errcode: fault.errcode })
  return fault.operating ? new Unavailable(`the store failed: ${fault.message}`, { cause }) : cause
}
