import {
  CLOSE_CODES,
  type AccountId,
  type ClientMessageId,
  type DeviceId,
  type DownFrame,
  type LimitName,
  type RefusalCode,
  type UpFrame,
} from '@bongsu/protocol'
import { decodeUp } from '@bongsu/protocol/check'
import { Backlog } from '../delivery/backlog.ts'
import { DELIVERY_BOUNDS } from '../delivery/bounds.ts'
import { encode, type Encoded } from '../delivery/encode.ts'
import type { Hub } from '../delivery/hub.ts'
import type { Outlet } from '../delivery/outlet.ts'
import type { DeviceStream } from '../delivery/stream.ts'
import { tideIn, type Tide } from '../delivery/tides.ts'
import { FIGURES_BOUNDS } from '../figures/bounds.ts'
import type { Figures, Troubles } from '../figures/figures.ts'
import type { Ending, Here } from '../figures/presence.ts'
import type { Clock } from '../ops/clock.ts'
import type { Metrics } from '../ops/metrics.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import type { AccountPace, AccountPaces } from './account-paces.ts'
import type { Connections } from './connections.ts'
import { FramePace, type Paced } from './frame-pace.ts'
import type { Dispatch, Session } from './session.ts'
import type { GatewaySocket } from './socket.ts'
import type { Newcomer } from './welcome.ts'

export interface ConnectionParts {
  readonly clock: Clock
  readonly commonNow: () => number
  readonly heartbeatMs: number
  readonly limits: { readonly framesPerSecond: number; readonly framesBurst: number }
  readonly connections: Pick<Connections, 'ended' | 'gone' | 'reconnectSpreadMs'>
  readonly hub: Pick<Hub, 'close'>
  readonly paces: Pick<AccountPaces, 'enter' | 'leave'>
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
  #state: 'stranger' | 'welcoming' | 'held' | 'open' | 'closed' = 'stranger'
  #stream: DeviceStream | null = null
  /** Shared with the other devices of the account. Null before the welcome. */
  accountPace: AccountPace | null = null
  #heardAt: number
  /** Time of the oldest unanswered beat; before `#heardAt` when the device has answered. */
  #beatAt = 0
  /** Data waiting for the device, while there is any. */
  #backlog: Backlog | null = null
  /** Its account in the figures; null while it is not counted. */
  #here: Here | null = null
  /**
   * Start of the present step of admission. Nothing the device sends, pongs included, prolongs a step. While the hello is held: the turn that the device
   * was told last; Infinity for a device that cannot be told.
   */
  #waitingSince: number
  #badFrames = 0
  #sendsInFlight = 0
  /** When the device said hello; after its welcome, when the server last owed nothing or answered a send. Nothing is owed before the hello. */
  #owingSince = Number.POSITIVE_INFINITY
  readonly #pace: FramePace
  accountId: AccountId | null = null
  deviceId: DeviceId | null = null
  knowsSuspension = false
  readonly beganAt: number

  constructor(parts: ConnectionParts, socket: GatewaySocket) {
    this.#parts = parts
    this.socket = socket
    this.beganAt = parts.commonNow()
    this.#heardAt = parts.clock.monotonic()
    this.#waitingSince = this.#heardAt
    this.#pace = new FramePace(parts.clock, parts.limits, this)
  }

  /** Whether the figures count this connection: not for canaries, and not before the welcome [F3]. */
  get counted(): boolean {
    return this.#here !== null
  }

  get isOpen(): boolean {
    return this.#state === 'open'
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
    if (!this.isCut()) this.#heardAt = this.#parts.clock.monotonic()
  }

  /**
   * Closes a connection that has been silent for too long. Asked also before anything is heard or sent: a process that was stopped does not know yet
   * which devices were revoked meanwhile [W4]. @returns whether the connection is closed.
   */
  isCut(): boolean {
    const silentMs = this.#parts.clock.monotonic() - this.#heardAt
    const isSilent = this.#state !== 'held' && silentMs > this.#parts.heartbeatMs * GATEWAY_BOUNDS.silentHeartbeats
    if (isSilent) this.close(CLOSE_CODES.silent) // [seam: close-silent]
    return this.#state === 'closed'
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
    if (this.isClosed) return
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
    if (this.isCut()) return
    if (this.socket.bufferedBytes() > DELIVERY_BOUNDS.bufferedBytesHard) return this.close(CLOSE_CODES.tooSlow)
    this.socket.send(encode(frame))
  }

  refuse(frame: UpFrame, code: RefusalCode, retryAfterMs?: number, limit?: LimitName): void {
    this.#parts.metrics.refused(code)
    const putOff = code === 'busy' || code === 'unavailable' || code === 'internal'
    if (putOff && ('id' in frame || frame.t === 'hello') && this.accountId !== null) this.#parts.figures.refusedBusy(this.accountId)
    const told = { ...(retryAfterMs === undefined ? {} : { retryAfterMs }), ...(limit === undefined ? {} : { limit }) }
    const answer = { t: 'refused', re: frame.t, code, ...told } as const
    this.send('id' in frame ? { ...answer, id: frame.id } : answer)
  }

  /** @returns false when too many sends are waiting. Call `sendDone` for each accepted one. */
  sendBegins(): boolean {
    if (this.#sendsInFlight >= GATEWAY_BOUNDS.sendsInFlightMax) return false
    if (this.#sendsInFlight++ === 0) this.#owingSince = this.#parts.clock.monotonic()
    return true
  }

  sendDone(): void {
    this.#owingSince = --this.#sendsInFlight === 0 ? Number.POSITIVE_INFINITY : this.#parts.clock.monotonic()
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
    this.ask()
  }

  ask(): void {
    if (this.#state !== 'open') return
    this.socket.ping()
    if (this.#beatAt <= this.#heardAt) this.#beatAt = this.#parts.clock.monotonic()
  }

  /** Called once a second: does the device take its data and answer, and has it been answered? [F2] */
  tellTrouble(now: number, troubles: Troubles): boolean {
    const { patienceMs } = FIGURES_BOUNDS
    if (this.accountId !== null && now - this.#owingSince > patienceMs) troubles.unanswered(this.accountId)
    if (this.#here === null) return false
    const silentMs = this.#silentMs(now)
    if (silentMs > 0) troubles.silent(this.#here, silentMs)
    return this.#beatAt > this.#heardAt && now - this.#beatAt > patienceMs && now - this.#beatAt <= 2 * patienceMs
  }

  /** Time since the last sign of life of a device that leaves a beat unanswered or its data untaken for too long, in ms; otherwise 0. */
  #silentMs(now: number): number {
    const stuckMs = this.#stuckMs(now)
    const isStuck = stuckMs > FIGURES_BOUNDS.patienceMs
    const isMute = this.#beatAt > this.#heardAt && now - this.#beatAt > FIGURES_BOUNDS.patienceMs
    // A device that answers but takes no data gave its last sign of life when it last took some.
    return Math.max(isStuck ? stuckMs : 0, isStuck || isMute ? now - this.#heardAt : 0)
  }

  #stuckMs(now: number): number {
    const progress = this.#stream?.progress() ?? null
    const waitingBytes = this.socket.bufferedBytes()
    if (progress === null && waitingBytes === 0) {
      this.#backlog = null
      return 0
    }
    this.#backlog ??= new Backlog(now)
    return this.#backlog.look(now, progress, waitingBytes)
  }

  /** Called about once a second: cuts devices that are not admitted in time, are silent, or read nothing. */
  watchOver(): void {
    const now = this.#parts.clock.monotonic()
    if (this.#state === 'held') return this.#remind(now)
    const isStranger = this.#state === 'stranger' || this.#state === 'welcoming'
    if (isStranger && now - this.#waitingSince > GATEWAY_BOUNDS.helloMs) return this.close(CLOSE_CODES.helloTimeout)
    if (!this.isCut()) this.#stream?.checkStall()
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
      if (this.#here !== null) this.#parts.figures.went(this.accountId, this.#here, ending, this.#silentMs(this.#parts.clock.monotonic()))
      // The device showed a valid token and wanted to be admitted.
      else if ((this.#state === 'welcoming' || this.#state === 'held') && ending !== 'farewell') this.#parts.figures.keptOut(this.accountId)
    }
    this.#here = null
    this.#owingSince = Number.POSITIVE_INFINITY
    this.#state = 'closed'
    this.#pace.end()
    if (this.#stream !== null) {
      this.#parts.hub.close(this.#stream) // [seam: close-stream]
      this.#parts.paces.leave(this.#stream.accountId)
    }
    this.#stream = null
    this.accountPace = null
    this.#parts.connections.ended(this)
  }

  /** The device is known and its stream is about to start. @returns false when the socket is gone, or is closed by this answer. */
  open(stream: DeviceStream, answer: DownFrame): boolean {
    if (this.#state === 'closed') return false
    this.#stream = stream
    this.#state = 'open'
    this.accountPace = this.#parts.paces.enter(stream.accountId)
    this.#pace.share(this.accountPace.frames)
    this.#owingSince = Number.POSITIVE_INFINITY
    this.#here = this.#parts.figures.came(stream.accountId)
    this.send(answer)
    return !this.isClosed
  }

  #hello(frame: UpFrame & { t: 'hello' }, chars: number): void {
    this.#state = 'welcoming'
    this.#owingSince = this.#parts.clock.monotonic()
    this.comeIn(() => this.#parts.welcome(this, frame, chars))
  }

  hold(inMs: number, isTold: boolean): void {
    this.#state = 'held'
    this.#waitingSince = isTold ? this.#parts.clock.monotonic() + inMs : Infinity
    if (isTold && inMs > GATEWAY_BOUNDS.tellTurnMs) this.send({ t: 'turn', inMs })
  }

  /** The turn comes late. The device is told before it gives the connection up [O11]. */
  #remind(now: number): void {
    if (now - this.#waitingSince > GATEWAY_BOUNDS.turnAgainMs) this.hold(GATEWAY_BOUNDS.turnAgainMs, true)
  }

  /** Runs the next step of admission, which has a time limit of its own. @returns false when the socket is gone. */
  comeIn(step: () => Promise<void>): boolean {
    if (this.#state !== 'welcoming' && this.#state !== 'held') return false
    this.#state = 'welcoming'
    this.#waitingSince = this.#parts.clock.monotonic()
    // A device is silent while it waits for its turn.
    this.#heardAt = this.#waitingSince
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
  CLOSE_CODES.suspended.code,
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
    if (!this.#connection.isCut()) this.#connection.socket.send(frame)
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
