/** What was seen to be wrong, as sentences for people. Empty: everything acknowledged arrived once and in order everywhere. */
export type Faults = readonly string[]

interface Room {
  /** The id at each seq and the seq of each id, as whoever saw it first saw it: a message that is kept twice has two. */
  readonly ids: Map<number, string>
  readonly seqs: Map<string, number>
  /** What its devices had before anything was sent; nothing new can stand there. */
  from: number
  /** Highest seq accepted, and how many were. */
  head: number
  /** Each device that receives the conversation, and the last seq it was sent. */
  readonly devices: Map<number, number>
}

/** Only the first few are told; one lost hint often breaks thousands of entries. */
const FAULTS_TOLD_MAX = 20

/**
 * Holds what senders were told against what receivers got. It knows nothing of the server: only promises M2, M3, M5, M6 and D2.
 * Its cost is the generator's, so it keeps one number for a device and one id for an entry however many devices receive it.
 */
export class Ledger {
  readonly #rooms = new Map<string, Room>()
  /** Ids sent and not answered yet, and where their answer belongs. */
  readonly #open = new Map<string, { readonly seqs: number[]; readonly index: number }>()
  /** For each device and conversation, the seq of each entry in the order in which the device sent them; 0 until it is answered. */
  readonly #seqs = new Map<string, number[]>()
  readonly #faults: string[] = []
  #faultCount = 0
  acceptedCount = 0
  receivedCount = 0

  /** A device receives this conversation and has everything up to `from`. */
  expect(device: number, room: string, from: number): void {
    const known = this.#room(room)
    known.devices.set(device, from)
    known.from = Math.max(known.from, from)
    known.head = Math.max(known.head, from)
  }

  /** `sender`: the device that sends, for the order of its entries [M6]. */
  sent(sender: number, room: string, id: string): void {
    const key = `${sender} ${room}`
    let seqs = this.#seqs.get(key)
    if (seqs === undefined) this.#seqs.set(key, (seqs = []))
    this.#open.set(id, { seqs, index: seqs.push(0) - 1 })
  }

  accepted(room: string, id: string, seq: number): void {
    const asked = this.#open.get(id)
    if (asked === undefined) return this.#fault(`accepted ${id} was not sent, or was answered twice`)
    this.#open.delete(id)
    this.acceptedCount++
    asked.seqs[asked.index] = seq
    const known = this.#room(room)
    if (seq <= known.from) this.#fault(`accepted ${id} was given seq ${seq} of ${room}, where something stood before`)
    known.head = Math.max(known.head, seq)
    this.#same(room, known, seq, id)
  }

  received(device: number, room: string, seq: number, id: string): void {
    this.receivedCount++
    const known = this.#room(room)
    const last = known.devices.get(device)
    if (last === undefined) return this.#fault(`device ${device} got an entry of ${room}, which is not for it`)
    if (seq <= last) this.#fault(`device ${device} got seq ${seq} of ${room} again or late, after ${last}`)
    else if (seq > last + 1) this.#fault(`device ${device} got seq ${seq} of ${room} after ${last}`)
    known.devices.set(device, Math.max(last, seq))
    this.#same(room, known, seq, id)
  }

  /** Has every device everything that was accepted, and every send its answer? Then there is nothing left to wait for. */
  settled(): boolean {
    if (this.#open.size > 0) return false
    return this.#rooms.values().every((room) => room.devices.values().every((last) => last >= room.head))
  }

  /** Called when nothing more is to come. */
  close(): Faults {
    if (this.#open.size > 0) this.#fault(`${this.#open.size} sends were never answered`)
    for (const [room, { head, devices }] of this.#rooms) {
      for (const [device, last] of devices) if (last < head) this.#fault(`device ${device} has ${room} up to seq ${last} of ${head}`)
    }
    for (const [key, seqs] of this.#seqs) {
      const wrong = seqs.findIndex((seq, index) => seq !== 0 && seq <= (seqs[index - 1] ?? 0))
      if (wrong !== -1) this.#fault(`device and conversation ${key}: seq ${seqs[wrong]} was sent after seq ${seqs[wrong - 1]}`)
    }
    const rest = this.#faultCount - this.#faults.length
    return rest > 0 ? [...this.#faults, `and ${rest} more`] : this.#faults
  }

  #same(room: string, known: Room, seq: number, id: string): void {
    const before = known.ids.get(seq)
    if (before === undefined) {
      const other = known.seqs.get(id)
      if (other !== undefined) this.#fault(`${id} of ${room} stands at seq ${other} and again at ${seq}`)
      known.ids.set(seq, id)
      known.seqs.set(id, seq)
    } else if (before !== id) this.#fault(`seq ${seq} of ${room} is ${before} to one and ${id} to another`)
  }

  #room(room: string): Room {
    let known = this.#rooms.get(room)
    if (known === undefined) this.#rooms.set(room, (known = { ids: new Map(), seqs: new Map(), from: 0, head: 0, devices: new Map() }))
    return known
  }

  #fault(sentence: string): void {
    this.#faultCount++
    if (this.#faults.length < FAULTS_TOLD_MAX) this.#faults.push(sentence)
  }
}
