import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { SendRejected } from '@bongsu/client'
import { openFileStore } from '@bongsu/client/node'
import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import { judge, type Invoked } from '../../apps/server/src/conformance/checker.ts'
import { holdingsInFile, holdingsInStore, holdingsOnScreen, untilSettled } from './holdings.ts'
import { createScribe } from './scribe.ts'
import { startServerProcess } from './server-process.ts'
import { makeTown } from './town.ts'
import { waitFor } from './wait-for.ts'
import { goLive, makeDevice, makeGroup, makePeople, PASSWORD, textsOf, untilLive, untilRoom, type Person } from './world.ts'

test('[O4, D6] a server restarted while all are idle: everybody comes back, and the first word reaches all', async (t) => {
  const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: '600' } })
  const town = await makeTown(t, server)
  for (let round = 0; round < 3; round++) {
    await server.kill()
    await waitFor('all to notice', () => town.devices.every((device) => device.handle.view().connection.state !== 'live'))
    await server.start()
    await Promise.all(town.devices.map((device) => untilLive(device)))
  }
  const [first] = town.devices
  const [hall] = town.rooms
  assert.ok(first !== undefined && hall !== undefined)
  await first.handle.send(hall, { kind: 'text', text: '다들 있나요' })
  for (const device of town.devices) await waitFor(`${device.name} to hear it`, () => textsOf(device, hall).join() === '다들 있나요')
})

test('[C1, C2, M6] full outboxes written offline go out once, in order, when the server is back', async (t) => {
  const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: '600', BONGSU_FRAMES_PER_SECOND: '10000', BONGSU_FRAMES_BURST: '10000' } })
  const [one, other] = (await makePeople(server, 2)) as [Person, Person]
  const rooms = [await makeGroup(one, '하나', [other]), await makeGroup(one, '둘', [other]), await makeGroup(other, '셋', [one])] as const
  const devices = [makeDevice(server.url, one, { hasty: true }), makeDevice(server.url, other, { hasty: true })] as const
  await goLive(t, devices)
  for (const device of devices) for (const room of rooms) await untilRoom(device, room)
  await server.kill()
  const scribe = createScribe(devices)
  for (let count = 0; count < 1_000; count++) {
    for (const device of devices) await scribe.write(device, rooms[count % 3] as ConversationId, `${device.name}의 ${count}번째`)
  }
  await assert.rejects(
    devices[0].handle.send(rooms[0], { kind: 'text', text: '하나 더' }),
    (error) => error instanceof SendRejected && error.code === 'outbox-full',
  )
  await server.start()
  await untilSettled(server.directory, devices, 40_000)
  const screens = await Promise.all(devices.map(holdingsOnScreen))
  const stores = await Promise.all(devices.map(holdingsInStore))
  const ledger = scribe.ledger()
  const holdings = [...screens.flat(), ...stores.flat(), ...holdingsInFile(server.directory)]
  assert.deepEqual(judge({ ledger, holdings, rest: 'accepted' }).slice(0, 5), [])
  assert.equal(
    holdingsInFile(server.directory).reduce((sum, holding) => sum + holding.entries.filter((entry) => entry.body.kind === 'text').length, 0),
    2_000,
  )
})

type Line =
  | { readonly t: 'started'; readonly outbox: readonly ClientMessageId[] }
  | { readonly t: 'invoked'; readonly id: ClientMessageId; readonly text: string }
  | { readonly t: 'stored'; readonly id: ClientMessageId }
  | { readonly t: 'view'; readonly state: string; readonly waiting: number; readonly cursor: number }

interface FileDevice {
  readonly lines: readonly Line[]
  readonly last: Extract<Line, { t: 'view' }> | undefined
  write(first: number, last: number): void
  kill(): Promise<void>
}

async function startFileDevice(t: { after(run: () => Promise<void>): void }, args: readonly string[]): Promise<FileDevice> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./file-device.ts', import.meta.url)), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  const lines: Line[] = []
  const read = createInterface({ input: child.stdout })
  const ended = new Promise<void>((resolve) => void read.once('close', () => resolve()))
  read.on('line', (line) => {
    // The last line of a killed process may be half a line.
    if (line.endsWith('}')) lines.push(JSON.parse(line) as Line)
  })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await Promise.all([exited, ended])
  }
  t.after(kill)
  await waitFor('the device to start', () => lines.some((line) => line.t === 'started'))
  return {
    lines,
    get last() {
      return lines.findLast((line) => line.t === 'view')
    },
    write: (first, last) => void child.stdin.write(`${first} ${last}\n`),
    kill,
  }
}

test('[C1, C2, M2, M6] a device killed in the middle of writing and of sending, and its server too: what was stored goes out once, in order', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-file-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'device.db')
  const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: '600' } })
  const [one, other] = (await makePeople(server, 2)) as [Person, Person]
  const room = await makeGroup(one, '', [other])
  const watcher = makeDevice(server.url, other, { hasty: true })
  await goLive(t, [watcher])
  const args = [server.url, one.profile.handle, PASSWORD, file, room]
  const lives: FileDevice[] = [await startFileDevice(t, args)]
  const current = (): FileDevice => lives.at(-1) as FileDevice
  await waitFor('the file device to have the room', () => current().last?.cursor === 1)

  // Offline, and killed in the middle of writing.
  await server.kill()
  current().write(1, 150)
  await waitFor('some to be stored', () => current().lines.filter((line) => line.t === 'stored').length >= 40, { everyMs: 2 })
  await current().kill()
  const stored = (): readonly string[] => lives.flatMap((life) => life.lines.flatMap((line) => (line.t === 'stored' ? [line.id] : [])))
  const firstStored = stored().length
  assert.ok(firstStored >= 40 && firstStored < 150, `${firstStored} were stored`)

  // Started again, still offline: the outbox is what was stored, perhaps with the one that was being stored when it was killed.
  lives.push(await startFileDevice(t, args))
  const kept = current().lines.flatMap((line) => (line.t === 'started' ? line.outbox : []))
  assert.deepEqual(kept.slice(0, firstStored), stored())
  assert.ok(kept.length <= firstStored + 1)
  current().write(1_001, 1_100)
  await waitFor('the rest to be stored', () => stored().length === firstStored + 100)

  // Online, and killed again and again in the middle of sending; once together with the server.
  await server.start()
  for (let kill = 0; kill < 4; kill++) {
    const heard = textsOf(watcher, room).length
    await waitFor('some to arrive', () => textsOf(watcher, room).length >= heard + 20 || current().last?.waiting === 0, { everyMs: 1 })
    await current().kill()
    if (kill === 2) {
      await server.kill()
      await server.start()
    }
    lives.push(await startFileDevice(t, args))
  }
  await waitFor('the outbox to be empty', () => current().last?.waiting === 0 && current().last?.state === 'live', { withinMs: 30_000 })
  await pause(100)
  await untilSettled(server.directory, [watcher], 10_000)
  await current().kill()

  const invoked = lives.flatMap((life) =>
    life.lines.flatMap((line): Invoked[] =>
      line.t === 'invoked' ? [{ id: line.id, device: 'file', author: one.accountId, conversationId: room, text: line.text }] : [],
    ),
  )
  const inFile = holdingsInFile(server.directory)
  const there = new Set(inFile.flatMap((holding) => holding.entries.map((entry) => entry.id)))
  for (const id of stored()) assert.ok(there.has(id as ClientMessageId), `${id} was stored on the device and never went out`)
  const store = openFileStore(file)
  t.after(() => store.close())
  const left = await store.load()
  assert.deepEqual(left.outbox, [])
  // What it received just before it was killed may not have been stored; then it has said so, and its newest stretch begins later [D4].
  const from = left.state?.rooms.get(room)?.ranges.at(-1)?.first ?? assert.fail('the file knows the room')
  const mine = { holder: "the killed device's file", conversationId: room, from, entries: await store.readEntries(room, from, 100_000) }
  const holdings = [...(await holdingsOnScreen(watcher)), ...(await holdingsInStore(watcher)), ...inFile, mine]
  assert.deepEqual(judge({ ledger: { invoked, accepted: [], refused: [] }, holdings }), [])
  t.diagnostic(`${stored().length} stored in ${lives.length} lives, all there once`)
})
