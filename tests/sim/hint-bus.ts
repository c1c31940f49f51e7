import { subjectOf, type Bus, type Hint, type Listener, type Subject } from '../../apps/server/src/delivery/bus.ts'
import type { Chance } from './chance.ts'
import type { Met } from './faults.ts'
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
  readonly #chance: Chance
  readonly #met: Met
  readonly #listening = new Map<Host, Map<Subject, Listener>>()
  readonly #heard = new Map<Host, number>()
  #sent = 0

  constructor(chance: Chance, met: Met) {
    this.#chance = chance
    this.#met = met
  }

  busFor(host: Host): Bus {
    return {
      publish: (hint) => {
        if (host.alive) this.#publish(hint)
      },
      subscribe: (subject, listener) => {
        const subjects = this.#listening.get(host)
        if (subjects === undefined) this.#listening.set(host, new Map([[subject, listener]]))
        else subjects.set(subject, listener)
      },
      unsubscribe: (subject) => this.#listening.get(host)?.delete(subject),
    }
  }

  #publish(hint: Hint): void {
    const subject = subjectOf(hint)
    for (const [host, subjects] of this.#listening) {
      if (!host.alive) this.#listening.delete(host)
      else if (subjects.has(subject)) this.#tell(host, subject, hint)
    }
  }

  #tell(host: Host, subject: Subject, hint: Hint): void {
    const { lost, doubled, late } = this.trouble
    if (this.#chance.may(lost)) return this.#met.add('bus: hint lost')
    const copies = this.#chance.may(doubled) ? 2 : 1
    if (copies === 2) this.#met.add('bus: hint doubled')
    for (let copy = 0; copy < copies; copy++) {
      const isLate = this.#chance.may(late)
      if (isLate) this.#met.add('bus: hint late')
      this.#carry(host, subject, hint, isLate ? this.#chance.between(50, 6_000) : this.#chance.between(0, 3))
    }
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
