import type { AccountId, ConversationId, DeviceId, Entry, Item } from '@bongsu/protocol'

/** Something changed. Losing, doubling, delaying or reordering hints loses no data [D1]: hints only make delivery quick. */
export type Hint =
  /** The conversation's head is at least `seq`. The hint may contain the entry as a shortcut; correctness never depends on it. */
  | { readonly t: 'entry'; readonly conversationId: ConversationId; readonly seq: number; readonly entry?: Entry }
  /** The conversation's items have changed up to `change`, when its head was `head`. The hint may contain the item. */
  | { readonly t: 'items'; readonly conversationId: ConversationId; readonly change: number; readonly head: number; readonly item?: Item }
  | { readonly t: 'account'; readonly accountId: AccountId }
  /** A read watermark in it rose. */
  | { readonly t: 'reads'; readonly conversationId: ConversationId }
  | { readonly t: 'typing'; readonly conversationId: ConversationId; readonly accountId: AccountId }
  | { readonly t: 'revoked'; readonly deviceId: DeviceId }
  /** The device has a connection to this process that began at this time (epoch ms): an older one to another process is useless. */
  | { readonly t: 'superseded'; readonly accountId: AccountId; readonly deviceId: DeviceId; readonly process: string; readonly at: number }
  /** The process is running, and others hear it. */
  | { readonly t: 'running'; readonly process: string }
  /** Hints of some process were lost: the store is asked for what they would have told. */
  | { readonly t: 'lost' }

/** The subject of a hint: one conversation, one account, or every process. Ids are unique across kinds, so an id alone is a subject. */
export type Subject = ConversationId | AccountId | 'all'

export function subjectOf(hint: Hint): Subject {
  switch (hint.t) {
    case 'entry':
    case 'items':
    case 'reads':
    case 'typing':
      return hint.conversationId
    case 'account':
      return hint.accountId
    case 'revoked':
    case 'running':
    case 'lost':
    // A process without a connection of this account may still miss its device [F2].
    case 'superseded':
      return 'all'
  }
}

export type Listener = (hint: Hint) => void

/** Listeners and their subjects, for the adapters of the bus. */
export class Listeners {
  readonly #listening = new Map<Listener, Set<Subject>>()

  get isEmpty(): boolean {
    return this.#listening.size === 0
  }

  add(subject: Subject, listener: Listener): void {
    const subjects = this.#listening.get(listener)
    if (subjects === undefined) this.#listening.set(listener, new Set([subject]))
    else subjects.add(subject)
  }

  remove(subject: Subject, listener: Listener): void {
    const subjects = this.#listening.get(listener)
    subjects?.delete(subject)
    if (subjects?.size === 0) this.#listening.delete(listener)
  }

  /** Calls the listeners of the hint's subject at once, in the order of their first subscriptions. */
  tell(hint: Hint): void {
    const subject = subjectOf(hint)
    for (const [listener, subjects] of this.#listening) if (subjects.has(subject)) listener(hint)
  }
}

/** Carries hints to every server process that listens to their subject, this process included. */
export interface Bus {
  publish(hint: Hint): void
  /** Hints published from now on about this subject go to the listener, once however often it has subscribed. */
  subscribe(subject: Subject, listener: Listener): void
  unsubscribe(subject: Subject, listener: Listener): void
  /** Hints of other processes may be lost now, as far as is known. Meanwhile the store is asked often [D13]. */
  isDeaf(): boolean
}
