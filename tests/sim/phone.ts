import { createDevice, type DeviceHandle, type View } from '@bongsu/client'
import type { AccountId, Act, ClientMessageId, ConversationId, DeviceId, Entry, SendBody } from '@bongsu/protocol'
import type { Api } from '../../packages/client/src/api.ts'
import type { Chance } from './chance.ts'
import { DeviceDisk } from './device-disk.ts'
import type { EventQueue } from './event-queue.ts'
import type { Met } from './faults.ts'
import { tokenOf, type Gateway } from './gateway.ts'
import { Host } from './host.ts'
import type { HttpAnswer, HttpRequest } from './http.ts'
import { NO_NET_TROUBLE, type NetTrouble } from './net-trouble.ts'
import type { Line, Network } from './network.ts'
import { Observer } from './observer.ts'
import type { History } from './history.ts'
import { LineWitness } from './line-witness.ts'
import type { Disk } from './disk.ts'
import { Turns } from './turns.ts'

export interface PhoneParts {
  readonly queue: EventQueue
  readonly met: Met
  readonly disk: Disk
  readonly history: History
  readonly anyGateway: () => Gateway
  /** No server's clock has jumped. */
  readonly clocksAgree: () => boolean
  /** A network whose lines are watched by this witness. */
  readonly network: (witness: () => LineWitness, metOlder: () => void) => Network
}

const HTTP_MS = 15_000
/** Attempts to connect in ten seconds; full jitter from one second on makes about five. */
const ATTEMPTS_MAX = 20

/** One device through all its lives: the real client on simulated ports. */
export class Phone {
  readonly name: string
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly disk: DeviceDisk
  readonly trouble: NetTrouble = { ...NO_NET_TROUBLE }
  readonly network: Network
  host: Host
  handle: DeviceHandle
  /** Switched off: between two lives. */
  off = false
  /** It has met servers that know no items: after a restore those take back no marks. */
  metOlder = false
  /** The view on the screen. */
  watching: Parameters<DeviceHandle['watch']>[0] = null
  readonly #parts: PhoneParts
  readonly #chance: Chance
  #token: string
  #lives = 0
  #attempts: number[] = []
  readonly #turns: Turns
  readonly #served = { by: null as Host | null, hello: 0, at: 0, hellos: 0 }

  constructor(parts: PhoneParts, chance: Chance, number: number, accountId: AccountId, deviceId: DeviceId) {
    this.#parts = parts
    this.#chance = chance
    this.name = `device ${number}`
    this.accountId = accountId
    this.deviceId = deviceId
    this.disk = new DeviceDisk(chance.fork(`disk of ${number}`), parts.met, (sentence) => parts.history.broken('D4', `${this.name}: ${sentence}`))
    this.#turns = new Turns(
      parts.queue,
      parts.met,
      () => this.host,
      (sentence) => parts.history.broken('O3', `${this.name} ${sentence}`),
      () => parts.history.judged.add('turn: told to come later, and came'),
    )
    this.network = parts.network(
      () => this.#witness(),
      () => (this.metOlder = true),
    )
    this.host = new Host(parts.queue, this.name)
    this.#token = tokenOf(accountId, deviceId, this.host.now())
    this.handle = this.#boot()
  }

  view(): View {
    return this.handle.view()
  }

  /** Entries and acts in the outbox. */
  waiting(): readonly (View['outbox'] | View['acts'])[number][] {
    const { outbox, acts } = this.view()
    return [...outbox, ...acts]
  }

  get revoked(): boolean {
    return this.#parts.disk.revoked.has(this.deviceId)
  }

  lines(): readonly Line[] {
    return [...this.network.lines].filter((line) => line.host === this.host && !line.isOver)
  }

  /** @param power no kernel is left that could close its connections. */
  kill(power: boolean): void {
    if (this.off) return
    for (const line of this.lines()) line.deviceGone(power)
    this.disk.crash(this.host)
    this.host.die()
    this.watching = null
    this.off = true
  }

  start(): void {
    if (!this.off) return
    this.off = false
    this.host = new Host(this.#parts.queue, this.name, this.host.offsetMs)
    this.handle = this.#boot()
  }

  /** @param keepsLines the network still takes what comes for it. */
  sleep(keepsLines: boolean): void {
    if (this.off || this.host.frozen) return
    this.#parts.met.add('device: asleep')
    if (!keepsLines) for (const line of this.lines()) line.goSilent()
    this.host.freeze()
  }

  wake(): void {
    if (this.off) return
    if (this.host.frozen) this.host.thaw()
    this.host.hear(1, () => this.handle.wake())
  }

  /** Does it have this text of its account, durably, so that it survives whatever happens to the device? */
  holds({ id, conversationId }: { readonly id: ClientMessageId; readonly conversationId: ConversationId }): boolean {
    if (this.disk.outbox.get(id)?.refused === null) return true
    return this.disk.hasEntry(conversationId, id)
  }

  /**
   * It has written this text down and not stored it as an entry yet: it must have it, killed or not [A4]. By what its disk says of that history, and
   * as long as it is in the conversation.
   */
  owes(
    { id, conversationId, seq }: { readonly id: ClientMessageId; readonly conversationId: ConversationId; readonly seq: number },
    epoch: string,
  ): boolean {
    const { state, everStored, outbox } = this.disk
    if (!everStored.has(id) || typeof outbox.get(id)?.refused === 'string') return false
    const room = state?.epoch === epoch ? state.rooms.get(conversationId) : undefined
    const present = this.off ? room : this.view().replica.rooms.get(conversationId)
    return room !== undefined && present !== undefined && present.membership.joinedSeq <= seq && room.cursor < seq
  }

  /**
   * It runs and has let go of this text, as it may [A4]: it has left, or a `reset` has passed the text, as also when it came back. That its disk was
   * full and still has the text is for a next life; what promises nothing with an empty disk promises no more with a full one.
   */
  hasLetGo(
    { id, conversationId, seq }: { readonly id: ClientMessageId; readonly conversationId: ConversationId; readonly seq: number },
    epoch: string,
  ): boolean {
    const { loaded, replica, outbox } = this.view()
    if (this.off || !loaded || outbox.some((item) => item.id === id)) return false
    const room = replica.rooms.get(conversationId)
    if (room === undefined) return true
    // Places of another history say nothing of this one, nor does that of what was not there.
    if (replica.epoch !== epoch || seq === 0) return false
    return seq <= room.cursor && !room.ranges.some(({ first, last }) => first <= seq && seq <= last)
  }

  watch(view: Phone['watching']): void {
    this.watching = view
    this.handle.watch(view)
  }

  send(conversationId: ConversationId, body: SendBody): void {
    const id = this.#chance.uuid() as ClientMessageId
    this.#parts.history.made({ id, device: this.name, author: this.accountId, conversationId, body })
    this.handle.send(conversationId, body, id).then(
      () => this.#parts.history.stored(id),
      () => undefined,
    )
  }

  /** Does something to this entry. */
  act(conversationId: ConversationId, { seq, id: subject }: Entry, act: Act): void {
    const { history } = this.#parts
    const wish = history.wished({ device: this.name, author: this.accountId, conversationId, kind: act.kind, seq, value: act.value })
    this.handle.act(conversationId, { seq, id: subject }, act).then(
      (id) => {
        history.madeOf(id, wish)
        history.stored(id)
      },
      () => undefined,
    )
  }

  /** Sends again what was refused; the new one has its own id. */
  retry(id: ClientMessageId): void {
    const known = new Set(this.waiting().map((item) => item.id))
    this.#parts.history.dropped(id)
    this.handle.retry(id).catch(() => undefined)
    for (const item of this.waiting()) {
      if (known.has(item.id)) continue
      const { conversationId } = item
      if ('body' in item) this.#parts.history.made({ id: item.id, device: this.name, author: this.accountId, conversationId, body: item.body })
    }
  }

  discard(id: ClientMessageId): void {
    const { history } = this.#parts
    const item = this.waiting().find((one) => one.id === id)
    if (item !== undefined && 'act' in item) history.gaveUp({ ...item, author: this.accountId, ...item.act, seq: item.about.seq })
    history.dropped(id)
    this.handle.discard(id).catch(() => undefined)
  }

  /** One HTTP request, as the device's own program or the app makes it. */
  call(request: HttpRequest): Promise<HttpAnswer> {
    const { met } = this.#parts
    const { host, trouble } = this
    const offline = { ok: false, refusal: { code: 'unavailable' }, offline: true } as const
    return new Promise((resolve) => {
      const cancel = host.after(HTTP_MS, () => resolve(offline))
      const settle = (answer: HttpAnswer): void =>
        host.hear(this.#chance.between(1, 30), () => {
          cancel()
          resolve(answer)
        })
      if (trouble.connecting === 'silent') return
      const gateway = this.#parts.anyGateway()
      if ((trouble.older || gateway.older) && request.query?.marks !== undefined) return settle({ ok: false, refusal: { code: 'body-invalid' } })
      if (!gateway.host.alive || trouble.connecting === 'refused') return settle(offline)
      if (this.#chance.may(trouble.httpLost)) return met.add('http: request lost')
      const copies = this.#chance.may(trouble.httpDoubled) ? 2 : 1
      if (copies === 2) met.add('http: request doubled')
      for (let copy = 0; copy < copies; copy++) {
        gateway.host.hear(this.#chance.between(1, 30 + trouble.lateMs), () => {
          void gateway.http(this.accountId, this.deviceId, request).then((answer) => {
            if (this.#chance.may(trouble.httpLost)) met.add('http: answer lost')
            else settle(answer)
          })
        })
      }
    })
  }

  #boot(): DeviceHandle {
    const { host } = this
    this.#turns.forget()
    const http: Pick<Api, 'call'> = { call: ((name: string, request: object) => this.call({ name, ...request })) as Api['call'] }
    const handle = createDevice({
      store: this.disk.storeFor(host),
      openSocket: this.network.openSocketFor(host, this.trouble, () => this.#attempt()),
      http,
      clock: host,
      random: this.#chance,
      token: this.#token,
      onToken: (token) => {
        this.#token = token
      },
    })
    const observer = new Observer(this.#parts.history, this.#parts.disk, this.name, ++this.#lives, this.accountId)
    handle.subscribe(() => {
      if (host.alive) observer.look(handle.view())
    })
    void handle.start()
    return handle
  }

  #attempt(): void {
    const { queue, history } = this.#parts
    this.#attempts = [...this.#attempts, queue.now].filter((at) => at > queue.now - 10_000)
    if (this.#attempts.length > ATTEMPTS_MAX) history.broken('O3', `${this.name} connects ${this.#attempts.length} times in ten seconds`)
    this.#turns.connects()
  }

  #witness(): LineWitness {
    const { disk, queue, history } = this.#parts
    return new LineWitness({
      disk,
      accountId: this.accountId,
      deviceId: this.deviceId,
      now: () => queue.now,
      broken: (promise, sentence) => history.broken(promise, `${this.name}: ${sentence}`),
      wasStored: (id) => this.disk.everStored.has(id as ClientMessageId),
      turns: this.#turns,
      served: this.#served,
      clocksAgree: this.#parts.clocksAgree,
      sent: (id) => history.sent(id, this.name),
      accepted: (answer) => history.accepted.push({ id: answer.id, conversationId: answer.conversationId, seq: answer.seq }),
      judged: (kind) => history.judged.add(kind),
      actOf: (id) => history.acts.get(id as ClientMessageId),
      actSent: ({ id, conversationId, seq, subject, act: { kind, value } }) =>
        history.sentAct({ id, device: this.name, author: this.accountId, conversationId, kind, value, seq, subject }),
      actAccepted: ({ id, change }) => history.acceptedActs.push({ id, change }),
      wasDropped: (id) => history.droppedIds.has(id as ClientMessageId),
      heard: () => history.heardAccepted(this.name),
    })
  }
}
