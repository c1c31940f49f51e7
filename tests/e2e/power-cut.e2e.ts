import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { judge, type Breach } from '../../apps/server/src/conformance/checker.ts'
import { holdingsInFile, untilSettled } from './holdings.ts'
import { judgeTown } from './judge-town.ts'
import { aim } from './many-kills.ts'
import { makeDisk, type Cut, type Disk } from './power-cut.ts'
import { createScribe, startChatter } from './scribe.ts'
import { seeded } from './seeded.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { makeTown, type Town } from './town.ts'
import { newestFirst } from './until-over.ts'

// A power cut is a kill after which whatever was not fsynced is not there. Names in directories are not taken back, only contents and sizes.

/** The longer form for drills. */
const CUTS = Number(process.env['POWER_CUTS'] ?? '20')
const SEED = Number(process.env['POWER_SEED'] ?? Date.now() % 1_000_000)
const LIFE_MS = { min: 100, max: 600 }
const PAUSE_MS = 30

type Later = ReturnType<typeof newestFirst>

/** The disk, or null where there can be none; on CI there must be one. */
function diskFor(t: TestContext, later: Later): Disk | null {
  const disk = makeDisk(later)
  if (!('cannot' in disk)) return disk
  assert.notEqual(process.env['CI'], 'true', `${disk.cannot}; on CI it must be`)
  t.skip(disk.cannot)
  return null
}

interface Place {
  readonly server: ServerProcess
  readonly town: Town
}

/** A town whose beginnings are safely on the disk; the server that runs then writes to the disk that can lose. */
async function settleTown(later: Later, disk: Disk, preload: readonly string[]): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-power-data-'))
  later.after(() => rmSync(directory, { recursive: true, force: true }))
  const env = { BONGSU_HEARTBEAT_MS: '600' }
  const first = await startServerProcess(later, { directory, env })
  const town = await makeTown(later, first)
  first.signal('SIGTERM')
  await first.exited
  return { server: await startServerProcess(later, { directory, port: first.port, env: { ...env, ...disk.env }, preload }), town }
}

test(`[M1, M2, M3, M5, M6, D2, O4] after ${CUTS} power cuts at random moments everything that was accepted is there, once, in one order`, async (t) => {
  const later = newestFirst(t)
  const disk = diskFor(t, later)
  if (disk === null) return
  const random = seeded(SEED)
  const { server, town } = await settleTown(later, disk, [])
  const scribe = createScribe(town.devices)
  const chatter = startChatter(scribe, town.devices, random, PAUSE_MS)
  const cuts: Cut[] = []
  for (let count = 0; count < CUTS; count++) {
    await pause(LIFE_MS.min + random() * (LIFE_MS.max - LIFE_MS.min))
    if (count % 2 === 1) await aim(town.devices, random)
    await server.kill()
    cuts.push(disk.cutPower(server.directory, random))
    await server.start()
    for (const device of town.devices) if (random() < 0.5) device.handle.wake()
  }
  await chatter.stop()
  await untilSettled(server.directory, town.devices, 30_000)
  const { violations } = await judgeTown(later, server, town, scribe)
  const sum = (of: (cut: Cut) => number): number => cuts.reduce((before, cut) => before + of(cut), 0)
  const accepted = new Set(scribe.ledger().accepted.map((one) => one.id)).size
  t.diagnostic(
    `seed ${SEED}: ${CUTS} power cuts, ${cuts.filter((cut) => cut.lost > 0).length} of them with something to lose, ${sum((cut) => cut.lost)} of ` +
      `${sum((cut) => cut.unsynced)} unsynced writes lost; ${scribe.count} messages written, ${accepted} accepted`,
  )
  assert.deepEqual(violations.slice(0, 10), [], `seed ${SEED}: ${violations.length} violations`)
  assert.ok(accepted >= CUTS * 20, `${accepted} accepted`)
  assert.ok(sum((cut) => cut.lost) > 0, 'something was lost that had not been fsynced')
})

for (const mode of ['normal', 'off'] as const) {
  test(`[M5] a database that syncs as "${mode}" is caught losing what was accepted in a power cut`, async (t) => {
    const later = newestFirst(t)
    const disk = diskFor(t, later)
    if (disk === null) return
    const { server, town } = await settleTown(later, disk, [new URL(`./broken/sync-${mode}.ts`, import.meta.url).href])
    const scribe = createScribe(town.devices)
    const chatter = startChatter(scribe, town.devices, seeded(SEED), PAUSE_MS)
    await pause(1_000)
    // In the middle of their talk, and before any device hears what is gone.
    await server.kill()
    const cut = disk.cutPower(server.directory, seeded(SEED), 'nothing')
    const ledger = scribe.ledger()
    const holdings = holdingsInFile(server.directory)
    await chatter.stop()
    const lost = judge({ ledger, holdings }).filter((violation) => violation.breach === ('lost' satisfies Breach))
    t.diagnostic(`${cut.lost} writes taken back; ${lost.length} of ${ledger.accepted.length} accepted messages lost`)
    assert.ok(ledger.accepted.length > 20 && lost.length > 0, `${ledger.accepted.length} accepted, ${lost.length} lost`)
  })
}
