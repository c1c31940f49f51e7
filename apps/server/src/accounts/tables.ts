import type { ReportReason } from '@bongsu/protocol'
import type { ColumnType, Generated } from 'kysely'

/**
 * The tables as Kysely sees them, the same for every engine. Times are epoch ms. `*_key` are integers that never leave the server, `*_id` are UUID
 * texts. The first migration documents the columns.
 */
export interface Tables {
  readonly meta: MetaTable
  readonly accounts: AccountsTable
  readonly devices: DevicesTable
  readonly invites: InvitesTable
  readonly account_activity: AccountActivityTable
  readonly outage_reports: OutageReportsTable
  readonly friends: FriendsTable
  readonly conversations: ConversationsTable
  readonly members: MembersTable
  readonly entries: EntriesTable
  readonly account_items: AccountItemsTable
  readonly cases: CasesTable
  readonly reports: ReportsTable
  readonly processes: ProcessesTable
  readonly arrivals: ArrivalsTable
  readonly limits: LimitsTable
  readonly journal: JournalTable
  readonly suspensions: SuspensionsTable
  readonly barred: BarredTable
  readonly lifted_bars: LiftedBarsTable
}

export interface MetaTable {
  key: string
  value: string
}

export interface AccountsTable {
  account_key: Generated<number>
  account_id: string
  /** Always lower case. */
  handle: string
  /** What the handle looks like; no two of new accounts look alike. Null for an account that looks like an older one [B31]. */
  likeness: Generated<string | null>
  display_name: string
  password_hash: string
  role: 'admin' | 'member'
  /** Head of the account log. */
  head: Generated<number>
  created_at: number
  password_changed_at: number
  /** 1: made by the sentinel to test the messenger; excluded from all counts. */
  canary: Generated<number>
  /** 1: a moderator, whose `role` is `member` for programs that do not know moderators [B53]. */
  moderator: Generated<number>
}

export interface DevicesTable {
  device_id: string
  account_key: number
  name: string
  created_at: number
  last_seen_at: number
  revoked_at: number | null
}

export interface InvitesTable {
  invite_id: string
  code_hash: string
  role: 'admin' | 'member'
  /** Null: made by the server itself, for the first administrator. */
  created_by: number | null
  created_at: number
  expires_at: number
  uses_max: number
  uses: Generated<number>
  revoked_at: number | null
  /** 1: creates canaries. */
  canary: Generated<number>
}

/** When an account was last connected, and since when without a longer pause. Written in batches, so the values are some minutes old. */
export interface AccountActivityTable {
  account_key: number
  active_since: number
  last_active_at: number
}

/** What devices reported they could not do. */
export interface OutageReportsTable {
  account_key: number
  report_id: string
  part: 'connection' | 'sign-in'
  began_at: number
  ended_at: number
  unsent: number
}

export interface FriendsTable {
  account_key: number
  friend_key: number
  created_at: number
}

/** Only the log writes these columns; others select them. */
type Kept<T> = ColumnType<T, never, never>

export interface ConversationsTable {
  conversation_key: Kept<number>
  conversation_id: Kept<string>
  kind: Kept<'direct' | 'group' | 'self'>
  title: Kept<string>
  head: Kept<number>
  member_count: Kept<number>
  direct_key: Kept<string | null>
  created_at: Kept<number>
}

export interface MembersTable {
  conversation_key: Kept<number>
  account_key: Kept<number>
  /** Of a conversation of two, its members raise it by leaving [B4]. */
  joined_seq: ColumnType<number, never, number>
  watermark: Kept<number>
  /** 1: has not let in the person who opened this conversation of two [B40]. */
  waiting: ColumnType<number, never, number>
}

export interface EntriesTable {
  conversation_key: Kept<number>
  seq: Kept<number>
  author_key: Kept<number>
  id: Kept<Uint8Array>
  accepted_at: Kept<number>
  kind: Kept<string>
  /** JSON. */
  body: Kept<string>
  /** JSON of the request, where `body` holds less. */
  asked: Kept<string | null>
}

/**
 * The newest value of each (kind, key). Writing one raises `accounts.head` by 1 and gives the item that number as its `change`, in the same
 * transaction [D9].
 */
export interface AccountItemsTable {
  account_key: number
  kind: string
  key: string
  change: number
  /** JSON, or null when the thing does not exist any more. */
  value: string | null
}

/** What staff decide on: all reports about one person or one group [B63]. */
export interface CasesTable {
  case_id: string
  about: 'person' | 'room'
  /** Account id or conversation id. */
  subject: string
  opened_at: number
  reported_at: number
  decided_at: number | null
  /** Null: not decided, or decided by the operator. */
  decided_by: number | null
  act: string | null
  /** JSON of the whole act; null when an older program decided. */
  asked: string | null
  note: string | null
  /** When the act was done [B65]. */
  done_at: number | null
}

export interface ReportsTable {
  reporter_key: number
  /** Made by the device. */
  report_id: string
  case_id: string
  reported_at: number
  reason: ReportReason
  /** Null beyond the first reports of a case, which are kept whole. */
  text: string | null
  /** Of a reported message. */
  conversation_id: string | null
  seq: number | null
  /** JSON of the copied entries. */
  copy: string | null
  /** Chance in hexadecimal digits; null in reports that an older program wrote. */
  salt: string | null
  /** SHA-256 of `salt`, a line break and `copy`, or of `copy` alone, in hexadecimal digits. */
  seal: string | null
}

export interface ProcessesTable {
  process: string
  beats: number
  written_at: number
}

export interface ArrivalsTable {
  device_id: string
  account_id: string
  process: string
  arrived_at: number
}

export interface LimitsTable {
  key: string
  taken: number
  began_at: number
  ends_at: number
}

/** Rows are only added, and removed at the end of their time [B50]. */
export interface JournalTable {
  seq: number
  at: number
  kind: string
  actor: string
  account_id: string | null
  details: string
  hash: string
}

export interface SuspensionsTable {
  account_key: number
  suspension_id: string
  began_at: number
  /** Null: for good. */
  until_at: number | null
  reason: string
  appeal: string
}

/** Who may not come back to a group [B13]. */
export interface BarredTable {
  conversation_key: number
  account_key: number
  /** 1: staff keep them out, whether an entry says so or not [B68]. */
  by_staff: Generated<number>
}

/** Bars of staff that a member has lifted, until the journal has them [B69]. */
export interface LiftedBarsTable {
  conversation_key: number
  account_key: number
  lifted_by: number
}
