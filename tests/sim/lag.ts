import type { AccountId, ConversationId } from '@bongsu/protocol'
import type { Gateway } from './gateway.ts'
import type { Line } from './network.ts'
import type { Phone } from './phone.ts'
import type { World } from './world.ts'

/** Time between two looks. */
const EACH_MS = 1_000
/** What the way of a heartbeat's news may take: delays, disk, gathering. */
const WAY_MS = 3_000
/** In this time a hint is heard and has its effect; one that is late comes within `LATE_HINT_MS`. */
const HINT_MS = 2_000
const LATE_HINT_MS = 6_000
/** A process looks into the store again in the heartbeat after one in which it could not. */
const BEATS_WELL = 3

/** What was durable at one moment. */
interface Durable {
  readonly at: number
  readonly epoch: string
  readonly rooms: ReadonlyMap<ConversationId, { readonly head: number; readonly change: number; readonly joined: ReadonlyMap<AccountId, number> }>
  readonly accounts: ReadonlyMap<AccountId, number>
}

/** [D1] Looks all the time whether each process has sent its devices what was durable one heartbeat ago, whatever became of the hints. */
export function watchLag(world: World): void {
  const lag = new Lag(world)
  const again = (): void => {
    world.queue.add(EACH_MS, () => {
      lag.look()
      again()
    })
  }
  again()
}

class Lag {
  readonly #world: World
  readonly #before: Durable[] = []
  /** When something was last wrong with a process or its store. */
  readonly #unwellAt = new Map<Gateway, number>()

  constructor(world: World) {
    this.#world = world
  }

  look(): void {
    const { queue, plan, phones, gateways, disk } = this.#world
    for (const gateway of gateways) if (!this.#unwellAt.has(gateway) || this.#isUnwell(gateway)) this.#unwellAt.set(gateway, queue.now)
    for (const phone of phones) for (const line of phone.network.lines) this.#judgeReplaced(phone, line)
    const late = queue.now - plan.heartbeatMs - WAY_MS
    while ((this.#before[1]?.at ?? Infinity) <= late) this.#before.shift()
    const [durable] = this.#before
    this.#before.push(this.#durable())
    if (durable === undefined || durable.at > late || durable.epoch !== disk.epoch || disk.undecided) return
    for (const phone of phones) for (const line of phone.lines()) if (this.#isWell(line, durable.at)) this.#judge(phone, line, durable)
  }

  /** [D8] The hint that a device has come to another process closes its earlier connection. */
  #judgeReplaced({ name }: Phone, { isHeld, gateway, witness }: Line): void {
    const { queue, bus, history } = this.#world
    const at = witness.replacedAt
    if (at === null || !isHeld || gateway?.host.alive !== true || gateway.host.frozen) return
    if (Math.max(at, gateway.host.thawedAt, bus.unwellAt + LATE_HINT_MS) > queue.now - HINT_MS || bus.unwellAt >= at - HINT_MS) return
    history.broken('D8', `${gateway.host.name} still holds a connection of ${name}, which has come to another process`)
  }

  #durable(): Durable {
    const { disk, queue, accounts } = this.#world
    return {
      at: queue.now,
      epoch: disk.undecided ? '' : disk.epoch,
      accounts: new Map(accounts.map((one) => [one, disk.truth.accountHead(one)])),
      rooms: new Map(
        disk.rooms.map((one) => [
          one,
          {
            head: disk.truth.entries(one).length,
            change: disk.truth.change(one),
            joined: new Map([...disk.truth.membersOf(one)].map(([account, { joinedSeq }]) => [account, joinedSeq])),
          },
        ]),
      ),
    }
  }

  #isUnwell({ host, busy }: Gateway): boolean {
    const { trouble, awayFrom } = this.#world.disk
    return !host.alive || host.frozen || busy.level > 0 || trouble.slow || trouble.unavailable > 0 || awayFrom.has(host.name)
  }

  #isWell(line: Line, since: number): boolean {
    const wellSince = line.gateway === null ? Infinity : (this.#unwellAt.get(line.gateway) ?? Infinity)
    return line.isQuietSince(since) && wellSince + BEATS_WELL * this.#world.plan.heartbeatMs <= this.#world.queue.now
  }

  #judge({ name, accountId, revoked }: Phone, { witness }: Line, { rooms, accounts }: Durable): void {
    const { disk, history } = this.#world
    if (revoked) return
    history.judged.add('live device: held against what was durable a heartbeat ago')
    const broken = (promise: string, sentence: string): void => history.broken(promise, `${name} was not sent within a heartbeat: ${sentence}`)
    const account = accounts.get(accountId) ?? 0
    if (witness.account < account) broken('D9', `change ${account} of the account log; it has ${witness.account}`)
    for (const [conversationId, { head, change, joined }] of rooms) {
      const joinedSeq = joined.get(accountId)
      if (joinedSeq === undefined || disk.joinedSeq(conversationId, accountId) !== joinedSeq) continue
      const sent = witness.sentOf(conversationId)
      if (sent.seq < head) broken('D1', `${conversationId}#${head}; it has #${sent.seq}`)
      else if (sent.change !== null && sent.change < change) broken('I3', `change ${change} of ${conversationId}; it has ${sent.change}`)
    }
  }
}
