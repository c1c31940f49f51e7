import { expectSound, onStage, withGenerator, type Scenario } from './scenario.ts'

/** Devices connect so many at a time. */
const AT_ONCE = 64

/** A text that everybody answers with an emoji, while everybody looks. */
export const reactions: Scenario = async (options) => {
  const members = options.quick ? 1_000 : 3_000
  const count = options.quick ? 300 : 2_000
  const plan = { accounts: members, groups: [Array.from({ length: members }, (_, index) => index)] }
  const result = await onStage(options, plan, ({ filled, server, target }) =>
    withGenerator(async (generator) => {
      await generator.ask({ t: 'react-connect', target, devices: filled.devices, atOnce: AT_ONCE }, 'done')
      options.progress('reacting')
      const before = await server.read()
      const startedAt = performance.now()
      const { copies, faults } = await generator.ask({ t: 'react', count }, 'reacted')
      const after = await server.read()
      expectSound('reactions', faults)
      return {
        copies,
        cpuMicros: after.cpuMicros - before.cpuMicros,
        seconds: (performance.now() - startedAt) / 1_000,
        loopDelayP99Ms: after.loopDelayP99Ms,
      }
    }),
  )
  return {
    scenario: 'reactions',
    about:
      `${count.toLocaleString('en-US')} members of a group of ${members.toLocaleString('en-US')} react to one text, and all are online. Each device was checked to have ` +
      'every reaction once and in order, and to have got no entry, account item or unread number by them.',
    figures: [
      { name: 'server CPU per delivered copy, all threads', value: result.cpuMicros / result.copies, unit: 'µs', goal: { atMost: 3 } },
      { name: 'server CPU per reaction, all threads', value: result.cpuMicros / count, unit: 'µs' },
      { name: 'copies delivered a second', value: result.copies / result.seconds, unit: '/s' },
      { name: 'event-loop delay p99', value: result.loopDelayP99Ms, unit: 'ms' },
    ],
  }
}
