import { sql } from 'kysely'
import { statement } from '../accounts/builder.ts'
import type { AccountsParts } from '../accounts/parts.ts'
import { PROCESSES_BOUNDS } from './bounds.ts'

/** The wall clock of the database, which all processes on it have in common: their own may differ [D8, O14]. */
export interface CommonClock {
  /** Epoch ms. */
  readonly now: () => number
  /** Reads the database's clock. Called every `beatMs`. */
  set(): Promise<void>
}

/** One process on a file has the machine's clock in common with nobody. */
export async function openCommonClock({ sql: database, db, clock }: Pick<AccountsParts, 'sql' | 'db' | 'clock'>): Promise<CommonClock> {
  if (database.dialect === 'sqlite') return { now: () => clock.now(), set: () => Promise.resolve() }
  const query = statement(db.selectNoFrom(sql<number>`(extract(epoch FROM clock_timestamp()) * 1000)::bigint`.as('now')))
  /** What the database's clock showed when the monotonic one of this process was 0. */
  let base: number | null = null

  async function set(): Promise<void> {
    const sent = clock.monotonic()
    const [row] = await database.read<{ now: number }>(query)
    const received = clock.monotonic()
    // A late answer says little about now.
    if (row !== undefined && (base === null || received - sent <= PROCESSES_BOUNDS.askMsMax)) base = row.now - (sent + received) / 2
  }

  await set()
  return { now: () => Math.round((base ?? 0) + clock.monotonic()), set }
}
