import { DatabaseSync } from 'node:sqlite'
import { checkFile } from './check-file.ts'
import { all, lockWaitMs, one } from './connection.ts'
import { checkMigrations } from './migrate.ts'
import { loadMigrations } from './migrations.ts'
import { createRunningHash } from './read-audit.ts'
import { faultOf } from './sqlite-faults.ts'
import { verifyAccounts } from './verify-accounts.ts'
import { createConversationCheck, type ConversationRow } from './verify-conversation.ts'

/** Damage that SQLite tells of; more of it would only repeat. */
const damagesMax = 100
/** Entries between two words on how far it has come. */
const progressEntries = 50_000

/** Something that must not be, and where. It never holds contents of conversations. */
export type Report = (where: string, what: string) => void

export interface VerifyWatcher {
  readonly violation: Report
  readonly progress?: (sentence: string) => void
  /** The running hash of each conversation, as the frame `audit` makes it [A1]. */
  readonly hash?: (conversationId: string, head: number, hash: string) => void
}

export interface Verified {
  readonly accounts: number
  readonly conversations: number
  readonly entries: number
  readonly violations: number
  /** One hash over all conversations: two databases with the same one hold the same history. */
  readonly history: string
}

/**
 * Checks everything that SPEC.md promises of a stored history [A6]. Reads one moment of it, beside a running server too, and writes nothing.
 * Memory is bounded by the largest conversation's members. Throws `Unusable` where there is nothing to look at.
 */
export function verifyDatabase(file: string, watcher: VerifyWatcher): Verified {
  checkFile(file)
  const db = new DatabaseSync(file, { readOnly: true, timeout: lockWaitMs })
  let violations = 0
  const violation: Report = (where, what) => {
    violations++
    watcher.violation(where, what)
  }
  const attempt = (where: string, look: () => void): void => {
    try {
      look()
    } catch (error) {
      const { errcode, message, operating } = faultOf(error)
      if (errcode === null || (operating && (errcode & 0xff) !== 11)) throw error
      violation(where, `cannot be read: ${message}`)
    }
  }

  try {
    checkMigrations(db, loadMigrations())
    db.exec('BEGIN')
    watcher.progress?.('The file')
    attempt('file', () => checkPages(db, violation))
    watcher.progress?.('Accounts')
    attempt('meta', () => checkMeta(db, violation))
    attempt('entries', () => checkIds(db, violation))
    let accounts = 0
    attempt('accounts', () => (accounts = verifyAccounts(db, violation)))
    const total = count(db, 'SELECT sum(head) AS n FROM conversations')
    const said = verifyConversations(db, violation, attempt, watcher, total)
    return { accounts, ...said, violations }
  } finally {
    // Ends the reading too; a commit of it could fail on a damaged file.
    db.close()
  }
}

function verifyConversations(
  db: DatabaseSync,
  violation: Report,
  attempt: (where: string, look: () => void) => void,
  watcher: VerifyWatcher,
  total: number,
): { conversations: number; entries: number; history: string } {
  const check = createConversationCheck(db, violation)
  const next = db.prepare(`
    SELECT conversation_key AS key, conversation_id AS conversationId, kind, title, head, member_count AS memberCount
    FROM conversations WHERE conversation_key > ? ORDER BY conversation_key LIMIT 1`)
  const history = createRunningHash(1)
  let conversations = 0
  let entries = 0
  let told = 0
  let key = -1
  attempt('conversations', () => {
    for (let row = one<ConversationRow>(next, key); row !== undefined; row = one<ConversationRow>(next, key)) {
      const conversation = row
      key = conversation.key
      conversations++
      attempt(`conversation ${conversation.conversationId}`, () => {
        const before = entries
        const hash = check(conversation, () => {
          entries++
          if (entries < told + progressEntries) return
          told = entries
          watcher.progress?.(`Entries: ${entries.toLocaleString('en')} of ${total.toLocaleString('en')}`)
        })
        watcher.hash?.(conversation.conversationId, entries - before, hash)
        history.add(conversations, Buffer.from(hash, 'hex').subarray(0, 16))
      })
    }
  })
  return { conversations, entries, history: history.end() }
}

/** Pages, trees, indexes and references, by SQLite's own checks. */
function checkPages(db: DatabaseSync, violation: Report): void {
  for (const row of all<{ integrity_check: string }>(db.prepare(`PRAGMA integrity_check(${damagesMax})`))) {
    if (row.integrity_check !== 'ok') violation('file', row.integrity_check)
  }
  const dangling = db.prepare(`SELECT "table", parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY "table", parent`)
  for (const row of all<{ table: string; parent: string; n: number }>(dangling)) {
    violation(`table ${row.table}`, `${row.n} rows refer to rows of ${row.parent} that do not exist`)
  }
}

function checkMeta(db: DatabaseSync, violation: Report): void {
  const epoch = one<{ value: string }>(db.prepare("SELECT value FROM meta WHERE key = 'epoch'"))?.value
  if (epoch === undefined || epoch === '') violation('meta', 'the history has no epoch [D7]')
}

/** One sender's id names at most one entry, whatever the indexes were made to allow [M2]. */
function checkIds(db: DatabaseSync, violation: Report): void {
  const doubled = db.prepare('SELECT author_key, lower(hex(id)) AS id, count(*) AS n FROM entries GROUP BY author_key, id HAVING n > 1 LIMIT 1000')
  for (const row of all<{ author_key: number; id: string; n: number }>(doubled)) {
    violation(`entries of account number ${row.author_key}`, `the id ${row.id} names ${row.n} entries [M2]`)
  }
}

function count(db: DatabaseSync, sql: string): number {
  return one<{ n: number | null }>(db.prepare(sql))?.n ?? 0
}
