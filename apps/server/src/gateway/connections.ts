import { CLOSE_CODES, type DeviceId, type DownFrame } from '@bongsu/protocol'
import type { Trouble } from '../figures/figures.ts'
import type { Here } from '../figures/presence.ts'
import type { Clock } from '../ops/clock.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import type { GatewaySocket } from './socket.ts'

/** Bounds of the time over which devices reconnect. At most as long as a device waits for a server by itself. */
const SPREAD_MS = { min: 1_000, max: 30_000 }

export interface ConnectionBounds {
  /** Most connections, closing ones included. */
  readonly connectionsMax: number
  /** Devices admitted in one second. */
  readonly hellosPerSecond: number
}

/** A connection as seen by the code that looks after all connections. */
export interface Connected {
  readonly deviceId: DeviceId | null
  /** Epoch ms; 0 until its device is admitted. */
  readonly letInAt: number
  readonly socket: Pick<GatewaySocket, 'address' | 'bufferedBytes' | 'terminate'>
  send(frame: DownFrame): void
  close(reason: { readonly code: number }): void
  /** Its device has connected to another process. */
  movedAway(): void
  /** Called once in a heartbeat. */
  beat(): void
  /** Called in each step of a heartbeat. */
  watchOver(): void
  tellTrouble(now: number, tell: (here: Here, trouble: Trouble) => void): void
}

/** All connections of this process, and the one timer that looks after them. */
export class Connections {
  /** Connections with the heartbeat step of their beat. The step stays the same, so no connection waits longer than one heartbeat for its beat. */
  readonly #all = new Map<Connected, number>()
  readonly #byDevice = new Map<DeviceId, Connected>()
  readonly #clock: Clock
  readonly #cancel: () => void
  readonly #bounds: ConnectionBounds
  /** Ended connections whose sockets the other side still holds open. */
  readonly #closing = new Set<Connected>()
  /** Unauthenticated connections by address, oldest first, with their arrival time. */
  readonly #strangersFrom = new Map<string, Map<Connected, number>>()
  #strangers = 0
  #draining = false
  #step = 0
  /** The step of the next connection, so that steps are filled evenly. */
  #nextStep = 0

  constructor(clock: Clock, heartbeatMs: number, bounds: ConnectionBounds) {
    this.#clock = clock
    this.#bounds = bounds
    this.#cancel = clock.every(heartbeatMs / GATEWAY_BOUNDS.beatSteps, () => this.#tick())
  }

  get size(): number {
    return this.#all.size + this.#closing.size
  }

  /** Whether one more connection is allowed. An authenticated connection is never closed for a new one [O3]. */
  hasRoom(): boolean {
    return !this.#draining && this.size < this.#bounds.connectionsMax && this.#strangers < GATEWAY_BOUNDS.strangersMax
  }

  /** Limits the unauthenticated connections of one address. */
  hasRoomFor(address: string): boolean {
    return this.hasRoom() && (this.#strangersFrom.get(address)?.size ?? 0) < GATEWAY_BOUNDS.strangersPerAddressMax
  }

  /**
   * Prepares for one more connection. When there are many unauthenticated connections, the oldest one of this address, or of the address with the
   * most, is closed, so that held-open connections keep nobody out [O3]. An authenticated connection is never closed.
   */
  makeRoomFor(address: string): void {
    const own = this.#strangersFrom.get(address)
    if (own !== undefined && own.size >= GATEWAY_BOUNDS.strangersPerAddressCrowd) return this.#endOldest(own)
    if (this.#strangers < GATEWAY_BOUNDS.strangersCrowd) return
    let most: ReadonlyMap<Connected, number> | undefined
    for (const strangers of this.#strangersFrom.values()) if (strangers.size > (most?.size ?? 0)) most = strangers
    if (most !== undefined) this.#endOldest(most)
  }

  #endOldest(strangers: ReadonlyMap<Connected, number>): void {
    for (const [connection, since] of strangers) {
      if (this.#clock.monotonic() - since < GATEWAY_BOUNDS.strangerMs) return
      connection.close(CLOSE_CODES.helloTimeout)
      connection.socket.terminate()
      return this.recognised(connection)
    }
  }

  began(connection: Connected): void {
    this.#all.set(connection, this.#nextStep)
    this.#nextStep = (this.#nextStep + 1) % GATEWAY_BOUNDS.beatSteps
    const { address } = connection.socket
    const strangers = this.#strangersFrom.get(address)
    if (strangers === undefined) this.#strangersFrom.set(address, new Map([[connection, this.#clock.monotonic()]]))
    else strangers.set(connection, this.#clock.monotonic())
    this.#strangers++
  }

  /** The connection has shown a valid token and counts as authenticated, although it may have to wait for its turn. */
  recognised(connection: Connected): void {
    const { address } = connection.socket
    const strangers = this.#strangersFrom.get(address)
    if (strangers?.delete(connection) !== true) return
    this.#strangers--
    if (strangers.size === 0) this.#strangersFrom.delete(address)
  }

  ended(connection: Connected): void {
    if (!this.#all.delete(connection)) return
    this.#closing.add(connection)
    if (connection.deviceId !== null && this.#byDevice.get(connection.deviceId) === connection) this.#byDevice.delete(connection.deviceId)
  }

  /** The socket is gone. */
  gone(connection: Connected): void {
    this.#closing.delete(connection)
    this.recognised(connection)
  }

  signedIn(connection: Connected, deviceId: DeviceId): void {
    const before = this.#byDevice.get(deviceId)
    this.#byDevice.set(deviceId, connection)
    before?.close(CLOSE_CODES.superseded)
  }

  /** The device has connected to another process. A connection that is newer by the two processes' clocks stays. */
  cameInElsewhere(deviceId: DeviceId, at: number): void {
    const here = this.#byDevice.get(deviceId)
    if (here !== undefined && here.letInAt < at) here.movedAway()
  }

  /** The device was revoked: all its connections are closed now. */
  revoked(deviceId: DeviceId): void {
    this.#byDevice.get(deviceId)?.close(CLOSE_CODES.revoked)
  }

  /**
   * Time over which the connected devices should reconnect if they were cut now: clamp(connections / hellos a second), the rate of admission [O3].
   */
  reconnectSpreadMs(): number {
    return Math.round(Math.min(SPREAD_MS.max, Math.max(SPREAD_MS.min, (this.#all.size / this.#bounds.hellosPerSecond) * 1_000)))
  }

  /** One pass over all connections, to find those with a problem [F2]. */
  tellTroubles(now: number, tell: (here: Here, trouble: Trouble) => void): void {
    for (const connection of this.#all.keys()) connection.tellTrouble(now, tell)
  }

  /** Bytes waiting for the connection with the most, closing ones included [D3]. */
  waitingBytesMax(): number {
    let most = 0
    for (const { socket } of this.#all.keys()) most = Math.max(most, socket.bufferedBytes())
    for (const { socket } of this.#closing) most = Math.max(most, socket.bufferedBytes())
    return most
  }

  /** Tells every device that the server will stop, then closes the connections [O5]. */
  drain(): void {
    this.#draining = true
    for (const connection of this.#all.keys()) connection.send({ t: 'drain', spreadMs: this.reconnectSpreadMs() })
    // Closing removes the connection from the map, which is allowed during iteration.
    for (const connection of this.#all.keys()) connection.close(CLOSE_CODES.drain)
    this.#cancel()
  }

  /** No new connections from now on. Existing ones are served on, as far as the store answers. */
  closeDoor(): void {
    this.#draining = true
  }

  /** Moves all devices to a process that is ready, at a bounded rate [O5]. @param moved called when all are closed. */
  move(moved: () => void): void {
    this.#draining = true
    const { movesPerSecond, moveStepMs, moveMsMax } = GATEWAY_BOUNDS
    const each = Math.ceil(Math.max(movesPerSecond * (moveStepMs / 1_000), this.#all.size / (moveMsMax / moveStepMs)))
    const cancel = this.#clock.every(moveStepMs, () => {
      for (const connection of this.#all.keys().take(each)) {
        connection.send({ t: 'drain', spreadMs: 0 })
        connection.close(CLOSE_CODES.drain)
      }
      if (this.#all.size > 0) return
      cancel()
      this.#cancel()
      moved()
    })
  }

  /** Every admitted device comes back after a random time. */
  moveAll(): void {
    const spreadMs = this.reconnectSpreadMs()
    for (const connection of this.#all.keys()) {
      if (connection.deviceId === null) continue
      connection.send({ t: 'drain', spreadMs })
      connection.close(CLOSE_CODES.drain)
    }
  }

  /** One step of a heartbeat: all connections are checked, and those of this step get their beat, so that beats are spread. */
  #tick(): void {
    for (const [connection, step] of this.#all) {
      connection.watchOver()
      if (step === this.#step) connection.beat()
    }
    this.#step = (this.#step + 1) % GATEWAY_BOUNDS.beatSteps
  }
}
