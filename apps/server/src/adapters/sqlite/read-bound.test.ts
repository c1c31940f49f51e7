import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AccountId, ClientMessageId, ConversationId } from '@bongsu/protocol'
import { openSqliteStore } from './open-store.ts'

test('[D2, O1] a read stops at its text bound, returns at least one entry, and leaves no snapshot open', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-read-'))
  const store = await openSqliteStore({ directory })
  t.after(async () => {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const author = randomUUID() as AccountId
  const room = randomUUID() as ConversationId
  const sql = `INSERT INTO accounts (account_id, handle, display_name, password_hash, role, created_at, password_changed_at)
               VALUES (?, 'kim', '김', '-', 'member', 0, 0)`
  await store.sql.atomic([{ sql, parameters: [author] }])
  await store.log.createGroup({ conversationId: room, author, id: randomUUID() as ClientMessageId, title: '', accounts: [] }, 1)
  const write = (text: string) =>
    store.log.append([{ conversationId: room, author, id: randomUUID() as ClientMessageId, body: { kind: 'text', text } }], 1)
  for (let count = 0; count < 5; count++) await write('x'.repeat(100))

  const chars = JSON.stringify({ kind: 'text', text: 'x'.repeat(100) }).length
  const seqs = async (after: number, charsMax?: number) => (await store.log.read(room, after, 200, charsMax)).map((entry) => entry.seq)
  assert.deepEqual(await seqs(1, 3 * chars), [2, 3, 4])
  assert.deepEqual(await seqs(1, 3 * chars - 1), [2, 3])
  assert.deepEqual(await seqs(1, 1), [2])
  await write('the newest')
  assert.deepEqual(await seqs(5, 1), [6])
  assert.deepEqual(await seqs(6, 1), [7])
  assert.deepEqual(await seqs(1), [2, 3, 4, 5, 6, 7])
})
