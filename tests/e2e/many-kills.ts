import { setTimeout as pause } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import type { Violation } from '../../apps/server/src/conformance/checker.ts'
import { untilSettled } from './holdings.ts'
import { judgeTown } from './judge-town.ts'
import { createScribe, startChatter } from './scribe.ts'
import { seeded } from './seeded.ts'
import { startServerProcess } from './server-process.ts'
import { makeTown } from './town.ts'
import type { TestDevice } from './world.ts'

export interface KillPlan {
  readonly kills: number
  readonly seed: number
  /** Loaded into the server before anything else, to break it. */
  readonly preload?: readonly string[]
  /** A broken server may never settle; what stands then is judged. */
  readonly settleMs: number
}

export interface KillReport {
  readonly violations: readonly Violation[]
  readonly written: number
  readonly accepted: number
  /** Entries sent more than once. */
  readonly sentAgain: number
  /** Written by a process that died before its answer was heard. */
  readonly cutFromAnswer: number
  /** Of those, answered later from the log, with the place of the first time [M2]. The others arrived as entries before they were sent again. */
  readonly answeredFromLog: number
  readonly connectionsBroken: number
}

/** Between two kills; the lower end hits a server that is still letting everybody in. */
const LIFE_MS = { min: 100, max: 800 }
const PAUSE_MS = 45
/** Every other kill is aimed: so soon after a send that it falls between the frame, the commit, the answer and the hint. */
const AIM_MS = 4

/** A town talks, its server is killed again and again at random moments and started at once; then everything everybody holds is judged. */
export async function killManyTimes(t: TestContext, plan: KillPlan): Promise<KillReport> {
  const random = seeded(plan.seed)
  const server = await startServerProcess(t, {
    // A short heartbeat, so that a device that has fallen silent is noticed within the life of a server.
    env: { BONGSU_HEARTBEAT_MS: '600' },
    ...(plan.preload === undefined ? {} : { preload: plan.preload }),
  })
  const town = await makeTown(t, server)
  const scribe = createScribe(town.devices)
  const starts: number[] = [server.startedAt]
  const chatter = startChatter(scribe, town.devices, random, PAUSE_MS)
  for (let kill = 0; kill < plan.kills; kill++) {
    await pause(LIFE_MS.min + random() * (LIFE_MS.max - LIFE_MS.min))
    if (kill % 2 === 1) await aim(town.devices, random)
    await server.kill()
    await server.start()
    starts.push(server.startedAt)
    // Somebody looks at half of the devices, which then come back at once; the others come back by themselves.
    for (const device of town.devices) if (random() < 0.5) device.handle.wake()
  }
  await chatter.stop()
  const unsettled = await untilSettled(server.directory, town.devices, plan.settleMs).catch((error: unknown) => error as Error)
  // A sound server must settle; a broken one is judged by what it left behind.
  if (unsettled instanceof Error && plan.preload === undefined) throw unsettled

  const { violations, file } = await judgeTown(t, server, town, scribe)
  const ledger = scribe.ledger()

  const lifeAt = (time: number): number => starts.findLastIndex((start) => start <= time)
  const heardOf = Map.groupBy(
    town.devices.flatMap((device) => device.tap.accepted),
    (one) => one.id,
  )
  const written = new Set(ledger.invoked.map((one) => one.id))
  const cut = file
    .flatMap((holding) => holding.entries)
    .filter((entry) => written.has(entry.id) && heardOf.get(entry.id)?.some((one) => lifeAt(one.heardAt) === lifeAt(entry.acceptedAt)) !== true)
  return {
    violations,
    written: written.size,
    accepted: heardOf.size,
    sentAgain: town.devices.reduce((sum, device) => sum + [...device.tap.sent.values()].filter((count) => count > 1).length, 0),
    cutFromAnswer: cut.length,
    answeredFromLog: cut.filter((entry) => heardOf.has(entry.id)).length,
    connectionsBroken: town.devices.reduce((sum, device) => sum + device.tap.closed.length, 0),
  }
}

/** Waits for some device to send, or a moment when nobody does, and then for less than the server takes to answer, or a little more. */
export async function aim(devices: readonly TestDevice[], random: () => number): Promise<void> {
  await Promise.race([pause(500), ...devices.map((device) => device.tap.nextSend())])
  const untilMs = performance.now() + random() * AIM_MS
  // A timer is too coarse for this.
  while (performance.now() < untilMs) await new Promise((resolve) => setImmediate(resolve))
}
