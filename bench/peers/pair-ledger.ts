/** Only the first few are told. */
const FAULTS_TOLD_MAX = 20

interface Pair {
  sent: number
  /** Numbers acknowledged, and the last one received: they come in order. */
  acknowledged: Set<number>
  received: number
}

/**
 * Pairs of users, the first of whom sends to the second. Every message acknowledged to the sender must be received, once, in the order of sending.
 * Ids are `<pair>-<number>`, numbers from 1.
 */
export class PairLedger {
  readonly #pairs = new Map<number, Pair>()
  readonly #faults: string[] = []
  #faultCount = 0
  acknowledgedCount = 0
  receivedCount = 0

  nextId(pair: number): string {
    let known = this.#pairs.get(pair)
    if (known === undefined) this.#pairs.set(pair, (known = { sent: 0, acknowledged: new Set(), received: 0 }))
    return `${pair}-${++known.sent}`
  }

  acknowledged(id: string): void {
    const [pair, number] = partsOf(id)
    const known = this.#pairs.get(pair)
    if (known === undefined || !(number >= 1 && number <= known.sent) || known.acknowledged.has(number))
      return this.fault(`${id} was acknowledged twice, or never sent`)
    known.acknowledged.add(number)
    this.acknowledgedCount++
  }

  /** @param user who got it. Of pair n those are 2n, who sends, and 2n + 1. */
  received(user: number, id: string): void {
    const [pair, number] = partsOf(id)
    const known = this.#pairs.get(pair)
    if (known === undefined || !(number >= 1 && number <= known.sent)) return this.fault(`user ${user} got ${id}, which was never sent`)
    if (user !== pair * 2 + 1) return this.fault(`user ${user} got ${id}, which is for user ${pair * 2 + 1}`)
    this.receivedCount++
    if (number <= known.received) this.fault(`${id} came again or late, after ${known.received}`)
    else if (number > known.received + 1) this.fault(`${id} came after ${known.received}`)
    known.received = Math.max(known.received, number)
  }

  settled(): boolean {
    return this.#pairs.values().every(({ sent, acknowledged, received }) => acknowledged.size === sent && received === sent)
  }

  close(): readonly string[] {
    for (const [pair, { sent, acknowledged, received }] of this.#pairs) {
      if (acknowledged.size < sent) this.fault(`pair ${pair}: ${sent - acknowledged.size} of ${sent} were never acknowledged`)
      const lost = acknowledged
        .values()
        .filter((number) => number > received)
        .toArray().length
      if (lost > 0) this.fault(`pair ${pair}: ${lost} acknowledged messages did not arrive`)
    }
    const rest = this.#faultCount - this.#faults.length
    return rest > 0 ? [...this.#faults, `and ${rest} more`] : this.#faults
  }

  fault(sentence: string): void {
    this.#faultCount++
    if (this.#faults.length < FAULTS_TOLD_MAX) this.#faults.push(sentence)
  }
}

export function partsOf(id: string): readonly [pair: number, number: number] {
  const [pair = Number.NaN, number = Number.NaN] = id.split('-').map(Number)
  return [pair, number]
}
