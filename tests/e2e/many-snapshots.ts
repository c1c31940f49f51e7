import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import { holdingsInFile, holdingsOnScreen, untilSettled } from './holdings.ts'
import { seeded } from './seeded.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { goLive, makeDevice, makeGroup, makePeople, signInAgain, untilLive, untilRoom, type TestDevice } from './world.ts'

export interface SnapshotOptions {
  readonly runs: number
  readonly seed: number
  /** Longest time until everything is equal again. */
  readonly settleMs: number
}

export interface SnapshotReport {
  readonly accepted: number
  /** Accepted messages that the snapshots lacked, and that were there again. */
  readonly wentBack: number
  readonly epochsBegun: number
  readonly slowestMs: number
  readonly violations: readonly string[]
}

/** How a device lives through the time in which the data folder goes back. */
type Way = 'online' | 'offline' | 'closed'

/**
 * A real server whose data folder is copied at a random moment, as a machine's snapshot does it, and put back at a later one: `runs` times in one history,
 * with devices that are online, without a network, or closed meanwhile. Nothing of it is told to the server.
 */
export async function goBackManyTimes(t: TestContext, { runs, seed, settleMs }: SnapshotOptions): Promise<SnapshotReport> {
  const chance = seeded(seed)
  const between = (low: number, high: number): number => low + Math.floor(chance() * (high - low + 1))
  const server = await startServerProcess(t)
  const people = await makePeople(server, 3)
  const rooms = [await makeGroup(people[0]!, '셋', people.slice(1)), await makeGroup(people[1]!, '둘', [people[0]!])]
  const phones = people.map((person) => makeDevice(server.url, person, { hasty: true }))
  const laptop = makeDevice(server.url, await signInAgain(server.url, people[0]!, '노트북'), { name: 'laptop', hasty: true })
  const devices = [...phones, laptop]
  await goLive(t, devices)
  for (const device of devices) await untilRoom(device, rooms[0]!)
  for (const device of [phones[0]!, phones[1]!, laptop]) await untilRoom(device, rooms[1]!)

  const accepted = new Map<ClientMessageId, ConversationId>()
  const violations: string[] = []
  let [said, wentBack, slowestMs] = [0, 0, 0]

  async function say(device: TestDevice): Promise<void> {
    const open = [...device.handle.view().replica.rooms.keys()]
    const room = open[between(0, open.length - 1)]
    if (room === undefined) return
    const id = await device.handle.send(room, { kind: 'text', text: `${device.name} ${++said}` })
    device.handle.settled(id).then(
      (outcome) => {
        if (outcome.accepted) accepted.set(id, room)
        else violations.push(`${id} of ${device.name} was refused: ${outcome.code}`)
      },
      () => undefined,
    )
  }

  async function talk(ms: number, who: readonly TestDevice[]): Promise<void> {
    const until = performance.now() + ms
    while (performance.now() < until && who.length > 0) {
      await say(who[between(0, who.length - 1)]!)
      await pause(between(0, 40))
    }
  }

  for (let run = 1; run <= runs; run++) {
    await talk(between(0, 600), devices)
    const snapshot = await snapshotOf(server)
    t.after(() => rmSync(snapshot, { recursive: true, force: true }))
    // Sometimes nothing happens after it, sometimes one message, sometimes other starts of the server that the snapshot knows nothing of.
    if (chance() < 0.9) await talk(between(1, 900), devices)
    for (let starts = between(0, 5) - 3; starts > 0; starts--) {
      await server.kill()
      await server.start()
      await talk(between(100, 700), devices)
    }
    const before = new Set(accepted.keys())
    const ways = devices.map((): Way => (['online', 'offline', 'closed'] as const)[between(0, 2)]!)
    await Promise.all(devices.map((device, index) => leave(device, ways[index]!)))
    if (chance() < 0.5) await pause(between(0, 300))
    if (chance() < 0.7) await server.kill()
    else {
      server.signal('SIGTERM')
      await server.exited
    }
    rmSync(server.directory, { recursive: true })
    cpSync(snapshot, server.directory, { recursive: true })
    rmSync(snapshot, { recursive: true })
    const known = idsIn(server.directory)
    wentBack += [...before].filter((id) => !known.has(id)).length
    await server.start()

    const startedAt = performance.now()
    const online = devices.filter((_, index) => ways[index] === 'online')
    await talk(between(0, 500), online)
    if (chance() < 0.2) {
      await server.kill()
      await server.start()
    }
    await Promise.all(
      devices.map(async (device, index) => {
        await pause(between(0, 1_500))
        await comeBack(device, ways[index]!)
        if (chance() < 0.5) await say(device)
      }),
    )
    for (const device of devices) await untilLive(device, settleMs)
    await untilSettled(server.directory, devices, settleMs)
    slowestMs = Math.max(slowestMs, performance.now() - startedAt)
    for (const found of await compare(server.directory, devices, accepted)) violations.push(`run ${run}: ${found}`)
    if (violations.length > 0) break
  }
  const epochsBegun = server.said.split('A new epoch has begun').length - 1
  return { accepted: accepted.size, wentBack, epochsBegun, slowestMs: Math.round(slowestMs), violations }
}

/** Of one moment, log included: the process stands still meanwhile. */
async function snapshotOf(server: ServerProcess): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-snapshot-'))
  server.signal('SIGSTOP')
  await pause(20)
  cpSync(server.directory, folder, { recursive: true })
  server.signal('SIGCONT')
  return folder
}

async function leave(device: TestDevice, way: Way): Promise<void> {
  if (way === 'offline') device.handle.networkLost()
  else if (way === 'closed') await device.handle.stop()
}

async function comeBack(device: TestDevice, way: Way): Promise<void> {
  if (way === 'closed') await device.handle.start()
  else device.handle.wake()
}

function idsIn(directory: string): ReadonlySet<string> {
  return new Set(holdingsInFile(directory).flatMap(({ entries }) => entries.map(({ id }) => id)))
}

/** No device was ever emptied, so every accepted message is held by somebody: all must be there, once, and the same for everybody. */
async function compare(directory: string, devices: readonly TestDevice[], accepted: ReadonlyMap<ClientMessageId, ConversationId>): Promise<string[]> {
  const found: string[] = []
  const inFile = new Map(holdingsInFile(directory).map((holding) => [holding.conversationId, holding.entries]))
  const placesOf = Map.groupBy(
    [...inFile].flatMap(([room, entries]) => entries.map(({ id, author }) => ({ room, key: `${author} ${id}`, id }))),
    ({ id }) => id,
  )
  for (const [id, room] of accepted) if (placesOf.get(id)?.[0]?.room !== room) found.push(`${id} was accepted and is lost`)
  for (const [id, places] of placesOf) if (places.length > 1) found.push(`${id} stands at ${places.length} places`)
  for (const device of devices) {
    for (const { conversationId, entries } of await holdingsOnScreen(device)) {
      const shown = entries.map(({ seq, id }) => `${seq} ${id}`)
      const stored = (inFile.get(conversationId) ?? []).map(({ seq, id }) => `${seq} ${id}`)
      const wrong = stored.findIndex((one, index) => one !== shown[index])
      if (shown.length !== stored.length || wrong !== -1)
        found.push(`${device.name} shows ${shown.length} entries of ${conversationId}, the file has ${stored.length}; at ${wrong}: ${shown[wrong]}`)
    }
    const { outbox } = device.handle.view()
    if (outbox.length > 0) found.push(`${device.name} still has ${outbox.length} in its outbox`)
  }
  return found
}
