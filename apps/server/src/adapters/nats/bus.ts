import { connect, type NatsConnection, type Subscription } from '@nats-io/transport-node'
import { Listeners, subjectOf, type Bus, type Hint, type Listener, type Subject } from '../../delivery/bus.ts'
import type { Clock, Random } from '../../ops/clock.ts'
import { hintText, readHint } from './hint-text.ts'

export const NATS_BOUNDS = {
  /** Subjects for conversations and accounts; one more is for hints to every process. */
  shards: 512,
  /** Time between two questions to the NATS server whether it answers, and unanswered ones after which it counts as gone. */
  askMs: 250,
  unansweredMax: 4,
  /** A new subscription may need this long until it is known to all NATS servers. Longer than the time between two looks, so that one falls into it [D13]. */
  settleMs: 1_000,
  /** Hints that wait for the NATS server, in UTF-16 units. Further ones are dropped. */
  waitingCharsMax: 1_048_576,
  /** Waits between two tries to connect: random, below a bound that doubles. */
  againMs: 100,
  againMsMax: 2_000,
  dialMs: 2_000,
} as const

/** The version of the hints is part of the subject: programs that do not understand each other do not hear each other. */
const ROOT = 'bongsu.1'

export interface NatsOptions {
  /** `nats://host:port` or `tls://host:port`, all of one kind. */
  readonly servers: readonly string[]
  /** `user:password`, or a token; null without. */
  readonly credentials: string | null
  /** Shown by the NATS server. */
  readonly name: string
  readonly clock: Pick<Clock, 'monotonic' | 'every' | 'after'>
  readonly random: Pick<Random, 'next'>
  /** The NATS server refused something, such as a wrong password or a missing permission. */
  readonly failed: (cause: unknown) => void
}

/** Hints that were dropped. */
export interface Dropped {
  /** Received, and not understood. */
  readonly unreadable: number
  /** Not sent: there was no NATS server, or it took them too slowly. */
  readonly unsent: number
}

interface Shard {
  readonly listeners: Listeners
  subscription: Subscription | null
}

/** The shard of a conversation or an account. Ids end in random digits. */
export function natsSubject(subject: Subject): string {
  return subject === 'all' ? `${ROOT}.all` : `${ROOT}.${Number.parseInt(subject.slice(-4), 16) % NATS_BOUNDS.shards}`
}

/** The bus of several processes: plain NATS subjects, which keep nothing. It never waits for NATS, and tries for ever to reach it. */
export class NatsBus implements Bus {
  readonly #options: NatsOptions
  /** Subscribed shards stay subscribed: that is bounded by their number, and no hint is lost while devices come and go. */
  readonly #shards = new Map<string, Shard>()
  #connection: NatsConnection | null = null
  #connected = false
  #closed = false
  /** The server has refused a subscription on this connection. */
  #refused = false
  #unanswered = 0
  /** Monotonic ms until which new subscriptions count as not yet known. */
  #settledAt = 0
  /** Hints of this turn of the event loop. */
  readonly #gathered = new Map<string, { readonly subject: string; readonly text: string; readonly seq: number }>()
  #published = 0
  #answered = 0
  #tries = 0
  #unreadable = 0
  #unsent = 0
  /** Hints of this process were lost, and the others do not know yet. */
  #owes = false
  readonly #cancel: () => void
  #wake: () => void = () => undefined

  constructor(options: NatsOptions) {
    this.#options = options
    this.#cancel = options.clock.every(NATS_BOUNDS.askMs, () => this.#ask())
    void this.#run()
  }

  publish(hint: Hint): void {
    const subject = natsSubject(subjectOf(hint))
    // This process has just written it, and takes the contents as a shortcut.
    this.#shards.get(subject)?.listeners.tell(hint)
    const text = hintText(hint)
    const isFull = this.#published + text.length - this.#answered > NATS_BOUNDS.waitingCharsMax
    if (this.#connection === null || !this.#connected || isFull) {
      this.#owes = true
      return void this.#unsent++
    }
    this.#published += text.length
    if (this.#gathered.size === 0) setImmediate(() => this.#send())
    const isEntry = hint.t === 'entry'
    const name = isEntry ? hint.conversationId : text
    const seq = isEntry ? hint.seq : 0
    // The last place of a conversation says what the earlier ones say.
    if ((this.#gathered.get(name)?.seq ?? -1) < seq) this.#gathered.set(name, { subject, text, seq })
  }

  /** The messages of a commit are announced one after the other. Their hints go out together: a write to the socket costs more than all else of a hint. */
  #send(): void {
    const connection = this.#connection
    if (connection === null || !this.#connected) this.#unsent += this.#gathered.size
    else for (const { subject, text } of this.#gathered.values()) connection.publish(subject, text)
    this.#gathered.clear()
  }

  subscribe(subject: Subject, listener: Listener): void {
    const name = natsSubject(subject)
    let shard = this.#shards.get(name)
    if (shard === undefined) {
      this.#shards.set(name, (shard = { listeners: new Listeners(), subscription: null }))
      this.#listen(name, shard)
    }
    shard.listeners.add(subject, listener)
  }

  unsubscribe(subject: Subject, listener: Listener): void {
    this.#shards.get(natsSubject(subject))?.listeners.remove(subject, listener)
  }

  isDeaf(): boolean {
    const isGone = !this.#connected || this.#refused || this.#unanswered >= NATS_BOUNDS.unansweredMax
    return isGone || this.#options.clock.monotonic() < this.#settledAt
  }

  dropped(): Dropped {
    return { unreadable: this.#unreadable, unsent: this.#unsent }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#send()
    this.#connected = false
    this.#cancel()
    this.#wake()
    await this.#connection?.close()
  }

  /** Connects, and does so again whenever the library gives up. */
  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#connect()
      } catch (cause) {
        this.#options.failed(cause)
      }
      this.#left()
      this.#connection = null
      for (const shard of this.#shards.values()) shard.subscription = null
      if (!this.#closed) await this.#wait(this.#againMs())
    }
  }

  async #connect(): Promise<void> {
    const { servers, credentials, name } = this.#options
    const [user = '', ...pass] = credentials?.split(':') ?? []
    const connection = await connect({
      servers: servers.map((server) => server.replace(/^[a-z]+:\/\//, '')),
      ...(servers[0]?.startsWith('tls:') === true ? { tls: {} } : {}),
      name,
      ...(credentials === null ? {} : pass.length === 0 ? { token: user } : { user, pass: pass.join(':') }),
      // Own hints are told to own listeners at once.
      noEcho: true,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      reconnectDelayHandler: () => this.#againMs(),
      timeout: NATS_BOUNDS.dialMs,
      pingInterval: NATS_BOUNDS.askMs * NATS_BOUNDS.unansweredMax,
      maxPingOut: 2,
    })
    if (this.#closed) return connection.close()
    this.#connection = connection
    this.#came()
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.#left()
      else if (status.type === 'reconnect') this.#came()
      else if (status.type === 'error') this.#options.failed(status.error)
    }
    const cause = await connection.closed()
    if (cause instanceof Error) throw cause
  }

  #came(): void {
    this.#connected = true
    this.#refused = false
    this.#unanswered = 0
    this.#tries = 0
    this.#answered = this.#published
    this.#settle()
    // The library subscribes again by itself, except to what was refused.
    for (const [subject, shard] of this.#shards) if (shard.subscription?.isClosed() !== false) this.#listen(subject, shard)
  }

  /** Hints may have been on the way. */
  #left(): void {
    this.#connected = false
    this.#owes = true
  }

  #settle(): void {
    this.#settledAt = this.#options.clock.monotonic() + NATS_BOUNDS.settleMs
  }

  #listen(subject: string, shard: Shard): void {
    if (this.#connection === null || this.#connection.isClosed()) return
    this.#settle()
    shard.subscription = this.#connection.subscribe(subject, {
      callback: (fault, message) => {
        // The server refuses this subject. The library has ended the subscription.
        if (fault !== null) {
          this.#refused = true
          return this.#options.failed(fault)
        }
        const hint = readHint(message.string())
        if (hint === null) this.#unreadable++
        else shard.listeners.tell(hint)
      },
    })
  }

  /** Counted in questions and not in time: a process that was late itself does not blame the server. */
  #ask(): void {
    const connection = this.#connection
    if (connection === null || !this.#connected) return
    if (this.#unanswered++ > 0) return
    this.#send()
    const published = this.#published
    connection.flush().then(
      () => {
        this.#unanswered = 0
        this.#answered = Math.max(this.#answered, published)
        this.#confess()
      },
      // The connection broke; the status says so.
      () => undefined,
    )
  }

  /** Tells the others that they have missed something. */
  #confess(): void {
    if (!this.#owes) return
    this.#owes = false
    this.publish({ t: 'lost' })
  }

  #againMs(): number {
    const most = Math.min(NATS_BOUNDS.againMsMax, NATS_BOUNDS.againMs * 2 ** Math.min(10, this.#tries++))
    return Math.ceil(most * (0.5 + this.#options.random.next() / 2))
  }

  #wait(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(waitMs, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }
}
