import { createHash } from 'node:crypto'
import type { AccountId, ClientMessageId, ConversationId, DeviceId } from '@bongsu/protocol'
import { accountId, deviceId, messageId, roomId } from '../worlds/names.ts'
import { Chance } from './chance.ts'
import { Disk } from './disk.ts'
import { EventQueue } from './event-queue.ts'
import { Met } from './faults.ts'
import { Gateway } from './gateway.ts'
import { HintBus } from './hint-bus.ts'
import { History } from './history.ts'
import { Host } from './host.ts'
import { Network } from './network.ts'
import { Phone } from './phone.ts'
import type { Plan } from './plan.ts'

/** Everything there is in one run. */
export class World {
  readonly plan: Plan
  readonly queue = new EventQueue()
  readonly met = new Met()
  readonly history = new History()
  readonly disk: Disk
  readonly bus: HintBus
  readonly accounts: readonly AccountId[]
  readonly phones: Phone[] = []
  gateways: Gateway[]
  /** Trouble is over. */
  isCalm = false
  /** Which of them start in the version before the newest one. */
  readonly older: boolean[]
  /** Largest number of bytes that waited for one device. */
  bufferedMax = 0
  readonly #chance: Chance
  readonly #routes: Chance
  readonly #trace = createHash('sha1')
  readonly #networks: Network[] = []

  constructor(plan: Plan) {
    this.plan = plan
    const chance = new Chance(plan.seed, 'world')
    this.#chance = chance
    this.#routes = chance.fork('routes')
    this.disk = new Disk(this.queue, chance.fork('disk'), this.met)
    this.bus = new HintBus(this.queue, chance.fork('bus'), this.met)
    this.accounts = Array.from({ length: plan.accounts }, (_, index) => accountId(index + 1))
    for (const one of this.accounts) this.disk.truth.addAccount(one)
    this.older = Array.from({ length: plan.gateways }, () => false)
    this.gateways = Array.from({ length: plan.gateways }, (_, index) => this.#boot(index))
  }

  /** Groups that are there from the beginning, so that every act has where to happen. */
  async furnish(): Promise<void> {
    const chance = this.#chance.fork('furniture')
    const rooms = chance.between(1, 3)
    for (let n = 1; n <= rooms; n++) {
      const others = this.accounts.slice(1).filter(() => chance.may(0.8))
      const made = await this.disk.truth.log.createGroup(
        { conversationId: roomId(n), author: this.accounts[0]!, id: messageId(1_000_000 + n), title: n === 1 ? '' : `방 ${n}`, accounts: others },
        1_790_000_000_000,
      )
      if ('conversationId' in made) this.disk.rooms.push(made.conversationId)
    }
    for (let number = 0; number < this.plan.devices; number++) this.addPhone(this.accounts[number % this.accounts.length]!)
  }

  addPhone(account: AccountId): Phone {
    const number = this.phones.length + 1
    const parts = {
      queue: this.queue,
      met: this.met,
      disk: this.disk,
      history: this.history,
      anyGateway: () => this.#routes.pick(this.gateways),
      clocksAgree: () => this.gateways.every(({ host }) => host.offsetMs === 0),
      network: (witness: Network['parts']['witness'], metOlder: Network['parts']['metOlder']): Network => {
        const network = new Network({
          queue: this.queue,
          chance: this.#chance.fork(`network of ${number}`),
          met: this.met,
          anyGateway: () => this.#routes.pick(this.gateways),
          witness,
          metOlder,
          trace: (text) => this.#note(number, text),
        })
        this.#networks.push(network)
        return network
      },
    }
    const phone = new Phone(parts, this.#chance.fork(`phone ${number}`), number, account, deviceId(number))
    this.phones.push(phone)
    return phone
  }

  lines(): Network['lines'] {
    return new Set(this.#networks.flatMap((network) => [...network.lines]))
  }

  /** @param power the machine's, so that nothing of it can say goodbye. */
  killGateway(index: number, power: boolean, all = false): void {
    const gateway = this.gateways[index]!
    if (!gateway.host.alive) return
    gateway.host.die()
    this.disk.crash(gateway.host, all)
    for (const line of this.lines()) if (line.gateway === gateway) line.serverGone(power)
  }

  startGateway(index: number): void {
    if (!this.gateways[index]!.host.alive) this.gateways[index] = this.#boot(index, this.gateways[index]!.host.offsetMs)
  }

  /** A device of nobody's hand asks a living process to end another. */
  revoke(account: AccountId, device: DeviceId): void {
    const gateway = this.gateways.find((one) => one.host.alive && !one.host.frozen)
    gateway?.revokeDevice(account, device).catch(() => undefined)
  }

  uuid(): string {
    return this.#chance.uuid()
  }

  bug(cause: unknown): void {
    this.history.broken('BUG', cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
  }

  traceHash(): string {
    return this.#trace.copy().digest('hex')
  }

  entriesOf(conversationId: ConversationId): ReturnType<Disk['truth']['entries']> {
    return this.disk.truth.entries(conversationId)
  }

  messageIdFor(): ClientMessageId {
    return this.uuid() as ClientMessageId
  }

  #note(number: number, text: string): void {
    this.#trace.update(`${this.queue.now} ${number} ${text}\n`)
  }

  #boot(index: number, offsetMs = 0): Gateway {
    const { disk, bus } = this
    const host = new Host(this.queue, `server ${index + 1}`, offsetMs)
    const chance = this.#chance.fork(`server ${index + 1} from ${this.queue.now}`)
    const { heartbeatMs, hellosPerSecond } = this.plan
    const pace = hellosPerSecond === undefined ? {} : { hellosPerSecond }
    const broken = this.history.broken.bind(this.history)
    const judged = this.history.judged.add.bind(this.history.judged)
    return new Gateway(
      { disk, bus, chance, heartbeatMs, ...pace, broken, judged, tooLate: (act) => this.history.gaveUp(act), bug: (cause) => this.bug(cause) },
      host,
      this.older[index],
    )
  }
}
