import type { Bus, Hint } from '../../apps/server/src/delivery/bus.ts'
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
  readonly #listeners = new Map<Host, (hint: Hint) => void>()
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
      subscribe: (listener) => {
        this.#listeners.set(host, listener)
        return () => this.#listeners.delete(host)
      },
    }
  }

  #publish(hint: Hint): void {
    for (const [host, listener] of this.#listeners) {
      if (!host.alive) this.#listeners.delete(host)
      else this.#tell(host, listener, hint)
    }
  }

  #tell(host: Host, listener: (hint: Hint) => void, hint: Hint): void {
    const { lost, doubled, late } = this.trouble
    if (this.#chance.may(lost)) return this.#met.add('bus: hint lost')
    const copies = this.#chance.may(doubled) ? 2 : 1
    if (copies === 2) this.#met.add('bus: hint doubled')
    for (let copy = 0; copy < copies; copy++) {
      const isLate = this.#chance.may(late)
      if (isLate) this.#met.add('bus: hint late')
      this.#carry(host, listener, hint, isLate ? this.#chance.between(50, 6_000) : this.#chance.between(0, 3))
    }
  }

  #carry(host: Host, listener: (hint: Hint) => void, hint: Hint, delayMs: number): void {
    const number = ++this.#sent
    host.hear(delayMs, () => {
      if (number < (this.#heard.get(host) ?? 0)) this.#met.add('bus: hints reordered')
      else this.#heard.set(host, number)
      // Copied: a hint has gone over a wire, and nothing of it is shared.
      if (this.#listeners.get(host) === listener) listener(JSON.parse(JSON.stringify(hint)) as Hint)
    })
  }
}
