import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { HistoryUnavailable } from '@bongsu/client'
import type { AccountId, ConversationId, Entry } from '@bongsu/protocol'
import type { Holding, SeenMark } from '../../apps/server/src/conformance/checker.ts'
import type { TestDevice } from './world.ts'
import { waitFor } from './wait-for.ts'

/** Reads the server's database beside the running server. */
function withDatabase<T>(directory: string, read: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(directory, 'bongsu.db'), { readOnly: true })
  try {
    return read(db)
  } finally {
    db.close()
  }
}

function rowsOf(db: DatabaseSync, sql: string): readonly Record<string, unknown>[] {
  return db.prepare(sql).all()
}

function headsIn(directory: string): ReadonlyMap<string, number> {
  return withDatabase(
    directory,
    (db) =>
      new Map(rowsOf(db, 'SELECT conversation_id, head FROM conversations').map((row) => [row['conversation_id'] as string, row['head'] as number])),
  )
}

/** What the SQLite file holds of every conversation, read without any code of the server. */
export function holdingsInFile(directory: string): readonly Holding[] {
  return withDatabase(directory, (db) => {
    const rows = rowsOf(
      db,
      `SELECT c.conversation_id, e.seq, e.accepted_at, a.account_id, lower(hex(e.id)) AS id, e.body FROM entries e
       JOIN conversations c USING (conversation_key) JOIN accounts a ON a.account_key = e.author_key ORDER BY c.conversation_key, e.seq`,
    )
    return [...Map.groupBy(rows, (row) => row['conversation_id'] as ConversationId)].map(([conversationId, found]) => ({
      holder: 'file',
      conversationId,
      from: 1,
      entries: found.map((row) => ({
        seq: row['seq'] as number,
        acceptedAt: row['accepted_at'] as number,
        author: row['account_id'] as AccountId,
        id: (row['id'] as string).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') as Entry['id'],
        body: JSON.parse(row['body'] as string) as Entry['body'],
      })),
    }))
  })
}

/** The watermarks in the file, as the last thing each of these devices is shown. */
export function marksInFile(directory: string, devices: readonly TestDevice[]): readonly SeenMark[] {
  const rows = withDatabase(directory, (db) =>
    rowsOf(
      db,
      'SELECT c.conversation_id, a.account_id, m.watermark FROM members m JOIN conversations c USING (conversation_key) JOIN accounts a USING (account_key)',
    ),
  )
  return devices.flatMap((device) =>
    rows
      .filter((row) => row['account_id'] === device.person.accountId)
      .map((row) => ({
        holder: device.name,
        account: device.person.accountId,
        conversationId: row['conversation_id'] as ConversationId,
        seq: row['watermark'] as number,
      })),
  )
}

/** Waits until every outbox is empty and every device has applied every head that the file has. */
export async function untilSettled(directory: string, devices: readonly TestDevice[], withinMs: number): Promise<void> {
  await waitFor(
    () => `all to settle: ${devices.flatMap((device) => whatIsMissing(headsIn(directory), device)).join('; ')}`,
    () => {
      const heads = headsIn(directory)
      return devices.every((device) => whatIsMissing(heads, device).length === 0)
    },
    { withinMs, everyMs: 100 },
  )
}

function whatIsMissing(heads: ReadonlyMap<string, number>, device: TestDevice): readonly string[] {
  const { connection, outbox, replica } = device.handle.view()
  const waiting = outbox.filter((item) => item.progress !== 'refused').length
  const behind = [...replica.rooms.values()].filter((room) => room.cursor !== heads.get(room.conversationId))
  if (connection.state === 'live' && waiting === 0 && behind.length === 0) return []
  return [`${device.name} is ${connection.state}, ${waiting} wait, ${behind.length} rooms behind`]
}

/** A server that has just had too much to do may put reading off; a person would scroll again. @returns whether there is more. */
async function loadOlder(device: TestDevice, conversationId: ConversationId): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return (await device.handle.loadOlder(conversationId, 200)).more
    } catch (error) {
      if (tries === 20 || !(error instanceof HistoryUnavailable && error.code === 'busy')) throw error
      await pause(500)
    }
  }
}

/** The holder that the screen of this device is. */
export function screenOf(device: string): string {
  return `${device}'s screen`
}

/** What the device shows after scrolling to the beginning of each of its rooms. */
export async function holdingsOnScreen(device: TestDevice): Promise<readonly Holding[]> {
  for (const conversationId of device.handle.view().replica.rooms.keys()) {
    let more = true
    while (more) more = await loadOlder(device, conversationId)
  }
  return [...device.handle.view().replica.rooms.values()].map((room) => ({
    holder: screenOf(device.name),
    conversationId: room.conversationId,
    from: room.membership.joinedSeq,
    entries: room.entries,
  }))
}

/** What the device has stored, after it was stopped. */
export async function holdingsInStore(device: TestDevice): Promise<readonly Holding[]> {
  const rooms = [...device.handle.view().replica.rooms.values()]
  await device.handle.stop()
  return Promise.all(
    rooms.map(async (room) => ({
      holder: `${device.name}'s store`,
      conversationId: room.conversationId,
      from: room.membership.joinedSeq,
      entries: await device.store.readEntries(room.conversationId, 1, room.cursor),
    })),
  )
}
