import { CLOSE_CODES, type DeviceId } from '@bongsu/protocol'
import { GATEWAY_BOUNDS } from './bounds.ts'
import type { Connection } from './connection.ts'
import type { Clock } from '../ops/clock.ts'

/** Devices a server can welcome in a second; a reconnect is spread so that no more come [O3]. */
const WELCOMES_PER_SECOND = 1_000
const SPREAD_MS = { min: 1_000, max: 30_000 }

/** All connections of this process, and the one timer that looks after them. */
export class Connections {
  readonly #all = new Set<Connection>()
  readonly #byDevice = new Map<DeviceId, Connection>()
  readonly #cancel: () => void
  readonly #max: number
  /** Ended, but the other side still holds the socket open; those that never said who they are, apart. */
  readonly #closing = { known: new Set<Connection>(), strangers: new Set<Connection>() }
  #draining = false
  /** Connections not yet looked at in this round of beats. */
  #round: Connection[] = []
  #step = 0

  constructor(clock: Clock, heartbeatMs: number, connectionsMax: number) {
    this.#max = connectionsMax
    this.#cancel = clock.every(heartbeatMs / GATEWAY_BOUNDS.beatSteps, () => this.#tick())
  }

  get size(): number {
    return this.#all.size + this.#closing.known.size + this.#closing.strangers.size
  }

  /** May one more come in? Existing connections are never given up for new ones [O3]. */
  hasRoom(): boolean {
    if (this.#draining || this.size >= this.#max) return false
    return this.#all.size - this.#byDevice.size + this.#closing.strangers.size < GATEWAY_BOUNDS.strangersMax
  }

  began(connection: Connection): void {
    this.#all.add(connection)
  }

  ended(connection: Connection): void {
    if (!this.#all.delete(connection)) return
    const closing = connection.deviceId === null ? this.#closing.strangers : this.#closing.known
    closing.add(connection)
    if (connection.deviceId !== null && this.#byDevice.get(connection.deviceId) === connection) this.#byDevice.delete(connection.deviceId)
  }

  /** Its socket is gone. */
  gone(connection: Connection): void {
    this.#closing.known.delete(connection)
    this.#closing.strangers.delete(connection)
  }

  signedIn(connection: Connection, deviceId: DeviceId): void {
    const before = this.#byDevice.get(deviceId)
    this.#byDevice.set(deviceId, connection)
    before?.close(CLOSE_CODES.superseded)
  }

  /** The device was revoked: whatever it has open is closed now. */
  revoked(deviceId: DeviceId): void {
    this.#byDevice.get(deviceId)?.close(CLOSE_CODES.signedOut)
  }

  reconnectSpreadMs(): number {
    return Math.round(Math.min(SPREAD_MS.max, Math.max(SPREAD_MS.min, (this.#all.size / WELCOMES_PER_SECOND) * 1_000)))
  }

  /** Tells every device that the server will stop, then closes them [O5]. */
  drain(): void {
    this.#draining = true
    for (const connection of this.#all) connection.send({ t: 'drain', spreadMs: this.reconnectSpreadMs() })
    // Closing takes it out of the set, which a set allows while it is gone through.
    for (const connection of this.#all) connection.close(CLOSE_CODES.drain)
    this.#cancel()
  }

  /** One step of a round: every connection gets one beat in a heartbeat, and none at the same time as all the others. */
  #tick(): void {
    if (this.#step === 0) this.#round = [...this.#all]
    const size = Math.ceil(this.#round.length / GATEWAY_BOUNDS.beatSteps)
    for (const connection of this.#round.slice(this.#step * size, (this.#step + 1) * size)) connection.beat()
    for (const connection of this.#all) connection.watchOver()
    this.#step = (this.#step + 1) % GATEWAY_BOUNDS.beatSteps
  }
}
