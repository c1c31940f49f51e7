import assert from 'node:assert/strict'
import { Unavailable } from '../conversation/log-store.ts'

export interface LaneBounds {
  /** Most that is taken in one message. The weight of a job is its number of requests. A heavier job goes alone. */
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
  /** Working time, waiting for the disk included. */
  readonly busyMs: number
  /** Sum of the waits of all jobs before they started. */
  readonly waitedMs: number
  /** Wait of the first waiting job; 0 when none waits. */
  readonly oldestMs: number
  /** How long the only connection has been at work on one message; 0 when it is idle. Left out where there are several, or none. */
  readonly heldMs?: number
}

/** A queue of jobs for one connection to the database. */
export interface Lane<Job> {
  /** Rejects with Unavailable when the job was not done, or may not have been done. */
  ask<Answer>(job: Job, weight: number, chars: number): Promise<Answer>
  stats(): LaneStats
  /** New jobs are refused from now on. Waiting ones will be done. */
  stop(): void
  /** Stops, finishes waiting jobs, then closes the database. */
  close(): Promise<void>
}

export interface Waiting<Job> {
  readonly job: Job
  readonly weight: number
  readonly chars: number
  readonly askedAt: number
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

export const IDLE: LaneStats = { waiting: 0, messages: 0, jobs: 0, turnedAway: 0, failed: 0, busyMs: 0, waitedMs: 0, oldestMs: 0 }

/** The jobs that wait for a lane, in the order asked, up to a bound [O1]. */
export class JobQueue<Job> {
  readonly #name: string
  readonly #bounds: LaneBounds
  #waiting: Waiting<Job>[] = []
  #weight = 0
  #chars = 0
  readonly #counts = { messages: 0, jobs: 0, turnedAway: 0, failed: 0, busyMs: 0, waitedMs: 0 }

  constructor(name: string, bounds: LaneBounds) {
    this.#name = name
    this.#bounds = bounds
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Rejects with Unavailable when the queue is full. */
  put<Answer>(job: Job, weight: number, chars: number): Promise<Answer> {
    assert(weight <= this.#bounds.weightWaitingMax, 'a job fits into the empty queue')
    // An empty queue accepts any job, so that a large one can be done at all.
    if (!this.isEmpty && !this.#hasRoom(weight, chars)) {
      this.#counts.turnedAway++
      return Promise.reject(new Unavailable(`too many requests wait for the ${this.#name}`, { full: true })) // [O1]
    }
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ job, weight, chars, askedAt: performance.now(), resolve, reject })
      this.#weight += weight
      this.#chars += chars
    })
  }

  #hasRoom(weight: number, chars: number): boolean {
    return this.#weight + weight <= this.#bounds.weightWaitingMax && this.#chars + chars <= this.#bounds.charsWaitingMax
  }

  /** Takes the next message: as many jobs as it may hold, and at least one if any waits. */
  take(): readonly Waiting<Job>[] {
    let count = 0
    let weight = 0
    let chars = 0
    for (const next of this.#waiting) {
      if (count > 0 && (weight + next.weight > this.#bounds.weightPerMessageMax || chars + next.chars > this.#bounds.charsPerMessageMax)) break
      count++
      weight += next.weight
      chars += next.chars
    }
    if (count === 0) return []
    const taken = this.#waiting.splice(0, count)
    this.#weight -= weight
    this.#chars -= chars
    this.#counts.messages++
    this.#counts.jobs += count
    const now = performance.now()
    for (const { askedAt } of taken) this.#counts.waitedMs += now - askedAt
    return taken
  }

  /** Takes out the jobs that have waited longer than this, to be rejected. */
  takeOlder(waitedMs: number): readonly Waiting<Job>[] {
    const since = performance.now() - waitedMs
    const count = this.#waiting.findIndex(({ askedAt }) => askedAt >= since)
    const taken = this.#waiting.splice(0, count === -1 ? this.#waiting.length : count)
    for (const { weight, chars } of taken) {
      this.#weight -= weight
      this.#chars -= chars
    }
    return taken
  }

  /** Takes everything out, to be rejected. */
  clear(): readonly Waiting<Job>[] {
    const all = this.#waiting
    this.#waiting = []
    this.#weight = 0
    this.#chars = 0
    return all
  }

  /** A message was done, or failed. */
  done(busyMs: number, failed: boolean): void {
    this.#counts.busyMs += busyMs
    if (failed) this.#counts.failed++
  }

  stats(): LaneStats {
    const [first] = this.#waiting
    return { waiting: this.#weight, oldestMs: first === undefined ? 0 : performance.now() - first.askedAt, ...this.#counts }
  }
}
