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

  /** What was given up while it was under way keeps no order: the next goes out without waiting for its answer. */
  invoked(): readonly Invoked[] {
    return this.all.flatMap(({ body, device, ...made }) => {
      if (body.kind !== 'text') return []
      return [{ ...made, text: body.text, device: this.droppedIds.has(made.id) ? `${device}, given up: ${made.id}` : device }]
    })
  }
}
