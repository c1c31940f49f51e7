/** A table as both databases have it: the same names, numbers and texts. */
export interface Table {
  readonly name: string
  /** Its primary key, which orders its rows. */
  readonly key: readonly string[]
  /** All columns, the key first. */
  readonly columns: readonly string[]
  /** A column with a UUID, which travels as 32 hexadecimal digits. */
  readonly uuid?: string
}

export const ACCOUNTS: Table = {
  name: 'accounts',
  key: ['account_key'],
  columns: [
    'account_key',
    'account_id',
    'handle',
    'display_name',
    'password_hash',
    'role',
    'head',
    'created_at',
    'password_changed_at',
    'canary',
    'likeness',
    'moderator',
  ],
}
export const CONVERSATIONS: Table = {
  name: 'conversations',
  key: ['conversation_key'],
  columns: ['conversation_key', 'conversation_id', 'kind', 'title', 'head', 'member_count', 'direct_key', 'created_at', 'change', 'state'],
}
export const ENTRIES: Table = {
  name: 'entries',
  key: ['conversation_key', 'seq'],
  columns: ['conversation_key', 'seq', 'author_key', 'id', 'accepted_at', 'kind', 'body', 'asked'],
  uuid: 'id',
}
export const ITEMS: Table = {
  name: 'conversation_items',
  key: ['conversation_key', 'kind', 'key'],
  columns: ['conversation_key', 'kind', 'key', 'change', 'subject', 'value'],
}
export const START_HEADS: Table = {
  name: 'start_heads',
  key: ['conversation_key', 'start'],
  columns: ['conversation_key', 'start', 'head', 'change'],
}
export const ACCOUNT_ITEMS: Table = {
  name: 'account_items',
  key: ['account_key', 'kind', 'key'],
  columns: ['account_key', 'kind', 'key', 'change', 'value'],
}
export const MEMBERS: Table = {
  name: 'members',
  key: ['conversation_key', 'account_key'],
  columns: ['conversation_key', 'account_key', 'joined_seq', 'watermark', 'waiting'],
}
export const STARTS: Table = { name: 'starts', key: ['start'], columns: ['start', 'id', 'written'] }
export const ACTS: Table = {
  name: 'acts',
  key: ['author_key', 'id'],
  columns: ['author_key', 'id', 'conversation_key', 'kind', 'key', 'change'],
  uuid: 'id',
}
export const JOURNAL: Table = { name: 'journal', key: ['seq'], columns: ['seq', 'at', 'kind', 'actor', 'account_id', 'details', 'hash'] }
export const META: Table = { name: 'meta', key: ['key'], columns: ['key', 'value'] }

/** Tables that are small, compared as a whole each time. */
export const SMALL: readonly Table[] = [
  META,
  {
    name: 'devices',
    key: ['device_id'],
    columns: ['device_id', 'account_key', 'name', 'created_at', 'last_seen_at', 'revoked_at'],
  },
  {
    name: 'invites',
    key: ['invite_id'],
    columns: ['invite_id', 'code_hash', 'role', 'created_by', 'created_at', 'expires_at', 'uses_max', 'uses', 'revoked_at', 'canary'],
  },
  { name: 'friends', key: ['account_key', 'friend_key'], columns: ['account_key', 'friend_key', 'created_at'] },
  { name: 'barred', key: ['conversation_key', 'account_key'], columns: ['conversation_key', 'account_key', 'by_staff'] },
  { name: 'lifted_bars', key: ['conversation_key', 'account_key'], columns: ['conversation_key', 'account_key', 'lifted_by'] },
  {
    name: 'suspensions',
    key: ['account_key'],
    columns: ['account_key', 'suspension_id', 'began_at', 'until_at', 'reason', 'appeal'],
  },
  JOURNAL,
  { name: 'restores', key: ['epoch'], columns: ['epoch', 'restored_at'] },
  { name: 'restored_heads', key: ['conversation_key'], columns: ['conversation_key', 'head', 'change'] },
  { name: 'account_activity', key: ['account_key'], columns: ['account_key', 'active_since', 'last_active_at'] },
  {
    name: 'outage_reports',
    key: ['account_key', 'report_id'],
    columns: ['account_key', 'report_id', 'part', 'began_at', 'ended_at', 'unsent'],
  },
  {
    name: 'cases',
    key: ['case_id'],
    columns: ['case_id', 'about', 'subject', 'opened_at', 'reported_at', 'decided_at', 'decided_by', 'act', 'note', 'done_at', 'asked'],
  },
  {
    name: 'reports',
    key: ['reporter_key', 'report_id'],
    columns: ['reporter_key', 'report_id', 'case_id', 'reported_at', 'reason', 'text', 'conversation_id', 'seq', 'copy', 'seal', 'salt'],
  },
  STARTS,
]

/** Everything that makes a history, in an order in which rows come after those they refer to. */
export const TABLES: readonly Table[] = [CONVERSATIONS, ENTRIES, ITEMS, START_HEADS, ACCOUNTS, ACCOUNT_ITEMS, MEMBERS, ACTS, ...SMALL]

/** Tables about the server processes of one database. They do not move, and are closed with the others. */
export const OF_PROCESSES: readonly string[] = ['processes', 'arrivals', 'limits']

/** Names in `meta` that say something about one database, and not about its history. */
export const MARKS = { probe: 'probe', moving: 'moving', moved: 'moved' } as const
