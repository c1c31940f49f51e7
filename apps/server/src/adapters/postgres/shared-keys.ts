import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { KEY_BYTES } from '../../accounts/key-file.ts'
import { fileKeys, keyFileIn } from '../../store/file-keys.ts'
import type { KeyStore } from '../../store/store.ts'
import type { Connection } from './connection.ts'

/**
 * Keys in the database, for all processes that share it. The first process that asks gives its own: the one in its data directory, as left by a SQLite
 * store that was moved here, or a new one. @param ask runs a job on a connection that writes.
 */
export function sharedKeys(ask: <Answer>(job: (connection: Connection) => Promise<Answer>) => Promise<Answer>, directory: string): KeyStore {
  return {
    async load(name) {
      const offered = existsSync(keyFileIn(directory, name)) ? await fileKeys(directory).load(name) : randomBytes(KEY_BYTES)
      const key = await ask((connection) => keep(connection, name, offered))
      // The sentinel on this machine reads its key from the data directory.
      if (name === 'sentinel') await place(keyFileIn(directory, name), directory, key)
      return key
    },
  }
}

async function keep(connection: Connection, name: string, offered: Uint8Array): Promise<Uint8Array> {
  await connection.confirm('INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [name, offered])
  const { rows } = await connection.query<{ value: Uint8Array }>('SELECT value FROM secrets WHERE name = $1', [name])
  return rows[0]?.value as Uint8Array
}

async function place(file: string, directory: string, key: Uint8Array): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(file, Buffer.from(key).toString('base64url'), { mode: 0o600 })
  await chmod(file, 0o600)
}
