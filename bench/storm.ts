import { SUBPROTOCOL, type ClientMessageId, type ConversationId } from '@bongsu/protocol'
import type { DownFrame, UpFrame } from '@bongsu/protocol/schemas'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { waitMsAfter } from '../packages/client/src/back-off.ts'
import { each } from './device.ts'
import type { DevicePlan, StormReply, Talker, Target } from './jobs.ts'
import { within } from './within.ts'

/** As the client: from opening the socket to the welcome. */
const HELLO_MS = 10_000
/** What is said before the cut is accepted in this time, or refused: both are no storm. */
const ACCEPT_MS = 30_000
/** Whoever is not back by then is given up, and the run with it. */
const GIVE_UP_MS = 120_000

const random = { next: Math.random, uuid: () => crypto.randomUUID() }

/** Devices that come back as the client does: after a random time, at the turn they are given, from their cursors. */
export interface Storm {
  connect(target: Target, plans: readonly DevicePlan[], atOnce: number): Promise<void>
  /** From now on what arrives is not taken, as on a connection that is dead and does not know it yet. */
  freeze(): void
  /** Each says one thing; resolves when all is accepted. */
  say(talkers: readonly Talker[], text: string): Promise<void>
  /** All connections break in this moment. Resolves when every device is back and has what it missed. */
  cut(missed: number): Promise<StormReply>
}

export function createStorm(): Storm {
  const devices: Comer[] = []
  return {
    async connect(target, plans, atOnce) {
      await each(plans.length, atOnce, async (index) => {
        const plan = plans[index]
        if (plan === undefined) return
        const device = new Comer(target, plan)
        devices[index] = device
        device.connect()
        await within(GIVE_UP_MS, 'A device’s first coming', device.complete.promise)
      })
    },
    freeze() {
      for (const device of devices) device.frozen = true
    },
    async say(talkers, text) {
      // One after the other on each device, whose answers then need no names.
      const byDevice = [...Map.groupBy(talkers, ({ device }) => device)]
      await each(byDevice.length, 64, async (index) => {
        const [device, all] = byDevice[index] ?? [0, []]
        for (const { conversationId } of all)
          await within(ACCEPT_MS, 'A message’s being accepted', devices[device]?.say(conversationId, text) ?? Promise.resolve())
      })
    },
    async cut(missed) {
      const startedAt = performance.now()
      for (const device of devices) device.cut()
      const late = sleep(GIVE_UP_MS, 'late' as const, { ref: false })
      const backMs: number[] = []
      await Promise.race([
        late,
        Promise.all(devices.map(({ complete }) => complete.promise.then(() => void backMs.push(performance.now() - startedAt)))),
      ])
      const faults = devices.flatMap((device, index) => device.faults(missed).map((fault) => `device ${index} ${fault}`))
      return { t: 'stormed', backMs, attempts: devices.map(({ attempts }) => attempts), faults: faults.slice(0, 20) }
    },
  }
}

/** Devices of a town have addresses of their own, and a server bounds what one address may do. All of 127.0.0.0/8 is this machine. */
function addressOf(token: string): string {
  const [a = 0, b = 0] = createHash('sha256').update(token).digest()
  return `127.0.${a}.${1 + (b % 254)}`
}

class Comer {
  readonly #target: Target
  readonly #token: string
  readonly #address: string
  #account: number
  readonly #cursors: Map<string, number>
  #socket: WebSocket | null = null
  #spreadMs = 0
  #failures = 0
  #received = 0
  readonly #wrong: string[] = []
  #accepted: (() => void) | null = null
  /** Resolves when the server has said that nothing is missing; a new one for each cut. */
  complete = Promise.withResolvers<void>()
  frozen = false
  attempts = 0

  constructor(target: Target, plan: DevicePlan) {
    this.#target = target
    this.#token = plan.token
    this.#address = addressOf(plan.token)
    this.#account = plan.account
    this.#cursors = new Map(plan.cursors)
  }

  connect(): void {
    this.attempts++
    const socket = new WebSocket(`${this.#target.url}/v1/socket`, SUBPROTOCOL, { perMessageDeflate: false, localAddress: this.#address })
    this.#socket = socket
    let retryAfterMs: number | null = null
    let timer = setTimeout(() => socket.terminate(), HELLO_MS)
    socket.on('open', () =>
      this.#send({
        t: 'hello',
        token: this.#token,
        epoch: this.#target.epoch,
        account: this.#account,
        cursors: [...this.#cursors] as [ConversationId, number][],
        features: ['turns'],
      }),
    )
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as DownFrame
      if (frame.t === 'welcome') clearTimeout(timer)
      if (frame.t === 'turn') {
        clearTimeout(timer)
        timer = setTimeout(() => socket.terminate(), frame.inMs + HELLO_MS)
      }
      if (frame.t === 'refused' && frame.re === 'hello') {
        retryAfterMs = frame.retryAfterMs ?? null
        socket.close()
      } else this.#take(frame)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      if (this.#socket !== socket) return
      const waitMs = waitMsAfter({ failures: this.#failures++, spreadMs: this.#spreadMs, retryAfterMs }, random)
      setTimeout(() => this.connect(), waitMs)
    })
  }

  async say(conversationId: string, text: string): Promise<void> {
    const id = crypto.randomUUID() as ClientMessageId
    await new Promise<void>((resolve) => {
      this.#accepted = resolve
      this.#send({ t: 'send', id, conversationId: conversationId as ConversationId, body: { kind: 'text', text } })
    })
  }

  cut(): void {
    this.frozen = false
    this.attempts = 0
    this.#failures = 0
    this.#received = 0
    this.complete = Promise.withResolvers<void>()
    this.#socket?.terminate()
  }

  faults(missed: number): string[] {
    return this.#received === missed ? this.#wrong : [...this.#wrong, `has ${this.#received} of ${missed} entries that it missed`]
  }

  #send(frame: UpFrame): void {
    this.#socket?.send(JSON.stringify(frame))
  }

  #take(frame: DownFrame): void {
    if (frame.t === 'accepted') return this.#accepted?.()
    if (this.frozen) return
    if (frame.t === 'welcome') this.#spreadMs = frame.reconnectSpreadMs
    else if (frame.t === 'beat') this.#spreadMs = frame.reconnectSpreadMs ?? this.#spreadMs
    else if (frame.t === 'account') this.#account = frame.to
    else if (frame.t === 'caught-up') {
      this.#failures = 0
      this.complete.resolve()
    } else if (frame.t === 'reset' || frame.t === 'refused') this.#wrong.push(`got ${JSON.stringify(frame).slice(0, 120)}`)
    else if (frame.t === 'entries') {
      for (const { seq } of frame.entries) {
        const cursor = this.#cursors.get(frame.conversationId) ?? 0
        if (seq !== cursor + 1) this.#wrong.push(`got seq ${seq} after ${cursor}`)
        this.#cursors.set(frame.conversationId, seq)
        this.#received++
      }
    }
  }
}
