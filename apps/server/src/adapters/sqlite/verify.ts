import { DatabaseSync } from 'node:sqlite'
import type { Report, Verified, VerifyWatcher } from '../../store/store-keeper.ts'
import { checkFile } from './check-file.ts'
import { all, lockWaitMs, one } from './connection.ts'
import { checkMigrations } from './migrate.ts'
import { loadMigrations } from './migrations.ts'
import { createRunningHash } from '../../conversation/audit-hash.ts'
import { faultOf } from './sqlite-faults.ts'
import { verifyAccounts } from './verify-accounts.ts'
import { createConversationCheck, hasRoles, type ConversationRow } from './verify-conversation.ts'
import { verifyItems } from './verify-items.ts'
import { verifyJournal } from './verify-journal.ts'

/** Most damages reported by SQLite. More would only repeat. */
const damagesMax = 100
/** Entries between two progress messages. */
const progressEntries = 50_000

/** SQLITE_CORRUPT: damage of the file, which this check looks for. */
const CORRUPT = 11

/** Runs one check. An unreadable place is a finding, and the next check runs. */
type Attempt = (where: string | (() => string), look: () => void) => void

/**
 * Checks all promises of SPEC.md about a stored history [A6]. Reads one moment, also beside a running server, and writes nothing. Memory is bounded
 * by the members of the largest conversation. Throws `Unusable` when there is nothing to check.
 */
export function verifyDatabase(file: string, watcher: VerifyWatcher): Verified {
  checkFile(file)
  const db = new DatabaseSync(file, { readOnly: true, timeout: lockWaitMs })
  let violations = 0
  const violation: Report = (where, what) => {
    violations++
    watcher.violation(where, what)
  }
  const attempt: Attempt = (where, look) => {
    try {
      look()
    } catch (error) {
      const { errcode, message, operating } = faultOf(error)
      // The machine failed, not the data. An error without a code comes from the data: an invalid number, or a missing value.
      if (errcode !== null && operating && (errcode & 0xff) !== CORRUPT) throw error
      violation(typeof where === 'string' ? where : where(), `cannot be read: ${message}`)
    }
  }

  try {
    checkMigrations(db, loadMigrations())
    db.exec('BEGIN')
    watcher.progress?.('The file')
    attempt('file', () => checkPages(db, violation))
    watcher.progress?.('Accounts')
    attempt('meta', () => checkMeta(db, violation))
    attempt('restored heads', () => checkRestoredHeads(db, violation))
    attempt('entries', () => checkIds(db, violation))
    attempt('journal', () => verifyJournal(db, violation))
    let accounts = 0
    attempt('items', () => verifyItems(db, violation))
    attempt('accounts', () => (accounts = verifyAccounts(db, violation)))
    let total = 0
    attempt('conversations', () => (total = count(db, 'SELECT sum(head) AS n FROM conversations')))
    const said = verifyConversations(db, violation, attempt, watcher, total)
    return { accounts, ...said, violations }
  } finally {
    // This ends the read transaction too. A commit could fail on a damaged file.
    db.close()
  }
}

function verifyConversations(
  db: DatabaseSync,
  violation: Report,
  attempt: Attempt,
  watcher: VerifyWatcher,
  total: number,
): { conversations: number; entries: number; history: string } {
  const check = createConversationCheck(db, violation)
  const next = db.prepare(`
    SELECT conversation_key AS key, conversation_id AS conversationId, kind, title, head, member_count AS memberCount, ${hasRoles(db) ? 'state' : 'NULL AS state'}
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
      let last = 0
      const where = (): string => `conversation ${conversation.conversationId}, after seq ${last}`
      attempt(where, () => {
        const before = entries
        const hash = check(conversation, (seq) => {
          last = seq
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

/** Places from which devices put their own texts back [A4]. Each must have existed, or texts put back would have gaps. 0 states nothing [A7]. */
function checkRestoredHeads(db: DatabaseSync, violation: Report): void {
  // A backup by an older version does not have this table.
  if (one(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'restored_heads'")) === undefined) return
  const wrong = db.prepare(`
    SELECT c.conversation_id AS conversationId, r.head, c.head AS now FROM restored_heads r
    JOIN conversations c ON c.conversation_key = r.conversation_key WHERE r.head NOT BETWEEN 0 AND c.head LIMIT 1000`)
  for (const { conversationId, head, now } of all<{ conversationId: string; head: number; now: number }>(wrong))
    violation(`conversation ${conversationId}`, `was restored at ${head}, which is not between 0 and the head ${now} [A4]`)
}

/** One sender's id names at most one entry, whatever the indexes allow [M2]. */
function checkIds(db: DatabaseSync, violation: Report): void {
  const doubled = db.prepare('SELECT author_key, lower(hex(id)) AS id, count(*) AS n FROM entries GROUP BY author_key, id HAVING n > 1 LIMIT 1000')
  for (const row of all<{ author_key: number; id: string; n: number }>(doubled)) {
    violation(`entries of account number ${row.author_key}`, `the id ${row.id} names ${row.n} entries [M2]`)
  }
}

function count(db: DatabaseSync, sql: string): number {
  return one<{ n: number | null }>(db.prepare(sql))?.n ?? 0
}
