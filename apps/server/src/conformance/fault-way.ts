import type { Socket } from 'node:net'

/** What is wrong with one direction of a line. */
export interface WayFaults {
  readonly delayMs: number
  /** On top of the delay, up to this, anew for each piece; order is kept, as TCP keeps it. */
  readonly jitterMs: number
  readonly bytesPerSecond: number
  /** Cut into pieces of 1 to so many bytes, each written by itself; 0: as it came. */
  readonly pieceBytesMax: number
}

/** Most that waits inside the proxy for one direction; beyond it the sender is not read, so that its own buffers fill. */
const HELD_BYTES_MAX = 65_536
/** How often a line of bounded bandwidth gives out what has become due, in ms. */
const STEP_MS = 20

interface Held {
  readonly bytes: Buffer
  readonly dueAt: number
}

/** Carries what one socket says to another, late, slowly, in pieces, or not at all. */
export class Way {
  faults: WayFaults = { delayMs: 0, jitterMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, pieceBytesMax: 0 }
  readonly #from: Socket
  readonly #to: Socket
  readonly #random: () => number
  #held: Held[] = []
  #heldBytes = 0
  #lastDueAt = 0
  #allowance = 0
  #allowedAt = performance.now()
  #planned: NodeJS.Timeout | null = null
  #state: 'carrying' | 'ending' | 'swallowing' | 'stopped' = 'carrying'

  constructor(from: Socket, to: Socket, random: () => number) {
    this.#from = from
    this.#to = to
    this.#random = random
    from.on('data', (bytes: Buffer) => this.#take(bytes))
    to.on('drain', () => this.#give())
  }

  /** Takes everything from now on and lets nothing through, what waits included. */
  swallow(): void {
    if (this.#state === 'stopped') return
    this.#state = 'swallowing'
    this.#held = []
    this.#heldBytes = 0
    this.#from.resume()
  }

  /** The sender said it is done: so will the receiver hear, after everything else. */
  end(): void {
    if (this.#state !== 'carrying') return
    this.#state = 'ending'
    this.#give()
  }

  stop(): void {
    if (this.#planned !== null) clearTimeout(this.#planned)
    this.#planned = null
    this.#state = 'stopped'
    this.#held = []
  }

  #take(bytes: Buffer): void {
    if (this.#state !== 'carrying') return
    const { delayMs, jitterMs } = this.faults
    this.#lastDueAt = Math.max(this.#lastDueAt, performance.now() + delayMs + this.#random() * jitterMs)
    this.#held.push({ bytes, dueAt: this.#lastDueAt })
    this.#heldBytes += bytes.length
    if (this.#heldBytes >= HELD_BYTES_MAX) this.#from.pause()
    this.#give()
  }

  /** Writes what is due and allowed; plans the rest. */
  #give(): void {
    if (this.#planned !== null || (this.#state !== 'carrying' && this.#state !== 'ending')) return
    for (;;) {
      const [head] = this.#held
      if (head === undefined) {
        if (this.#state === 'ending') this.#to.end()
        return
      }
      if (this.#to.writableNeedDrain) return
      const lateMs = head.dueAt - performance.now()
      if (lateMs > 0) return this.#plan(lateMs)
      const size = Math.min(this.#pieceSize(head.bytes.length), this.#allow())
      if (size < 1) return this.#plan(STEP_MS)
      this.#to.write(head.bytes.subarray(0, size))
      this.#allowance -= size
      this.#heldBytes -= size
      if (size < head.bytes.length) this.#held[0] = { ...head, bytes: head.bytes.subarray(size) }
      else this.#held.shift()
      if (this.#heldBytes < HELD_BYTES_MAX) this.#from.resume()
      // Each piece in a turn of its own, or the kernel would put them together again.
      if (this.faults.pieceBytesMax > 0) return this.#plan(0)
    }
  }

  #pieceSize(length: number): number {
    return this.faults.pieceBytesMax > 0 ? 1 + Math.floor(this.#random() * Math.min(length, this.faults.pieceBytesMax)) : length
  }

  /** How many bytes may go now: what a second allows is given out as it passes, at most a tenth of a second at once, or one byte. */
  #allow(): number {
    const { bytesPerSecond } = this.faults
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return (this.#allowance = Number.POSITIVE_INFINITY)
    const now = performance.now()
    if (this.#allowance === Number.POSITIVE_INFINITY) this.#allowance = 0
    this.#allowance = Math.min(this.#allowance + ((now - this.#allowedAt) / 1_000) * bytesPerSecond, Math.max(1, bytesPerSecond / 10))
    this.#allowedAt = now
    return Math.floor(this.#allowance)
  }

  #plan(delayMs: number): void {
    this.#planned = setTimeout(() => {
      this.#planned = null
      this.#give()
    }, delayMs)
  }
}
