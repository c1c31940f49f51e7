import { SHED_IN_ORDER, watchOverload, type Overload, type Shedding, type Work } from '../../apps/server/src/ops/overload.ts'
import type { Host } from './host.ts'

/** Too much for a calm server, and less than a store that is behind by its bound. */
const WAIT_MS = 200

/** The real watch over overload of one process, and a queue in which work waits for as long as this world says [O2]. */
export class Busy implements Shedding {
  readonly #host: Host
  #watch: Overload | null = null

  constructor(host: Host) {
    this.#host = host
  }

  begin(): void {
    this.#watch ??= watchOverload({ clock: this.#host, queues: [() => ({ waiting: 1, jobs: 0, waitedMs: 0, oldestMs: WAIT_MS })] })
  }

  end(): void {
    this.#watch?.stop()
    this.#watch = null
  }

  get level(): number {
    return this.#watch?.level ?? 0
  }

  /** Everything that has a level is given up. */
  get isWorst(): boolean {
    return this.level === SHED_IN_ORDER.length
  }

  sheds(work: Work): boolean {
    return this.#watch?.sheds(work) ?? false
  }

  lateMs(): number {
    return this.#watch?.lateMs() ?? 0
  }

  sendRetryMs(): number {
    return this.#watch?.sendRetryMs() ?? 0
  }
}
