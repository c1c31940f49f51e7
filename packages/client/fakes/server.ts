import type {
  AccountId,
  AccountItem,
  ClientMessageId,
  ConversationId,
  ConversationKind,
  DeviceId,
  DownFrame,
  DownFrameOf,
  Entry,
  EntryBody,
  Person,
  RefusalCode,
  SendBody,
  UpFrame,
} from '@bongsu/protocol'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { uuidOf } from './clock.ts'

/** Small, so that pages, resets and resumes happen in short histories. */
export const SMALL = { backfillEntriesMax: 8, entriesPerPage: 3, tail: 4, itemsPerFrame: 2 }

interface Conversation {
  readonly id: ConversationId
  readonly kind: ConversationKind
  title: string
  readonly log: Entry[]
  /** joinedSeq by member, in the order in which they came. */
  readonly members: Map<AccountId, number>
  readonly reads: Map<AccountId, number>
}

interface Account {
  readonly person: Person
  head: number
  readonly items: Map<string, { at: number; item: AccountItem }>
}

interface Link {
  readonly accountId: AccountId
  readonly push: (frame: DownFrame) => void
  account: number
  readonly rooms: Map<ConversationId, { joinedSeq: number; cursor: number }>
}

export type Outcome = { ok: true; seq: number } | { ok: false; code: RefusalCode }

/** A server in memory that speaks the protocol and keeps its promises; only its bounds are smaller. */
export class FakeServer {
  readonly conversations = new Map<ConversationId, Conversation>()
  readonly accounts = new Map<AccountId, Account>()
  readonly links = new Set<Link>()
  epoch = 'epoch-1'
  heartbeatMs = 10_000
  reconnectSpreadMs = 0
  /** Heads that a restore has told of, by the epoch before it. */
  restored: { readonly epoch: string; readonly heads: [ConversationId, number][] } | null = null
  /** Audit faults that devices have told of. */
  auditFaults = 0
  readonly #written = new Map<string, { conversationId: ConversationId; seq: number; body: string }>()
  #made = 0
  #now = 1

  addAccount(name: string): AccountId {
    const accountId = uuidOf(0xa, this.accounts.size + 1) as AccountId
    const person = { accountId, handle: name, displayName: name }
    this.accounts.set(accountId, { person, head: 0, items: new Map() })
    this.#note(accountId, { kind: 'profile', key: '', value: { ...person, role: 'member' } })
    return accountId
  }

  addConversation(kind: ConversationKind, members: readonly AccountId[], title = ''): ConversationId {
    const id = uuidOf(0xc, this.conversations.size + 1) as ConversationId
    const conversation: Conversation = { id, kind, title, log: [], members: new Map(), reads: new Map() }
    this.conversations.set(id, conversation)
    const [author, ...others] = members
    this.#write(conversation, author as AccountId, this.newId(), { kind: 'created', title, accounts: others })
    for (const member of members) this.#join(conversation, member)
    this.pushAll()
    return id
  }

  newId(): ClientMessageId {
    return uuidOf(0xe, ++this.#made) as ClientMessageId
  }

  say(author: AccountId, conversationId: ConversationId, text: string): Outcome {
    return this.append(author, conversationId, this.newId(), { kind: 'text', text })
  }

  append(author: AccountId, conversationId: ConversationId, id: ClientMessageId, body: SendBody): Outcome {
    const before = this.#written.get(`${author} ${id}`)
    const content = JSON.stringify(body)
    if (before !== undefined) {
      if (before.conversationId === conversationId && before.body === content) return { ok: true, seq: before.seq }
      return { ok: false, code: 'id-conflict' }
    }
    const conversation = this.conversations.get(conversationId)
    if (conversation === undefined || !conversation.members.has(author)) return { ok: false, code: 'not-a-member' }
    if (body.kind !== 'text' && conversation.kind !== 'group') return { ok: false, code: 'conversation-kind' }
    const accounts = body.kind === 'invited' ? [...new Set(body.accounts)].filter((account) => !conversation.members.has(account)) : []
    if (body.kind === 'invited' && accounts.length === 0) return { ok: false, code: 'body-invalid' }
    const seq = this.#write(conversation, author, id, body.kind === 'invited' ? { kind: 'invited', accounts } : body)
    this.#written.set(`${author} ${id}`, { conversationId, seq, body: content })
    if (body.kind === 'renamed') conversation.title = body.title
    for (const account of accounts) this.#join(conversation, account)
    if (body.kind === 'left') {
      conversation.members.delete(author)
      this.#note(author, { kind: 'membership', key: conversationId, value: null })
    }
    this.pushAll()
    return { ok: true, seq }
  }

  raise(accountId: AccountId, conversationId: ConversationId, seq: number): void {
    const conversation = this.conversations.get(conversationId)
    if (conversation === undefined || !conversation.members.has(accountId)) return
    const raised = Math.min(seq, conversation.log.length)
    if (raised <= (conversation.reads.get(accountId) ?? 0)) return
    conversation.reads.set(accountId, raised)
    this.#note(accountId, { kind: 'read', key: conversationId, value: { seq: raised } })
    this.pushAll()
  }

  befriend(accountId: AccountId, other: AccountId, friend: boolean): void {
    const value = friend ? this.person(other) : null
    this.#note(accountId, { kind: 'friend', key: other, value })
    this.pushAll()
  }

  person(accountId: AccountId): Person {
    return this.accounts.get(accountId)?.person as Person
  }

  /** Answers hello and sends what was missed; from then on everything new is pushed. */
  open(hello: Extract<UpFrame, { t: 'hello' }>, accountId: AccountId, push: (frame: DownFrame) => void): Link {
    const same = hello.epoch === this.epoch
    const link: Link = { accountId, push, account: same ? hello.account : 0, rooms: new Map() }
    push({
      t: 'welcome',
      epoch: this.epoch,
      accountId,
      deviceId: uuidOf(0xd, 1) as DeviceId,
      now: this.#now,
      heartbeatMs: this.heartbeatMs,
      reconnectSpreadMs: this.reconnectSpreadMs,
      ...(this.restored?.epoch === hello.epoch ? { restored: this.restored.heads } : {}),
    })
    for (const [conversationId, cursor] of same ? hello.cursors : []) {
      const conversation = this.conversations.get(conversationId)
      const joinedSeq = conversation?.members.get(accountId)
      if (conversation === undefined || joinedSeq === undefined || cursor < joinedSeq) continue
      if (conversation.log.length - cursor <= SMALL.backfillEntriesMax) link.rooms.set(conversationId, { joinedSeq, cursor })
    }
    this.links.add(link)
    this.#push(link)
    push({ t: 'caught-up', account: link.account, total: this.#total(link) })
    return link
  }

  close(link: Link): void {
    this.links.delete(link)
  }

  receive(link: Link, frame: Exclude<UpFrame, { t: 'hello' }>): void {
    switch (frame.t) {
      case 'send': {
        const result = this.append(link.accountId, frame.conversationId, frame.id, frame.body)
        if (!result.ok) link.push({ t: 'refused', re: 'send', id: frame.id, code: result.code })
        else link.push({ t: 'accepted', id: frame.id, conversationId: frame.conversationId, seq: result.seq, acceptedAt: this.#now })
        return
      }
      case 'read':
        return this.raise(link.accountId, frame.conversationId, frame.seq)
      case 'ask-heads':
        return link.push(this.heads(link))
      case 'refresh': {
        const reset = this.reset(link.accountId, frame.conversationId)
        if (reset === null) link.push({ t: 'refused', re: 'refresh', code: 'not-a-member' })
        else link.push(reset)
        return
      }
      case 'set':
        return link.push({ t: 'refused', re: 'set', id: frame.id, code: 'frame-unknown' })
      case 'audit':
        return link.push(this.audit(link.accountId, frame))
      case 'audit-fault':
        this.auditFaults++
        return
      case 'ping':
        return link.push({ t: 'pong', n: frame.n })
      case 'typing':
      case 'watch':
        return
    }
  }

  audit(accountId: AccountId, { conversationId, from, to }: UpFrame & { t: 'audit' }): DownFrame {
    const conversation = this.conversations.get(conversationId)
    const joinedSeq = conversation?.members.get(accountId)
    if (joinedSeq === undefined || from < joinedSeq)
      return { t: 'refused', re: 'audit', code: joinedSeq === undefined ? 'not-a-member' : 'body-invalid' }
    const entries = conversation?.log.slice(from - 1, to) ?? []
    const hex = entries.map(({ seq, id }) => seq.toString(16).padStart(16, '0') + id.replaceAll('-', '')).join('')
    const hash = entries.length === to - from + 1 ? bytesToHex(sha256(hexToBytes(hex))) : null
    return { t: 'audit', conversationId, from, to, hash }
  }

  /** What an operator does with a backup: every conversation is cut back to the head it had, and the history gets another name. */
  restore(epoch: string, headOf: (conversationId: ConversationId) => number): void {
    const heads: [ConversationId, number][] = []
    for (const { id, log } of this.conversations.values()) {
      for (const entry of log.splice(headOf(id))) this.#written.delete(`${entry.author} ${entry.id}`)
      heads.push([id, log.length])
    }
    this.restored = { epoch: this.epoch, heads }
    this.epoch = epoch
  }

  beat(link: Link): void {
    link.push({ t: 'beat', now: this.#now, account: link.account, total: this.#total(link) })
  }

  heads(link: Link): DownFrameOf<'heads'> {
    return { t: 'heads', account: link.account, heads: [...link.rooms].map(([id, { cursor }]): [ConversationId, number] => [id, cursor]) }
  }

  reset(accountId: AccountId, conversationId: ConversationId): DownFrameOf<'reset'> | null {
    const conversation = this.conversations.get(conversationId)
    const joinedSeq = conversation?.members.get(accountId)
    if (conversation === undefined || joinedSeq === undefined) return null
    const { log, kind, title, members, reads } = conversation
    const first = Math.max(joinedSeq, log.length - SMALL.tail + 1)
    const readSeq = reads.get(accountId) ?? 0
    const people = [...members.keys()].filter((member) => member !== accountId).slice(0, 8)
    return {
      t: 'reset',
      conversationId,
      head: log.length,
      joinedSeq,
      meta: { kind, title, memberCount: members.size, people: people.map((member) => this.person(member)) },
      entries: log.slice(first - 1),
      readSeq,
      unreadBelow: log
        .slice(joinedSeq - 1, first - 1)
        .filter((entry) => entry.seq > readSeq && entry.body.kind === 'text' && entry.author !== accountId).length,
    }
  }

  pushAll(): void {
    for (const link of this.links) this.#push(link)
  }

  #push(link: Link): void {
    const account = this.accounts.get(link.accountId) as Account
    const items = [...account.items.values()].filter(({ at }) => at > link.account).toSorted((a, b) => a.at - b.at)
    while (items.length > 0) {
      const page = items.splice(0, SMALL.itemsPerFrame)
      const to = items.length === 0 ? account.head : (page.at(-1)?.at ?? 0)
      link.push({ t: 'account', from: link.account, to, items: page.map(({ item }) => item) })
      link.account = to
    }
    for (const conversation of this.conversations.values()) this.#pushConversation(link, conversation)
  }

  #pushConversation(link: Link, { id, log, members }: Conversation): void {
    const joinedSeq = members.get(link.accountId)
    if (joinedSeq === undefined) {
      link.rooms.delete(id)
      return
    }
    const room = link.rooms.get(id)
    if (room === undefined || room.joinedSeq !== joinedSeq) {
      link.rooms.set(id, { joinedSeq, cursor: log.length })
      link.push(this.reset(link.accountId, id) as DownFrameOf<'reset'>)
      return
    }
    while (room.cursor < log.length) {
      const entries = log.slice(room.cursor, room.cursor + SMALL.entriesPerPage)
      link.push({ t: 'entries', conversationId: id, after: room.cursor, entries })
      room.cursor += entries.length
    }
  }

  #total(link: Link): number {
    return [...link.rooms.values()].reduce((sum, { cursor }) => sum + cursor, 0)
  }

  #write(conversation: Conversation, author: AccountId, id: ClientMessageId, body: EntryBody): number {
    const seq = conversation.log.length + 1
    conversation.log.push({ seq, acceptedAt: ++this.#now, author, id, body })
    return seq
  }

  #join(conversation: Conversation, accountId: AccountId): void {
    const joinedSeq = conversation.log.length
    conversation.members.set(accountId, joinedSeq)
    const value = { conversationId: conversation.id, kind: conversation.kind, joinedSeq }
    this.#note(accountId, { kind: 'membership', key: conversation.id, value })
  }

  #note(accountId: AccountId, item: AccountItem): void {
    const account = this.accounts.get(accountId) as Account
    account.items.set(`${item.kind} ${item.key}`, { at: ++account.head, item })
  }
}
