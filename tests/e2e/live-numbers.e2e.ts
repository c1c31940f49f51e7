import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import { openRaw } from './raw-socket.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { untilOver } from './until-over.ts'
import { waitFor } from './wait-for.ts'
import { goLive, got, makeDevice, makeGroup, makePeople, signInAgain, untilLive, untilRoom, type Person, type TestDevice } from './world.ts'

// What is shown while it happens: unread numbers, who is writing, devices that are sent away, readers that are too slow.

const all = untilOver()
let server: ServerProcess
let people: readonly [Person, Person, Person, Person]

before(async () => {
  server = await startServerProcess(all, { env: { BONGSU_HEARTBEAT_MS: '1000', BONGSU_FRAMES_PER_SECOND: '5000', BONGSU_FRAMES_BURST: '5000' } })
  people = (await makePeople(server, 4)) as unknown as typeof people
})

async function inRoom(t: { after(run: () => Promise<void>): void }, room: ConversationId, members: readonly Person[]): Promise<readonly TestDevice[]> {
  const devices = members.map((person) => makeDevice(server.url, person))
  await goLive(t, devices)
  for (const device of devices) await untilRoom(device, room)
  return devices
}

function unreadOf(device: TestDevice, room: ConversationId, seq: number): number | undefined {
  return device.handle.view().replica.rooms.get(room)?.unread.get(seq)
}

async function say(device: TestDevice, room: ConversationId, text: string): Promise<number> {
  const id = await device.handle.send(room, { kind: 'text', text })
  const outcome = await device.handle.settled(id)
  assert.ok(outcome.accepted)
  return outcome.seq
}

test('[R1-R4] the unread number falls from 3 to 0 as members read, on all devices, and a mark neither falls nor passes the head', async (t) => {
  const room = await makeGroup(people[0], '숫자', people.slice(1))
  const devices = await inRoom(t, room, people)
  const [author, second, third, fourth] = devices as [TestDevice, TestDevice, TestDevice, TestDevice]
  for (const device of devices) device.handle.watch({ conversationId: room, from: 1, to: null })
  const seq = await say(author, room, '읽어 주세요')
  const everybodySees = async (number: number): Promise<void> => {
    for (const device of devices)
      await waitFor(
        () => `${device.name} to see ${number}; it sees ${unreadOf(device, room, seq)}`,
        () => unreadOf(device, room, seq) === number,
      )
  }
  await everybodySees(3)
  second.handle.markRead(room, seq)
  await everybodySees(2)
  // Far beyond the head, by a socket that does not mind its client's bounds.
  const raw = await openRaw(t, server.url, (await signInAgain(server.url, people[2], '앞서가는 기기')).token)
  await raw.next('caught-up')
  raw.say({ t: 'read', conversationId: room, seq: 999_999 })
  await everybodySees(1)
  const mark = await raw.next('account', (frame) => frame.items.some((item) => item.kind === 'read' && item.key === room))
  assert.deepEqual(mark.items.find((item) => item.kind === 'read')?.value, { seq }, 'the mark stops at the head')
  raw.say({ t: 'read', conversationId: room, seq: 1 })
  fourth.handle.markRead(room, seq)
  await everybodySees(0)
  // Both devices of the third agree, the one that did nothing too.
  await waitFor('the other device of the third', () => third.handle.view().replica.rooms.get(room)?.readSeq === seq)
  const next = await say(author, room, '하나 더')
  for (const device of devices) await waitFor('the new number', () => unreadOf(device, room, next) === 3)
  // Who leaves is no longer counted.
  await fourth.handle.send(room, { kind: 'left' })
  for (const device of [author, second, third]) await waitFor('the number without who left', () => unreadOf(device, room, next) === 2)
})

test('[R3] marks set while the server is dead are told when it is back, and agree on all devices', async (t) => {
  const room = await makeGroup(people[0], '', [people[1]])
  const [author, reader] = (await inRoom(t, room, people.slice(0, 2))) as [TestDevice, TestDevice]
  const elsewhere = makeDevice(server.url, await signInAgain(server.url, people[1], '다른 기기'), { hasty: true })
  await goLive(t, [elsewhere])
  const seq = await say(author, room, '죽기 전에')
  await waitFor('the message', () => reader.handle.view().replica.rooms.get(room)?.cursor === seq)
  await server.kill()
  await waitFor('the end', () => reader.handle.view().connection.state !== 'live')
  reader.handle.markRead(room, seq)
  await server.start()
  for (const device of [author, reader, elsewhere]) device.handle.wake()
  await untilLive(reader)
  await waitFor('the mark on the other device', () => elsewhere.handle.view().replica.rooms.get(room)?.readSeq === seq)
})

test('[O2] who is writing is shown to those who have the room open, to nobody else, and is never stored', async (t) => {
  const room = await makeGroup(people[0], '', people.slice(1, 3))
  const [writer, watcher, elsewhere] = (await inRoom(t, room, people.slice(0, 3))) as [TestDevice, TestDevice, TestDevice]
  watcher.handle.watch({ conversationId: room, from: 1, to: null })
  await waitFor('the numbers, which tell that the watch has begun', () => watcher.tap.heard.has('unread'))
  writer.handle.typing(room)
  await waitFor('the sign', () => watcher.handle.view().typing.get(room)?.includes(people[0].accountId))
  assert.equal(elsewhere.tap.heard.get('typing'), undefined)
  assert.equal(writer.tap.heard.get('typing'), undefined)
  // An entry says more than a sign of writing.
  await say(writer, room, '다 썼다')
  await waitFor('the sign to go', () => watcher.handle.view().typing.get(room) === undefined)
  const late = await openRaw(t, server.url, (await signInAgain(server.url, people[1], '늦은 기기')).token)
  await late.next('caught-up')
  assert.ok(!late.frames.some((frame) => frame.t === 'typing'))
})

test('[W4, D9] a revoked device is cut at once with 4100 and stays out after a restart; the others see it go', async (t) => {
  const lost = makeDevice(server.url, await signInAgain(server.url, people[0], '잃은 기기'), { name: 'lost' })
  const kept = makeDevice(server.url, people[0])
  await goLive(t, [lost, kept])
  await waitFor('the list of devices', () => kept.handle.view().replica.devices.has(lost.deviceId))
  const revokedAt = performance.now()
  got(await people[0].api.call('revokeDevice', { params: { deviceId: lost.deviceId } }))
  await waitFor('the device to be out', () => lost.handle.view().connection.state === 'signed-out')
  assert.ok(performance.now() - revokedAt < 2_000)
  assert.equal(lost.tap.closed.at(-1), 4_100)
  await waitFor('the list without it', () => !kept.handle.view().replica.devices.has(lost.deviceId))
  await server.kill()
  await server.start()
  const raw = await openRaw(t, server.url, lost.token)
  assert.equal(await raw.closed(), 4_100)
  kept.handle.wake()
  await untilLive(kept)
})

test('[D3] a reader that takes nothing is cut with 4001 at its bound and resumes; the others do not notice', async (t) => {
  const room = await makeGroup(people[0], '느린 방', [people[1], people[2]])
  const [author, reader] = (await inRoom(t, room, people.slice(0, 2))) as [TestDevice, TestDevice]
  const slow = await openRaw(t, server.url, people[2].token)
  const { epoch } = await slow.next('welcome')
  await slow.next('caught-up')
  slow.socket.pause()
  const memoryBefore = await residentBytes()

  // More than the kernel holds for one connection, then a trickle until the stalled reader is cut.
  const text = '느린 사람을 위한 긴 글 '.repeat(700).slice(0, 10_000)
  let slowest = 0
  const startedAt = performance.now()
  let last = 0
  for (let count = 0; performance.now() - startedAt < 40_000; count++) {
    const sentAt = performance.now()
    last = await say(author, room, `${count} ${text}`.slice(0, 10_000))
    await waitFor('the other reader', () => (reader.handle.view().replica.rooms.get(room)?.cursor ?? 0) >= last, { everyMs: 5 })
    slowest = Math.max(slowest, performance.now() - sentAt)
    if (count > 500) await new Promise((resolve) => setTimeout(resolve, 100))
    if (count % 20 === 0 && count > 500 && (await connections()) === 2) break
  }
  assert.ok(slowest < 3_000, `a message of the others took ${Math.round(slowest)} ms`)
  assert.ok((await residentBytes()) - memoryBefore < 150_000_000, 'the server did not hold it all for the slow one')
  slow.socket.resume()
  const code = await slow.closed()
  t.diagnostic(`cut with ${code} after ${Math.round((performance.now() - startedAt) / 1_000)} s and ${last} entries; slowest of the others ${Math.round(slowest)} ms`)
  assert.ok(code === 4_001 || code === 1_006, `${code}`)
  for (const device of [author, reader]) assert.deepEqual(device.tap.closed, [])

  const again = await openRaw(t, server.url, null)
  const cursor = slow.frames.reduce((highest, frame) => (frame.t === 'entries' && frame.conversationId === room ? Math.max(highest, frame.entries.at(-1)?.seq ?? 0) : highest), 1)
  again.say({ t: 'hello', token: people[2].token, epoch, account: 0, cursors: [[room, cursor]] })
  await again.next('caught-up')
  const seqs = again.frames.flatMap((frame) => (frame.t === 'entries' && frame.conversationId === room ? frame.entries.map((entry) => entry.seq) : []))
  assert.deepEqual(seqs, Array.from({ length: last - cursor }, (_, index) => cursor + 1 + index))
})

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}
const connections = (): Promise<number> => metric('bongsu_connections')
const residentBytes = (): Promise<number> => metric('process_resident_memory_bytes')

test('[M2] the same message from two devices of one account at the same time is one entry', async (t) => {
  const room = await makeGroup(people[0], '', [people[1]])
  const sockets = [await openRaw(t, server.url, people[0].token), await openRaw(t, server.url, (await signInAgain(server.url, people[0], '둘째')).token)]
  for (const raw of sockets) await raw.next('caught-up')
  for (let count = 0; count < 50; count++) {
    const id = randomUUID() as ClientMessageId
    for (const raw of sockets) raw.say({ t: 'send', id, conversationId: room, body: { kind: 'text', text: '같은 말' } })
    const answers = await Promise.all(sockets.map((raw) => raw.next('accepted', (frame) => frame.id === id)))
    assert.deepEqual(answers[0], answers[1])
    assert.equal(answers[0]?.seq, count + 2)
  }
})
