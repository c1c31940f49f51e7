import { DatabaseSync } from 'node:sqlite'
import { deserialize, serialize } from 'node:v8'
import type { ClientMessageId, ConversationId, DeviceId } from '@bongsu/protocol'
import { itemsBySeq, withItems, type MarkedEntry } from './marked-entry.ts'
import type { StoredOutage } from './stored-outage.ts'
import type { LocalChange, LocalStore, OutboxItem } from './ports.ts'
import type { StoredState } from './state.ts'

/** The account of a program. `token` null: signed out. Signing in again keeps the device, if allowed [F5]. */
export interface ProgramSession {
  readonly token: string | null
  readonly deviceId: DeviceId | null
}

/** A LocalStore in one SQLite file with the token beside it: everything a program on a server needs to be the same device again. */
export interface FileStore extends LocalStore {
  /** The stored session; nulls before signing in and after `clear`. A file of an older version has no device id. */
  readSession(): ProgramSession
  writeSession(session: ProgramSession): void
  close(): void
}

const schema = `
  CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS entries (conversation TEXT NOT NULL, seq INTEGER NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (conversation, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, item TEXT NOT NULL) STRICT;
`

/** Opens or creates the file. Every commit is on the disk when it resolves. A commit interrupted by a crash leaves no trace. */
export function openFileStore(path: string): FileStore {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA secure_delete = ON;')
  database.exec(schema)
  const keep = database.prepare('INSERT INTO kept (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
  const kept = database.prepare('SELECT value FROM kept WHERE name = ?')
  const putEntry = database.prepare('INSERT OR REPLACE INTO entries (conversation, seq, entry) VALUES (?, ?, ?)')
  const dropEntries = database.prepare('DELETE FROM entries WHERE conversation = ?')
  const readEntries = database.prepare('SELECT entry FROM entries WHERE conversation = ? AND seq BETWEEN ? AND ? ORDER BY seq')
  const putItem = database.prepare('INSERT OR REPLACE INTO outbox (id, item) VALUES (?, ?)')
  const dropItem = database.prepare('DELETE FROM outbox WHERE id = ?')
  const readItems = database.prepare('SELECT item FROM outbox')

  function atomically(run: () => void): void {
    database.exec('BEGIN IMMEDIATE')
    try {
      run()
      database.exec('COMMIT')
    } catch (cause) {
      // SQLite may have rolled back by itself, as it does when the disk is full.
      if (database.isTransaction) database.exec('ROLLBACK')
      throw cause
    }
  }

  function entriesOf(conversationId: ConversationId, from: number, to: number): readonly MarkedEntry[] {
    return readEntries.all(conversationId, from, to).map((row) => JSON.parse(row['entry'] as string) as MarkedEntry)
  }

  function write(change: LocalChange): void {
    if (change.state !== undefined) keep.run('state', serialize(change.state))
    for (const conversationId of change.dropConversations ?? []) dropEntries.run(conversationId)
    for (const { conversationId, entries } of change.entries ?? []) {
      for (const entry of entries) putEntry.run(conversationId, entry.seq, JSON.stringify(entry))
    }
    for (const { conversationId, items } of change.items ?? []) {
      for (const [seq, about] of itemsBySeq(items)) {
        for (const entry of entriesOf(conversationId, seq, seq)) putEntry.run(conversationId, seq, JSON.stringify(withItems(entry, about)))
      }
    }
    for (const item of change.outboxPut ?? []) putItem.run(item.id, JSON.stringify(item))
    for (const id of change.outboxDelete ?? []) dropItem.run(id satisfies ClientMessageId)
    if (change.outages !== undefined) keep.run('outages', serialize(change.outages))
  }

  function keptValue(name: string): unknown {
    const row = kept.get(name)
    return row === undefined ? null : deserialize(row['value'] as Uint8Array)
  }

  return {
    async load() {
      const outbox = readItems.all().map((row) => JSON.parse(row['item'] as string) as OutboxItem)
      return { state: keptValue('state') as StoredState | null, outbox, outages: (keptValue('outages') ?? []) as readonly StoredOutage[] }
    },
    async commit(change) {
      atomically(() => write(change))
    },
    async readEntries(conversationId, from, to) {
      return entriesOf(conversationId, from, to)
    },
    async clear() {
      atomically(() => database.exec('DELETE FROM kept; DELETE FROM entries; DELETE FROM outbox;'))
    },
    readSession: () => ({ token: keptValue('token') as string | null, deviceId: keptValue('device') as DeviceId | null }),
    writeSession({ token, deviceId }) {
      atomically(() => {
        keep.run('token', serialize(token))
        keep.run('device', serialize(deviceId))
      })
    },
    close() {
      database.close()
    },
  }
}
