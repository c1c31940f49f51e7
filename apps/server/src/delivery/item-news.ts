import { subjectOf } from '@bongsu/log'
import type { ConversationId, Item } from '@bongsu/protocol'
import { encode, type Encoded } from './encode.ts'
import { tideIn, type Tide } from './tides.ts'

/** A changed item, encoded once for all devices of a room. */
export class ItemNews {
  readonly #conversationId: ConversationId
  readonly #item: Item
  #shown: Encoded | null = null
  #unshown: Encoded | null = null

  readonly #tide: Tide

  constructor(conversationId: ConversationId, item: Item, tide: Tide) {
    this.#tide = tide
    this.#conversationId = conversationId
    this.#item = item
  }

  /** An account that joined after the item's entry gets only its number [W4]. */
  frameFor(joinedSeq: number): Encoded {
    if (isAbout(this.#item, joinedSeq)) return (this.#shown ??= this.#encode([this.#item]))
    return (this.#unshown ??= this.#encode([]))
  }

  #encode(items: Item[]): Encoded {
    const { change } = this.#item
    return encode({ t: 'items', conversationId: this.#conversationId, from: change - 1, to: change, items, ...tideIn(this.#tide) })
  }
}

/** Whether the item is about an entry visible to an account that joined with `joinedSeq` [W4]. */
export function isAbout(item: Pick<Item, 'key'>, joinedSeq: number): boolean {
  return (subjectOf(item.key) ?? joinedSeq) >= joinedSeq // [seam: items-since-joining]
}
