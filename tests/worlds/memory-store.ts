import {
  decideAppend,
  decideCreate,
  decideRaise,
  decideSet,
  effectOf,
  needsOfAppend,
  needsOfSet,
  subjectOf,
  type CreateRequest,
  type EntryWrite,
  type ItemWrite,
  type KnownEntry,
  type Place,
} from '@bongsu/log'
import {
  canonicalBody,
  countsAsUnread,
  LIMITS,
  type AccountId,
  type AccountItem,
  type ConversationId,
  type DeviceId,
  type Entry,
  type Item,
  type NamedPerson,
} from '@bongsu/protocol'
import type { AuditStore } from '../../apps/server/src/conversation/audit-store.ts'
import type {
  Appended,
  AppendRefused,
  AppendRequest,
  AppendResult,
  LogStore,
  Opened,
  SetRequest,
  SetResult,
} from '../../apps/server/src/conversation/log-store.ts'
import type { ResumeStore } from '../../apps/server/src/delivery/resume-store.ts'
import type { ReceiptStore } from '../../apps/server/src/receipts/receipt-store.ts'
import { beginHistoryIn, countWrite } from './memory-starts.ts'
import {
  askedIn,
  blockedBy,
  consentIn,
  currentOf,
  memberOf,
  newRoom,
  nothingKept,
  obey,
  ownersOf,
  ownFacts,
  type Conversation,
  type Kept,
} from './memory-kept.ts'
import { auditOf, itemOf, marksOf } from './memory-marks.ts'
import { isAtLimit } from './memory-places.ts'

export interface MemoryStore {
  readonly log: LogStore
  readonly resume: ResumeStore
  readonly receipts: ReceiptStore
  readonly audit: AuditStore
  addAccount(accountId: AccountId, handle?: string, displayName?: string): void
  /** The account is one of staff from now on. */
  makeStaff(accountId: AccountId): void
  /** One account blocks another one, or unblocks it. */
  block(accountId: AccountId, other: AccountId, isBlocked: boolean): void
  /** The newest value of one thing of an account. */
  item(accountId: AccountId, item: AccountItem): void
  /** From now on the store knows no such device; until then it knows every one. */
  forgetDevice(deviceId: DeviceId): void
  /** What the log holds, to judge by. */
  entries(conversationId: ConversationId): readonly Entry[]
  /** The newest value of each item of a conversation, those taken back among them. */
  items(conversationId: ConversationId): readonly Item[]
  /** The last change of a conversation's items. */
  change(conversationId: ConversationId): number
  /** All of it, to judge by. */
  readonly kept: Kept
  membersOf(conversationId: ConversationId): ReadonlyMap<AccountId, { readonly joinedSeq: number }>
  accountHead(accountId: AccountId): number
  /** All that it holds now, as a backup. */
  copy(): MemoryStore
  /** Its history was named `epoch`, and goes back: to now after a restore, or to the end of a start. */
  beginHistory(epoch: string, lastCommonStart?: number | null | 'now'): void
  readonly starts: () => Kept['starts']['list']
  readonly current: () => Kept['starts']['list'][number] | undefined
}

const refused = (code: AppendRefused['code']): AppendRefused => ({ ok: false, code })

/** The three ports of the store as plain maps: slow, forgetful at the end of the process, and short enough to be seen to be right. */
export function createMemoryStore(): MemoryStore {
  return storeOn(nothingKept())
}

function storeOn(kept: Kept): MemoryStore {
  const { accounts, rooms, direct, known, acts, forgotten } = kept

  function putItem(accountId: AccountId, item: AccountItem): number {
    const account = accounts.get(accountId)
    if (account === undefined) throw new Error('no such account')
    const key = `${item.kind}:${item.key}`
    countWrite(kept)
    account.items.delete(key)
    account.items.set(key, { change: ++account.head, item })
    return account.head
  }

  function join(room: Conversation, { joins, waits }: EntryWrite, joinedSeq: number): void {
    for (const accountId of joins) {
      const waiting = waits.includes(accountId)
      room.members.set(accountId, { joinedSeq, watermark: joinedSeq - 1, waiting })
      if (waiting) continue
      putItem(accountId, { kind: 'membership', key: room.conversationId, value: { conversationId: room.conversationId, kind: room.kind, joinedSeq } })
    }
  }

  function ask(room: Conversation, { asks, settles }: EntryWrite, author: AccountId, at: number): void {
    const { conversationId: key, kind, title, members } = room
    const from = accounts.get(author)?.person
    if (from === undefined) return
    const group = kind === 'group' ? { title, memberCount: members.size } : {}
    for (const accountId of asks) putItem(accountId, { kind: 'request', key, value: { kind, from, at, ...group } })
    for (const accountId of settles) putItem(accountId, { kind: 'request', key, value: null })
  }

  function leave(room: Conversation, leaving: readonly AccountId[]): void {
    for (const accountId of leaving) {
      room.members.delete(accountId)
      putItem(accountId, { kind: 'membership', key: room.conversationId, value: null })
    }
  }

  function entryOf(author: AccountId, id: string): KnownEntry | null {
    const found = known.get(author + id)
    const entry = found && rooms.get(found.conversationId)?.entries[found.seq - 1]
    return found && entry ? { ...found, acceptedAt: entry.acceptedAt, body: entry.body } : null
  }

  function placeOf(room: Conversation | undefined, accountId: AccountId, byStaff = false): Place | null {
    const member = byStaff ? { joinedSeq: 1 } : memberOf(room, accountId)
    if (room === undefined || member === undefined) return null
    const { kind, entries, change, members, state } = room
    return { kind, head: entries.length, change, memberCount: members.size, joinedSeq: member.joinedSeq, state }
  }

  /** Those who exist, each once, and how they stand in a conversation. */
  function named(room: Conversation | null, accountIds: readonly AccountId[], author: AccountId): NamedPerson[] {
    return [...new Set(accountIds)]
      .filter((accountId) => accounts.has(accountId))
      .map((accountId) => ({
        accountId,
        isMember: room?.members.has(accountId) === true,
        isAtLimit: isAtLimit(rooms, accountId, author),
        isBarred: room?.barred.has(accountId) === true,
        blocksAuthor: blockedBy(kept, accountId).has(author),
        consent: consentIn(kept, accountId, author),
        asked: askedIn(kept, accountId, room),
      }))
  }

  function write(room: Conversation, { author, id }: Pick<AppendRequest, 'author' | 'id'>, written: EntryWrite, now: number): Appended {
    const { body, asked, joins, leaves, title } = written
    const entry: Entry = { seq: room.entries.length + 1, acceptedAt: now, author, id, body } // [seam: memory-next-seq]
    const { seq } = entry
    countWrite(kept, room)
    room.entries.push(entry)
    known.set(author + id, { conversationId: room.conversationId, seq, asked: asked ?? canonicalBody(body) })
    if (title !== null) room.title = title
    obey(room, written)
    leave(room, leaves)
    join(room, written, seq)
    ask(room, written, author, now)
    return { ok: true, seq, acceptedAt: now, repeated: false, body, accounts: [...new Set([...joins, ...leaves, ...written.asks])] }
  }

  function append(request: AppendRequest, now: number): AppendResult {
    const { conversationId, author, id, body } = request
    const before = entryOf(author, id) // [seam: memory-known-id]
    const room = rooms.get(conversationId)
    const decision = decideAppend(request, {
      known: before,
      place: placeOf(room, author),
      people: named(room ?? null, needsOfAppend(body).people, author),
      ...ownFacts(room, author),
    })
    if ('refuse' in decision) return refused(decision.refuse)
    if ('write' in decision) return write(room as Conversation, request, decision.write, now)
    const { seq, acceptedAt, body: held } = decision.repeat // [seam: memory-repeat]
    const { joins = [], leaves = [] } = effectOf(author, held)
    return { ok: true, seq, acceptedAt, repeated: true, body: held, accounts: [...joins, ...leaves] }
  }

  function create(request: CreateRequest, now: number): Opened | AppendRefused {
    const { author, id, conversationId, kind, title } = request
    const decision = decideCreate(request, {
      known: entryOf(author, id),
      authorExists: accounts.has(author),
      authorIsAtLimit: isAtLimit(rooms, author, author),
      people: named(null, request.accounts, author),
    })
    if ('refuse' in decision) return refused(decision.refuse)
    if ('repeat' in decision) return { conversationId: decision.repeat.conversationId as ConversationId, existed: true, accounts: [] }
    const room = newRoom(conversationId, kind, title)
    rooms.set(conversationId, room)
    return { conversationId, existed: false, accounts: write(room, { author, id }, decision.write, now).accounts }
  }

  function set(request: SetRequest, now: number): SetResult {
    const { conversationId, author, id, seq } = request
    const room = rooms.get(conversationId)
    const needs = needsOfSet(request)
    const held = accounts.get(author)?.items ?? new Map<string, { readonly change: number; readonly item: AccountItem }>()
    const values = [...(room?.items.values() ?? [])].filter(({ key, kind, value }) => kind === needs.kind && subjectOf(key) === seq && value !== null)
    const decision = decideSet(
      request,
      {
        known: acts.get(author + id) ?? null, // [seam: memory-known-act]
        place: placeOf(room, author, request.byStaff),
        subject: room?.entries[seq - 1] ?? null,
        current:
          needs.owner === 'account' ? currentOf(held.get(`${needs.kind}:${needs.key}`)) : (room?.items.get(`${needs.kind} ${needs.key}`) ?? null),
        different: new Set(values.map(({ value }) => value).filter((value) => value !== needs.differentFrom)).size,
        marks: values.length,
        maker: room?.entries[0]?.author ?? null,
        own: [...held.values()].filter(({ item }) => item.kind === needs.kind).length,
      },
      now,
    )
    if ('refuse' in decision) return refused(decision.refuse)
    if ('repeat' in decision) return { ok: true, change: decision.repeat.change, head: 0, repeated: true, written: null }
    const written = 'write' in decision ? decision.write : null
    const change = written === null ? (decision as { readonly keep: number }).keep : writeItem(room as Conversation, author, written)
    acts.set(author + id, { conversationId, kind: needs.kind, key: needs.key, change })
    return { ok: true, change, head: room?.entries.length ?? 0, repeated: false, written }
  }

  function writeItem(room: Conversation, author: AccountId, { owner, kind, key, seq, value, rewrite, clears }: ItemWrite): number {
    if (owner === 'account') return putItem(author, { kind, key, value: JSON.parse(value ?? 'null') as unknown } as AccountItem)
    countWrite(kept, room)
    const change = ++room.change
    if (clears) for (const [name, item] of room.items) if (subjectOf(item.key) === seq) room.items.delete(name) // [seam: memory-clears-marks]
    room.items.set(`${kind} ${key}`, { kind, key, change, value })
    const entry = room.entries[seq - 1]
    if (rewrite === null || entry === undefined) return change // [seam: memory-rewrites-entry]
    room.entries[seq - 1] = { ...entry, body: rewrite }
    const name = known.get(entry.author + entry.id)
    if (name !== undefined) known.set(entry.author + entry.id, { ...name, asked: null })
    return change
  }

  const log: LogStore = {
    append: async (batch, now) => batch.map((request) => append(request, now)),

    set: async (batch, now) => batch.map((request) => set(request, now)),

    async openDirect(conversationId, id, author, other, now) {
      const pair = [author, other].toSorted().join()
      const there = direct.get(pair)
      if (there !== undefined) return { conversationId: there, existed: true, accounts: [] }
      const kind = author === other ? 'self' : 'direct'
      const made = create({ conversationId, author, id, kind, title: '', accounts: author === other ? [] : [other] }, now)
      if ('conversationId' in made) direct.set(pair, conversationId)
      return made
    },

    createGroup: async (request, now) => create({ ...request, kind: 'group' }, now),

    async items(conversationId, after, limit, charsMax = Number.MAX_SAFE_INTEGER) {
      const room = rooms.get(conversationId)
      if (room === undefined) return { head: 0, to: after, items: [] }
      const changed = [...room.items.values()].filter(({ change }) => change > after).toSorted((a, b) => a.change - b.change)
      let chars = 0
      const tooMuch = changed.findIndex((item, index) => (chars += JSON.stringify(itemOf(item)).length) > charsMax && index > 0)
      const page = changed.slice(0, Math.min(limit, tooMuch === -1 ? limit : tooMuch))
      const isWhole = page.length < limit && tooMuch === -1
      return { head: room.entries.length, to: isWhole ? Math.max(after, room.change) : (page.at(-1)?.change ?? after), items: page.map(itemOf) }
    },

    async marks(conversationId, from, to, limit) {
      const room = rooms.get(conversationId)
      return room === undefined ? { first: from, change: 0, items: [] } : marksOf(room, from, to, limit)
    },

    async read(conversationId, after, limit, charsMax = Number.MAX_SAFE_INTEGER) {
      const wanted = rooms.get(conversationId)?.entries.slice(after, after + limit) ?? []
      let chars = 0
      const tooMuch = wanted.findIndex((entry, index) => (chars += JSON.stringify(entry.body).length) > charsMax && index > 0)
      return tooMuch === -1 ? wanted : wanted.slice(0, tooMuch)
    },
    async heads(ids) {
      return new Map(
        ids.flatMap((id) => {
          const room = rooms.get(id)
          return room === undefined ? [] : [[id, { head: room.entries.length, change: room.change }] as const]
        }),
      )
    },
  }

  const resume: ResumeStore = {
    async position(accountId, deviceId) {
      const account = accounts.get(accountId)
      if (account === undefined || (deviceId !== null && forgotten.has(deviceId))) return null
      const memberships = [...rooms.values()].flatMap(({ conversationId, members, entries, change }) => {
        const member = members.get(accountId)
        return member === undefined || member.waiting ? [] : [{ conversationId, joinedSeq: member.joinedSeq, head: entries.length, change }]
      })
      return { head: account.head, memberships, blocked: [...blockedBy(kept, accountId)] }
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
      const member = memberOf(room, accountId)
      if (room === undefined || member === undefined) return null
      const head = room.entries.length
      const { joinedSeq, watermark: readSeq } = member
      const { first, change, items } = marksOf(room, Math.max(joinedSeq, head - tail + 1), head, LIMITS.itemsPerPageMax)
      const people = [...room.members]
        .filter(([id]) => id !== accountId)
        .toSorted(([, one], [, other]) => one.joinedSeq - other.joinedSeq)
        .flatMap(([id]) => accounts.get(id)?.person ?? [])
      const meta = { kind: room.kind, title: room.title, memberCount: room.members.size, people: people.slice(0, 8), ...ownersOf(room) }
      const blocked = blockedBy(kept, accountId)
      const unreadBelow = room.entries.filter(
        ({ seq, author, body }) =>
          seq > readSeq && seq >= joinedSeq && seq < first && countsAsUnread(body.kind) && author !== accountId && !blocked.has(author),
      ).length
      return { conversationId, head, joinedSeq, meta, entries: room.entries.slice(first - 1), items, change, readSeq, unreadBelow }
    },
  }

  const receipts: ReceiptStore = {
    raise: async (batch) =>
      batch.map(({ conversationId, accountId, seq }) => {
        const room = rooms.get(conversationId)
        const member = memberOf(room, accountId)
        const next = member === undefined ? null : decideRaise(member.watermark, seq, room?.entries.length ?? 0)
        if (member === undefined || next === null) return false
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
          ({ seq, author }) =>
            [...room.members].filter(([id, member]) => id !== author && (member.joinedSeq <= seq || room.kind === 'direct') && member.watermark < seq)
              .length,
        )
    },
  }

  const audit = auditOf(kept)

  return {
    log,
    resume,
    receipts,
    audit,
    addAccount: (accountId, handle = 'someone', displayName = '아무개') =>
      void accounts.set(accountId, { person: { accountId, handle, displayName }, head: 0, items: new Map() }),
    makeStaff(accountId) {
      const account = accounts.get(accountId)
      if (account === undefined) throw new Error('no such account')
      account.person = { ...account.person, staff: true }
    },
    block: (accountId, other, isBlocked) =>
      void putItem(accountId, { kind: 'block', key: other, value: isBlocked ? (accounts.get(other)?.person ?? null) : null }),
    item: (accountId, item) => void putItem(accountId, item),
    forgetDevice: (deviceId) => void forgotten.add(deviceId),
    entries: (conversationId) => rooms.get(conversationId)?.entries ?? [],
    items: (conversationId) => [...(rooms.get(conversationId)?.items.values() ?? [])].map(itemOf),
    change: (conversationId) => rooms.get(conversationId)?.change ?? 0,
    kept,
    membersOf: (conversationId) => rooms.get(conversationId)?.members ?? new Map(),
    accountHead: (accountId) => accounts.get(accountId)?.head ?? 0,
    copy: () => storeOn(structuredClone(kept)),
    beginHistory: (epoch, lastCommonStart = 'now') => beginHistoryIn(kept, epoch, lastCommonStart),
    starts: () => kept.starts.list,
    current: () => kept.starts.list[0],
  }
}
