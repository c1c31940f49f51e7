import type { AccountId, ClientMessageId, ConversationId, SendBody } from '@bongsu/protocol'
import type { Accepted, Invoked, SeenMark } from '../checker/checker.ts'
import { Judged } from './judged.ts'

/** Something a device made. */
export interface Made {
  readonly id: ClientMessageId
  readonly device: string
  readonly author: AccountId
  readonly conversationId: ConversationId
  readonly body: SendBody
}

export interface Breach {
  readonly promise: string
  readonly sentence: string
}

/** Of one promise: what a fault does to another must not hide it. */
const BREACHES_KEPT_MAX = 5

/** An entry that was durable, and is not any more since a backup was restored. */
export interface Lost {
  readonly id: ClientMessageId
  readonly author: AccountId
  readonly conversationId: ConversationId
  /** Its place in the history that was given up last; 0 when it was lost before that. */
  readonly seq: number
  /** Devices of its author that held it at that time, durably, or had to: each is to put it back [A4]. Of anything but a text none. */
  readonly holders: readonly string[]
}

/** What was asked, heard and seen in a run, for the checker. */
export class History {
  readonly all: Made[] = []
  /** In the history that counts. */
  accepted: Accepted[] = []
  marks: SeenMark[] = []
  readonly breaches: Breach[] = []
  readonly storedIds = new Set<ClientMessageId>()
  /** Given up by the person: nothing is promised of it any more. */
  readonly droppedIds = new Set<ClientMessageId>()

  /** Devices that have sent it to the history that counts, by id. */
  readonly senders = new Map<string, Set<string>>()

  readonly judged = new Judged()

  /** By restores, as the last one left it. What was put back since is among it. */
  lost: ReadonlyMap<ClientMessageId, Lost> = new Map()

  /** By any restore: what was put back after the last but one keeps the places it got then. */
  readonly #everLost = new Set<ClientMessageId>()

  /** Called once, when a device next hears that something was accepted, with its name. */
  onAccepted: ((device: string) => void) | null = null

  heardAccepted(device: string): void {
    const called = this.onAccepted
    this.onAccepted = null
    called?.(device)
  }

  made(made: Made): void {
    this.all.push(made)
  }

  stored(id: ClientMessageId): void {
    this.storedIds.add(id)
  }

  sent(id: string, device: string): void {
    this.senders.set(id, (this.senders.get(id) ?? new Set()).add(device))
  }

  dropped(id: ClientMessageId): void {
    this.droppedIds.add(id)
  }

  broken(promise: string, sentence: string): void {
    const kept = this.breaches.filter((one) => one.promise === promise).length
    if (kept < BREACHES_KEPT_MAX) this.breaches.push({ promise, sentence })
  }

  /** Another history counts from now on: what was heard of the one before holds as far as `holds` says, and watermarks begin anew [A4]. */
  begunAnew(holds: (accepted: Accepted) => boolean, lost: readonly Lost[]): void {
    this.accepted = this.accepted.filter(holds)
    this.marks = []
    this.senders.clear()
    this.lost = new Map(lost.map((one) => [one.id, one]))
    for (const { id } of lost) this.#everLost.add(id)
  }

  /** By any restore, whether it is there again or not. */
  wasLost(id: ClientMessageId): boolean {
    return this.#everLost.has(id)
  }

  /**
   * What was given up while it was under way keeps no order: the next goes out without waiting for its answer. Nor does what was lost: several devices
   * put it back, each what it holds.
   */
  invoked(): readonly Invoked[] {
    return this.all.flatMap(({ body, device, ...made }) => {
      if (body.kind !== 'text') return []
      return [
        {
          ...made,
          text: body.text,
          device: this.droppedIds.has(made.id) || this.#everLost.has(made.id) ? `${device}, by itself: ${made.id}` : device,
        },
      ]
    })
  }
}
