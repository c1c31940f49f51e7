import type { DatabaseSync } from 'node:sqlite'
import { createChainCheck, trimmedIn, type JournalRow } from '../../accounts/journal-chain.ts'
import type { Report } from '../../store/store-keeper.ts'
import { one, rowsOf } from './connection.ts'

/** Each row of the journal follows from the one before [B50]. A history of an older version has no journal. */
export function verifyJournal(db: DatabaseSync, violation: Report): void {
  if (one(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'journal'")) === undefined) return
  const trims = db.prepare("SELECT details FROM journal WHERE kind = 'trimmed' ORDER BY seq DESC LIMIT 1")
  const faultIn = createChainCheck(trimmedIn(one<{ details: string }>(trims)?.details))
  let count = 0
  for (const row of rowsOf<JournalRow>(db.prepare('SELECT * FROM journal ORDER BY seq'))) {
    count++
    const what = faultIn(row)
    if (what !== null) violation(`journal, row ${row.seq}`, `${what} [B50]`)
  }
  if (count === 0) violation('journal', 'has no rows [B50]')
}
