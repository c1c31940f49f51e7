import { CLOSE_CODES, type AccountId, type ClientMessageId, type DeviceId, type DownFrame, type RefusalCode, type UpFrame } from '@bongsu/protocol'
import { decodeUp } from '@bongsu/protocol/check'
import { DELIVERY_BOUNDS } from '../delivery/bounds.ts'
import { encode, type Encoded } from '../delivery/encode.ts'
import type { Outlet } from '../delivery/outlet.ts'
import type { DeviceStream } from '../delivery/stream.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import { dispatch, type Session } from './dispatch.ts'
import type { GatewayParts } from './parts.ts'
import { welcome } from './welcome.ts'
import type { GatewaySocket } from './socket.ts'
import { TokenBucket } from './token-bucket.ts'

/** One device's connection: reads frames, sends each to its function, answers. Holds no truth: losing it loses nothing. */
export class Connection implements Session {
  readonly socket: GatewaySocket
  readonly #parts: GatewayParts
  #state: 'stranger' | 'welcoming' | 'open' | 'closed' = 'stranger'
  #stream: DeviceStream | null = null
  #heardAt: number
  /** Since when the present step of coming in has lasted; nothing the device sends, pongs neither, makes it longer. */
  #waitingSince: number
  #badFrames = 0
  #sendsInFlight = 0
  readonly #frames: TokenBucket
  accountId: AccountId | null = null
  deviceId: DeviceId | null = null

  constructor(parts: GatewayParts, socket: GatewaySocket) {
    this.#parts = parts
    this.socket = socket
    this.#heardAt = parts.clock.monotonic()
    this.#waitingSince = this.#heardAt
    this.#frames = new TokenBucket(parts.limits.framesPerSecond, parts.limits.framesBurst, this.#heardAt)
  }

  get stranger(): boolean {
    return this.#state === 'stranger' || this.#state === 'welcoming'
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  /** The way down for the stream: the socket, but closing it ends this connection with it. */
  outlet(): Outlet {
    return new ConnectionOutlet(this)
  }

  /** Anything came from the device, a pong too. */
  heard(): void {
    this.#heardAt = this.#parts.clock.monotonic()
  }

  /** One text frame [W1]. */
  receive(text: string): void {
    this.heard()
    if (this.#state === 'closed') return
    const waitMs = this.#frames.take(this.#heardAt)
    const decoded = decodeUp(text)
    if (!decoded.ok) return this.#bad(decoded.code, decoded.re, decoded.id)
    const { frame } = decoded
    this.#parts.metrics.frameIn(frame.t)
    if (waitMs > 0) return this.refuse(frame, 'rate-limited', waitMs)
    if (this.#state === 'open' && this.#stream !== null) {
      if (frame.t === 'hello') return this.#bad('hello-expected', frame.t)
      return dispatch(this.#parts, this, this.#stream, frame)
    }
    if (this.#state === 'stranger' && frame.t === 'hello') return this.#hello(frame, text.length)
    this.#bad('hello-expected', frame.t, frame.t === 'send' ? frame.id : undefined)
  }

  /** A binary frame. */
  receiveBinary(): void {
    this.heard()
    this.#bad('frame-not-text')
  }

  /** Answers have no queue of their own: a device that asks and does not read is cut at the same bound as one that is only slow [D3]. */
  send(frame: DownFrame): void {
    if (this.#state === 'closed') return
    if (this.socket.bufferedBytes() > DELIVERY_BOUNDS.bufferedBytesHard) return this.close(CLOSE_CODES.tooSlow)
    this.socket.send(encode(frame))
  }

  refuse(frame: UpFrame, code: RefusalCode, retryAfterMs?: number): void {
    this.#parts.metrics.refused(code)
    const answer = { t: 'refused', re: frame.t, code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } as const
    this.send(frame.t === 'send' ? { ...answer, id: frame.id } : answer)
  }

  /** @returns false when too many sends wait already; call `sendDone` for each that was let through. */
  sendBegins(): boolean {
    if (this.#sendsInFlight >= GATEWAY_BOUNDS.sendsInFlightMax) return false
    this.#sendsInFlight++
    return true
  }

  sendDone(): void {
    this.#sendsInFlight--
  }

  /** Called once in a heartbeat: the device hears where it should stand [D6]. */
  beat(): void {
    if (this.#state !== 'open' || this.#stream === null) return
    this.send({
      t: 'beat',
      now: this.#parts.clock.now(),
      account: this.#stream.accountCursor,
      total: this.#stream.total(),
      reconnectSpreadMs: this.#parts.connections.reconnectSpreadMs(),
    })
    this.socket.ping()
  }

  /** Called every second or so: cuts who does not come in, who has fallen silent, and who takes nothing. */
  watchOver(): void {
    const now = this.#parts.clock.monotonic()
    if (this.stranger && now - this.#waitingSince > GATEWAY_BOUNDS.helloMs) return this.close(CLOSE_CODES.helloTimeout)
    if (now - this.#heardAt > this.#parts.heartbeatMs * GATEWAY_BOUNDS.silentHeartbeats) return this.close(CLOSE_CODES.silent)
    this.#stream?.checkStall()
  }

  close(reason: { readonly code: number }): void {
    if (this.#state === 'closed') return
    this.#end()
    this.socket.close(reason)
  }

  /** The socket is gone. */
  closed(): void {
    if (this.#state !== 'closed') this.#end()
    this.#parts.connections.gone(this)
  }

  #end(): void {
    this.#state = 'closed'
    if (this.#stream !== null) this.#parts.hub.close(this.#stream)
    this.#stream = null
    this.#parts.connections.ended(this)
  }

  /** The device is known and its stream is about to begin. @returns false when the socket has gone meanwhile. */
  open(stream: DeviceStream, answer: DownFrame): boolean {
    if (this.#state === 'closed') return false
    this.#stream = stream
    this.#state = 'open'
    this.send(answer)
    return true
  }

  #hello(frame: UpFrame & { t: 'hello' }, chars: number): void {
    this.#state = 'welcoming'
    this.goOn(() => welcome(this.#parts, this, frame, chars))
  }

  /** The next step of coming in, unless the socket has gone meanwhile; it has a time of its own. */
  goOn(step: () => Promise<void>): void {
    if (this.#state !== 'welcoming') return
    this.#waitingSince = this.#parts.clock.monotonic()
    step().catch((cause: unknown) => {
      this.#parts.failed(cause)
      this.close(CLOSE_CODES.unavailable)
    })
  }

  #bad(code: RefusalCode, re?: string, id?: ClientMessageId): void {
    this.#parts.metrics.refused(code)
    this.send({ t: 'refused', code, ...(re === undefined ? {} : { re }), ...(id === undefined ? {} : { id }) })
    if (++this.#badFrames >= GATEWAY_BOUNDS.badFramesMax) this.close(CLOSE_CODES.tooManyBadFrames)
  }
}

class ConnectionOutlet implements Outlet {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  send(frame: Encoded): void {
    this.#connection.socket.send(frame)
  }

  bufferedBytes(): number {
    return this.#connection.socket.bufferedBytes()
  }

  onDrained(run: () => void): void {
    this.#connection.socket.onDrained(run)
  }

  close(reason: { readonly code: number }): void {
    this.#connection.close(reason)
  }
}
