import type { Socket } from 'node:net'
import type { Clock } from '../ops/clock.ts'
import { visitorOf } from './addresses.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'

/**
 * Sockets that wait for an answer or have not asked for anything: opened and silent, or sending a request byte by byte. They are bounded for each
 * address, so that one visitor's sockets keep nobody else out [O1]. Sockets of a trusted proxy are many visitors' and have no bound of their own.
 */
export class SilentSockets {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #isProxy: (address: string) => boolean
  /** By visitor, oldest first, with the time from which they are silent. */
  readonly #by = new Map<string, Map<Socket, number>>()
  readonly #visitors = new WeakMap<Socket, string>()
  #size = 0

  constructor(clock: Pick<Clock, 'monotonic'>, isProxy: (address: string) => boolean) {
    this.#clock = clock
    this.#isProxy = isProxy
  }

  get size(): number {
    return this.#size
  }

  /** A socket was opened, or begins its next request. It is destroyed when there is no room for it. */
  add(socket: Socket): void {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || this.#isProxy(remoteAddress)) return
    const visitor = visitorOf(remoteAddress)
    const own = this.#by.get(visitor)
    if (own?.has(socket) === true) return
    if (own !== undefined && own.size >= GATEWAY_BOUNDS.silentPerAddressCrowd) this.#endOldest(own)
    else if (this.#size >= GATEWAY_BOUNDS.silentCrowd) this.#endOldest(this.#largest())
    if ((this.#by.get(visitor)?.size ?? 0) >= GATEWAY_BOUNDS.silentPerAddressMax) return void socket.destroy()
    const mine = this.#by.get(visitor) ?? new Map<Socket, number>()
    this.#by.set(visitor, mine.set(socket, this.#clock.monotonic()))
    this.#visitors.set(socket, visitor)
    this.#size++
  }

  /** The socket was answered, became a WebSocket, or is gone. */
  remove(socket: Socket): void {
    const visitor = this.#visitors.get(socket)
    const own = visitor === undefined ? undefined : this.#by.get(visitor)
    if (visitor === undefined || own?.delete(socket) !== true) return
    this.#size--
    if (own.size === 0) this.#by.delete(visitor)
  }

  #largest(): ReadonlyMap<Socket, number> {
    let most: ReadonlyMap<Socket, number> = new Map()
    for (const sockets of this.#by.values()) if (sockets.size > most.size) most = sockets
    return most
  }

  #endOldest(sockets: ReadonlyMap<Socket, number>): void {
    const [oldest] = sockets
    if (oldest === undefined || this.#clock.monotonic() - oldest[1] < GATEWAY_BOUNDS.silentMs) return
    this.remove(oldest[0])
    oldest[0].destroy()
  }
}
