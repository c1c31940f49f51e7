// Answers every text with the same text, exactly once, however often this program or the server is killed. See echo-bot.md.
import { openDevice } from '@bongsu/client/node'
import type { Room } from '@bongsu/client'
import type { ClientMessageId } from '@bongsu/protocol'
import { v5 } from 'uuid'

const { BONGSU_URL = 'http://localhost:8080', BOT_HANDLE = '', BOT_PASSWORD = '', BOT_FILE = 'echo-bot.db' } = process.env
const device = await openDevice({ serverUrl: BONGSU_URL, handle: BOT_HANDLE, password: BOT_PASSWORD, deviceName: 'echo bot', file: BOT_FILE })
const namespace = '5f1a4f0e-6f0b-4c38-9d0a-7b6c1c0e2a11'
const unread = () => [...device.view().replica.rooms.values()].find((room) => room.cursor > room.readSeq)

async function answer(found: Room): Promise<void> {
  const { conversationId } = found
  const room = () => device.view().replica.rooms.get(conversationId) ?? found
  // Load unread entries that are not in memory yet.
  while ((room().entries[0]?.seq ?? 0) > room().readSeq + 1 && (await device.loadOlder(conversationId, 200)).more);
  for (const { seq, author, body } of room().entries.filter((entry) => entry.seq > room().readSeq)) {
    // The id is derived from the answered entry, so that a second try is the same entry.
    const id = v5(`${conversationId} ${seq}`, namespace) as ClientMessageId
    if (body.kind === 'text' && author !== device.view().replica.accountId) await device.send(conversationId, body, id)
    // Raised last: after a restart before this line, the bot answers this entry again, under the same id.
    device.markRead(conversationId, seq)
  }
}

let busy = false
async function work(): Promise<void> {
  for (let room = unread(); room !== undefined; room = unread()) await answer(room)
}
device.subscribe(() => {
  // A failure (no network, full disk) is retried at the next change.
  if (!busy)
    void work()
      .catch(console.error)
      .finally(() => (busy = false))
  busy = true
})
process.once('SIGTERM', () => void device.stop())
await device.start()
