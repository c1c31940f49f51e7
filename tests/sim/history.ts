import type { AccountId, ClientMessageId, ConversationId, SendBody } from '@bongsu/protocol'
import type { AcceptedAct, InvokedAct } from '../checker/acts.ts'
import type { Accepted, Invoked, Ledger, SeenMark } from '../../apps/server/src/conformance/checker.ts'
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
  /** Every device of a member had stored it, so all know its place. */
  readonly isKnownToAll?: boolean
}

/** A mark that was durable, and is not any more since a backup was restored. */
export interface LostMark {
  readonly act: InvokedAct
  /** The last change of the conversation in the backup. */
  readonly restoredChange: number
  /** Devices of its author that held it durably: each is to put it back [A4]. */
  readonly holders: readonly string[]
}

/** Something a person asked a device for. */
export type Wish = Pick<InvokedAct, 'device' | 'author' | 'conversationId' | 'kind' | 'seq' | 'value'>

/** What an act is about. */
export type Thing = Pick<InvokedAct, 'author' | 'conversationId' | 'kind' | 'seq'>

/** Its name: of two acts about one thing the newer counts. */
export function thingOf({ conversationId, kind, seq, author }: Thing): string {
  return `${conversationId} ${kind} ${kind === 'reaction' || kind === 'hidden' ? `${seq}:${author}` : seq}`
}

/** What was asked, heard and seen in a run, for the checker. */
export class History {
  readonly all: Made[] = []
  /** In the history that counts. */
  accepted: Accepted[] = []
  marks: SeenMark[] = []
  /** What people asked for, in this order. */
  readonly wishes: Wish[] = []
  /** Every act a device made of a wish, by its id. */
  readonly acts = new Map<ClientMessageId, InvokedAct>()
  /** In the history that counts. */
  acceptedActs: AcceptedAct[] = []
  readonly breaches: Breach[] = []
  readonly storedIds = new Set<ClientMessageId>()
  /** Given up by the person: nothing is promised of it any more. */
  readonly droppedIds = new Set<ClientMessageId>()

  /** Devices that have sent it to the history that counts, by id. */
  readonly senders = new Map<string, Set<string>>()

  readonly judged = new Judged()

  wasRestored = false
  /** How many of the accepted acts the last restore has left. */
  #survived = 0
  readonly #wishOf = new Map<ClientMessageId, number>()
  readonly #givenUp = new Set<string>()
  readonly #everSent = new Set<ClientMessageId>()

  /** By the last restore. */
  lostMarks: readonly LostMark[] = []

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

  wished(wish: Wish): number {
    return this.wishes.push(wish) - 1
  }

  /** A device has made this act of the wish. */
  madeOf(id: ClientMessageId, wish: number): void {
    this.#wishOf.set(id, wish)
  }

  /** An act goes out. What a device puts back after a restore is an act of its own, for what was asked for before [A4]. */
  sentAct(act: InvokedAct): void {
    this.#everSent.add(act.id)
    if (this.acts.has(act.id)) return
    const isWished = this.wishes.some((wish) => thingOf(wish) === thingOf(act) && JSON.stringify(wish.value) === JSON.stringify(act.value))
    if (!isWished) this.broken('I1', `${act.device} asks for ${thingOf(act)} as ${JSON.stringify(act.value)}, which no person did`)
    this.acts.set(act.id, act)
  }

  /** It was never sent, and the person has asked that device for something newer of the same thing. */
  isSuperseded({ id, device, ...thing }: Wish & { readonly id: ClientMessageId }): boolean {
    if (this.#everSent.has(id)) return false
    const since = this.#wishOf.get(id) ?? -1
    return this.wishes.some((wish, index) => index > since && wish.device === device && thingOf(wish) === thingOf(thing))
  }

  /** In the order in which people asked. What was given up while it was under way has none, nor has an act whose device was killed before it said which it is. */
  invokedActs(): readonly InvokedAct[] {
    const order = ({ id }: InvokedAct): number => this.#wishOf.get(id) ?? Number.POSITIVE_INFINITY
    return [...this.acts.values()]
      .map((act) => (this.#wishOf.has(act.id) && !this.droppedIds.has(act.id) ? act : { ...act, device: `${act.device}, by itself: ${act.id}` }))
      .toSorted((one, other) => order(one) - order(other))
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
  begunAnew(
    holds: { readonly entry: (accepted: Accepted) => boolean; readonly act: (accepted: AcceptedAct) => boolean },
    lost: readonly Lost[],
    lostMarks: readonly LostMark[],
  ): void {
    this.wasRestored = true
    this.accepted = this.accepted.filter(holds.entry)
    this.acceptedActs = this.acceptedActs.filter(holds.act)
    this.lostMarks = lostMarks
    this.#survived = this.acceptedActs.length
    this.marks = []
    this.senders.clear()
    this.lost = new Map(lost.map((one) => [one.id, one]))
    for (const { id } of lost) this.#everLost.add(id)
  }

  /** The person has given up an act, or it came too late for a server whose clock is a day ahead of another's [I5]: nothing is promised of what it is about any more. */
  gaveUp(thing: Thing): void {
    this.#givenUp.add(thingOf(thing))
  }

  isGivenUp(thing: Thing): boolean {
    return this.#givenUp.has(thingOf(thing))
  }

  /** Something about the same was accepted since the last restore: it counts over what was lost. */
  isDoneAnew(thing: Wish): boolean {
    return this.acceptedActs.slice(this.#survived).some(({ id }) => {
      const act = this.acts.get(id)
      return act !== undefined && thingOf(act) === thingOf(thing)
    })
  }

  /** Its author has asked to have it erased: nobody need put it back. */
  isErased(id: ClientMessageId): boolean {
    return this.acts.values().some(({ kind, subject }) => kind === 'erased' && subject === id)
  }

  /** What authors asked to have said instead of their entries, or to have erased. */
  rewrites(): NonNullable<Ledger['rewrites']> {
    const asked = [...this.acts.values()].filter(({ kind }) => kind === 'erased' || kind === 'edit')
    return asked.map(({ author, subject, value }) => ({ author, id: subject, text: (value as { readonly text?: string }).text ?? null }))
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
