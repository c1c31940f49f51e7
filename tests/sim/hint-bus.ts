import { subjectOf, type Bus, type Hint, type Listener, type Subject } from '../../apps/server/src/delivery/bus.ts'
import type { Chance } from './chance.ts'
import type { EventQueue } from './event-queue.ts'
import type { FaultKind, Met } from './faults.ts'
import type { Host } from './host.ts'

export interface BusTrouble {
  /** Probability that one process does not hear a hint. */
  lost: number
  doubled: number
  late: number
}

/** Carries hints between server processes as badly as the port allows. */
export class HintBus {
  readonly trouble: BusTrouble = { lost: 0, doubled: 0, late: 0 }
  /** Names of processes: what the first one publishes never reaches the second one. */
  readonly cutWays = new Set<`${string} to ${string}`>()
  /** When a hint was last lost or late. */
  unwellAt = 0
  readonly #chance: Chance
  readonly #queue: EventQueue
  readonly #met: Met
  readonly #listening = new Map<Host, Map<Subject, Listener>>()
  readonly #heard = new Map<Host, number>()
  #sent = 0

  constructor(queue: EventQueue, chance: Chance, met: Met) {
    this.#queue = queue
    this.#chance = chance
    this.#met = met
  }

  busFor(host: Host): Bus {
    return {
      publish: (hint) => {
        if (host.alive) this.#publish(host, hint)
      },
      subscribe: (subject, listener) => {
        const subjects = this.#listening.get(host)
        if (subjects === undefined) this.#listening.set(host, new Map([[subject, listener]]))
        else subjects.set(subject, listener)
      },
      unsubscribe: (subject) => this.#listening.get(host)?.delete(subject),
      // Hints are lost silently here: only heartbeats find that [D1].
      isDeaf: () => false,
    }
  }

  #publish(from: Host, hint: Hint): void {
    const subject = subjectOf(hint)
    for (const [host, subjects] of this.#listening) {
      if (!host.alive) this.#listening.delete(host)
      else if (subjects.has(subject)) this.#tell(from, host, subject, hint)
    }
  }

  #tell(from: Host, host: Host, subject: Subject, hint: Hint): void {
    const { lost, doubled, late } = this.trouble
    if (this.cutWays.has(`${from.name} to ${host.name}`)) return this.#fails('bus: no hint from one process to another')
    if (this.#chance.may(lost)) return this.#fails('bus: hint lost')
    const copies = this.#chance.may(doubled) ? 2 : 1
    if (copies === 2) this.#met.add('bus: hint doubled')
    for (let copy = 0; copy < copies; copy++) {
      const isLate = this.#chance.may(late)
      if (isLate) this.#fails('bus: hint late')
      this.#carry(host, subject, hint, isLate ? this.#chance.between(50, 6_000) : this.#chance.between(0, 3))
    }
  }

  #fails(how: FaultKind): void {
    this.unwellAt = this.#queue.now
    this.#met.add(how)
  }

  #carry(host: Host, subject: Subject, hint: Hint, delayMs: number): void {
    const number = ++this.#sent
    host.hear(delayMs, () => {
      if (number < (this.#heard.get(host) ?? 0)) this.#met.add('bus: hints reordered')
      else this.#heard.set(host, number)
      // Copied: a hint has gone over a wire, and nothing of it is shared.
      this.#listening.get(host)?.get(subject)?.(JSON.parse(JSON.stringify(hint)) as Hint)
    })
  }
}
