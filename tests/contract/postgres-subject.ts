import { Connection } from '../../apps/server/src/adapters/postgres/connection.ts'
import { migrate } from '../../apps/server/src/adapters/postgres/migrate.ts'
import { loadMigrations } from '../../apps/server/src/adapters/postgres/migrations.ts'
import { openPostgresStore, type PostgresStore } from '../../apps/server/src/adapters/postgres/open-store.ts'
import type { PostgresServer } from './postgres-server.ts'
import { temporaryDirectory } from './sqlite-subject.ts'
import type { Subject } from './stores.ts'

/** A database at the schema, to be copied: each test would spend most of its time on migrations. */
const templates = new WeakMap<PostgresServer, Promise<string>>()

function templateOf(server: PostgresServer): Promise<string> {
  const made = templates.get(server) ?? makeTemplate(server)
  templates.set(server, made)
  return made
}

async function makeTemplate(server: PostgresServer): Promise<string> {
  const database = await server.makeDatabase()
  const connection = await Connection.open(database, 'migrate')
  await migrate(connection, loadMigrations(), 1)
  await connection.close()
  return database
}

/** A PostgreSQL store as the contract suites want it, on a database of its own. */
export async function openPostgresSubject(server: PostgresServer): Promise<Subject> {
  const database = await server.makeDatabase(await templateOf(server))
  const { directory, remove } = temporaryDirectory()
  let store: PostgresStore = await openPostgresStore({ directory, database })
  return {
    get stores() {
      return store
    },
    async reopen() {
      await store.close()
      store = await openPostgresStore({ directory, database })
      return store
    },
    async close() {
      await store.close()
      remove()
    },
  }
}
