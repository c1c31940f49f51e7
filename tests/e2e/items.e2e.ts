import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { entryAt, isErased, isHidden, reactionsOf, textOf, type MarkedEntry } from '@bongsu/client'
import { openFileStore } from '@bongsu/client/node'
import type { Act, ConversationId } from '@bongsu/protocol'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, makeDevice, makeGroup, makePeople, signInAgain, untilLive, untilRoom, type TestDevice } from './world.ts'

const thumb: Act = { kind: 'reaction', value: { emoji: '👍' } }

function at(device: TestDevice, room: ConversationId, seq: number): MarkedEntry | undefined {
  const held = device.handle.view().replica.rooms.get(room)
  return held === undefined ? undefined : entryAt(held, seq)
}

async function act(device: TestDevice, room: ConversationId, seq: number, wanted: Act) {
  const { id } = at(device, room, seq) ?? assert.fail(`no entry ${seq}`)
  return device.handle.act(room, { seq, id }, wanted)
}

const emojis = (device: TestDevice, room: ConversationId, seq: number): string => {
  const entry = at(device, room, seq)
  return entry === undefined
    ? 'none'
    : reactionsOf(entry, null)
        .map(({ emoji, accounts }) => `${emoji}${accounts.length}`)
        .join()
}

test('[I1, I3, I6, I11] what people do to messages reaches every device, made with a connection or without, and erased content is nowhere', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bongsu-items-'))
  t.after(() => rm(folder, { recursive: true }))
  const server = await startServerProcess(t)
  const [anna, bora] = (await makePeople(server, 2)) as [
    Awaited<ReturnType<typeof makePeople>>[number],
    Awaited<ReturnType<typeof makePeople>>[number],
  ]
  const room = await makeGroup(anna, 'hall', [bora])
  const file = join(folder, 'bora.db')
  const store = openFileStore(file)
  const one = makeDevice(server.url, anna, { hasty: true })
  const other = makeDevice(server.url, bora, { hasty: true, store })
  await goLive(t, [one, other])
  await Promise.all([untilRoom(one, room), untilRoom(other, room)])
  for (const text of ['first words', 'a secret word', 'third'])
    assert.ok((await one.handle.settled(await one.handle.send(room, { kind: 'text', text }))).accepted)
  const [first, second, third] = [2, 3, 4] as const
  await waitFor('the texts', () => at(other, room, third) !== undefined)

  await act(other, room, first, thumb)
  await act(one, room, first, thumb)
  await waitFor('both reactions', () => [one, other].every((device) => emojis(device, room, first) === '👍2'))
  await act(one, room, third, { kind: 'edit', value: { text: 'third, edited' } })
  await act(one, room, second, { kind: 'erased', value: {} })
  await waitFor(
    'edit and erasure',
    () => textOf(at(other, room, third) as MarkedEntry) === 'third, edited' && isErased(at(other, room, second) as MarkedEntry),
  )
  const answer = await other.handle.settled(await act(other, room, first, { kind: 'reaction', value: { emoji: '🎉' } }))
  assert.equal(answer.accepted, true)

  // Without a server: seen at once, and done once when it is back.
  await server.kill()
  await waitFor('the connection to be gone', () => other.handle.view().connection.state !== 'live')
  await act(other, room, third, thumb)
  await act(other, room, first, { kind: 'hidden', value: {} })
  assert.deepEqual([emojis(other, room, third), isHidden(other.handle.view().replica, room, first)], ['👍1', true])
  await server.start()
  await Promise.all([untilLive(one), untilLive(other)])
  await waitFor('the reaction', () => emojis(one, room, third) === '👍1')
  await waitFor('the acts to be gone', () => other.handle.view().acts.length === 0)

  // A device that is new has it all, and the server finds the old ones right.
  const again = makeDevice(server.url, await signInAgain(server.url, bora, 'phone'), { name: 'phone' })
  await goLive(t, [again])
  await waitFor('the new device', () => emojis(again, room, first) === '🎉1,👍1' || emojis(again, room, first) === '👍1,🎉1')
  assert.deepEqual([isErased(at(again, room, second) as MarkedEntry), isHidden(again.handle.view().replica, room, first)], [true, true])
  for (const device of [one, other, again]) assert.equal(await device.handle.audit(room), 'equal', device.name)
  await other.handle.stop()
  store.close()
  assert.ok(!readFileSync(file).includes('secret word'))
})
