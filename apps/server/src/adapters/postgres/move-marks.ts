import type { Mark } from '../../moving/move-side.ts'
import { MARKS, OF_PROCESSES, TABLES } from '../../moving/tables.ts'
import type { Connection } from './connection.ts'
import { Unsuitable } from './postgres-faults.ts'

export const HAS_MOVED = 'This history has moved to another database. Start the server with the settings of that one.'

export async function markIn(connection: Connection, name: 'moving' | 'moved'): Promise<Mark | null> {
  if ((await connection.query("SELECT FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'meta'", [])).rowCount === 0) return null
  const { rows } = await connection.query<{ value: string }>('SELECT value FROM meta WHERE key = $1', [MARKS[name]])
  return rows[0] === undefined ? null : (JSON.parse(rows[0].value) as Mark)
}

/** No server starts on a history that is served elsewhere, or is not whole [A12]. */
export async function refuseMarked(connection: Connection): Promise<void> {
  if ((await markIn(connection, 'moved')) !== null) throw new Unsuitable(`${HAS_MOVED} Nothing was changed.`)
  if ((await markIn(connection, 'moving')) !== null)
    throw new Unsuitable('A move to this database is not finished. Run the same "npx bongsu migrate" again.')
}

/** From the commit on, the database itself refuses every write, of every program and every version. Called in a transaction. */
export async function seal(connection: Connection, mark: Mark): Promise<void> {
  await connection.query('INSERT INTO meta (key, value) VALUES ($1, $2)', [MARKS.moved, JSON.stringify(mark)])
  await connection.run(`CREATE FUNCTION has_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '${HAS_MOVED}'; END $$`)
  for (const name of [...TABLES.map((table) => table.name), ...OF_PROCESSES])
    await connection.run(
      `CREATE TRIGGER has_moved BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${name} FOR EACH STATEMENT EXECUTE FUNCTION has_moved()`,
    )
}
