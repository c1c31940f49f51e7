import { CLOSE_CODES, type AccountId, type DeviceId, type DownFrame } from '@bongsu/protocol'
import type { Troubles } from '../figures/figures.ts'
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
  readonly accountId: AccountId | null
  readonly deviceId: DeviceId | null
  /** Whether its device knows the close code of suspended accounts [B55]. */
  readonly knowsSuspension: boolean
  /** Whether its device was welcomed and is served. */
  readonly isOpen: boolean
  /** Epoch ms by the clock that all processes have in common. */
  readonly beganAt: number
  readonly socket: Pick<GatewaySocket, 'address' | 'bufferedBytes' | 'terminate'>
  send(frame: DownFrame): void
  close(reason: { readonly code: number }): void
  /** Its device has connected to another process. */
  movedAway(): void
  /** Called once in a heartbeat. */
  beat(): void
  /** Called in each step of a heartbeat. */
  watchOver(): void
  /** @returns whether it has just left a beat unanswered. */
  tellTrouble(now: number, troubles: Troubles): boolean
  /** Asks for a sign of life, besides the beat. */
  ask(): void
}

/** To a device that does not know suspensions it is as if its token were out of its time: it keeps everything and asks again, too. */
export function suspendedFor({ knowsSuspension }: Pick<Connected, 'knowsSuspension'>): { readonly code: number } {
  return knowsSuspension ? CLOSE_CODES.suspended : CLOSE_CODES.expired
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
  /** Devices that were sent to other processes and have not been seen there; how many have. */
  readonly #sent = new Set<DeviceId>()
  #arrived = 0
  #step = 0
  /** The step of the next connection, so that steps are filled evenly. */
  #nextStep = 0
  /** The connections are watched in so many shares, one in each step, and this is the next one. */
  readonly #shares: number
  #share = 0
  readonly #heartbeatMs: number
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, heartbeatMs: number, bounds: ConnectionBounds) {
    this.#clock = clock
    this.#bounds = bounds
    this.#heartbeatMs = heartbeatMs
    const { beatSteps, watchMs } = GATEWAY_BOUNDS
    const stepMs = heartbeatMs / beatSteps
    this.#shares = Math.min(beatSteps, Math.max(1, Math.round(watchMs / stepMs)))
    this.#cancel = clock.every(stepMs, () => this.#tick())
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
    this.#nextStep = (this.#nextStep + GATEWAY_BOUNDS.beatStride) % GATEWAY_BOUNDS.beatSteps
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

  /**
   * The device has connected to another process. The connection that is newer by the common clock stays; of two at once `gives` decides.
   * @param at when that connection began. It may have been let in much later: after its turn, or by a process that was stopped meanwhile.
   */
  cameInElsewhere(deviceId: DeviceId, at: number, gives: boolean): void {
    if (this.#sent.delete(deviceId)) this.#arrived++
    const here = this.#byDevice.get(deviceId)
    if (here !== undefined && (here.beganAt < at || (here.beganAt === at && gives))) here.movedAway() // [seam: newer-stays]
  }

  /** Whether the device is connected here, and so is known to be signed in. */
  serves(deviceId: DeviceId): boolean {
    return this.#byDevice.get(deviceId)?.isOpen === true
  }

  /** The device was revoked: all its connections are closed now. */
  revoked(deviceId: DeviceId): void {
    this.#byDevice.get(deviceId)?.close(CLOSE_CODES.revoked)
  }

  /** The account was suspended: all its connections are closed now [B55]. */
  suspended(accountId: AccountId): void {
    for (const connection of this.#all.keys()) if (connection.accountId === accountId) connection.close(suspendedFor(connection))
  }

  /**
   * Time over which the connected devices should reconnect if they were cut now: clamp(connections / hellos a second), the rate of admission [O3].
   */
  reconnectSpreadMs(): number {
    return Math.round(Math.min(SPREAD_MS.max, Math.max(SPREAD_MS.min, (this.#all.size / this.#bounds.hellosPerSecond) * 1_000)))
  }

  /** One pass over all connections, to find those with a problem. When many have just fallen mute all are asked, and not one beat later [F2]. */
  tellTroubles(now: number, troubles: Troubles): void {
    let mute = 0
    for (const connection of this.#all.keys()) if (connection.tellTrouble(now, troubles)) mute++
    const { askFrom, askPart, askMax } = GATEWAY_BOUNDS
    const { size } = this.#all
    if (mute < Math.max(askFrom, size * askPart) || size > askMax || now - this.#askedAt < this.#heartbeatMs) return
    this.#askedAt = now
    for (const connection of this.#all.keys()) connection.ask()
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

  /**
   * Sends all devices to other processes, at a bounded rate, and serves each until it has connected there, or for `leaveGraceMs` [O15].
   * @param left called with true when all are gone, or with false when nobody is seen to arrive elsewhere. Those that are left are still served then.
   */
  leave(left: (all: boolean) => void): void {
    this.#draining = true
    const { movesPerSecond, moveStepMs, moveMsMax, leaveGraceMs, leaveFirst, leaveProofMs } = GATEWAY_BOUNDS
    const each = Math.ceil(Math.max(movesPerSecond * (moveStepMs / 1_000), this.#all.size / (moveMsMax / moveStepMs)))
    const toldAt = new Map<Connected, number>()
    const beganAt = this.#clock.monotonic()
    const cancel = this.#clock.every(moveStepMs, () => {
      const now = this.#clock.monotonic()
      for (const [connection, at] of toldAt) {
        if (now - at < leaveGraceMs) break
        toldAt.delete(connection)
        connection.close(CLOSE_CODES.drain)
      }
      if (this.#all.size === 0) return end(true)
      if (this.#arrived === 0 && now - beganAt >= leaveProofMs) return end(false)
      const room = this.#arrived > 0 ? each : Math.min(each, leaveFirst - this.#sent.size)
      for (const connection of this.#all
        .keys()
        .filter((one) => !toldAt.has(one))
        .take(Math.max(0, room))) {
        connection.send({ t: 'drain', spreadMs: 0 })
        toldAt.set(connection, now)
        if (connection.deviceId !== null) this.#sent.add(connection.deviceId)
      }
    })
    const end = (all: boolean): void => {
      cancel()
      if (all) this.#cancel()
      left(all)
    }
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

  /** One step of a heartbeat: a share of the connections is checked, and those of this step get their beat. */
  #tick(): void {
    for (const [connection, step] of this.#all) {
      if (step % this.#shares === this.#share) connection.watchOver()
      if (step === this.#step) connection.beat()
    }
    this.#share = (this.#share + 1) % this.#shares
    this.#step = (this.#step + 1) % GATEWAY_BOUNDS.beatSteps
  }
}
