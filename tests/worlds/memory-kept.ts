import type { KnownAct } from '@bongsu/log'
import type { AccountId, AccountItem, ConversationId, ConversationKind, DeviceId, Entry, Person } from '@bongsu/protocol'
import type { Heads } from '../../apps/server/src/conversation/log-store.ts'
import type { Start } from '../../apps/server/src/delivery/history-store.ts'

export interface Account {
  readonly person: Person
  head: number
  /** The newest value of each (kind, key), in the order of their last change. */
  readonly items: Map<string, { readonly change: number; readonly item: AccountItem }>
}

export interface Member {
  readonly joinedSeq: number
  watermark: number
}

export interface Conversation {
  readonly conversationId: ConversationId
  readonly kind: ConversationKind
  title: string
  /** Last change of the items. */
  change: number
  readonly entries: Entry[]
  readonly members: Map<AccountId, Member>
  /** The newest value of each, by kind and key. */
  readonly items: Map<string, StoredItem>
}

export interface Known {
  readonly conversationId: ConversationId
  readonly seq: number
  /** Canonical text of what was asked for; null once the entry was rewritten. */
  readonly asked: string | null
}

export interface StoredItem {
  readonly kind: string
  readonly key: string
  readonly change: number
  /** JSON, or null: taken back. */
  readonly value: string | null
}

/** The starts of servers on this store, and where conversations stood when one wrote to them for the first time [A7]. */
interface KeptStarts {
  /** The newest first. */
  list: Start[]
  readonly heads: Map<ConversationId, Map<number, Heads>>
}

/** Plain data, so that a copy is a copy. */
export interface Kept {
  readonly accounts: Map<AccountId, Account>
  readonly rooms: Map<ConversationId, Conversation>
  readonly direct: Map<string, ConversationId>
  readonly known: Map<string, Known>
  readonly acts: Map<string, KnownAct>
  readonly forgotten: Set<DeviceId>
  /** The histories this one goes back to by a restore, and where each conversation stood then; the lowest, if more than once [A4]. */
  readonly restoredFrom: Set<string>
  readonly restoredHeads: Map<ConversationId, Heads>
  readonly starts: KeptStarts
}

export function nothingKept(): Kept {
  return {
    accounts: new Map(),
    rooms: new Map(),
    direct: new Map(),
    known: new Map(),
    acts: new Map(),
    forgotten: new Set(),
    restoredFrom: new Set(),
    restoredHeads: new Map(),
    starts: { list: [{ start: 1, id: 'start001', written: 0 }], heads: new Map() },
  }
}
