import type { DevicePlan, Pace, Talker } from './jobs.ts'
import { spreadOf } from './percentiles.ts'
import { disturbance, expectSound, measure, onStage, withGenerator, type Options, type Scenario, type Stretch, TEXT } from './scenario.ts'
import type { ScenarioResult } from './report.ts'

/** Devices connect so many at a time. */
const AT_ONCE = 64

/** Pairs of people who talk: each pair has one conversation, and the first of the two sends. */
export async function pairsTalk(
  scenario: string,
  options: Options,
  pairs: number,
  pace: Pace,
  ms: { warm: number; measure: number },
): Promise<Stretch> {
  const plan = { accounts: pairs * 2, pairs: Array.from({ length: pairs }, (_, index) => [index * 2, index * 2 + 1] as const) }
  return onStage(options, plan, ({ filled, server, target }) =>
    withGenerator(async (generator) => {
      await generator.ask({ t: 'connect', target, devices: filled.devices, atOnce: AT_ONCE }, 'done')
      options.progress('talking')
      const talkers = plan.pairs.map(([device]): Talker => ({ device, conversationId: onlyRoom(filled.devices[device]) }))
      await generator.ask({ t: 'talk', talkers, pace, text: TEXT }, 'done')
      const stretch = await measure(server, generator, ms.warm, ms.measure)
      const { faults } = await generator.ask({ t: 'finish' }, 'finished')
      expectSound(scenario, faults)
      return stretch
    }),
  )
}

function onlyRoom(device: DevicePlan | undefined): string {
  const [cursor] = device?.cursors ?? []
  if (cursor === undefined) throw new Error('A device of the plan is in no conversation.')
  return cursor[0]
}

export const DIRECT_CPU = 'server CPU per message, all threads'
/** What is left of a message's cost without the store's threads: reading, checking, routing and writing of frames, and handing to the store. */
export const DIRECT_LOOP = 'of which the event loop’s thread alone'

export const direct: Scenario = async (options) => {
  const pairs = 100
  const inFlight = 4
  const stretch = await pairsTalk(
    'direct',
    options,
    pairs,
    { inFlight },
    options.quick ? { warm: 800, measure: 2_000 } : { warm: 5_000, measure: 15_000 },
  )
  const spread = spreadOf(stretch.deliveredMs)
  return {
    scenario: 'direct',
    about:
      `${pairs} pairs, as fast as they can: each sender has ${inFlight} messages under way. A message is received, fsynced, accepted, and delivered to the ` +
      'one device of the other; the sender’s own device gets its entry too.',
    figures: [
      { name: DIRECT_CPU, value: stretch.cpuMicros / stretch.accepted, unit: 'µs', goal: { atMost: 120 } },
      { name: DIRECT_LOOP, value: stretch.loopCpuMicros / stretch.accepted, unit: 'µs' },
      { name: 'messages a second (generator on the same machine)', value: stretch.accepted / stretch.seconds, unit: '/s' },
      { name: 'event-loop delay p99', value: stretch.loopDelayP99Ms, unit: 'ms', goal: { below: 20 } },
      { name: 'send to delivered p50, at saturation', value: spread.p50, unit: 'ms' },
      { name: 'send to delivered p99, at saturation', value: spread.p99, unit: 'ms' },
      { name: 'cores of the server in use', value: stretch.cpuMicros / 1e6 / stretch.seconds, unit: '' },
      disturbance(stretch),
    ],
  }
}

export const paced: Scenario = async (options) => {
  const perSecond = 200
  const stretch = await pairsTalk(
    'paced',
    options,
    100,
    { perSecond },
    options.quick ? { warm: 1_000, measure: 3_000 } : { warm: 3_000, measure: 15_000 },
  )
  const spread = spreadOf(stretch.deliveredMs)
  return {
    scenario: 'paced',
    about: `${perSecond} messages a second at an even pace, over 100 pairs.`,
    figures: [
      { name: 'send to delivered p50', value: spread.p50, unit: 'ms', goal: { below: 8 } },
      { name: 'send to delivered p99', value: spread.p99, unit: 'ms', goal: { below: 40 } },
      { name: 'send to delivered, slowest', value: spread.max, unit: 'ms' },
      { name: 'server CPU per message, all threads', value: stretch.cpuMicros / stretch.accepted, unit: 'µs' },
      { name: 'event-loop delay p99 of the server', value: stretch.loopDelayP99Ms, unit: 'ms' },
      { name: 'event-loop delay p99 of the generator', value: stretch.ownDelayP99Ms, unit: 'ms' },
      disturbance(stretch),
    ],
  }
}

/** Groups with all members online, `senders` of each of whom send when the message before was accepted. */
async function groupsTalk(
  scenario: string,
  options: Options,
  size: { groups: number; members: number; senders: number },
  ms: { warm: number; measure: number },
): Promise<ScenarioResult> {
  const { groups, members, senders } = size
  const plan = { accounts: groups * members, groups: Array.from({ length: groups }, (_, group) => places(group * members, members)) }
  const stretch = await onStage(options, plan, ({ filled, server, target }) =>
    withGenerator(async (generator) => {
      await generator.ask({ t: 'connect', target, devices: filled.devices, atOnce: AT_ONCE }, 'done')
      options.progress('talking')
      const talkers = plan.groups.flatMap((all) =>
        all.slice(0, senders).map((device): Talker => ({ device, conversationId: onlyRoom(filled.devices[device]) })),
      )
      await generator.ask({ t: 'talk', talkers, pace: { inFlight: 1 }, text: TEXT }, 'done')
      const result = await measure(server, generator, ms.warm, ms.measure)
      const { faults } = await generator.ask({ t: 'finish' }, 'finished')
      expectSound(scenario, faults)
      return result
    }),
  )
  const spread = spreadOf(stretch.deliveredMs)
  return {
    scenario,
    about:
      `${groups === 1 ? 'One group' : `${groups} groups`} of ${members.toLocaleString('en-US')}, all online; ${senders} of each send, ` +
      'each when the message before was accepted.',
    figures: [
      { name: 'server CPU per delivered copy, all threads', value: stretch.cpuMicros / stretch.received, unit: 'µs', goal: { atMost: 10 } },
      { name: 'server CPU per message, all threads', value: stretch.cpuMicros / stretch.accepted, unit: 'µs' },
      { name: 'copies delivered a second', value: stretch.received / stretch.seconds, unit: '/s' },
      { name: 'messages a second', value: stretch.accepted / stretch.seconds, unit: '/s' },
      { name: 'send to the first delivered copy p50', value: spread.p50, unit: 'ms' },
      { name: 'send to the first delivered copy p99', value: spread.p99, unit: 'ms' },
      { name: 'event-loop delay p99', value: stretch.loopDelayP99Ms, unit: 'ms' },
      disturbance(stretch),
    ],
  }
}

function places(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index)
}

export const group30: Scenario = (options) =>
  groupsTalk(
    'group-30',
    options,
    { groups: 20, members: 30, senders: 4 },
    options.quick ? { warm: 700, measure: 1_500 } : { warm: 4_000, measure: 12_000 },
  )

export const group3000: Scenario = (options) =>
  groupsTalk(
    'group-3000',
    options,
    { groups: 1, members: options.quick ? 1_000 : 3_000, senders: 8 },
    options.quick ? { warm: 700, measure: 1_500 } : { warm: 4_000, measure: 12_000 },
  )
