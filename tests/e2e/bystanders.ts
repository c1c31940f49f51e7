import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import { goLive, makeDevice, makeGroup, textsOf, untilRoom, type Person, type TestDevice } from './world.ts'
import { waitFor } from './wait-for.ts'

/** Two other people in the middle of a conversation, who must notice nothing of what happens to others. */
export interface Bystanders {
  /** Exchanges one message each way, and sees that nothing else came and no connection broke. */
  stillTalk(): Promise<void>
}

/** Frames a device may hear while others exchange messages in its room. */
const USUAL = new Set(['welcome', 'account', 'reset', 'entries', 'accepted', 'caught-up', 'beat', 'audit', 'refused'])

export async function startBystanders(t: { after(run: () => Promise<void>): void }, url: string, one: Person, other: Person): Promise<Bystanders> {
  const room: ConversationId = await makeGroup(one, '옆방', [other])
  const devices: readonly [TestDevice, TestDevice] = [makeDevice(url, one), makeDevice(url, other)]
  await goLive(t, devices)
  for (const device of devices) await untilRoom(device, room)
  const said: string[] = []

  async function exchange(from: TestDevice): Promise<void> {
    const text = `${said.length + 1}: ${randomUUID()}`
    const id = await from.handle.send(room, { kind: 'text', text }, randomUUID() as ClientMessageId)
    assert.equal((await from.handle.settled(id)).accepted, true)
    said.push(text)
  }

  return {
    async stillTalk() {
      for (const device of devices) await exchange(device)
      for (const device of devices) {
        await waitFor(`${device.name} to have what was said`, () => textsOf(device, room).length >= said.length)
        assert.deepEqual(textsOf(device, room), said)
        assert.deepEqual(device.tap.closed, [], 'no connection of a bystander broke')
        assert.deepEqual(
          [...device.tap.heard.keys()].filter((type) => !USUAL.has(type)),
          [],
        )
        // A hash it asks for by itself once in a minute is put off while there is much to do, and nothing else is [A1].
        assert.deepEqual(
          device.tap.refused.filter(({ id, code }) => id !== null || (code !== 'busy' && code !== 'rate-limited')),
          [],
        )
        assert.deepEqual([...device.handle.view().replica.rooms.keys()], [room], 'a bystander is in no other room')
      }
    },
  }
}
