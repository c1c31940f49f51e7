import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Subject } from './stores.ts'
import { openSqliteStore, type SqliteStore } from '../../apps/server/src/adapters/sqlite/open-store.ts'

/** A data directory of its own, and a function that removes it. */
export function temporaryDirectory(): { readonly directory: string; readonly remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-store-'))
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}

/** A SQLite store as the contract suites want it. */
export async function openSubject(): Promise<Subject> {
  const { directory, remove } = temporaryDirectory()
  let store: SqliteStore = await openSqliteStore({ directory })
  return {
    get stores() {
      return store
    },
    async reopen() {
      await store.close()
      store = await openSqliteStore({ directory })
      return store
    },
    async close() {
      await store.close()
      remove()
    },
  }
}
