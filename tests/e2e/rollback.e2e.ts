import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { FEATURES, type Act, type ClientMessageId, type ConversationId, type DownFrameOf, type EntryBody } from '@bongsu/protocol'
import { bongsu } from './operator.ts'
import { openRaw, type RawSocket } from './raw-socket.ts'
import { hasOlderProgram, unpackOlderProgram } from '../../tools/older-program.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { got, makeGroup, makePeople, type Person } from './world.ts'

const newId = (): ClientMessageId => randomUUID() as ClientMessageId

async function say(socket: RawSocket, conversationId: ConversationId, text: string, id = newId()): Promise<DownFrameOf<'accepted'>> {
  const after = socket.frames.length
  socket.say({ t: 'send', id, conversationId, body: { kind: 'text', text } })
  return socket.next('accepted', (frame) => frame.id === id, after)
}

/** A device that knows all that this program knows. */
async function openWithFeatures(t: TestContext, url: string, { token }: Person): Promise<RawSocket> {
  const socket = await openRaw(t, url, null)
  socket.say({ t: 'hello', token, epoch: null, account: 0, cursors: [], features: [...FEATURES], changes: [] })
  assert.deepEqual((await socket.next('welcome')).features, FEATURES)
  return socket
}

async function set(socket: RawSocket, conversationId: ConversationId, seq: number, subject: ClientMessageId, act: Act): Promise<void> {
  const id = newId()
  socket.say({ t: 'set', id, conversationId, seq, subject, act })
  await socket.next('set-accepted', (frame) => frame.id === id)
}

async function bodies(person: Person, conversationId: ConversationId): Promise<readonly EntryBody[]> {
  const page = got(await person.api.call('readHistory', { params: { conversationId }, query: {} }))
  return page.entries.map(({ body }) => body)
}

async function stop(server: ServerProcess): Promise<void> {
  server.signal('SIGTERM')
  await server.exited
}

test('[W3] the program one version older runs on this version’s database, and this one goes on after it', { timeout: 180_000 }, async (t) => {
  if (!hasOlderProgram()) return t.skip('this clone is shallow and does not have the older program: git fetch --unshallow')
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-rollback-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const { folder: root, remove } = unpackOlderProgram()
  t.after(remove)

  // A data folder of the older version.
  const first = await startServerProcess(t, { directory, root })
  const [alice, bob] = (await makePeople(first, 2)) as [Person, Person]
  const room = await makeGroup(alice, '되돌리기', [bob])
  const ids = Array.from({ length: 3 }, newId) as [ClientMessageId, ClientMessageId, ClientMessageId]
  const old = await openRaw(t, first.url, alice.token)
  for (const [index, id] of ids.entries()) await say(old, room, `예전 판에서 ${index}`, id)
  await stop(first)

  // This version opens it and uses what is new.
  const second = await startServerProcess(t, { directory, port: first.port })
  const device = await openWithFeatures(t, second.url, alice)
  await set(device, room, 2, ids[0], { kind: 'edit', value: { text: '고친 말' } })
  await set(device, room, 3, ids[1], { kind: 'erased', value: {} })
  await set(device, room, 4, ids[2], { kind: 'reaction', value: { emoji: '👍' } })
  await say(device, room, '새 판에서')
  await stop(second)

  // Back to the older version: it starts, reads, and writes.
  const third = await startServerProcess(t, { directory, root, port: first.port })
  const again = await openRaw(t, third.url, bob.token)
  assert.equal((await say(again, room, '다시 예전 판에서')).seq, 6)
  const read = await bodies(bob, room)
  assert.deepEqual(
    read.slice(-3).map((body) => (body as { text?: string }).text),
    ['예전 판에서 2', '새 판에서', '다시 예전 판에서'],
  )
  assert.equal((read[1] as { text?: string }).text, '고친 말')
  await stop(third)

  // And forward: nothing of either is lost.
  const fourth = await startServerProcess(t, { directory, port: first.port })
  const page = got(await bob.api.call('readHistory', { params: { conversationId: room }, query: { marks: true } }))
  assert.deepEqual(
    page.entries.map(({ body }) => body.kind),
    ['created', 'text', 'erased', 'text', 'text', 'text'],
  )
  assert.deepEqual(
    page.items?.map(({ kind }) => kind),
    ['edit', 'erased', 'reaction'],
  )
  await say(await openWithFeatures(t, fourth.url, bob), room, '끝')
  await stop(fourth)
  const verified = await bongsu(['verify'], { BONGSU_DATA: directory })
  assert.equal(verified.code, 0, verified.note + verified.out)
})
