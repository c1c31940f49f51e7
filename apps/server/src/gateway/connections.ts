import { CLOSE_CODES, type DeviceId, type DownFrame } from '@bongsu/protocol'
import type { Trouble } from '../figures/figures.ts'
import type { Here } from '../figures/presence.ts'
import type { Clock } from '../ops/clock.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import type { GatewaySocket } from './socket.ts'

/** Bounds of the time over which devices come back. At most as long as a device waits for a server by itself. */
const SPREAD_MS = { min: 1_000, max: 30_000 }

export interface ConnectionBounds {
  /** Most connections, those that are being closed included. */
  readonly connectionsMax: number
  /** Devices that are let in within a second. */
  readonly hellosPerSecond: number
}

/** A connection as those see it who look after all of them. */
export interface Connected {
  readonly deviceId: DeviceId | null
  /** Epoch ms; 0 until its device is let in. */
  readonly letInAt: number
  readonly socket: Pick<GatewaySocket, 'address' | 'bufferedBytes' | 'terminate'>
  send(frame: DownFrame): void
  close(reason: { readonly code: number }): void
  /** Its device has come in by another process. */
  movedAway(): void
  /** Called once in a heartbeat. */
  beat(): void
  /** Called in each step of a heartbeat. */
  watchOver(): void
  tellTrouble(now: number, tell: (here: Here, trouble: Trouble) => void): void
}

/** All connections of this process, and the one timer that looks after them. */
export class Connections {
  /** Each with the step of a heartbeat in which it gets its beat, the same in every heartbeat: so none waits longer than one for the next. */
  readonly #all = new Map<Connected, number>()
  readonly #byDevice = new Map<DeviceId, Connected>()
  readonly #clock: Clock
  readonly #cancel: () => void
  readonly #bounds: ConnectionBounds
  /** Ended, but the other side still holds the socket open. */
  readonly #closing = new Set<Connected>()
  /** Those of each address that have not shown a good token, until they do or their socket is gone, and since when they are here: the oldest first. */
  readonly #strangersFrom = new Map<string, Map<Connected, number>>()
  #strangers = 0
  #draining = false
  #step = 0
  /** The step of the connection that comes next, so that steps are filled evenly. */
  #nextStep = 0

  constructor(clock: Clock, heartbeatMs: number, bounds: ConnectionBounds) {
    this.#clock = clock
    this.#bounds = bounds
    this.#cancel = clock.every(heartbeatMs / GATEWAY_BOUNDS.beatSteps, () => this.#tick())
  }

  get size(): number {
    return this.#all.size + this.#closing.size
  }

  /** May one more come in? Whoever is in is never given up for somebody new [O3]. */
  hasRoom(): boolean {
    return !this.#draining && this.size < this.#bounds.connectionsMax && this.#strangers < GATEWAY_BOUNDS.strangersMax
  }

  /** Nobody takes all the places of strangers from one address. */
  hasRoomFor(address: string): boolean {
    return this.hasRoom() && (this.#strangersFrom.get(address)?.size ?? 0) < GATEWAY_BOUNDS.strangersPerAddressMax
  }

  /**
   * One more is about to come. Where strangers are many, the one ends that has been one for longest, of the address that has most of them or of this
   * one: so that whoever only holds places open keeps nobody out [O3]. Never one that has shown a good token.
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

  /** Its token is good: it is no stranger any more, though it may have to wait for its turn. */
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

  /** Its socket is gone. */
  gone(connection: Connected): void {
    this.#closing.delete(connection)
    this.recognised(connection)
  }

  signedIn(connection: Connected, deviceId: DeviceId): void {
    const before = this.#byDevice.get(deviceId)
    this.#byDevice.set(deviceId, connection)
    before?.close(CLOSE_CODES.superseded)
  }

  /** The device has come in by another process. By the clocks of the two, a connection that came later than that stays. */
  cameInElsewhere(deviceId: DeviceId, at: number): void {
    const here = this.#byDevice.get(deviceId)
    if (here !== undefined && here.letInAt < at) here.movedAway()
  }

  /** The device was revoked: whatever it has open is closed now. */
  revoked(deviceId: DeviceId): void {
    this.#byDevice.get(deviceId)?.close(CLOSE_CODES.signedOut)
  }

  /** Over how long those here should come back, were they cut now: clamp(connections / hellos a second), as many as are let in [O3]. */
  reconnectSpreadMs(): number {
    return Math.round(Math.min(SPREAD_MS.max, Math.max(SPREAD_MS.min, (this.#all.size / this.#bounds.hellosPerSecond) * 1_000)))
  }

  /** One pass over all: those with whom something is wrong [F2]. */
  tellTroubles(now: number, tell: (here: Here, trouble: Trouble) => void): void {
    for (const connection of this.#all.keys()) connection.tellTrouble(now, tell)
  }

  /** What waits for the one for which most does, those that are being closed included [D3]. */
  waitingBytesMax(): number {
    let most = 0
    for (const { socket } of this.#all.keys()) most = Math.max(most, socket.bufferedBytes())
    for (const { socket } of this.#closing) most = Math.max(most, socket.bufferedBytes())
    return most
  }

  /** Tells every device that the server will stop, then closes them [O5]. */
  drain(): void {
    this.#draining = true
    for (const connection of this.#all.keys()) connection.send({ t: 'drain', spreadMs: this.reconnectSpreadMs() })
    // Closing takes it out of the map, which a map allows while it is gone through.
    for (const connection of this.#all.keys()) connection.close(CLOSE_CODES.drain)
    this.#cancel()
  }

  /** One step of a heartbeat: all are looked at, and those whose step it is get their beat, so that not all get it at the same time. */
  #tick(): void {
    for (const [connection, step] of this.#all) {
      connection.watchOver()
      if (step === this.#step) connection.beat()
    }
    this.#step = (this.#step + 1) % GATEWAY_BOUNDS.beatSteps
  }
}
