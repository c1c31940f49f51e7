import type { Connection } from './connection.ts'

/** Takes edited and erased content out of its tables [I6]. It may take an hour, in which nobody gets a lock on a whole table. */
export const WIPE = 'VACUUM entries, conversation_items'

/** Ends such a vacuum of any process on this database, which begins again later by itself. For who needs a lock on the tables now. */
export async function endWipes(connection: Connection): Promise<void> {
  await connection.query(
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query = $1",
    [WIPE],
  )
}
