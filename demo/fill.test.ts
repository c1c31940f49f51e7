import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ConversationId } from '@bongsu/protocol'
import { openSqliteStore } from '../apps/server/src/adapters/sqlite/open-store.ts'
import { systemRandom } from '../apps/server/src/adapters/system/random.ts'
import { fillTown } from './fill.ts'

test('[DEMO] nobody has left unread what was said before their own last line', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-demo-'))
  const store = await openSqliteStore({ directory })
  t.after(async () => {
    await store.close()
    rmSync(directory, { recursive: true })
  })
  const made: string[] = []
  const uuid = (): string => {
    const id = systemRandom.uuid()
    made.push(id)
    return id
  }
  // Everybody is as far behind as people of the town can be.
  const random = { ...systemRandom, uuid, next: () => 0.99 }
  const line = (author: string, index: number) => ({ author, text: `글 ${index}`, minutesAgo: 5, begins: true })
  const lines = ['lee', 'lee', 'lee', 'kim', 'lee'].map(line)
  await fillTown(
    { log: store.log, receipts: store.receipts, sql: store.sql, random, now: Date.now(), passwordHash: 'x', progress: () => undefined },
    {
      people: ['kim', 'lee'].map((handle) => ({ handle, displayName: handle })),
      rooms: [{ title: '방', kind: 'group', members: ['kim', 'lee'], lines }],
    },
  )
  const conversationId = made[2] as ConversationId
  // Entry 1 is the making of the room.
  assert.deepEqual(await store.receipts.unread(conversationId, 2, 6), [0, 0, 0, 0, 1])
})
