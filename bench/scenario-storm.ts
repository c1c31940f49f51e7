import { loadavg } from 'node:os'
import { SETTINGS } from '../apps/server/src/config.ts'
import type { DevicePlan, Talker } from './jobs.ts'
import { spreadOf } from './percentiles.ts'
import type { Figure } from './report.ts'
import { expectSound, onStage, pause, TEXT, watchServer, withGenerators, type Scenario } from './scenario.ts'
import { groupsOf } from './scenario-idle.ts'

const ROOMS = 20
const MEMBERS = 20
/** Missed in as many of their rooms, one message in each. */
const MISSED = 5
/** Pairs that are not cut, and the messages they say in a second. */
const PAIRS = 50
const PER_SECOND = 100
/** The server takes 19,000 connections here, and some are of those who are not cut. */
export const STORM_DEVICES_MAX = 18_000
/** Connections of one generator process, well below its open files. */
const PER_PROCESS = 5_000
/** A heartbeat here: short, so that all know soon how many they are, which is told with it. */
const HEARTBEAT_MS = { quick: 1_500, whole: 10_000 } as const

/** All devices lose their connection in one moment, while others go on talking. */
export const storm: Scenario = async (options) => {
  const count = Math.ceil((options.devices ?? (options.quick ? 1_000 : 15_000)) / MEMBERS) * MEMBERS
  const heartbeatMs = options.quick ? HEARTBEAT_MS.quick : HEARTBEAT_MS.whole
  const plan = {
    accounts: count + PAIRS * 2,
    groups: groupsOf(count, ROOMS, MEMBERS),
    pairs: Array.from({ length: PAIRS }, (_, index) => [count + index * 2, count + index * 2 + 1] as const),
  }
  const rate = SETTINGS.hellosPerSecond.default
  // With the rate people get when they set nothing.
  const env = { BONGSU_HELLOS_PER_SECOND: String(rate), BONGSU_HEARTBEAT_MS: String(heartbeatMs) }
  const parts = Math.ceil(count / PER_PROCESS)
  const { figures, backMs: allBackMs } = await onStage(
    options,
    plan,
    ({ filled, server, target }) =>
      withGenerators(parts + 1, async ([calm, ...stormers]) => {
        if (calm === undefined) throw new Error('There is no generator.')
        const slice = (index: number): DevicePlan[] => filled.devices.slice(index * PER_PROCESS, Math.min(count, (index + 1) * PER_PROCESS))
        options.progress(`connecting ${count}`)
        await Promise.all(stormers.map((one, index) => one.ask({ t: 'storm-connect', target, devices: slice(index), atOnce: 64 }, 'done')))
        const others = filled.devices.slice(count)
        await calm.ask({ t: 'connect', target, devices: others, atOnce: 64 }, 'done')
        const talkers = Array.from({ length: PAIRS }, (_, index): Talker => ({
          device: index * 2,
          conversationId: others[index * 2]?.cursors[0]?.[0] ?? '',
        }))
        await calm.ask({ t: 'talk', talkers, pace: { perSecond: PER_SECOND }, text: TEXT }, 'done')
        options.progress('calm for two heartbeats')
        await pause(heartbeatMs * 2)
        const before = await server.readSettled()
        const quiet = await calm.ask({ t: 'mark' }, 'mark')

        options.progress('all go deaf, and miss messages')
        await Promise.all(stormers.map((one) => one.ask({ t: 'storm-freeze' }, 'done')))
        const speaking = speakers(plan.groups, filled.devices.slice(0, count))
        const speakingIn = (index: number): Talker[] =>
          speaking.flatMap(({ device, conversationId }) =>
            Math.floor(device / PER_PROCESS) === index ? [{ device: device - index * PER_PROCESS, conversationId }] : [],
          )
        await Promise.all(stormers.map((one, index) => one.ask({ t: 'storm-say', talkers: speakingIn(index), text: TEXT }, 'done')))
        await pause(500)

        options.progress('all are cut')
        await calm.ask({ t: 'mark' }, 'mark')
        const memory = watchServer(server)
        const from = await server.read()
        const startedAt = performance.now()
        const stormed = await Promise.all(stormers.map((one) => one.ask({ t: 'storm-cut', missed: MISSED }, 'stormed')))
        const seconds = (performance.now() - startedAt) / 1_000
        const to = await server.read()
        const during = await calm.ask({ t: 'mark' }, 'mark')
        const most = await memory.stop()
        expectSound('storm', [...stormed.flatMap(({ faults }) => faults), ...(await calm.ask({ t: 'finish' }, 'finished')).faults])

        const back = spreadOf(stormed.flatMap(({ backMs }) => backMs))
        const attempts = spreadOf(stormed.flatMap((one) => one.attempts))
        const tries = stormed.flatMap((one) => one.attempts).reduce((sum, one) => sum + one, 0)
        if (back.count !== count) throw new Error(`Only ${back.count} of ${count} devices came back.`)
        const lines = [
          { name: 'half of them back and complete', value: back.p50 / 1_000, unit: 's' },
          { name: '99 % back and complete', value: back.p99 / 1_000, unit: 's', goal: { atMost: 10 } },
          { name: 'the last one', value: back.max / 1_000, unit: 's' },
          { name: 'attempts per device', value: tries / count, unit: '', goal: { atMost: 1.2 } },
          { name: 'attempts of the unluckiest device', value: attempts.max, unit: '' },
          { name: 'memory at most : memory when calm', value: most.rssBytes / before.rssBytes, unit: '', goal: { atMost: 1.3 } },
          { name: 'memory when calm', value: before.rssBytes / 2 ** 20, unit: 'MB' },
          { name: 'those not cut: send to delivered p99, before', value: spreadOf(quiet.deliveredMs).p99, unit: 'ms' },
          { name: 'those not cut: send to delivered p99, meanwhile', value: spreadOf(during.deliveredMs).p99, unit: 'ms', goal: { atMost: 200 } },
          { name: 'those not cut: slowest, meanwhile', value: spreadOf(during.deliveredMs).max, unit: 'ms' },
          { name: 'event-loop delay p99, worst tenth of a second', value: most.loopDelayP99Ms, unit: 'ms' },
          { name: 'server CPU per device that came back', value: (to.cpuMicros - from.cpuMicros) / count, unit: 'µs', goal: { atMost: 600 } },
          { name: 'load of the machine at the end, programs that want one of its two cores', value: loadavg()[0] ?? 0, unit: '' },
          { name: 'cores of the server in use meanwhile', value: (to.cpuMicros - from.cpuMicros) / 1e6 / seconds, unit: '' },
        ] satisfies Figure[]
        return { figures: lines, backMs: stormed.flatMap(({ backMs }) => backMs) }
      }),
    undefined,
    env,
  )
  return {
    scenario: 'storm',
    about:
      `${count.toLocaleString('en-US')} devices in ${ROOMS} groups each lose their connection in one moment, having missed ${MISSED} messages in ${MISSED} of them, and come back as the client does; ` +
      `${rate.toLocaleString('en-US')} hellos a second are let in at most, the default. A heartbeat is ${heartbeatMs / 1_000} s, so that what it tells has been told before the cut. ${PAIRS} pairs who are not cut go on with ${PER_SECOND} messages a second. Generators share the two cores.`,
    figures,
    plots: [
      {
        name: 'storm',
        title: `${count.toLocaleString('en-US')} devices come back`,
        kind: 'line',
        x: 'seconds after the cut',
        y: '% back and complete',
        points: wayBack(allBackMs, count),
      },
    ],
  }
}

/** Share of the devices that are back, in per cent, at each tenth of a second or so. */
export function wayBack(backMs: readonly number[], count: number): (readonly [seconds: number, percent: number])[] {
  const sorted = backMs.toSorted((one, other) => one - other)
  const last = sorted.at(-1) ?? 0
  const steps = 100
  let place = 0
  return Array.from({ length: steps + 1 }, (_, step) => {
    const at = (last * step) / steps
    while (place < sorted.length && (sorted[place] ?? 0) <= at) place++
    return [at / 1_000, (place / count) * 100] as const
  })
}

/** Who says something such that everybody misses MISSED messages: the first of each group of so many rounds, of which each has everybody once. */
export function speakers(groups: readonly (readonly number[])[], devices: readonly DevicePlan[]): Talker[] {
  const members = new Map<string, number[]>()
  for (const [place, { cursors }] of devices.entries()) for (const [room] of cursors) members.set(room, [...(members.get(room) ?? []), place])
  const rooms = new Map([...members].map(([room, places]) => [places.join(), room]))
  return groups.slice(0, (groups.length / ROOMS) * MISSED).map((group) => {
    const conversationId = rooms.get(group.toSorted((one, other) => one - other).join())
    if (conversationId === undefined || group[0] === undefined) throw new Error('A group of the plan is not there.')
    return { device: group[0], conversationId }
  })
}
