import { setTimeout as sleep } from 'node:timers/promises'
import { Unavailable } from '../../conversation/log-store.ts'
import { JobQueue, type Lane, type LaneBounds, type LaneStats } from '../../store/job-queue.ts'
import { POSTGRES_BOUNDS } from './bounds.ts'
import type { Connection } from './connection.ts'
import { DatabaseFault, isOperating, toCaller } from './postgres-faults.ts'

/** What a lane does with one message of jobs, on a connection of its own. */
export type Work<Job> = (jobs: readonly Job[]) => Promise<readonly PromiseSettledResult<unknown>[]>

export interface LaneParts<Job> {
  readonly name: string
  readonly bounds: LaneBounds
  /** Number of connections. Each does one message at a time. */
  readonly connections: number
  /** Most connections at work on jobs that may wait for all others; none when left out. */
  readonly patientMax?: number
  /** After this long such a job waits for no other any more. */
  readonly patientMsMax?: number
  /** Jobs that have not begun after this time are refused. Left out: they wait as long as it takes. */
  readonly waitMsMax?: number
  readonly open: () => Promise<Connection>
  /** Called once for each connection. */
  readonly begin: (connection: Connection) => Work<Job>
  readonly done: () => void
  /** The database failed, or cannot be reached. */
  readonly failed: (fault: string) => void
  /** An error that no retry mends. The jobs of its message have been rejected. */
  readonly onBug: (error: Error) => void
}

/** One connection, when it is there. */
interface Slot<Job> {
  /** It is at work on jobs that may wait. */
  patient: boolean
  connection: Connection | null
  work: Work<Job> | null
  busy: boolean
  /** When the message in flight began. */
  since: number
  failure: { readonly at: number; readonly error: Error } | null
}

/**
 * A queue of jobs in front of a few connections to the database. Jobs that arrive while all are busy wait and are done together: for the writer that is
 * group commit. A lost connection is opened again when there is something to do.
 */
export class ConnectionLane<Job> implements Lane<Job> {
  readonly #parts: LaneParts<Job>
  readonly #queue: JobQueue<Job>
  /** Jobs that begin only when no other waits [O2]. */
  readonly #patient: JobQueue<Job>
  readonly #slots: readonly Slot<Job>[]
  #state: 'open' | 'stopped' | 'closed' = 'open'
  #pumpPlanned = false

  constructor(parts: LaneParts<Job>) {
    this.#parts = parts
    this.#queue = new JobQueue(parts.name, parts.bounds)
    this.#patient = new JobQueue(parts.name, parts.bounds)
    this.#slots = Array.from({ length: parts.connections }, () => ({
      patient: false,
      connection: null,
      work: null,
      busy: false,
      since: 0,
      failure: null,
    }))
  }

  ask<Answer>(job: Job, weight: number, chars: number): Promise<Answer> {
    return this.#put(this.#queue, job, weight, chars)
  }

  /** The job begins when no other waits, on the connections that are left for such jobs. */
  askPatiently<Answer>(job: Job, weight: number, chars: number): Promise<Answer> {
    return this.#put(this.#patient, job, weight, chars)
  }

  #put<Answer>(queue: JobQueue<Job>, job: Job, weight: number, chars: number): Promise<Answer> {
    if (this.#state !== 'open') return Promise.reject(new Unavailable(`the ${this.#parts.name} is closed`))
    const answer = queue.put<Answer>(job, weight, chars)
    this.#planPump()
    return answer
  }

  stats(): LaneStats {
    const [only, another] = this.#slots
    if (only === undefined || another !== undefined) return together(this.#queue.stats(), this.#patient.stats())
    return { ...this.#queue.stats(), heldMs: only.busy && isOpen(only) ? performance.now() - only.since : 0 }
  }

  stop(): void {
    if (this.#state === 'open') this.#state = 'stopped'
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    while (!this.#queue.isEmpty || !this.#patient.isEmpty || this.#slots.some(({ busy }) => busy)) await sleep(2)
    await Promise.all(this.#slots.map(async ({ connection }) => connection?.close()))
  }

  /** Opens the first connection; the others are opened when they are needed. */
  async ready(): Promise<void> {
    const [first] = this.#slots
    if (first !== undefined) await this.#workOf(first)
  }

  /** The connection whose message takes longer than this, and since when, in ms. */
  slow(ms: number): { readonly connection: Connection; readonly forMs: number } | null {
    const now = performance.now()
    const slot = this.#slots.find(({ busy, since, connection }) => busy && connection !== null && now - since > ms)
    return slot?.connection ? { connection: slot.connection, forMs: now - slot.since } : null
  }

  /** Everything that arrives in this turn of the event loop goes out in one message, not the first job alone. */
  #planPump(): void {
    if (this.#pumpPlanned || !this.#slots.some(({ busy }) => !busy)) return
    this.#pumpPlanned = true
    setImmediate(() => {
      this.#pumpPlanned = false
      this.#pump()
    })
  }

  /** Refuses the jobs that have waited too long. */
  refuseLate(): void {
    const { name, waitMsMax } = this.#parts
    if (waitMsMax === undefined) return
    for (const { reject } of this.#queue.takeOlder(waitMsMax)) reject(new Unavailable(`the request waited too long for the ${name}`))
  }

  #pump(): void {
    this.refuseLate()
    for (const slot of this.#slots) {
      if (slot.busy) continue
      const queue = this.#next()
      if (queue === null) return
      if (!isOpen(slot) && this.#slots.some(isOpen)) {
        void this.#openBeside(slot)
        continue
      }
      slot.patient = queue === this.#patient
      void this.#serve(slot, queue)
    }
  }

  /** Where the next message comes from. */
  #next(): JobQueue<Job> | null {
    const { patientMax = 0, patientMsMax = 0 } = this.#parts
    const atWork = this.#slots.filter(({ busy, patient }) => busy && patient).length
    const isPatientsTurn = atWork < patientMax && (this.#queue.isEmpty || this.#patient.stats().oldestMs > patientMsMax)
    if (isPatientsTurn && !this.#patient.isEmpty) return this.#patient
    return this.#queue.isEmpty ? null : this.#queue
  }

  /** While other connections serve, no job waits for a new one, which may itself wait for a standby [O13]. */
  async #openBeside(slot: Slot<Job>): Promise<void> {
    slot.busy = true
    slot.patient = false
    const opened = await this.#workOf(slot).then(succeeded, failedToo)
    slot.busy = false
    if (opened || !this.#slots.some(isOpen)) this.#pump()
  }

  async #serve(slot: Slot<Job>, queue: JobQueue<Job>): Promise<void> {
    const message = queue.take()
    slot.busy = true
    slot.since = performance.now()
    let failure: Error | null = null
    let settled: readonly PromiseSettledResult<unknown>[] = []
    try {
      const work = await this.#workOf(slot)
      settled = await work(message.map(({ job }) => job))
    } catch (error) {
      failure = await this.#recover(slot, error)
    }
    queue.done(performance.now() - slot.since, failure !== null)
    slot.busy = false
    // The next message goes out before the answers are processed, so that the database is never idle while work waits.
    this.#pump()
    if (failure !== null) return message.forEach(({ reject }) => reject(failure))
    this.#parts.done()
    message.forEach(({ resolve, reject }, index) => {
      const one = settled[index]
      if (one?.status === 'fulfilled') resolve(one.value as never)
      else reject(toCaller(one?.reason))
    })
  }

  async #workOf(slot: Slot<Job>): Promise<Work<Job>> {
    if (slot.connection?.isOpen === true && slot.work !== null) return slot.work
    // A database that is away is not asked by each request.
    if (slot.failure !== null && performance.now() - slot.failure.at < POSTGRES_BOUNDS.reconnectMs) throw slot.failure.error
    try {
      slot.connection = await this.#parts.open()
      slot.work = this.#parts.begin(slot.connection)
      slot.failure = null
      return slot.work
    } catch (error) {
      slot.failure = { at: performance.now(), error: error as Error }
      throw error
    }
  }

  /** After a failure the connection goes on only when nothing is left of the transaction. @returns the error for the callers. */
  async #recover(slot: Slot<Job>, error: unknown): Promise<Error> {
    const { connection } = slot
    const isClean = error instanceof DatabaseFault && /^(?:40|55)/.test(error.sqlState ?? '')
    const undone = connection?.isOpen === true && isClean && (await connection.run('ROLLBACK').then(succeeded, failedToo))
    if (!undone) connection?.cut()
    if (!undone) slot.connection = null
    const told = toCaller(error)
    if (isOperating(error) || told instanceof Unavailable) this.#parts.failed(told.message)
    else this.#parts.onBug(told)
    return told instanceof Unavailable ? told : new Unavailable(`the ${this.#parts.name} failed`, { cause: told })
  }
}

/** The stats of two queues before the same connections. */
function together(one: LaneStats, other: LaneStats): LaneStats {
  return {
    waiting: one.waiting + other.waiting,
    messages: one.messages + other.messages,
    jobs: one.jobs + other.jobs,
    turnedAway: one.turnedAway + other.turnedAway,
    failed: one.failed + other.failed,
    busyMs: one.busyMs + other.busyMs,
    waitedMs: one.waitedMs + other.waitedMs,
    oldestMs: Math.max(one.oldestMs, other.oldestMs),
  }
}

const isOpen = ({ connection }: Pick<Slot<unknown>, 'connection'>): boolean => connection?.isOpen === true
const succeeded = (): boolean => true
const failedToo = (): boolean => false
