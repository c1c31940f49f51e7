import assert from 'node:assert/strict'
import { Worker } from 'node:worker_threads'
import { Unavailable } from '../../conversation/log-store.ts'
import type { Start } from '../../delivery/history-store.ts'
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

export interface LaneBounds {
  /** Most that is sent to the thread in one message. The weight of a job is its number of requests. A heavier job goes alone. */
  readonly weightPerMessageMax: number
  readonly charsPerMessageMax: number
  /** Most that may wait, without the message in flight. Further jobs are refused. */
  readonly weightWaitingMax: number
  readonly charsWaitingMax: number
}

export interface LaneStats {
  /** Weight of the jobs that wait now. */
  readonly waiting: number
  readonly messages: number
  readonly jobs: number
  readonly turnedAway: number
  readonly failed: number
  /** Working time of the thread, waiting for the disk included. */
  readonly busyMs: number
  /** Sum of the waits of all jobs before they started. */
  readonly waitedMs: number
  /** Wait of the first waiting job; 0 when none waits. */
  readonly oldestMs: number
}

interface Waiting {
  readonly job: unknown
  readonly weight: number
  readonly chars: number
  readonly askedAt: number
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

/** A queue of jobs for one connection to the database. */
export interface Lane<Job> {
  /** Rejects with Unavailable when the job was not done. */
  ask<Answer>(job: Job, weight: number, chars: number): Promise<Answer>
  stats(): LaneStats
  /** New jobs are refused from now on. Waiting ones will be done. */
  stop(): void
  /** Stops, finishes waiting jobs, then closes the database and ends the thread. */
  close(): Promise<void>
}

const IDLE: LaneStats = { waiting: 0, messages: 0, jobs: 0, turnedAway: 0, failed: 0, busyMs: 0, waitedMs: 0, oldestMs: 0 }

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
  readonly #bounds: LaneBounds
  readonly #worker: Worker
  readonly #onReply: (reply: ThreadReply) => void
  readonly #onFatal: (error: Error) => void
  readonly #ready = Promise.withResolvers<void>()
  /** Resolves when the thread has released everything it held. */
  readonly #ended = Promise.withResolvers<void>()
  #waiting: Waiting[] = []
  #inFlight: Waiting[] = []
  #weightWaiting = 0
  #charsWaiting = 0
  #state: 'starting' | 'open' | 'stopped' | 'closing' | 'gone' = 'starting'
  #opened = false
  #pumpPlanned = false
  #counts = { messages: 0, jobs: 0, turnedAway: 0, failed: 0, busyMs: 0, waitedMs: 0 }

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
    this.#bounds = bounds
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
    assert(weight <= this.#bounds.weightWaitingMax, 'a job fits into the empty queue')
    if (this.#state !== 'open') return Promise.reject(new Unavailable(`the ${this.#name} is closed`))
    // An empty queue accepts any job, so that a large one can be done at all.
    if (this.#waiting.length > 0 && !this.#hasRoom(weight, chars)) {
      this.#counts.turnedAway++
      return Promise.reject(new Unavailable(`too many requests wait for the ${this.#name}`, { full: true })) // [O1]
    }
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ job, weight, chars, askedAt: performance.now(), resolve, reject })
      this.#weightWaiting += weight
      this.#charsWaiting += chars
      this.#planPump()
    })
  }

  stats(): LaneStats {
    const [first] = this.#waiting
    return { waiting: this.#weightWaiting, oldestMs: first === undefined ? 0 : performance.now() - first.askedAt, ...this.#counts }
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

  #hasRoom(weight: number, chars: number): boolean {
    return this.#weightWaiting + weight <= this.#bounds.weightWaitingMax && this.#charsWaiting + chars <= this.#bounds.charsWaitingMax
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
    if (this.#inFlight.length > 0 || this.#waiting.length === 0 || this.#state === 'gone') return
    let count = 0
    let weight = 0
    let chars = 0
    for (const next of this.#waiting) {
      if (count > 0 && (weight + next.weight > this.#bounds.weightPerMessageMax || chars + next.chars > this.#bounds.charsPerMessageMax)) break
      count++
      weight += next.weight
      chars += next.chars
    }
    this.#inFlight = this.#waiting.splice(0, count)
    this.#weightWaiting -= weight
    this.#charsWaiting -= chars
    this.#counts.messages++
    this.#counts.jobs += count
    const now = performance.now()
    for (const { askedAt } of this.#inFlight) this.#counts.waitedMs += now - askedAt
    this.#post(this.#inFlight.map((waiting) => waiting.job))
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
    this.#counts.busyMs += message.busyMs
    // The next message goes out before the answers are processed, so that the disk is never idle while work waits.
    this.#afterReply()
    this.#onReply(message)
    if (message.t === 'failed') {
      this.#counts.failed++
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
    if (this.#waiting.length === 0 && this.#inFlight.length === 0) this.#post('close')
  }

  #post(message: readonly unknown[] | 'close'): void {
    this.#worker.postMessage(message)
  }

  #died(error: Error): void {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    const lost = [...this.#inFlight, ...this.#waiting]
    this.#inFlight = []
    this.#waiting = []
    this.#weightWaiting = 0
    this.#charsWaiting = 0
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
