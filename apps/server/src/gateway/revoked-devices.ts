import type { DeviceId } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'

/** Devices revoked within this time are read while hints may be lost: more than the clocks of two processes differ. */
const LATELY_MS = 600_000
/** Most questions to the store at a time that hints cause. What a hint beyond them tells is found by the next heartbeat. */
export const HEARD_MAX = 64

export interface RevokedParts {
  /** @param withinMs only those revoked within this time; all whose tokens could still be valid when left out. */
  readonly revokedDevices: (withinMs?: number) => Promise<readonly DeviceId[]>
  readonly wasRevoked: (deviceId: DeviceId) => Promise<boolean>
  readonly clock: Pick<Clock, 'monotonic' | 'now'>
}

/** Revoked devices known to this process. A revoked device stays revoked. */
export class RevokedDevices {
  readonly #known: Set<DeviceId>
  readonly #parts: RevokedParts
  #asking = 0
  /** The last time that the store told all, by both clocks: only one of them counts while the machine sleeps. The constructor is given all. */
  #learned: { readonly at: number; readonly now: number }
  readonly #close: (deviceId: DeviceId) => void

  /** @param known devices revoked at the start. @param close closes all connections of a device. */
  constructor(known: Iterable<DeviceId>, parts: RevokedParts, close: (deviceId: DeviceId) => void) {
    this.#known = new Set(known)
    this.#learned = { at: parts.clock.monotonic(), now: parts.clock.now() }
    this.#parts = parts
    this.#close = close
  }

  has(deviceId: DeviceId): boolean {
    return this.#known.has(deviceId)
  }

  add(deviceId: DeviceId): void {
    if (this.#known.has(deviceId)) return
    this.#known.add(deviceId)
    this.#close(deviceId)
  }

  /** A hint decides nothing, and a revoked device deletes what it stored: the store is asked [D14]. */
  async heard(deviceId: DeviceId): Promise<void> {
    if (this.#known.has(deviceId) || this.#asking >= HEARD_MAX) return
    this.#asking++
    try {
      if (await this.#parts.wasRevoked(deviceId)) this.add(deviceId)
    } finally {
      this.#asking--
    }
  }

  /** Asks the store, because hints of other processes may have been lost: for those revoked since the last time, and a while before that. */
  async learn(): Promise<void> {
    const { clock, revokedDevices } = this.#parts
    const present = { at: clock.monotonic(), now: clock.now() }
    const sinceMs = Math.max(present.at - this.#learned.at, present.now - this.#learned.now)
    for (const deviceId of await revokedDevices(sinceMs + LATELY_MS)) this.add(deviceId)
    this.#learned = present
  }

  async learnLately(): Promise<void> {
    for (const deviceId of await this.#parts.revokedDevices(LATELY_MS)) this.add(deviceId)
  }
}
