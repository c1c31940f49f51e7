import {
  hasNoPlace,
  type EntryWrite,
  type ItemWrite,
  type KnownAct,
  type KnownEntry,
  type Place,
  type Places,
  type RoomState,
  type Subject,
} from '@bongsu/log'
import { LIMITS, type AccountId, type ConversationId, type ConversationKind, type NamedPerson, type Request } from '@bongsu/protocol'
import { Askings } from './askings.ts'

/** `asked` of an edited or erased entry: the original request is no longer stored [I6]. */
export const ASKED_GONE = ''

export interface Room {
  readonly key: number
  readonly conversationId: ConversationId
  readonly kind: ConversationKind
  /** Its numbers before this transaction; null: it is made now. */
  readonly before: { readonly head: number; readonly change: number } | null
  readonly directKey: string | null
  readonly createdAt: number
  /** Its title before this transaction. */
  readonly called: string
  head: number
  change: number
  memberCount: number
  /** Null: the title stays. */
  title: string | null
  /** Who owns it; null: nothing was chosen. */
  state: RoomState | null
}

export function stateIn(json: string | null): RoomState | null {
  return json === null ? null : (JSON.parse(json) as RoomState)
}

export interface Account {
  readonly key: number
  readonly accountId: AccountId
  /** Head of its log; rises only where the account is locked. */
  head: number
  /** Conversations it is in, and those into which others put it; counted where somebody may join. */
  conversations: number
  fromOthers: number
}

export interface Membership {
  readonly joinedSeq: number
  readonly watermark: number
}

export interface NewEntry {
  readonly room: Room
  readonly seq: number
  readonly author: Account
  readonly id: string
  readonly acceptedAt: number
  kind: string
  body: string
  asked: string | null
}

export interface Current {
  readonly value: string | null
  readonly change: number
}

interface ItemOfRoom extends Current {
  readonly room: Room
  readonly kind: string
  readonly key: string
  readonly subject: number
}

interface ItemOfAccount extends Current {
  readonly account: Account
  readonly kind: string
  readonly key: string
}

interface Act extends KnownAct {
  readonly author: Account
  readonly id: string
  readonly room: Room
}

const nameOf = (...parts: readonly (string | number)[]): string => parts.join(' ')

/**
 * What the jobs of one transaction need to know, as loaded under locks, and what they have written so far. Each job is decided on what the jobs before
 * it have left, as if each wrote to the database at once. Everything written goes to the database together at the end.
 */
export class Ledger {
  readonly rooms = new Map<string, Room>()
  readonly accounts = new Map<string, Account>()
  readonly directs = new Map<string, ConversationId>()
  /** The account that made each conversation, where needed. */
  readonly makers = new Map<string, AccountId>()
  /** The oldest members of each conversation, where needed: more of them than may leave in this transaction. */
  readonly oldest = new Map<string, readonly AccountId[]>()
  /** Number of accounts that may not come back, where needed. */
  readonly barred = new Map<string, number>()
  readonly #isBarred = new Map<string, boolean>()
  readonly #known = new Map<string, KnownEntry>()
  readonly #acts = new Map<string, KnownAct>()
  readonly #members = new Map<string, Membership>()
  readonly #subjects = new Map<string, Subject>()
  readonly #items = new Map<string, Current>()
  /** Number of marks of each value, of one kind on one entry. */
  readonly #values = new Map<string, Map<string, number>>()
  readonly #own = new Map<string, number>()
  /** Conversations into which one account put another. */
  readonly #fromOne = new Map<string, number>()
  readonly askings = new Askings()

  readonly entries = new Map<string, NewEntry>()
  readonly newRooms: Room[] = []
  readonly changedRooms = new Set<Room>()
  readonly changedAccounts = new Set<Account>()
  /** Null: no longer a member. */
  readonly changedMembers = new Map<
    string,
    { readonly room: Room; readonly account: Account; readonly now: Membership | null; readonly waits: boolean }
  >()
  readonly changedBars = new Map<string, { readonly room: Room; readonly account: Account; readonly liftedBy: Account | null }>()
  readonly roomItems = new Map<string, ItemOfRoom>()
  readonly accountItems = new Map<string, ItemOfAccount>()
  readonly clears = new Map<string, { readonly room: Room; readonly seq: number }>()
  readonly rewrites = new Map<string, { readonly room: Room; readonly seq: number; readonly kind: string; readonly body: string }>()
  readonly newActs: Act[] = []

  get hasWrites(): boolean {
    return this.changedRooms.size + this.newRooms.length + this.changedAccounts.size + this.newActs.length > 0
  }

  // What is loaded -----------------------------------------------------------------------------------------------------------------------------

  addKnown(author: string, id: string, known: KnownEntry): void {
    this.#known.set(nameOf(author, id), known)
  }

  addAct(author: string, id: string, act: KnownAct): void {
    this.#acts.set(nameOf(author, id), act)
  }

  addMember(room: Pick<Room, 'key'>, account: Pick<Account, 'key'>, member: Membership): void {
    this.#members.set(nameOf(room.key, account.key), member)
  }

  addBarred(room: Pick<Room, 'key'>, account: Pick<Account, 'key'>): void {
    this.#isBarred.set(nameOf(room.key, account.key), true)
  }

  addSubject(room: Pick<Room, 'key'>, seq: number, subject: Subject): void {
    this.#subjects.set(nameOf(room.key, seq), subject)
  }

  addItem(owner: 'conversation' | 'account', ownerKey: number, kind: string, key: string, current: Current): void {
    this.#items.set(nameOf(owner, ownerKey, kind, key), current)
  }

  addValue(room: Pick<Room, 'key'>, seq: number, kind: string, value: string, count: number): void {
    const values = this.#values.get(nameOf(room.key, seq, kind)) ?? new Map<string, number>()
    this.#values.set(nameOf(room.key, seq, kind), values.set(value, count))
  }

  addOwn(account: Pick<Account, 'key'>, kind: string, count: number): void {
    this.#own.set(nameOf(account.key, kind), count)
  }

  addPlaces(account: Account, author: AccountId, { all, fromOthers, fromAuthor }: Places): void {
    account.conversations = all
    account.fromOthers = fromOthers
    this.#fromOne.set(nameOf(account.key, author), fromAuthor)
  }

  // What is asked ------------------------------------------------------------------------------------------------------------------------------

  known(author: string, id: string): KnownEntry | null {
    return this.#known.get(nameOf(author, id)) ?? null
  }

  knownAct(author: string, id: string): KnownAct | null {
    return this.#acts.get(nameOf(author, id)) ?? null
  }

  member(room: Room, account: Account): Membership | undefined {
    return this.#members.get(nameOf(room.key, account.key))
  }

  place(room: Room | undefined, account: Account, byStaff = false): Place | null {
    const joinedSeq = byStaff || room === undefined ? 1 : this.member(room, account)?.joinedSeq
    return room === undefined || joinedSeq === undefined ? null : { ...room, joinedSeq }
  }

  /** The existing accounts, each once, in the order named. */
  existing(accounts: readonly AccountId[]): Account[] {
    return [...new Set(accounts)].flatMap((accountId) => this.accounts.get(accountId) ?? [])
  }

  isAtLimit(account: Account): boolean {
    return account.conversations >= LIMITS.conversationsPerAccountMax
  }

  named(room: Room | null, accounts: readonly AccountId[], author: AccountId): NamedPerson[] {
    return this.existing(accounts).map((account) => ({
      accountId: account.accountId,
      isMember: room !== null && this.member(room, account) !== undefined,
      isAtLimit: hasNoPlace({
        all: account.conversations,
        fromOthers: account.fromOthers,
        fromAuthor: this.#fromOne.get(nameOf(account.key, author)) ?? 0,
      }),
      isBarred: room !== null && this.#isBarred.get(nameOf(room.key, account.key)) === true,
      blocksAuthor: (this.item('account', account.key, 'block', author)?.value ?? null) !== null,
      consent: this.askings.consent(account.accountId, author),
      asked: room === null ? 'never' : this.#asked(account, room),
    }))
  }

  #asked(account: Account, room: Room): NamedPerson['asked'] {
    const request = this.item('account', account.key, 'request', room.conversationId)
    return request === null ? 'never' : request.value === null ? 'decided' : 'waits'
  }

  /** The member with the lowest joinedSeq, and of several the one with the lowest id, without this account. */
  oldestIn(room: Room, except: Account): AccountId | null {
    const loaded = (this.oldest.get(room.conversationId) ?? []).flatMap((accountId) => this.accounts.get(accountId) ?? [])
    const joined = [...this.changedMembers.values()].filter((one) => one.room === room && one.now !== null).map(({ account }) => account)
    const there = [...loaded, ...joined].flatMap((account) => {
      const member = account === except ? undefined : this.member(room, account)
      return member === undefined ? [] : [{ accountId: account.accountId, joinedSeq: member.joinedSeq }]
    })
    const [first] = there.toSorted((a, b) => a.joinedSeq - b.joinedSeq || (a.accountId < b.accountId ? -1 : 1))
    return first?.accountId ?? null
  }

  subject(room: Room, seq: number): Subject | null {
    const written = this.entries.get(nameOf(room.key, seq))
    if (written === undefined) return this.#subjects.get(nameOf(room.key, seq)) ?? null
    return { id: written.id, author: written.author.accountId, acceptedAt: written.acceptedAt, body: JSON.parse(written.body) as Subject['body'] }
  }

  item(owner: 'conversation' | 'account', ownerKey: number, kind: string, key: string): Current | null {
    return this.#items.get(nameOf(owner, ownerKey, kind, key)) ?? null
  }

  /** Different values of the kind on the entry, except this one, and all marks of it. */
  counts(room: Room, seq: number, kind: string, except: string): { readonly different: number; readonly marks: number } {
    let different = 0
    let marks = 0
    for (const [value, count] of this.#values.get(nameOf(room.key, seq, kind)) ?? []) {
      if (count > 0 && value !== except) different++
      marks += count
    }
    return { different, marks }
  }

  own(account: Account, kind: string): number {
    return this.#own.get(nameOf(account.key, kind)) ?? 0
  }

  // What is written ----------------------------------------------------------------------------------------------------------------------------

  /** Writes the entry after the head. @returns its seq. */
  writeEntry(entry: Omit<NewEntry, 'seq'>, known: Omit<KnownEntry, 'seq' | 'conversationId' | 'acceptedAt'>): number {
    const { room, author, id, acceptedAt } = entry
    const seq = ++room.head
    this.entries.set(nameOf(room.key, seq), { ...entry, seq })
    this.changedRooms.add(room)
    this.addKnown(author.accountId, id, { conversationId: room.conversationId, seq, acceptedAt, ...known })
    return seq
  }

  /** Their log rises by one with the newest value of one thing [D9]. @returns the change number. */
  putAccountItem(account: Account, kind: string, key: string, value: string | null): number {
    const change = ++account.head
    this.changedAccounts.add(account)
    const item = nameOf('account', account.key, kind, key)
    if (!this.#items.has(item)) this.#own.set(nameOf(account.key, kind), this.own(account, kind) + 1)
    this.#items.set(item, { change, value })
    this.accountItems.set(item, { account, kind, key, change, value })
    return change
  }

  putRoomItem(room: Room, { kind, key, seq, value, clears }: ItemWrite): number {
    const change = ++room.change
    this.changedRooms.add(room)
    if (clears) this.#clear(room, seq)
    const name = nameOf('conversation', room.key, kind, key)
    const before = this.#items.get(name)?.value ?? null
    const values = this.#values.get(nameOf(room.key, seq, kind)) ?? new Map<string, number>()
    this.#values.set(nameOf(room.key, seq, kind), values)
    if (before !== null) values.set(before, (values.get(before) ?? 1) - 1)
    if (value !== null) values.set(value, (values.get(value) ?? 0) + 1)
    this.#items.set(name, { change, value })
    this.roomItems.set(name, { room, kind, key, subject: seq, change, value })
    return change
  }

  /** What was loaded of these marks stays: no rule asks for the other marks of such an entry. */
  #clear(room: Room, seq: number): void {
    this.clears.set(nameOf(room.key, seq), { room, seq })
    for (const [name, item] of this.roomItems) if (item.room === room && item.subject === seq) this.roomItems.delete(name)
  }

  /** Replaces the body of an entry for good: neither the earlier body nor the original request is kept [I6]. */
  rewrite(room: Room, seq: number, body: Subject['body'], text: string): void {
    const name = nameOf(room.key, seq)
    const written = this.entries.get(name)
    if (written !== undefined) Object.assign(written, { kind: body.kind, body: text, asked: ASKED_GONE })
    else this.rewrites.set(name, { room, seq, kind: body.kind, body: text })
    const subject = this.#subjects.get(name)
    if (subject !== undefined) this.#subjects.set(name, { ...subject, body })
  }

  /** What was loaded of who put them there counts joins of this transaction too, but no leaving: a place is free in the next one. */
  join(room: Room, people: readonly Account[], joinedSeq: number, author: AccountId, waits: readonly AccountId[] = []): void {
    const item = JSON.stringify({ conversationId: room.conversationId, kind: room.kind, joinedSeq })
    for (const account of people) {
      if (waits.includes(account.accountId)) {
        // A member who takes no place, and is not told of it [B40].
        this.changedMembers.set(nameOf(room.key, account.key), { room, account, now: { joinedSeq, watermark: joinedSeq - 1 }, waits: true })
        continue
      }
      // They are members at the entry that invited them and have not read it: their watermark is just below it [R4].
      this.#setMember(room, account, { joinedSeq, watermark: joinedSeq - 1 })
      account.conversations++
      if (account.accountId !== author) {
        account.fromOthers++
        const pair = nameOf(account.key, author)
        this.#fromOne.set(pair, (this.#fromOne.get(pair) ?? 0) + 1)
      }
      this.putAccountItem(account, 'membership', room.conversationId, item)
    }
    room.memberCount += people.length
  }

  /** Writes the requests of an author, after everything else, and ends those of others that were granted. */
  ask(room: Room, { asks, settles }: Pick<EntryWrite, 'asks' | 'settles'>, author: AccountId, now: number): void {
    for (const account of this.existing(asks)) {
      const from = this.askings.ask(account.accountId, author)
      if (from === null) continue
      const group = room.kind === 'group' ? { title: room.title ?? room.called, memberCount: room.memberCount } : {}
      const request: Request = { kind: room.kind, from, at: now, ...group }
      this.putAccountItem(account, 'request', room.conversationId, JSON.stringify(request))
    }
    for (const account of this.existing(settles)) this.putAccountItem(account, 'request', room.conversationId, null)
  }

  leave(room: Room, account: Account): void {
    this.#setMember(room, account, null)
    account.conversations--
    this.putAccountItem(account, 'membership', room.conversationId, null)
    room.memberCount--
  }

  /** @param liftedBy who lets the account come back; null: it may not. */
  bar(room: Room, account: Account, liftedBy: Account | null): void {
    const name = nameOf(room.key, account.key)
    const isBarred = liftedBy === null
    if ((this.#isBarred.get(name) === true) === isBarred) return
    this.#isBarred.set(name, isBarred)
    this.changedBars.set(name, { room, account, liftedBy })
    this.barred.set(room.conversationId, (this.barred.get(room.conversationId) ?? 0) + (isBarred ? 1 : -1))
  }

  raise(room: Room, account: Account, { joinedSeq }: Membership, watermark: number): void {
    this.#setMember(room, account, { joinedSeq, watermark })
    this.putAccountItem(account, 'read', room.conversationId, `{"seq":${watermark}}`)
  }

  keepAct(author: Account, id: string, room: Room, act: Omit<KnownAct, 'conversationId'>): void {
    const kept = { ...act, conversationId: room.conversationId }
    this.addAct(author.accountId, id, kept)
    this.newActs.push({ ...kept, author, id, room })
  }

  #setMember(room: Room, account: Account, now: Membership | null): void {
    const name = nameOf(room.key, account.key)
    this.changedMembers.set(name, { room, account, now, waits: false })
    if (now === null) this.#members.delete(name)
    else this.#members.set(name, now)
  }
}
