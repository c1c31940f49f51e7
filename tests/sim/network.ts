import type { OpenSocket, Socket, SocketEvents } from '@bongsu/client'
import type { GatewaySocket } from '../../apps/server/src/gateway/socket.ts'
import { badWord } from './bad-words.ts'
import type { Chance } from './chance.ts'
import type { EventQueue } from './event-queue.ts'
import type { Met } from './faults.ts'
import type { Gateway } from './gateway.ts'
import type { Host } from './host.ts'
import type { LineWitness } from './line-witness.ts'
import type { NetTrouble } from './net-trouble.ts'

/** Frames that are found missing by what comes after them, or by their answer staying away. */
const MAY_BE_SWALLOWED = /^\{"t":"(?:send|set|entries|items|account|accepted|set-accepted|caught-up|beat|pong|typing)"/

/** Probability that a frame is one of a newer server. */
const NEWER = 0.01
/** How long a server waits for the other side of its closing handshake. */
const CLOSE_MS = 5_000
/** What a server that knows no features answers to a hello that names some. */
const OLDER_ANSWER = '{"t":"refused","re":"hello","code":"frame-malformed"}'
/** What the kernels on both sides of a line that carries nothing still take. */
const KERNEL_BYTES = 3_000

export interface NetworkParts {
  readonly queue: EventQueue
  readonly chance: Chance
  readonly met: Met
  /** A server process to connect to, dead or alive. */
  readonly anyGateway: () => Gateway
  readonly witness: () => LineWitness
  /** The device has met a server that knows no items. */
  readonly metOlder: () => void
  /** Everything that comes out of a line goes into the trace. */
  readonly trace: (text: string) => void
}

/** All lines between devices and servers. */
export class Network {
  readonly parts: NetworkParts
  /** When the latest frame under way arrives, and on which line: one that arrives earlier has overtaken it. */
  readonly latest = { at: 0, line: null as Line | null }
  readonly lines = new Set<Line>()

  constructor(parts: NetworkParts) {
    this.parts = parts
  }

  /** @param opened counts attempts. */
  openSocketFor(host: Host, trouble: NetTrouble, opened: () => void): OpenSocket {
    return (events) => {
      opened()
      const line = new Line(this, host, trouble, events)
      this.lines.add(line)
      line.connect()
      return line.device
    }
  }
}

/** One WebSocket: two directions, each in order, until it breaks. */
export class Line {
  readonly host: Host
  readonly device: Socket
  readonly witness: LineWitness
  gateway: Gateway | null = null
  /** Carries nothing any more, and nobody has been told. */
  silent = false
  /** When the server last heard anything on it. */
  #heardAt = 0
  readonly #network: Network
  readonly #parts: NetworkParts
  readonly #trouble: NetTrouble
  readonly #events: SocketEvents
  #connection: { receive(text: string): void; heard(): void; closed(code: number): void } | null = null
  #deviceOpen = true
  #serverOpen = false
  /** Frames that arrive after it broke are lost. */
  #broken = false
  #upAt = 0
  #downAt = 0
  #buffered = 0
  #takenAt = 0
  #kernel = 0
  bufferedMax = 0
  /** When bytes began to wait, or became fewer, last. */
  #progressAt = 0
  #drains: (() => void)[] = []

  constructor(network: Network, host: Host, trouble: NetTrouble, events: SocketEvents) {
    this.#network = network
    this.#parts = network.parts
    this.host = host
    this.#trouble = trouble
    this.#events = events
    this.witness = network.parts.witness()
    this.device = { send: (text) => this.#up(text), close: () => this.#deviceCloses() }
  }

  connect(): void {
    const { queue, met, chance } = this.#parts
    if (this.#trouble.connecting === 'silent') return met.add('network: no answer to connecting')
    const gateway = this.#parts.anyGateway()
    if (this.#trouble.connecting === 'refused' || !gateway.host.alive) {
      met.add('network: cannot connect')
      return this.#tellDevice(this.#delay(), 1_006)
    }
    queue.add(this.#delay(), () => {
      if (!gateway.host.alive) return this.#tellDevice(1, 1_006)
      gateway.host.hear(0, () => {
        if (!this.#deviceOpen) return
        const accepted = gateway.accept(this.#serverSocket())
        if (accepted === null) return this.#tellDevice(chance.between(1, 20), 1_006)
        this.gateway = gateway
        this.#connection = accepted
        this.#serverOpen = true
        this.#heardAt = queue.now
        this.#arrive('down', chance.between(1, 20), () => this.#events.opened())
      })
    })
  }

  /** Both ends are told soon; what is under way is lost. */
  cut(): void {
    if (this.#broken || this.silent) return
    this.#parts.met.add('network: cut')
    this.#break()
    this.#tellServer(this.#parts.chance.between(0, 2_000))
    this.#tellDevice(this.#parts.chance.between(0, 2_000), 1_006)
  }

  /** Nobody is told. */
  goSilent(): void {
    if (this.#broken || this.silent || !this.#serverOpen || !this.#deviceOpen) return
    this.#parts.met.add('network: half-open')
    this.silent = true
  }

  /** The server process is gone. @param power its machine too, so that nothing tells the device. */
  serverGone(power: boolean): void {
    this.#serverOpen = false
    if (power) {
      this.silent = true
      return
    }
    this.#break()
    this.#tellDevice(this.#parts.chance.between(0, 50), 1_006)
  }

  /** The program on the device is gone. @param power the device too, so that nothing tells the server. */
  deviceGone(power: boolean): void {
    this.#deviceOpen = false
    if (power) this.silent = true
    else this.#tellServer(this.#delay())
  }

  /** What is under way on it will take its time, or never come. */
  get isTroubled(): boolean {
    return this.silent || this.#takenAt > this.#parts.queue.now
  }

  /** Its server process still holds it open. */
  get isHeld(): boolean {
    return this.#serverOpen
  }

  /** Since then it has carried everything at once, on a connection that had caught up. */
  isQuietSince(at: number): boolean {
    return this.#serverOpen && !this.#broken && !this.silent && this.#takenAt <= at && this.#buffered === 0 && this.witness.caughtUpAt <= at
  }

  get isOver(): boolean {
    return !this.#deviceOpen && !this.#serverOpen
  }

  #break(): void {
    if (this.#downAt > this.#parts.queue.now || this.#upAt > this.#parts.queue.now) this.#parts.met.add('network: frames lost in a cut')
    this.#broken = true
  }

  #delay(): number {
    const { chance, met } = this.#parts
    const { lateMs } = this.#trouble
    if (lateMs === 0) return chance.between(1, 30)
    met.add('network: frame late')
    return chance.between(1, lateMs)
  }

  /** In order within this line and this direction; what arrives after a break does not arrive. */
  #arrive(direction: 'up' | 'down', delayMs: number, run: () => void): void {
    const { queue, met } = this.#parts
    const before = direction === 'up' ? this.#upAt : this.#downAt
    const at = Math.max(before, queue.now + delayMs)
    if (direction === 'up') this.#upAt = at
    else this.#downAt = at
    const { latest } = this.#network
    if (at < latest.at && latest.line !== this) met.add('network: connections overtake one another')
    if (at >= latest.at) Object.assign(latest, { at, line: this })
    const host = direction === 'up' ? this.gateway?.host : this.host
    host?.hear(at - queue.now, () => {
      if (this.#broken || this.silent) return
      if (direction === 'up' ? this.#serverOpen : this.#deviceOpen) run()
    })
  }

  /** @returns how often a frame is to arrive, 0 when the line ends with it. */
  #fate(text: string): number {
    const { chance, met } = this.#parts
    if (chance.may(this.#trouble.cut)) {
      this.cut()
      return 0
    }
    if (chance.may(this.#trouble.halfOpen)) {
      this.goSilent()
      return 0
    }
    if (chance.may(this.#trouble.swallowed) && MAY_BE_SWALLOWED.test(text)) {
      met.add('network: frame swallowed')
      return 0
    }
    // A hello or a welcome opens a connection; TCP doubles neither.
    if (!chance.may(this.#trouble.doubled) || text.startsWith('{"t":"hello"') || text.startsWith('{"t":"welcome"')) return 1
    met.add('network: frame doubled')
    return 2
  }

  #up(text: string): void {
    if (!this.#deviceOpen || !this.host.alive) return
    if ((this.#trouble.older || this.gateway?.older === true) && text.startsWith('{"t":"hello"') && text.includes('"features":'))
      return this.#refusesFeatures()
    this.witness.up(text, this.gateway?.host ?? null)
    if (this.#broken || this.silent) return
    if (this.#trouble.babbling > 0) this.#babble()
    for (let copies = this.#fate(text); copies > 0; copies--) {
      this.#arrive('up', this.#delay(), () => {
        this.#parts.trace(text)
        this.#heardAt = this.#parts.queue.now
        this.#connection?.receive(text)
      })
    }
  }

  /** The device is to say hello once more on this connection, without features. */
  #refusesFeatures(): void {
    if (this.#broken || this.silent) return
    this.#parts.met.add('network: server without items')
    this.#parts.metOlder()
    this.#arrive('up', this.#delay(), () => this.#arrive('down', this.#delay(), () => this.#events.message(OLDER_ANSWER)))
  }

  #babble(): void {
    const { chance, met } = this.#parts
    if (!chance.may(this.#trouble.babbling)) return
    const word = badWord(chance)
    this.#arrive('up', this.#delay(), () => {
      met.add('network: no frame of this protocol')
      this.#heardAt = this.#parts.queue.now
      this.witness.says(word)
      this.#connection?.receive(word.text)
    })
  }

  #serverSocket(): GatewaySocket {
    return {
      address: '192.0.2.1',
      send: (frame) => this.#down(frame),
      bufferedBytes: () => this.#buffered,
      onDrained: (run) => {
        if (this.#buffered === 0 || !this.#serverOpen) run()
        else this.#drains.push(run)
      },
      ping: () => {
        this.#arrive('down', this.#delay(), () => {
          if (this.host.frozen) return
          this.#arrive('up', this.#delay(), () => {
            this.#heardAt = this.#parts.queue.now
            this.#connection?.heard()
          })
        })
      },
      // What is under way comes all the same, as it may from a real one.
      pause() {},
      resume() {},
      pong() {},
      close: ({ code }) => this.#serverCloses(code),
      terminate: () => this.#serverCloses(1_006),
    }
  }

  #down(frame: Buffer): void {
    if (!this.#serverOpen || this.gateway?.host.alive !== true) return
    const text = frame.toString()
    this.witness.down(text, this.gateway.host)
    this.witness.hearsNothing(this.#parts.queue.now - this.#heardAt, this.gateway.host)
    if (this.#buffered > 0) this.witness.waits(this.#parts.queue.now - this.#progressAt, this.gateway.host)
    if (this.#broken) return
    if (this.silent) {
      this.#kernel += frame.length
      if (this.#kernel > KERNEL_BYTES) this.#hold(frame.length)
      return
    }
    const copies = this.#fate(text)
    if (copies === 0) return
    const waitMs = this.#take(frame.length)
    for (let copy = 0; copy < copies; copy++) {
      this.#arrive('down', waitMs + this.#delay(), () => {
        this.#parts.trace(text)
        this.witness.arrived(text)
        this.#events.message(this.#ofANewerServer(text))
      })
    }
  }

  /** [W3] Now and then a server is a version ahead: a frame is said that the device does not know, and this one has a field more. */
  #ofANewerServer(text: string): string {
    if (!this.#parts.chance.may(NEWER)) return text
    this.#parts.met.add('network: words of a newer server')
    this.#events.message('{"t":"weather","sun":true}')
    this.witness.newerWord(this.#deviceOpen)
    return text.replace('{', '{"mood":["new"],')
  }

  /** @returns how long the device needs until it has taken it. */
  #take(bytes: number): number {
    const { bytesPerSecond } = this.#trouble
    const { queue, met } = this.#parts
    const free = this.#takenAt <= queue.now
    if (bytesPerSecond === null && free) return 0
    met.add('network: slow reader')
    const ms = (bytes * 1_000) / (bytesPerSecond ?? 1_000_000)
    this.#takenAt = Math.max(queue.now, this.#takenAt) + ms
    this.#hold(bytes)
    const waitMs = this.#takenAt - queue.now
    queue.add(waitMs, () => {
      if (this.silent) return
      this.#progressAt = queue.now
      this.#buffered = Math.max(0, this.#buffered - bytes)
      if (this.#buffered === 0) this.#drain()
    })
    return waitMs
  }

  #hold(bytes: number): void {
    if (this.#buffered === 0) this.#progressAt = this.#parts.queue.now
    this.#buffered += bytes
    this.bufferedMax = Math.max(this.bufferedMax, this.#buffered)
  }

  #drain(): void {
    const { gateway } = this
    for (const run of this.#drains.splice(0)) gateway?.host.hear(0, run)
  }

  #serverCloses(code: number): void {
    if (!this.#serverOpen) return
    this.witness.closedByServer(code)
    if (!this.silent && !this.#broken) {
      const at = Math.max(this.#downAt, this.#parts.queue.now + this.#delay())
      this.#tellDevice(at - this.#parts.queue.now, code)
    }
    this.#tellServer(this.silent ? CLOSE_MS : 50)
    this.#serverOpen = false
    this.#buffered = 0
    this.#drain()
  }

  #deviceCloses(): void {
    if (!this.#deviceOpen) return
    this.#deviceOpen = false
    if (!this.silent && !this.#broken) this.#tellServer(this.#delay())
  }

  #tellDevice(delayMs: number, code: number): void {
    this.host.hear(delayMs, () => {
      if (!this.#deviceOpen) return
      this.#deviceOpen = false
      this.#events.closed(code)
    })
  }

  #tellServer(delayMs: number): void {
    const connection = this.#connection
    this.gateway?.host.hear(delayMs, () => {
      if (this.#connection === null) return
      this.#connection = null
      this.#serverOpen = false
      this.#buffered = 0
      this.#drain()
      connection?.closed(1_006)
    })
  }
}
