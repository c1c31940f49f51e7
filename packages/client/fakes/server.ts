import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import {
  canonicalBody,
  FEATURES,
  faultInAct,
  faultInBody,
  type AccountId,
  type AccountItem,
  type ClientMessageId,
  type ConversationId,
  type ConversationKind,
  type DeviceId,
  type DownFrame,
  type DownFrameOf,
  type Entry,
  type EntryBody,
  type Item,
  type Person,
  type RefusalCode,
  type SendBody,
  type UpFrame,
} from '@bongsu/protocol'
import { decideAppend, decideSet, needsOfSet, type ItemWrite, type KnownAct } from '@bongsu/log'
import { uuidOf } from './clock.ts'
import { FakeConversation } from './conversation.ts'
import { appendFacts, setFacts, unreadIn } from './facts.ts'

/** Small, so that pages, resets and resumes happen in short histories. */
export const SMALL = { backfillEntriesMax: 8, backfillItemsMax: 6, entriesPerPage: 3, tail: 4, itemsPerFrame: 2 }

/** Frames with a tide. */
const TIDAL: ReadonlySet<string> = new Set(['welcome', 'account', 'entries', 'items', 'reset', 'caught-up', 'beat', 'accepted', 'set-accepted'])

interface Account {
  readonly person: Person
  head: number
  readonly items: Map<string, { at: number; item: AccountItem }>
}

interface Link {
  readonly accountId: AccountId
  readonly push: (frame: DownFrame) => void
  account: number
  readonly rooms: Map<ConversationId, { joinedSeq: number; cursor: number; change: number }>
  /** The device supports items. */
  readonly items: boolean
}

/** `seq` of the entry, or the change of the act. */
export type Outcome = { ok: true; seq: number } | { ok: false; code: RefusalCode }

/** A server in memory that speaks the protocol and keeps its promises, with smaller bounds. */
export class FakeServer {
  readonly conversations = new Map<ConversationId, FakeConversation>()
  readonly accounts = new Map<AccountId, Account>()
  readonly links = new Set<Link>()
  epoch = 'epoch-1'
  heartbeatMs = 10_000
  reconnectSpreadMs = 0
  /** Heads stated by a restore, by the epoch before it. */
  restored: { readonly epoch: string; readonly heads: [ConversationId, number][]; readonly changes?: [ConversationId, number][] } | null = null
  /** Its features beyond version 1; null: it is of version 1 and refuses a hello with features. */
  features: readonly string[] | null = FEATURES
  /** It says with these frames how far its history has come [A7]. */
  lineage: string | undefined = undefined
  /** False: it knows features, and refuses a hello with `tide`. */
  knowsTide = true
  /** Audit faults reported by devices. */
  auditFaults = 0
  readonly #written = new Map<string, { conversationId: ConversationId; seq: number; asked: string | null }>()
  readonly #acts = new Map<string, KnownAct>()
  #made = 0
  /** Clock of the server, epoch ms. */
  now = 1

  addAccount(name: string): AccountId {
    const accountId = uuidOf(0xa, this.accounts.size + 1) as AccountId
    const person = { accountId, handle: name, displayName: name }
    this.accounts.set(accountId, { person, head: 0, items: new Map() })
    this.#note(accountId, { kind: 'profile', key: '', value: { ...person, role: 'member' } })
    return accountId
  }

  addConversation(kind: ConversationKind, members: readonly AccountId[], title = ''): ConversationId {
    const id = uuidOf(0xc, this.conversations.size + 1) as ConversationId
    const conversation = new FakeConversation(id, kind, title)
    this.conversations.set(id, conversation)
    const [author, ...others] = members
    this.#write(conversation, author as AccountId, this.newId(), { kind: 'created', title, accounts: others })
    for (const member of members) this.#join(conversation, member)
    this.pushAll()
    return id
  }

  /** One account blocks another one, or unblocks it. */
  block(accountId: AccountId, other: AccountId, isBlocked: boolean): void {
    this.#note(accountId, { kind: 'block', key: other, value: isBlocked ? (this.accounts.get(other)?.person ?? null) : null })
    this.pushAll()
  }

  tide(): string {
    return `tide ${this.now}`
  }

  newId(): ClientMessageId {
    return uuidOf(0xe, ++this.#made) as ClientMessageId
  }

  say(author: AccountId, conversationId: ConversationId, text: string): Outcome {
    return this.append(author, conversationId, this.newId(), { kind: 'text', text })
  }

  append(author: AccountId, conversationId: ConversationId, id: ClientMessageId, body: SendBody): Outcome {
    const fault = faultInBody(body)
    if (fault !== null) return { ok: false, code: fault }
    const conversation = this.conversations.get(conversationId)
    const written = this.#written.get(`${author} ${id}`)
    const entry = written === undefined ? undefined : this.conversations.get(written.conversationId)?.log[written.seq - 1]
    const known = written === undefined || entry === undefined ? null : { ...written, acceptedAt: entry.acceptedAt, body: entry.body }
    const isThere = (accountId: AccountId): boolean => this.accounts.has(accountId)
    const decision = decideAppend({ conversationId, author, id, body }, appendFacts(conversation, author, body, known, isThere))
    if ('refuse' in decision) return { ok: false, code: decision.refuse }
    if ('repeat' in decision) return { ok: true, seq: decision.repeat.seq }
    const { write } = decision
    const there = conversation as FakeConversation
    const seq = this.#write(there, author, id, write.body)
    this.#written.set(`${author} ${id}`, { conversationId, seq, asked: write.asked ?? canonicalBody(write.body) })
    if (write.title !== null) there.title = write.title
    if (write.state !== null) there.state = write.state
    for (const account of write.joins) this.#join(there, account)
    for (const account of write.leaves) {
      there.members.delete(account)
      this.#note(account, { kind: 'membership', key: conversationId, value: null })
    }
    this.pushAll()
    return { ok: true, seq }
  }

  /** An act of an account, as requested by the frame `set`. */
  set(author: AccountId, { id, conversationId, seq, subject, act }: Omit<Extract<UpFrame, { t: 'set' }>, 't'>): Outcome {
    const fault = faultInAct(act)
    if (fault !== null) return { ok: false, code: fault }
    const request = { conversationId, author, id, seq, subject, act }
    const conversation = this.conversations.get(conversationId)
    const known = this.#acts.get(`${author} ${id}`) ?? null
    const account = this.accounts.get(author) as Account
    const decision = decideSet(request, setFacts(conversation, account.items, request, known), this.now)
    if ('refuse' in decision) return { ok: false, code: decision.refuse }
    if ('repeat' in decision) return { ok: true, seq: decision.repeat.change }
    const { key } = needsOfSet(request)
    const change = 'keep' in decision ? decision.keep : this.#mark(conversation as FakeConversation, author, decision.write)
    this.#acts.set(`${author} ${id}`, { conversationId, kind: act.kind, key, change })
    this.pushAll()
    return { ok: true, seq: change }
  }

  #mark(conversation: FakeConversation, author: AccountId, { owner, kind, key, seq, value, rewrite }: ItemWrite): number {
    const stored = value === null ? null : (JSON.parse(value) as unknown)
    if (owner === 'account') return this.#note(author, { kind, key, value: stored } as AccountItem)
    const { author: by, id } = conversation.log[seq - 1] as Entry
    const written = this.#written.get(`${by} ${id}`)
    if (rewrite !== null && written !== undefined) this.#written.set(`${by} ${id}`, { ...written, asked: null })
    return conversation.mark({ kind, key, value: stored })
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

  /** Answers hello and sends what was missed. From then on everything new is pushed. */
  open(hello: Extract<UpFrame, { t: 'hello' }>, accountId: AccountId, pushPlain: (frame: DownFrame) => void): Link | null {
    const isPlain = hello.features === undefined && hello.changes === undefined && hello.tide === undefined
    if ((this.features === null && !isPlain) || (!this.knowsTide && hello.tide !== undefined)) {
      pushPlain({ t: 'refused', re: 'hello', code: 'frame-malformed' })
      return null
    }
    const same = hello.epoch === this.epoch
    const items = this.features?.includes('items') === true && hello.features?.includes('items') === true
    const push = (frame: DownFrame): void =>
      pushPlain(this.lineage === undefined || !TIDAL.has(frame.t) ? frame : ({ ...frame, tide: this.tide() } as DownFrame))
    const link: Link = { accountId, push, account: same ? hello.account : 0, rooms: new Map(), items }
    const isRestored = this.restored?.epoch === hello.epoch
    push({
      t: 'welcome',
      epoch: this.epoch,
      accountId,
      deviceId: uuidOf(0xd, 1) as DeviceId,
      now: this.now,
      heartbeatMs: this.heartbeatMs,
      reconnectSpreadMs: this.reconnectSpreadMs,
      ...(isRestored && this.restored !== null ? { restored: this.restored.heads } : {}),
      ...(isRestored && items && this.restored?.changes !== undefined ? { restoredChanges: this.restored.changes } : {}),
      ...(this.features === null || hello.features === undefined ? {} : { features: [...this.features] }),
      ...(this.lineage === undefined ? {} : { lineage: this.lineage }),
    })
    const changes = new Map(hello.changes)
    for (const [conversationId, cursor] of same ? hello.cursors : []) {
      const conversation = this.conversations.get(conversationId)
      const joinedSeq = conversation?.members.get(accountId)
      if (conversation === undefined || joinedSeq === undefined || cursor < joinedSeq) continue
      const change = changes.get(conversationId) ?? 0
      if (items && conversation.itemsAfter(change).length > SMALL.backfillItemsMax) continue
      if (conversation.log.length - cursor <= SMALL.backfillEntriesMax) link.rooms.set(conversationId, { joinedSeq, cursor, change })
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
        else link.push({ t: 'accepted', id: frame.id, conversationId: frame.conversationId, seq: result.seq, acceptedAt: this.now })
        return
      }
      case 'set': {
        const result = this.set(link.accountId, frame)
        if (!result.ok) link.push({ t: 'refused', re: 'set', id: frame.id, code: result.code })
        else link.push({ t: 'set-accepted', id: frame.id, conversationId: frame.conversationId, change: result.seq })
        return
      }
      case 'read':
        return this.raise(link.accountId, frame.conversationId, frame.seq)
      case 'ask-heads':
        return link.push(this.heads(link))
      case 'refresh': {
        const reset = this.reset(link.accountId, frame.conversationId, link.items)
        if (reset === null) link.push({ t: 'refused', re: 'refresh', code: 'not-a-member' })
        else link.push(reset)
        return
      }
      case 'audit':
        return link.push(this.audit(link.accountId, frame, link.items))
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

  audit(accountId: AccountId, { conversationId, from, to }: UpFrame & { t: 'audit' }, items = false): DownFrame {
    const conversation = this.conversations.get(conversationId)
    const joinedSeq = conversation?.members.get(accountId)
    if (joinedSeq === undefined || from < joinedSeq)
      return { t: 'refused', re: 'audit', code: joinedSeq === undefined ? 'not-a-member' : 'body-invalid' }
    const entries = conversation?.log.slice(from - 1, to) ?? []
    const hex = entries.map(({ seq, id }) => seq.toString(16).padStart(16, '0') + id.replaceAll('-', '')).join('')
    const hash = entries.length === to - from + 1 ? bytesToHex(sha256(hexToBytes(hex))) : null
    if (!items || conversation === undefined) return { t: 'audit', conversationId, from, to, hash }
    const changes = conversation.marksBetween(from, to).map(({ change }) => change.toString(16).padStart(16, '0'))
    return { t: 'audit', conversationId, from, to, hash, change: conversation.change, marks: bytesToHex(sha256(hexToBytes(changes.join('')))) }
  }

  /** Restores a backup, as an operator does: every conversation is cut back to its earlier head and change, and the history gets a new name. */
  restore(epoch: string, headOf: (conversationId: ConversationId) => number, changeOf: (conversationId: ConversationId) => number = () => 0): void {
    const heads: [ConversationId, number][] = []
    const changes: [ConversationId, number][] = []
    for (const conversation of this.conversations.values()) {
      const { id, log } = conversation
      for (const entry of conversation.cutBack(headOf(id), changeOf(id))) this.#written.delete(`${entry.author} ${entry.id}`)
      for (const [act, { conversationId, change }] of this.#acts) if (conversationId === id && change > conversation.change) this.#acts.delete(act)
      heads.push([id, log.length])
      changes.push([id, conversation.change])
    }
    this.restored = { epoch: this.epoch, heads, changes }
    this.epoch = epoch
  }

  beat(link: Link): void {
    link.push({ t: 'beat', now: this.now, account: link.account, total: this.#total(link) })
  }

  heads(link: Link): DownFrameOf<'heads'> {
    const rooms = [...link.rooms]
    return {
      t: 'heads',
      account: link.account,
      heads: rooms.map(([id, { cursor }]): [ConversationId, number] => [id, cursor]),
      ...(link.items ? { changes: rooms.map(([id, { change }]): [ConversationId, number] => [id, change]) } : {}),
    }
  }

  reset(accountId: AccountId, conversationId: ConversationId, items = false): DownFrameOf<'reset'> | null {
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
      unreadBelow: unreadIn(log.slice(joinedSeq - 1, first - 1), readSeq, accountId, this.accounts.get(accountId)?.items),
      ...(items ? { change: conversation.change, items: conversation.marksBetween(first, log.length) as Item[] } : {}),
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

  #pushConversation(link: Link, conversation: FakeConversation): void {
    const { id, log, members } = conversation
    const joinedSeq = members.get(link.accountId)
    if (joinedSeq === undefined) {
      link.rooms.delete(id)
      return
    }
    const room = link.rooms.get(id)
    if (room === undefined || room.joinedSeq !== joinedSeq) {
      link.rooms.set(id, { joinedSeq, cursor: log.length, change: conversation.change })
      link.push(this.reset(link.accountId, id, link.items) as DownFrameOf<'reset'>)
      return
    }
    while (room.cursor < log.length) {
      const entries = log.slice(room.cursor, room.cursor + SMALL.entriesPerPage)
      link.push({ t: 'entries', conversationId: id, after: room.cursor, entries })
      room.cursor += entries.length
    }
    const items = link.items ? conversation.itemsAfter(room.change) : []
    while (room.change < conversation.change && link.items) {
      const page = items.splice(0, SMALL.itemsPerFrame)
      const to = items.length === 0 ? conversation.change : (page.at(-1)?.change ?? 0)
      link.push({ t: 'items', conversationId: id, from: room.change, to, items: page as Item[] })
      room.change = to
    }
  }

  #total(link: Link): number {
    return [...link.rooms.values()].reduce((sum, { cursor, change }) => sum + cursor + (link.items ? change : 0), 0)
  }

  #write(conversation: FakeConversation, author: AccountId, id: ClientMessageId, body: EntryBody): number {
    const seq = conversation.log.length + 1
    conversation.log.push({ seq, acceptedAt: ++this.now, author, id, body })
    return seq
  }

  #join(conversation: FakeConversation, accountId: AccountId): void {
    const joinedSeq = conversation.log.length
    conversation.members.set(accountId, joinedSeq)
    const value = { conversationId: conversation.id, kind: conversation.kind, joinedSeq }
    this.#note(accountId, { kind: 'membership', key: conversation.id, value })
  }

  /** @returns the change. */
  #note(accountId: AccountId, item: AccountItem): number {
    const account = this.accounts.get(accountId) as Account
    account.items.set(`${item.kind} ${item.key}`, { at: ++account.head, item })
    return account.head
  }
}
