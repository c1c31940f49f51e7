import type { AccountId, ConversationId, Entry } from '@bongsu/protocol'
import type { LogStore } from '../conversation/log-store.ts'
import { plainLines, type Knows } from '../conversation/plain-line.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'
import { encode, type Encoded } from './encode.ts'
import { goneBy } from './live-room.ts'

/** Entries of a conversation after a seq, as read once for all devices that lack them. */
export class Page {
  readonly entries: readonly Entry[]
  readonly #conversationId: ConversationId
  readonly #after: number
  readonly #frames = new Map<Knows, Encoded>()

  constructor(conversationId: ConversationId, after: number, entries: readonly Entry[]) {
    this.#conversationId = conversationId
    this.#after = after
    this.entries = entries
  }

  /** The seq of the last entry; undefined when there is none. */
  get last(): number | undefined {
    return this.entries.at(-1)?.seq
  }

  /** The page up to the entry by which this account left or was removed: the log does not check its readers [W4]. Most pages have no such entry. */
  leftAt(accountId: AccountId): number {
    return this.entries.findIndex((entry) => goneBy(entry).includes(accountId))
  }

  upTo(count: number): Page {
    return new Page(this.#conversationId, this.#after, this.entries.slice(0, count))
  }

  /** The frame, made once for all devices of a kind. */
  frameFor(knows: Knows): Encoded {
    const made = this.#frames.get(knows)
    if (made !== undefined) return made
    const lines = plainLines(this.entries, knows)
    const frame = knows === 'roles' || lines !== this.entries ? this.#encode(lines) : this.frameFor('roles')
    this.#frames.set(knows, frame)
    return frame
  }

  /** UTF-16 units of its text at most: each takes at least a byte of the frame. */
  get charsMax(): number {
    return this.frameFor('roles').length
  }

  #encode(entries: readonly Entry[]): Encoded {
    return encode({ t: 'entries', conversationId: this.#conversationId, after: this.#after, entries: [...entries] })
  }
}

/** What a page depends on: everything of the conversation up to here is in it. */
export interface PageOf {
  readonly conversationId: ConversationId
  readonly head: number
  readonly change: number
}

/**
 * Reads each page of missed entries once for all devices that lack the same ones, as after a restart of the server, when all members of a group come
 * back together.
 *
 * A page is named by the head and the change of its conversation. An entry is never written anew without a new change [I1], so a page under the same
 * name is as true as one read now. The names come from the position of each device, which is read after its hello.
 */
export class SharedPages {
  readonly #log: Pick<LogStore, 'read'>
  /** Pages that end at the head, in two generations, of which the older one is dropped as a whole. */
  #young = new Map<string, Promise<Page>>()
  #old = new Map<string, Promise<Page>>()
  #youngBytes = 0

  constructor(log: Pick<LogStore, 'read'>) {
    this.#log = log
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  async read({ conversationId, head, change }: PageOf, after: number, limit: number, charsMax: number): Promise<Page> {
    const name = `${conversationId} ${after} ${head} ${change}`
    const known = this.#young.get(name) ?? this.#old.get(name)
    if (known !== undefined) {
      // A failed read is that of another device. This one tries by itself.
      const page = await known.catch(() => null)
      if (page?.last !== undefined && page.entries.length <= limit && page.charsMax <= charsMax) return page
    }
    const reading = this.#readOne(conversationId, after, limit, charsMax)
    if (known !== undefined || this.size >= DELIVERY_BOUNDS.sharedPagesMax) return reading
    this.#young.set(name, reading)
    try {
      const page = await reading
      // A page that does not reach the head depends on the limits of whoever asked.
      if (page.last === undefined || page.last < head) this.#young.delete(name)
      else this.#count(page)
      return page
    } catch (cause) {
      this.#young.delete(name)
      throw cause
    }
  }

  /** Drops the pages that were read before the last call. Called once in a heartbeat. */
  age(): void {
    this.#old = this.#young
    this.#young = new Map()
    this.#youngBytes = 0
  }

  async #readOne(conversationId: ConversationId, after: number, limit: number, charsMax: number): Promise<Page> {
    return new Page(conversationId, after, await this.#log.read(conversationId, after, limit, charsMax))
  }

  #count(page: Page): void {
    this.#youngBytes += page.charsMax
    if (this.#youngBytes > DELIVERY_BOUNDS.sharedBytesMax / 2) this.age()
  }
}
