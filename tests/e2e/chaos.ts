import { setTimeout as pause } from 'node:timers/promises'
import type { Violation } from '../../apps/server/src/conformance/checker.ts'
import { SOUND, startFaultProxy, type FaultProxy, type Line, type LineFaults, type Silence } from '../../apps/server/src/conformance/fault-proxy.ts'
import { freePort } from './free-port.ts'
import { untilSettled } from './holdings.ts'
import { judgeTown } from './judge-town.ts'
import { createScribe, startChatter } from './scribe.ts'
import { seeded } from './seeded.ts'
import { startServerProcess } from './server-process.ts'
import { makeTown } from './town.ts'

export interface ChaosPlan {
  readonly seed: number
  readonly forMs: number
  readonly settleMs: number
}

export interface ChaosReport {
  readonly violations: readonly Violation[]
  readonly written: number
  readonly accepted: number
  readonly sentAgain: number
  readonly connectionsBroken: number
  /** From the end of all faults until everybody was live and had everything. */
  readonly settledMs: number
  /** How often each fault was made. */
  readonly faults: Readonly<Record<Fault, number>>
}

const FAULTS = ['late', 'narrow', 'pieces', 'cut', 'cut-all', 'silent-up', 'silent-down', 'silent-both', 'shut', 'deaf', 'sound', 'look'] as const
export type Fault = (typeof FAULTS)[number]
/** Those that hit everybody are rarer. */
const RARE: ReadonlySet<Fault> = new Set(['cut-all', 'shut', 'deaf'])
const BETWEEN_MS = { min: 30, max: 160 }
const DOOR_MS = { min: 200, max: 1_200 }
const PAUSE_MS = 60

/** A town talks through a proxy that does everything a network can do, at random by seed; then it heals, and what everybody holds is judged. */
export async function runChaos(t: { after(run: () => void | Promise<void>): void }, plan: ChaosPlan): Promise<ChaosReport> {
  const random = seeded(plan.seed)
  const between = ({ min, max }: { min: number; max: number }): number => min + random() * (max - min)
  const port = await freePort()
  const proxy = await startFaultProxy(t, port, random)
  // A short heartbeat, so that a connection that has fallen silent is noticed, several times over, while it runs.
  const server = await startServerProcess(t, { port, env: { BONGSU_HEARTBEAT_MS: '1000' } })
  const town = await makeTown(t, { url: proxy.url, firstAdminCode: server.firstAdminCode })
  const scribe = createScribe(town.devices)
  const chatter = startChatter(scribe, town.devices, random, PAUSE_MS)
  const faults = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>
  // What is wrong comes with the line too, so that also the hello, and all that was missed, comes late or in pieces.
  proxy.faultNew(() => (random() < 0.5 ? faultsOf(random) : SOUND))

  // One of each first, in any order; then as it comes.
  const first = [...FAULTS].toSorted(() => random() - 0.5)
  const until = performance.now() + plan.forMs
  while (performance.now() < until) {
    await pause(between(BETWEEN_MS))
    const fault = (first[0] ?? FAULTS[Math.floor(random() * FAULTS.length)]) as Fault
    if (RARE.has(fault) && first.length === 0 && random() < 0.7) continue
    if (fault === 'look') for (const device of town.devices) if (random() < 0.3) device.handle.wake()
    if (fault === 'shut' || fault === 'deaf') {
      await proxy.door(fault)
      await pause(between(DOOR_MS))
      await proxy.door('open')
    } else if (!disturb(proxy, fault, random)) continue
    faults[fault]++
    first.shift()
  }
  await chatter.stop()
  const healedAt = performance.now()
  await proxy.heal()
  await untilSettled(server.directory, town.devices, plan.settleMs)
  const settledMs = performance.now() - healedAt

  const { violations } = await judgeTown(t, server, town, scribe)
  return {
    violations,
    written: scribe.count,
    accepted: new Set(scribe.ledger().accepted.map((one) => one.id)).size,
    sentAgain: town.devices.reduce((sum, device) => sum + [...device.tap.sent.values()].filter((count) => count > 1).length, 0),
    connectionsBroken: town.devices.reduce((sum, device) => sum + device.tap.closed.length, 0),
    settledMs,
    faults,
  }
}

/** @returns false when there was no line to do it to. */
function disturb(proxy: FaultProxy, fault: Exclude<Fault, 'shut' | 'deaf'>, random: () => number): boolean {
  if (fault === 'look') return true
  const lines = [...proxy.lines].filter((one: Line) => one.silenced === null)
  const line = lines[Math.floor(random() * lines.length)]
  if (line === undefined) return false
  if (fault === 'cut-all') lines.forEach((one) => one.cut())
  else if (fault === 'sound') lines.forEach((one) => one.fault(SOUND))
  else if (fault === 'cut') line.cut()
  else if (fault === 'late' || fault === 'narrow' || fault === 'pieces') line.fault(ONE[fault](random))
  else line.silence(fault.slice('silent-'.length) as Silence)
  return true
}

const ONE: Readonly<Record<'late' | 'narrow' | 'pieces', (random: () => number) => LineFaults>> = {
  late: (random) => ({ ...SOUND, delayMs: random() * 250, jitterMs: random() * 250 }),
  narrow: (random) => ({ ...SOUND, bytesPerSecond: 300 + random() * 20_000 }),
  pieces: (random) => ({ ...SOUND, pieceBytesMax: 1 + Math.floor(random() * 200) }),
}

function faultsOf(random: () => number): LineFaults {
  const kinds = Object.values(ONE)
  return (kinds[Math.floor(random() * kinds.length)] ?? ONE.late)(random)
}
