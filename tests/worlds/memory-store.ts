import { createHash } from 'node:crypto'
import {
  LIMITS,
  type AccountId,
  type AccountItem,
  type ConversationId,
  type ConversationKind,
  type DeviceId,
  type Entry,
  type EntryBody,
  type Person,
} from '@bongsu/protocol'
import type { AuditStore } from '../../apps/server/src/conversation/audit-store.ts'
import type { Appended, AppendRefused, AppendRequest, AppendResult, LogStore, Opened } from '../../apps/server/src/conversation/log-store.ts'
import type { ResumeStore } from '../../apps/server/src/delivery/resume-store.ts'
import type { ReceiptStore } from '../../apps/server/src/receipts/receipt-store.ts'

interface Account {
  readonly person: Person
  head: number
  /** The newest value of each (kind, key), in the order of their last change. */
  readonly items: Map<string, { readonly change: number; readonly item: AccountItem }>
}

interface Member {
  readonly joinedSeq: number
  watermark: number
}

interface Conversation {
  readonly conversationId: ConversationId
  readonly kind: ConversationKind
  title: string
  readonly entries: Entry[]
  readonly members: Map<AccountId, Member>
}

interface Known {
  readonly conversationId: ConversationId
  /** JSON of what was asked for, by which a repeated request is told from another one. */
  readonly asked: string
  readonly result: Appended
}

/** Plain data, so that a copy is a copy. */
interface Kept {
  readonly accounts: Map<AccountId, Account>
  readonly rooms: Map<ConversationId, Conversation>
  readonly direct: Map<string, ConversationId>
  readonly known: Map<string, Known>
  readonly forgotten: Set<DeviceId>
  /** The histories this one goes back to by a restore, and where each conversation stood then; the lowest, if more than once [A4]. */
  readonly restoredFrom: Set<string>
  readonly restoredHeads: Map<ConversationId, number>
}

export interface MemoryStore {
  readonly log: LogStore
  readonly resume: ResumeStore
  readonly receipts: ReceiptStore
  readonly audit: AuditStore
  addAccount(accountId: AccountId, handle?: string, displayName?: string): void
  /** From now on the store knows no such device; until then it knows every one. */
  forgetDevice(deviceId: DeviceId): void
  /** What the log holds, to judge by. */
  entries(conversationId: ConversationId): readonly Entry[]
  membersOf(conversationId: ConversationId): ReadonlyMap<AccountId, { readonly joinedSeq: number }>
  accountHead(accountId: AccountId): number
  /** All that it holds now, as a backup. */
  copy(): MemoryStore
  /** It was restored from a copy of the history that is named `epoch`. */
  beginHistory(epoch: string): void
}

const refused = (code: AppendRefused['code']): AppendRefused => ({ ok: false, code })

/** The three ports of the store as plain maps: slow, forgetful at the end of the process, and short enough to be seen to be right. */
export function createMemoryStore(): MemoryStore {
  return storeOn({
    accounts: new Map(),
    rooms: new Map(),
    direct: new Map(),
    known: new Map(),
    forgotten: new Set(),
    restoredFrom: new Set(),
    restoredHeads: new Map(),
  })
}

function storeOn(kept: Kept): MemoryStore {
  const { accounts, rooms, direct, known, forgotten, restoredFrom, restoredHeads } = kept

  function putItem(accountId: AccountId, item: AccountItem): void {
    const account = accounts.get(accountId)
    if (account === undefined) throw new Error('no such account')
    const key = `${item.kind}:${item.key}`
    account.items.delete(key)
    account.items.set(key, { change: ++account.head, item })
  }

  function join(room: Conversation, joining: readonly AccountId[], joinedSeq: number): void {
    for (const accountId of joining) {
      room.members.set(accountId, { joinedSeq, watermark: joinedSeq - 1 })
      putItem(accountId, { kind: 'membership', key: room.conversationId, value: { conversationId: room.conversationId, kind: room.kind, joinedSeq } })
    }
  }

  function write(room: Conversation, { author, id }: Pick<AppendRequest, 'author' | 'id'>, body: EntryBody, asked: unknown, now: number): Appended {
    const entry: Entry = { seq: room.entries.length + 1, acceptedAt: now, author, id, body } // [seam: memory-next-seq]
    room.entries.push(entry)
    const moved = body.kind === 'left' ? [author] : body.kind === 'invited' ? body.accounts : []
    const result: Appended = { ok: true, seq: entry.seq, acceptedAt: now, repeated: false, body, accounts: moved }
    known.set(author + id, { conversationId: room.conversationId, asked: JSON.stringify(asked), result })
    return result
  }

  function mayJoin(room: Conversation | null, joining: readonly AccountId[]): AppendRefused | null {
    if ((room?.members.size ?? 0) + joining.length > LIMITS.membersMax) return refused('conversation-full')
    const inAsMany = (accountId: AccountId): number => [...rooms.values()].filter((other) => other.members.has(accountId)).length
    return joining.some((accountId) => inAsMany(accountId) >= LIMITS.conversationsPerAccountMax) ? refused('limit-reached') : null
  }

  function append(request: AppendRequest, now: number): AppendResult {
    const { conversationId, author, id, body } = request
    const before = known.get(author + id) // [seam: memory-known-id]
    if (before !== undefined) {
      const same = before.conversationId === conversationId && before.asked === JSON.stringify(body)
      return same ? { ...before.result, repeated: true } : refused('id-conflict')
    }
    const room = rooms.get(conversationId)
    if (room?.members.has(author) !== true) return refused('not-a-member')
    if (body.kind !== 'text' && room.kind !== 'group') return refused('conversation-kind')
    if (body.kind === 'invited') {
      const joining = [...new Set(body.accounts)].filter((accountId) => accounts.has(accountId) && !room.members.has(accountId))
      if (joining.length === 0 || body.accounts.length > LIMITS.inviteesPerEntryMax) return refused('body-invalid')
      const fault = mayJoin(room, joining)
      if (fault !== null) return fault
      const result = write(room, request, { kind: 'invited', accounts: joining }, body, now)
      join(room, joining, result.seq)
      return result
    }
    if (body.kind === 'renamed') room.title = body.title
    if (body.kind === 'left') {
      room.members.delete(author)
      putItem(author, { kind: 'membership', key: conversationId, value: null })
    }
    return write(room, request, body, body, now)
  }

  function create(
    made: Omit<Conversation, 'entries' | 'members'>,
    by: Pick<AppendRequest, 'author' | 'id'>,
    others: readonly AccountId[],
    asked: unknown,
    now: number,
  ): Opened | AppendRefused {
    const everybody = [by.author, ...others]
    const fault = mayJoin(null, everybody)
    if (fault !== null) return fault
    const room: Conversation = { ...made, entries: [], members: new Map() }
    rooms.set(room.conversationId, room)
    join(room, everybody, write(room, by, { kind: 'created', title: room.title, accounts: [...others] }, asked, now).seq)
    return { conversationId: room.conversationId, existed: false, accounts: everybody }
  }

  const log: LogStore = {
    append: async (batch, now) => batch.map((request) => append(request, now)),

    async openDirect(conversationId, id, author, other, now) {
      const pair = [author, other].toSorted().join()
      const there = direct.get(pair)
      if (there !== undefined) return { conversationId: there, existed: true, accounts: [] }
      if (!accounts.has(author) || !accounts.has(other)) return refused('body-invalid')
      if (known.has(author + id)) return refused('id-conflict')
      const kind = author === other ? 'self' : 'direct'
      const made = create({ conversationId, kind, title: '' }, { author, id }, author === other ? [] : [other], null, now)
      if ('conversationId' in made) direct.set(pair, conversationId)
      return made
    },

    async createGroup({ conversationId, author, id, title, accounts: named }, now) {
      if (!accounts.has(author)) return refused('body-invalid')
      const asked = { kind: 'created', title, accounts: named }
      const before = known.get(author + id)
      if (before !== undefined) {
        return before.asked === JSON.stringify(asked)
          ? { conversationId: before.conversationId, existed: true, accounts: [] }
          : refused('id-conflict')
      }
      const others = [...new Set(named)].filter((accountId) => accounts.has(accountId) && accountId !== author)
      if (named.length > LIMITS.inviteesPerEntryMax || (named.length > 0 && others.length === 0)) return refused('body-invalid')
      return create({ conversationId, kind: 'group', title }, { author, id }, others, asked, now)
    },

    async read(conversationId, after, limit, charsMax = Number.MAX_SAFE_INTEGER) {
      const wanted = rooms.get(conversationId)?.entries.slice(after, after + limit) ?? []
      let chars = 0
      const tooMuch = wanted.findIndex((entry, index) => (chars += JSON.stringify(entry.body).length) > charsMax && index > 0)
      return tooMuch === -1 ? wanted : wanted.slice(0, tooMuch)
    },
    heads: async (ids) => new Map(ids.flatMap((id) => (rooms.has(id) ? [[id, rooms.get(id)!.entries.length] as const] : []))),
  }

  const resume: ResumeStore = {
    async position(accountId, deviceId) {
      const account = accounts.get(accountId)
      if (account === undefined || (deviceId !== null && forgotten.has(deviceId))) return null
      const memberships = [...rooms.values()].flatMap(({ conversationId, kind, members, entries }) => {
        const member = members.get(accountId)
        return member === undefined ? [] : [{ conversationId, kind, joinedSeq: member.joinedSeq, head: entries.length }]
      })
      return { head: account.head, memberships }
    },

    async items(accountId, after, limit) {
      const account = accounts.get(accountId)
      if (account === undefined) return { to: after, items: [] }
      const changed = [...account.items.values()].filter(({ change }) => change > after).slice(0, limit)
      return { to: changed.length === limit ? (changed.at(-1)?.change ?? account.head) : account.head, items: changed.map(({ item }) => item) }
    },

    accountHeads: async (ids) => new Map(ids.flatMap((id) => (accounts.has(id) ? [[id, accounts.get(id)!.head] as const] : []))),

    async snapshot(conversationId, accountId, tail) {
      const room = rooms.get(conversationId)
      const member = room?.members.get(accountId)
      if (room === undefined || member === undefined) return null
      const head = room.entries.length
      const { joinedSeq, watermark: readSeq } = member
      const first = Math.max(joinedSeq, head - tail + 1)
      const people = [...room.members]
        .filter(([id]) => id !== accountId)
        .toSorted(([, one], [, other]) => one.joinedSeq - other.joinedSeq)
        .flatMap(([id]) => accounts.get(id)?.person ?? [])
      const meta = { kind: room.kind, title: room.title, memberCount: room.members.size, people: people.slice(0, 8) }
      const unreadBelow = room.entries.filter(
        ({ seq, author, body }) => seq > readSeq && seq >= joinedSeq && seq < first && body.kind === 'text' && author !== accountId,
      ).length
      return { conversationId, head, joinedSeq, meta, entries: room.entries.slice(first - 1), readSeq, unreadBelow }
    },
  }

  const receipts: ReceiptStore = {
    raise: async (batch) =>
      batch.map(({ conversationId, accountId, seq }) => {
        const room = rooms.get(conversationId)
        const member = room?.members.get(accountId)
        const next = Math.min(seq, room?.entries.length ?? 0)
        if (member === undefined || next <= member.watermark) return false
        member.watermark = next
        putItem(accountId, { kind: 'read', key: conversationId, value: { seq: next } }) // [seam: memory-read-item]
        return true
      }),

    async unread(conversationId, from, to) {
      const room = rooms.get(conversationId)
      if (room === undefined) return []
      return room.entries
        .filter(({ seq }) => seq >= from && seq <= to)
        .map(
          ({ seq, author }) => [...room.members].filter(([id, member]) => id !== author && member.joinedSeq <= seq && member.watermark < seq).length,
        )
    },
  }

  const audit: AuditStore = {
    async hash(conversationId, from, to) {
      const entries = (rooms.get(conversationId)?.entries ?? []).slice(from - 1, to)
      if (entries.length !== to - from + 1) return null
      const parts = entries.map(({ seq, id }) => seq.toString(16).padStart(16, '0') + id.replaceAll('-', ''))
      return createHash('sha256')
        .update(Buffer.from(parts.join(''), 'hex'))
        .digest('hex')
    },
    async restoredHeads(accountId, epoch) {
      if (!restoredFrom.has(epoch)) return null
      return [...restoredHeads].filter(([conversationId]) => rooms.get(conversationId)?.members.has(accountId) === true)
    },
  }

  return {
    log,
    resume,
    receipts,
    audit,
    addAccount: (accountId, handle = 'someone', displayName = '아무개') =>
      void accounts.set(accountId, { person: { accountId, handle, displayName }, head: 0, items: new Map() }),
    forgetDevice: (deviceId) => void forgotten.add(deviceId),
    entries: (conversationId) => rooms.get(conversationId)?.entries ?? [],
    membersOf: (conversationId) => rooms.get(conversationId)?.members ?? new Map(),
    accountHead: (accountId) => accounts.get(accountId)?.head ?? 0,
    copy: () => storeOn(structuredClone(kept)),
    beginHistory(epoch) {
      restoredFrom.add(epoch)
      for (const [conversationId, { entries }] of rooms)
        restoredHeads.set(conversationId, Math.min(restoredHeads.get(conversationId) ?? Number.POSITIVE_INFINITY, entries.length))
    },
  }
}
