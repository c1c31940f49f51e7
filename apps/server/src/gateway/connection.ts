import { CLOSE_CODES, type AccountId, type ClientMessageId, type DeviceId, type DownFrame, type RefusalCode, type UpFrame } from '@bongsu/protocol'
import { decodeUp } from '@bongsu/protocol/check'
import { Backlog } from '../delivery/backlog.ts'
import { DELIVERY_BOUNDS } from '../delivery/bounds.ts'
import { encode, type Encoded } from '../delivery/encode.ts'
import type { Hub } from '../delivery/hub.ts'
import type { Outlet } from '../delivery/outlet.ts'
import type { DeviceStream } from '../delivery/stream.ts'
import { tideIn, type Tide } from '../delivery/tides.ts'
import { FIGURES_BOUNDS } from '../figures/bounds.ts'
import type { Figures, Trouble } from '../figures/figures.ts'
import type { Ending, Here } from '../figures/presence.ts'
import type { Clock } from '../ops/clock.ts'
import type { Metrics } from '../ops/metrics.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import type { Connections } from './connections.ts'
import { FramePace, type Paced } from './frame-pace.ts'
import type { Dispatch, Session } from './session.ts'
import type { GatewaySocket } from './socket.ts'
import type { Newcomer } from './welcome.ts'

export interface ConnectionParts {
  readonly clock: Clock
  readonly heartbeatMs: number
  readonly limits: { readonly framesPerSecond: number; readonly framesBurst: number }
  readonly connections: Pick<Connections, 'ended' | 'gone' | 'reconnectSpreadMs'>
  readonly hub: Pick<Hub, 'close'>
  readonly metrics: Pick<Metrics, 'frameIn' | 'refused'>
  readonly figures: Pick<Figures, 'came' | 'went' | 'keptOut' | 'refusedBusy'>
  /** @param chars length of the frame. */
  readonly welcome: (newcomer: Newcomer, hello: UpFrame & { t: 'hello' }, chars: number) => Promise<void>
  readonly dispatch: Dispatch
  readonly tide: Tide
  readonly failed: (cause: unknown) => void
}

/** The connection of one device: reads frames, passes each to its handler, sends answers. It holds no truth, so losing it loses nothing. */
export class Connection implements Session, Newcomer, Paced {
  readonly socket: GatewaySocket
  readonly #parts: ConnectionParts
  #state: 'stranger' | 'welcoming' | 'open' | 'closed' = 'stranger'
  #stream: DeviceStream | null = null
  #heardAt: number
  /** Time of the oldest unanswered beat; before `#heardAt` when the device has answered. */
  #beatAt = 0
  /** Data waiting for the device, while there is any. */
  #backlog: Backlog | null = null
  /** Its account in the figures; null while it is not counted. */
  #here: Here | null = null
  /** Start of the present step of admission. Nothing the device sends, pongs included, prolongs a step. */
  #waitingSince: number
  #badFrames = 0
  #sendsInFlight = 0
  readonly #pace: FramePace
  accountId: AccountId | null = null
  deviceId: DeviceId | null = null
  letInAt = 0

  constructor(parts: ConnectionParts, socket: GatewaySocket) {
    this.#parts = parts
    this.socket = socket
    this.#heardAt = parts.clock.monotonic()
    this.#waitingSince = this.#heardAt
    this.#pace = new FramePace(parts.clock, parts.limits, this)
  }

  get stranger(): boolean {
    return this.#state === 'stranger' || this.#state === 'welcoming'
  }

  /** Whether the figures count this connection: not for canaries, and not before the welcome [F3]. */
  get counted(): boolean {
    return this.#here !== null
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  /** The outlet for the stream: the socket. Closing the outlet also ends this connection. */
  outlet(): Outlet {
    return new ConnectionOutlet(this)
  }

  /** Anything arrived from the device, also a pong. */
  heard(): void {
    this.#heardAt = this.#parts.clock.monotonic()
  }

  /** One text frame. */
  receive(text: string): void {
    this.heard()
    if (this.#state !== 'closed') this.#pace.come(text)
  }

  /** One text frame whose turn has come [W1]. */
  handleFrame(text: string): void {
    // While the frame waited, nothing could be heard from the device.
    this.heard()
    const decoded = decodeUp(text)
    if (!decoded.ok) return this.#bad(decoded.code, decoded.re, decoded.id)
    const { frame } = decoded
    this.#parts.metrics.frameIn(frame.t)
    if (this.#state === 'open' && this.#stream !== null) {
      if (frame.t === 'hello') return this.#bad('hello-expected', frame.t)
      return this.#parts.dispatch(this, this.#stream, frame)
    }
    if (this.#state === 'stranger' && frame.t === 'hello') return this.#hello(frame, text.length)
    this.#bad('hello-expected', frame.t, 'id' in frame ? frame.id : undefined)
  }

  pinged(data: Uint8Array): void {
    this.heard()
    if (this.#state !== 'closed' && this.#pace.mayAnswer()) this.socket.pong(data)
  }

  ponged(): void {
    this.heard()
    if (this.#state !== 'closed') this.#pace.mayAnswer()
  }

  pause(): void {
    this.socket.pause()
  }

  goOn(): void {
    this.socket.resume()
  }

  tooFast(): void {
    this.close(CLOSE_CODES.unavailable)
  }

  /** A binary frame. */
  receiveBinary(): void {
    this.heard()
    this.#bad('frame-not-text')
  }

  /** Answers have no queue of their own: a device that asks and does not read is cut at the same bound as a slow one [D3]. */
  send(frame: DownFrame): void {
    if (this.#state === 'closed') return
    if (this.socket.bufferedBytes() > DELIVERY_BOUNDS.bufferedBytesHard) return this.close(CLOSE_CODES.tooSlow)
    this.socket.send(encode(frame))
  }

  refuse(frame: UpFrame, code: RefusalCode, retryAfterMs?: number): void {
    this.#parts.metrics.refused(code)
    const putOff = code === 'busy' || code === 'unavailable' || code === 'internal'
    if (putOff && ('id' in frame || frame.t === 'hello') && this.accountId !== null) this.#parts.figures.refusedBusy(this.accountId)
    const answer = { t: 'refused', re: frame.t, code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } as const
    this.send('id' in frame ? { ...answer, id: frame.id } : answer)
  }

  /** @returns false when too many sends are waiting. Call `sendDone` for each accepted one. */
  sendBegins(): boolean {
    if (this.#sendsInFlight >= GATEWAY_BOUNDS.sendsInFlightMax) return false
    this.#sendsInFlight++
    return true
  }

  sendDone(): void {
    this.#sendsInFlight--
  }

  /** Called once in a heartbeat: tells the device the expected totals [D6]. */
  beat(): void {
    if (this.#state !== 'open' || this.#stream === null) return
    this.send({
      t: 'beat',
      now: this.#parts.clock.now(),
      account: this.#stream.accountCursor,
      total: this.#stream.total(),
      reconnectSpreadMs: this.#parts.connections.reconnectSpreadMs(),
      ...tideIn(this.#parts.tide),
    })
    this.socket.ping()
    if (this.#beatAt <= this.#heardAt) this.#beatAt = this.#parts.clock.monotonic()
  }

  /** Called once a second: is data for this device delivered, and does the device answer? [F2] */
  tellTrouble(now: number, tell: (here: Here, trouble: Trouble) => void): void {
    if (this.#here === null || this.#stream === null) return
    const trouble = this.#trouble(now, this.#stream)
    if (trouble !== null) tell(this.#here, trouble)
  }

  #trouble(now: number, stream: DeviceStream): Trouble | null {
    const progress = stream.progress()
    const waitingBytes = this.socket.bufferedBytes()
    if (progress === null && waitingBytes === 0) this.#backlog = null
    else {
      this.#backlog ??= new Backlog(now)
      if (this.#backlog.look(now, progress, waitingBytes) > FIGURES_BOUNDS.patienceMs) return 'stuck'
    }
    return this.#beatAt > this.#heardAt && now - this.#beatAt > FIGURES_BOUNDS.patienceMs ? 'silent' : null
  }

  /** Called about once a second: cuts devices that are not admitted in time, are silent, or read nothing. */
  watchOver(): void {
    const now = this.#parts.clock.monotonic()
    if (this.stranger && now - this.#waitingSince > GATEWAY_BOUNDS.helloMs) return this.close(CLOSE_CODES.helloTimeout)
    if (now - this.#heardAt > this.#parts.heartbeatMs * GATEWAY_BOUNDS.silentHeartbeats) return this.close(CLOSE_CODES.silent) // [seam: close-silent]
    this.#stream?.checkStall()
  }

  close(reason: { readonly code: number }): void {
    if (this.#state === 'closed') return
    this.#end(endingOf(reason.code))
    this.socket.close(reason)
  }

  /** The device is counted by the process it connected to. For this process it has said farewell. */
  movedAway(): void {
    if (this.#state === 'closed') return
    this.#end('farewell')
    this.socket.close(CLOSE_CODES.superseded)
  }

  /** The socket is gone. @param code close code: 1006 when it broke. */
  closed(code: number): void {
    if (this.#state !== 'closed') this.#end(endingOf(code))
    this.#parts.connections.gone(this)
  }

  #end(ending: Ending): void {
    if (this.accountId !== null) {
      if (this.#here !== null) this.#parts.figures.went(this.accountId, this.#here, ending)
      // The device showed a valid token and wanted to be admitted.
      else if (this.#state === 'welcoming' && ending !== 'farewell') this.#parts.figures.keptOut(this.accountId)
    }
    this.#here = null
    this.#state = 'closed'
    this.#pace.end()
    if (this.#stream !== null) this.#parts.hub.close(this.#stream) // [seam: close-stream]
    this.#stream = null
    this.#parts.connections.ended(this)
  }

  /** The device is known and its stream is about to start. @returns false when the socket is gone. */
  open(stream: DeviceStream, answer: DownFrame): boolean {
    if (this.#state === 'closed') return false
    this.#stream = stream
    this.#state = 'open'
    this.#here = this.#parts.figures.came(stream.accountId)
    this.send(answer)
    return true
  }

  #hello(frame: UpFrame & { t: 'hello' }, chars: number): void {
    this.#state = 'welcoming'
    this.comeIn(() => this.#parts.welcome(this, frame, chars))
  }

  /** Runs the next step of admission, which has a time limit of its own. @returns false when the socket is gone. */
  comeIn(step: () => Promise<void>): boolean {
    if (this.#state !== 'welcoming') return false
    this.#waitingSince = this.#parts.clock.monotonic()
    step().catch((cause: unknown) => {
      this.#parts.failed(cause)
      this.close(CLOSE_CODES.unavailable)
    })
    return true
  }

  #bad(code: RefusalCode, re?: string, id?: ClientMessageId): void {
    this.#parts.metrics.refused(code)
    this.send({ t: 'refused', code, ...(re === undefined ? {} : { re }), ...(id === undefined ? {} : { id }) })
    if (++this.#badFrames >= GATEWAY_BOUNDS.badFramesMax) this.close(CLOSE_CODES.tooManyBadFrames)
  }
}

/** 1005: closed in order, without a code. */
const FAREWELLS: ReadonlySet<number> = new Set([
  1_000,
  1_001,
  1_005,
  CLOSE_CODES.signedOut.code,
  CLOSE_CODES.versionUnsupported.code,
  CLOSE_CODES.expired.code,
  CLOSE_CODES.revoked.code,
])

function endingOf(code: number): Ending {
  if (FAREWELLS.has(code)) return 'farewell'
  return code === CLOSE_CODES.superseded.code ? 'replaced' : 'lost'
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
