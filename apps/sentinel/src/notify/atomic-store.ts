import type { DatabaseSync } from 'node:sqlite'

/** Runs everything in one transaction. */
export function atomically<T>(db: DatabaseSync, run: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = run()
    db.exec('COMMIT')
    return result
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK')
  }
}

/** Marks the owner of the file. Written only once, so that a file on a full disk can still be opened. */
export function markFile(db: DatabaseSync, applicationId: number): void {
  const known = db.prepare('PRAGMA application_id').get() as { application_id: number }
  if (known.application_id !== applicationId) db.exec(`PRAGMA application_id = ${applicationId}`)
}
