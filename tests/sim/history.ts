import type { AccountId, ClientMessageId, ConversationId, SendBody } from '@bongsu/protocol'
import type { Accepted, Invoked, SeenMark } from '../checker/checker.ts'

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

const BREACHES_KEPT_MAX = 20

/** What was asked, heard and seen in a run, for the checker. */
export class History {
  readonly all: Made[] = []
  readonly accepted: Accepted[] = []
  readonly marks: SeenMark[] = []
  readonly breaches: Breach[] = []
  readonly storedIds = new Set<ClientMessageId>()
  /** Given up by the person: nothing is promised of it any more. */
  readonly droppedIds = new Set<ClientMessageId>()
  /** Called at the first breach. */
  onBreach: () => void = () => undefined

  made(made: Made): void {
    this.all.push(made)
  }

  stored(id: ClientMessageId): void {
    this.storedIds.add(id)
  }

  dropped(id: ClientMessageId): void {
    this.droppedIds.add(id)
  }

  broken(promise: string, sentence: string): void {
    if (this.breaches.length < BREACHES_KEPT_MAX) this.breaches.push({ promise, sentence })
  }

  invoked(): readonly Invoked[] {
    return this.all.flatMap(({ body, ...made }) => (body.kind === 'text' ? [{ ...made, text: body.text }] : []))
  }
}
