import type { Clock } from '../ops/clock.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import { TokenBucket } from './token-bucket.ts'

/** The connection, as a pace uses it. */
export interface Paced {
  /** A frame whose turn has come. */
  handleFrame(text: string): void
  /** Stops reading from the device until `goOn`. The device's own system then holds back its data. */
  pause(): void
  goOn(): void
  /** The device sends more than it may, and has done so for long. */
  tooFast(): void
}

/**
 * Limits the frames a second of a connection [O1]. Frames that come faster are not refused: they wait in order, and the socket is not read meanwhile.
 * Nothing is lost, and only the fast sender is delayed.
 */
export class FramePace {
  readonly #clock: Clock
  readonly #paced: Paced
  readonly #bucket: TokenBucket
  /** Shared with the other devices of the account, once it is known. */
  #shared: TokenBucket | null = null
  /** Frames that were already read when reading was paused: the rest of one piece from the kernel. */
  #late: string[] = []
  #lateChars = 0
  /** When the connection was last delayed, and since when that has happened repeatedly. */
  #pausedAt = -Infinity
  #pausedSince = 0
  #cancel: (() => void) | null = null

  constructor(clock: Clock, limits: { readonly framesPerSecond: number; readonly framesBurst: number }, paced: Paced) {
    this.#clock = clock
    this.#paced = paced
    this.#bucket = new TokenBucket(limits.framesPerSecond, limits.framesBurst, clock.monotonic())
  }

  share(bucket: TokenBucket): void {
    this.#shared = bucket
  }

  /** Uses tokens of this connection and of its account. @returns 0 on success, else the milliseconds until both are available. */
  #spend(now: number, text = ''): number {
    const cost = 1 + Math.floor(text.length / GATEWAY_BOUNDS.charsPerFrame)
    const waitMs = this.#bucket.spend(now, cost)
    if (waitMs > 0 || this.#shared === null) return waitMs
    const sharedMs = this.#shared.spend(now, cost)
    if (sharedMs > 0) this.#bucket.giveBack(cost)
    return sharedMs
  }

  /** A text frame has arrived. */
  come(text: string): void {
    if (this.#late.length === 0) {
      const waitMs = this.#spend(this.#clock.monotonic(), text)
      if (waitMs === 0) return this.#paced.handleFrame(text)
      this.#pause(waitMs)
    }
    this.#late.push(text)
    this.#lateChars += text.length + GATEWAY_BOUNDS.lateFrameChars
    if (this.#lateChars > GATEWAY_BOUNDS.lateCharsMax) this.#paced.tooFast()
  }

  /** A ping or pong of the WebSocket protocol has arrived, which counts like a frame. @returns false when it came too fast to be answered. */
  mayAnswer(): boolean {
    const waitMs = this.#spend(this.#clock.monotonic())
    if (waitMs > 0) this.#pause(waitMs)
    return waitMs === 0
  }

  /** The connection has ended, and waiting frames are dropped. */
  end(): void {
    this.#late = []
    this.#lateChars = 0
    if (this.#cancel === null) return
    this.#cancel()
    this.#cancel = null
    this.#paced.goOn()
  }

  #pause(waitMs: number): void {
    if (this.#cancel !== null) return
    const now = this.#clock.monotonic()
    if (now - this.#pausedAt > GATEWAY_BOUNDS.lateCalmMs) this.#pausedSince = now
    this.#paced.pause()
    this.#plan(now, waitMs)
  }

  #plan(now: number, waitMs: number): void {
    this.#pausedAt = now
    this.#cancel = this.#clock.after(Math.max(waitMs, GATEWAY_BOUNDS.lateStepMs), () => this.#takeLate())
  }

  #takeLate(): void {
    const now = this.#clock.monotonic()
    let waitMs = 0
    let taken = 0
    for (const text of this.#late) {
      waitMs = this.#spend(now, text)
      if (waitMs > 0) break
      taken++
      this.#lateChars -= text.length + GATEWAY_BOUNDS.lateFrameChars
      this.#paced.handleFrame(text)
      // The handler may have ended the connection.
      if (this.#cancel === null) return
    }
    this.#late.splice(0, taken)
    if (this.#late.length === 0) {
      this.#cancel = null
      return this.#paced.goOn()
    }
    if (now - this.#pausedSince > GATEWAY_BOUNDS.lateMsMax) return this.#paced.tooFast()
    this.#plan(now, waitMs)
  }
}
