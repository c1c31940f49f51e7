import type { DatabaseSync } from 'node:sqlite'
import type { Mark } from '../../moving/move-side.ts'
import { MARKS, OF_PROCESSES, TABLES } from '../../moving/tables.ts'
import { Unusable } from './check-file.ts'
import { one } from './connection.ts'

const HAS_MOVED = 'This history has moved to another database. Set BONGSU_DATABASE to its address.'
const IS_MOVING = 'A move to this database is not finished. Run the same "npx bongsu migrate" again.'

export function markIn(db: DatabaseSync, name: 'moving' | 'moved'): Mark | null {
  const value = one<{ value: string }>(db.prepare('SELECT value FROM meta WHERE key = ?'), MARKS[name])?.value
  return value === undefined ? null : (JSON.parse(value) as Mark)
}

/** No server starts on a history that is served elsewhere, or is not whole [A12]. */
export function refuseMarked(db: DatabaseSync): void {
  if (markIn(db, 'moved') !== null) throw new Unusable(`${HAS_MOVED} Nothing was changed.`)
  if (markIn(db, 'moving') !== null) throw new Unusable(IS_MOVING)
}

const SEALS = [...TABLES.map(({ name }) => name), ...OF_PROCESSES].flatMap((name) =>
  ['INSERT', 'UPDATE', 'DELETE'].map((event) => ({ name, event, trigger: `moved_${name}_${event.toLowerCase()}` })),
)

/** From the commit on, the database itself refuses every write, of every program and every version. Called in a transaction. */
export function seal(db: DatabaseSync, mark: Mark): void {
  db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run(MARKS.moved, JSON.stringify(mark))
  for (const { name, event, trigger } of SEALS)
    db.exec(`CREATE TRIGGER ${trigger} BEFORE ${event} ON ${name} BEGIN SELECT RAISE(ABORT, '${HAS_MOVED}'); END`)
}

/** A copy that is restored is served again. */
export function unseal(db: DatabaseSync): void {
  if (markIn(db, 'moving') !== null) throw new Unusable(IS_MOVING)
  if (markIn(db, 'moved') === null) return
  for (const { trigger } of SEALS) db.exec(`DROP TRIGGER ${trigger}`)
  db.prepare('DELETE FROM meta WHERE key = ?').run(MARKS.moved)
}
