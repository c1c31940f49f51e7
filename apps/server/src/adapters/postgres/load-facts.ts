import { effectOf, needsOfAppend, needsOfSet, type Places } from '@bongsu/log'
import { LIMITS, type AccountId, type ConversationId, type ConversationKind, type EntryBody } from '@bongsu/protocol'
import { CONSENTS, type ConsentRow } from './askings.ts'
import type { Connection, Prepared } from './connection.ts'
import { ASKED_GONE, Ledger, stateIn, type Account } from './ledger.ts'
import { directKeyOf, type WriteJob } from './write-job.ts'

/** Distinct pairs or triples, as one list for each column. */
class Rows {
  readonly #seen = new Set<string>()
  readonly columns: (string | number)[][]

  constructor(width: number) {
    this.columns = Array.from({ length: width }, () => [])
  }

  get isEmpty(): boolean {
    return this.#seen.size === 0
  }

  add(...row: readonly (string | number)[]): void {
    const name = row.join('\0')
    if (this.#seen.has(name)) return
    this.#seen.add(name)
    row.forEach((value, index) => this.columns[index]?.push(value))
  }
}

/** Everything that the jobs of a transaction need to know. */
class Wants {
  /** Whoever writes entries, items or members of a conversation holds its row. */
  readonly lockedRooms = new Rows(1)
  readonly rooms = new Rows(1)
  /** Whoever writes the log or a membership of an account holds its row. */
  readonly lockedAccounts = new Rows(1)
  readonly accounts = new Rows(1)
  /** An account, and who wants to put it into a conversation. */
  readonly counted = new Rows(2)
  /** An account, and who wants to come to it. */
  readonly consents = new Rows(2)
  readonly members = new Rows(2)
  readonly known = new Rows(2)
  readonly makers = new Rows(1)
  readonly oldest = new Rows(1)
  /** Accounts that may leave in this transaction. */
  leaving = 0
  readonly barred = new Rows(2)
  readonly barredIn = new Rows(1)
  readonly subjects = new Rows(2)
  readonly acts = new Rows(2)
  readonly roomItems = new Rows(3)
  readonly accountItems = new Rows(3)
  readonly values = new Rows(3)
  readonly own = new Rows(2)
  readonly directs = new Rows(1)
  newRooms = 0

  add(job: WriteJob): void {
    switch (job.t) {
      case 'append':
        for (const request of job.batch) this.#append(request)
        return
      case 'set':
        for (const request of job.batch) this.#set(request)
        return
      case 'direct':
        this.directs.add(directKeyOf(job.job))
        this.#create(job.job.author, job.job.id, [job.job.other])
        return
      case 'group':
        this.#create(job.job.author, job.job.id, job.job.accounts)
        return
      case 'raise':
        for (const { conversationId, accountId } of job.batch) {
          this.rooms.add(conversationId)
          this.lockedAccounts.add(accountId)
          this.members.add(conversationId, accountId)
        }
        return
      case 'probe':
      case 'epoch':
    }
  }

  #append({ conversationId, author, id, body }: Extract<WriteJob, { t: 'append' }>['batch'][number]): void {
    this.lockedRooms.add(conversationId)
    this.accounts.add(author)
    this.members.add(conversationId, author)
    this.known.add(author, id)
    const { people, maker, oldest, barred } = needsOfAppend(body)
    const { joins = [], leaves = [] } = effectOf(author, body)
    for (const account of [...people, ...joins, ...leaves]) {
      this.lockedAccounts.add(account)
      this.counted.add(account, author)
      this.members.add(conversationId, account)
      this.barred.add(conversationId, account)
      if (account === author) continue
      this.accountItems.add(account, 'block', author)
      if (body.kind !== 'invited') continue
      this.consents.add(account, author)
      this.accountItems.add(account, 'request', conversationId)
    }
    this.leaving += leaves.length
    if (maker) this.makers.add(conversationId)
    if (oldest) this.oldest.add(conversationId)
    if (barred) this.barredIn.add(conversationId)
  }

  #set(request: Extract<WriteJob, { t: 'set' }>['batch'][number]): void {
    const { conversationId, author, id, seq } = request
    const { owner, kind, key, differentFrom, maker, countOwn } = needsOfSet(request)
    this.lockedRooms.add(conversationId)
    this.accounts.add(author)
    this.members.add(conversationId, author)
    this.acts.add(author, id)
    this.subjects.add(conversationId, seq)
    if (owner === 'conversation') this.roomItems.add(conversationId, kind, key)
    else {
      this.lockedAccounts.add(author)
      this.accountItems.add(author, kind, key)
    }
    if (differentFrom !== null) this.values.add(conversationId, seq, kind)
    if (maker) this.makers.add(conversationId)
    if (countOwn) this.own.add(author, kind)
  }

  #create(author: AccountId, id: string, people: readonly AccountId[]): void {
    this.newRooms++
    this.known.add(author, id)
    for (const account of [author, ...people]) {
      this.lockedAccounts.add(account)
      this.counted.add(account, author)
      if (account === author) continue
      this.accountItems.add(account, 'block', author)
      this.consents.add(account, author)
    }
  }
}

const ROOM =
  'SELECT conversation_key AS key, conversation_id AS "conversationId", kind, head, change, member_count AS "memberCount", state, title AS "called" FROM conversations'
const ACCOUNT = 'SELECT account_key AS key, account_id AS "accountId", head FROM accounts'

const named = (name: string, text: string): Prepared => ({ name, text })
/*
 * Where a key has parts from two tables, the row is found in a LATERAL of its own, which OFFSET 0 keeps apart. In a plain join a new database, whose tables
 * seem empty to the planner, compares one part of the key with all rows that have the other: every message of an author, every member of a room.
 */
/** Rows are locked by rising key, conversations before accounts: two transactions never wait for each other. */
const LOCK_ROOMS = named('lock-rooms', `${ROOM} WHERE conversation_id = ANY($1::text[]) ORDER BY conversation_key FOR NO KEY UPDATE`)
const LOCK_ACCOUNTS = named('lock-accounts', `${ACCOUNT} WHERE account_id = ANY($1::text[]) ORDER BY account_key FOR NO KEY UPDATE`)
const ROOMS = named('rooms', `${ROOM} WHERE conversation_id = ANY($1::text[])`)
const ACCOUNTS = named('accounts', `${ACCOUNT} WHERE account_id = ANY($1::text[])`)
const MEMBERS = named(
  'members',
  `SELECT r.c AS "conversationId", r.a AS "accountId", m.joined_seq AS "joinedSeq", m.watermark FROM unnest($1::text[], $2::text[]) AS r (c, a)
   JOIN conversations c ON c.conversation_id = r.c JOIN accounts a ON a.account_id = r.a
   CROSS JOIN LATERAL (SELECT joined_seq, watermark FROM members WHERE conversation_key = c.conversation_key AND account_key = a.account_key AND waiting = 0 OFFSET 0) m`,
)
const KNOWN = named(
  'known',
  `SELECT r.a AS author, e.id, c.conversation_id AS "conversationId", e.seq, e.accepted_at AS "acceptedAt", e.body, e.asked
   FROM unnest($1::text[], $2::uuid[]) AS r (a, id) JOIN accounts a ON a.account_id = r.a
   CROSS JOIN LATERAL (SELECT * FROM entries WHERE author_key = a.account_key AND id = r.id OFFSET 0) e
   JOIN conversations c ON c.conversation_key = e.conversation_key`,
)
const COUNTED = named(
  'counted',
  // Most accounts are in few conversations, and then it does not matter who put them there: whoever wrote the entry by which they joined.
  `SELECT a.account_id AS "accountId", i.account_id AS author, p.n AS "all", s.others AS "fromOthers", s.one AS "fromAuthor"
   FROM unnest($1::text[], $2::text[]) AS r (a, i) JOIN accounts a ON a.account_id = r.a JOIN accounts i ON i.account_id = r.i
   CROSS JOIN LATERAL (SELECT count(*) AS n FROM members m WHERE m.account_key = a.account_key AND m.waiting = 0) p
   CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE e.author_key <> a.account_key) AS others, count(*) FILTER (WHERE e.author_key = i.account_key) AS one
     FROM members m JOIN entries e ON e.conversation_key = m.conversation_key AND e.seq = m.joined_seq
     WHERE m.account_key = a.account_key AND m.waiting = 0 AND p.n >= ${LIMITS.placesFromOneMax}) s`,
)
const MAKERS = named(
  'makers',
  `SELECT c.conversation_id AS "conversationId", a.account_id AS maker FROM conversations c
   JOIN entries e ON e.conversation_key = c.conversation_key AND e.seq = 1 JOIN accounts a ON a.account_key = e.author_key
   WHERE c.conversation_id = ANY($1::text[])`,
)
// The accounts come with them: they may be named by nobody else.
const OLDEST = named(
  'oldest',
  `SELECT c.conversation_id AS "conversationId", o.* FROM conversations c, LATERAL (
     SELECT a.account_key AS key, a.account_id AS "accountId", m.joined_seq AS "joinedSeq", m.watermark FROM members m
     JOIN accounts a ON a.account_key = m.account_key WHERE m.conversation_key = c.conversation_key ORDER BY m.joined_seq, a.account_id LIMIT $2) AS o
   WHERE c.conversation_id = ANY($1::text[])`,
)
const BARRED = named(
  'barred',
  `SELECT r.c AS "conversationId", r.a AS "accountId" FROM unnest($1::text[], $2::text[]) AS r (c, a)
   JOIN conversations c ON c.conversation_id = r.c JOIN accounts a ON a.account_id = r.a
   CROSS JOIN LATERAL (SELECT FROM barred WHERE conversation_key = c.conversation_key AND account_key = a.account_key OFFSET 0) b`,
)
const COUNT_BARRED = named(
  'count-barred',
  `SELECT c.conversation_id AS "conversationId", count(*) AS n FROM conversations c JOIN barred b ON b.conversation_key = c.conversation_key
   WHERE c.conversation_id = ANY($1::text[]) GROUP BY 1`,
)
const SUBJECTS = named(
  'subjects',
  `SELECT c.conversation_key AS room, e.seq, e.id, a.account_id AS author, e.accepted_at AS "acceptedAt", e.body
   FROM unnest($1::text[], $2::bigint[]) AS r (c, seq) JOIN conversations c ON c.conversation_id = r.c
   CROSS JOIN LATERAL (SELECT * FROM entries WHERE conversation_key = c.conversation_key AND seq = r.seq OFFSET 0) e JOIN accounts a ON a.account_key = e.author_key`,
)
const ACTS = named(
  'acts',
  `SELECT r.a AS author, x.id, c.conversation_id AS "conversationId", x.kind, x.key, x.change FROM unnest($1::text[], $2::uuid[]) AS r (a, id)
   JOIN accounts a ON a.account_id = r.a CROSS JOIN LATERAL (SELECT * FROM acts WHERE author_key = a.account_key AND id = r.id OFFSET 0) x
   JOIN conversations c ON c.conversation_key = x.conversation_key`,
)
const ROOM_ITEMS = named(
  'room-items',
  `SELECT i.conversation_key AS owner, i.kind, i.key, i.value, i.change FROM unnest($1::text[], $2::text[], $3::text[]) AS r (c, kind, key)
   JOIN conversations c ON c.conversation_id = r.c
   CROSS JOIN LATERAL (SELECT * FROM conversation_items WHERE conversation_key = c.conversation_key AND kind = r.kind AND key = r.key OFFSET 0) i`,
)
const ACCOUNT_ITEMS = named(
  'account-items',
  `SELECT i.account_key AS owner, i.kind, i.key, i.value, i.change FROM unnest($1::text[], $2::text[], $3::text[]) AS r (a, kind, key)
   JOIN accounts a ON a.account_id = r.a
   CROSS JOIN LATERAL (SELECT * FROM account_items WHERE account_key = a.account_key AND kind = r.kind AND key = r.key OFFSET 0) i`,
)
const VALUES = named(
  'values',
  `SELECT i.conversation_key AS room, i.subject, i.kind, i.value, count(*) AS n FROM unnest($1::text[], $2::bigint[], $3::text[]) AS r (c, seq, kind)
   JOIN conversations c ON c.conversation_id = r.c
   CROSS JOIN LATERAL (SELECT * FROM conversation_items x
     WHERE x.conversation_key = c.conversation_key AND x.subject = r.seq AND x.kind = r.kind AND x.value IS NOT NULL OFFSET 0) i
   GROUP BY 1, 2, 3, 4`,
)
const OWN = named(
  'own',
  `SELECT a.account_key AS owner, r.kind, (SELECT count(*) FROM account_items i WHERE i.account_key = a.account_key AND i.kind = r.kind) AS n
   FROM unnest($1::text[], $2::text[]) AS r (a, kind) JOIN accounts a ON a.account_id = r.a`,
)
const DIRECTS = named(
  'directs',
  'SELECT direct_key AS "directKey", conversation_id AS "conversationId" FROM conversations WHERE direct_key = ANY($1::text[])',
)
const NEW_KEYS = named(
  'new-keys',
  `SELECT nextval(pg_get_serial_sequence('conversations', 'conversation_key')) AS key FROM generate_series(1, $1::int)`,
)

interface RoomRow {
  readonly key: number
  readonly conversationId: ConversationId
  readonly kind: ConversationKind
  readonly head: number
  readonly change: number
  readonly memberCount: number
  /** JSON. */
  readonly state: string | null
  readonly called: string
}

interface OldestRow {
  readonly conversationId: string
  readonly key: number
  readonly accountId: AccountId
  readonly joinedSeq: number
  readonly watermark: number
}

interface KnownRow {
  readonly author: string
  readonly id: string
  readonly conversationId: string
  readonly seq: number
  readonly acceptedAt: number
  readonly body: string
  readonly asked: string | null
}

interface Loaded {
  readonly ledger: Ledger
  /** Keys for new conversations. */
  readonly newKey: () => number
}

/**
 * Locks what the jobs may change and loads what they need to know, in one round trip. Each statement sees what was committed before it began, so what is
 * loaded after the locks is the newest state of what is locked.
 * @param first is sent before everything else.
 */
export async function loadFacts(connection: Connection, jobs: readonly WriteJob[], first: readonly Promise<unknown>[]): Promise<Loaded> {
  const wants = new Wants()
  for (const job of jobs) wants.add(job)
  const ask = async <Row extends object>(statement: Prepared, rows: Rows): Promise<readonly Row[]> =>
    rows.isEmpty ? [] : (await connection.query<Row>(statement, rows.columns)).rows
  const [
    lockedRooms,
    lockedAccounts,
    rooms,
    accounts,
    directs,
    members,
    known,
    counted,
    consents,
    makers,
    oldest,
    barred,
    barredIn,
    subjects,
    acts,
    roomItems,
    accountItems,
    values,
    own,
    keys,
  ] = await Promise.all([
    ask<RoomRow>(LOCK_ROOMS, wants.lockedRooms),
    ask<Account>(LOCK_ACCOUNTS, wants.lockedAccounts),
    ask<RoomRow>(ROOMS, wants.rooms),
    ask<Account>(ACCOUNTS, wants.accounts),
    ask<{ directKey: string; conversationId: ConversationId }>(DIRECTS, wants.directs),
    ask<{ conversationId: string; accountId: string; joinedSeq: number; watermark: number }>(MEMBERS, wants.members),
    ask<KnownRow>(KNOWN, wants.known),
    ask<{ accountId: string; author: AccountId } & Places>(COUNTED, wants.counted),
    ask<ConsentRow>(CONSENTS, wants.consents),
    ask<{ conversationId: string; maker: AccountId }>(MAKERS, wants.makers),
    wants.oldest.isEmpty ? [] : connection.query<OldestRow>(OLDEST, [...wants.oldest.columns, wants.leaving + 1]).then(({ rows: some }) => some),
    ask<{ conversationId: string; accountId: string }>(BARRED, wants.barred),
    ask<{ conversationId: string; n: number }>(COUNT_BARRED, wants.barredIn),
    ask<{ room: number; seq: number; id: string; author: AccountId; acceptedAt: number; body: string }>(SUBJECTS, wants.subjects),
    ask<{ author: string; id: string; conversationId: string; kind: string; key: string; change: number }>(ACTS, wants.acts),
    ask<ItemRow>(ROOM_ITEMS, wants.roomItems),
    ask<ItemRow>(ACCOUNT_ITEMS, wants.accountItems),
    ask<{ room: number; subject: number; kind: string; value: string; n: number }>(VALUES, wants.values),
    ask<{ owner: number; kind: string; n: number }>(OWN, wants.own),
    wants.newRooms === 0 ? [] : connection.query<{ key: number }>(NEW_KEYS, [wants.newRooms]).then(({ rows: some }) => some.map(({ key }) => key)),
    ...first,
  ])

  const ledger = new Ledger()
  // The locked rows come last: they are the ones that are changed.
  for (const { head, change, state, ...room } of [...rooms, ...lockedRooms]) {
    const before = { head, change }
    ledger.rooms.set(room.conversationId, { ...room, ...before, before, directKey: null, createdAt: 0, title: null, state: stateIn(state) })
  }
  for (const account of [...accounts, ...lockedAccounts]) ledger.accounts.set(account.accountId, { ...account, conversations: 0, fromOthers: 0 })
  for (const { accountId, author, ...places } of counted) {
    const account = ledger.accounts.get(accountId)
    if (account !== undefined) ledger.addPlaces(account, author, places)
  }
  for (const row of consents) ledger.askings.add(row)
  for (const { directKey, conversationId } of directs) ledger.directs.set(directKey, conversationId)
  for (const { conversationId, accountId, ...member } of members) {
    const [room, account] = [ledger.rooms.get(conversationId), ledger.accounts.get(accountId)]
    if (room !== undefined && account !== undefined) ledger.addMember(room, account, member)
  }
  for (const { author, id, body, asked, ...rest } of known)
    ledger.addKnown(author, id, { ...rest, body: JSON.parse(body) as EntryBody, asked: asked === ASKED_GONE ? null : (asked ?? body) })
  for (const { conversationId, maker } of makers) ledger.makers.set(conversationId, maker)
  for (const { conversationId, key, accountId, ...member } of oldest) {
    const room = ledger.rooms.get(conversationId)
    if (room === undefined) continue
    // Nothing is written about such an account, so its head is not needed.
    if (!ledger.accounts.has(accountId)) ledger.accounts.set(accountId, { key, accountId, head: 0, conversations: 0, fromOthers: 0 })
    ledger.addMember(room, { key }, member)
    ledger.oldest.set(conversationId, [...(ledger.oldest.get(conversationId) ?? []), accountId])
  }
  for (const { conversationId, accountId } of barred) {
    const [room, account] = [ledger.rooms.get(conversationId), ledger.accounts.get(accountId)]
    if (room !== undefined && account !== undefined) ledger.addBarred(room, account)
  }
  for (const { conversationId, n } of barredIn) ledger.barred.set(conversationId, n)
  for (const { room, seq, body, ...rest } of subjects) ledger.addSubject({ key: room }, seq, { ...rest, body: JSON.parse(body) as EntryBody })
  for (const { author, id, ...act } of acts) ledger.addAct(author, id, act)
  for (const { owner, kind, key, ...current } of roomItems) ledger.addItem('conversation', owner, kind, key, current)
  for (const { owner, kind, key, ...current } of accountItems) ledger.addItem('account', owner, kind, key, current)
  for (const { room, subject, kind, value, n } of values) ledger.addValue({ key: room }, subject, kind, value, n)
  for (const { owner, kind, n } of own) ledger.addOwn({ key: owner }, kind, n)
  let given = 0
  return { ledger, newKey: () => keys[given++] as number }
}

interface ItemRow {
  readonly owner: number
  readonly kind: string
  readonly key: string
  readonly value: string | null
  readonly change: number
}
