import { createTokens } from '../apps/server/src/accounts/tokens.ts'
import type { DevicePlan, Talker } from './jobs.ts'
import { startMeasured } from './measured-process.ts'
import { accountOf, conversationOf, deviceOf, ROUTED_EPOCH, ROUTED_KEY } from './routed-plan.ts'
import { disturbance, expectSound, measure, TEXT, withGenerator, type Scenario } from './scenario.ts'

const PAIRS = 100
const IN_FLIGHT = 4

export const ROUTED = 'CPU per message, without the store'

/** What a message costs beside its store: the same load as `direct`, over a log that keeps nothing. */
export const routed: Scenario = async (options) => {
  const tokens = createTokens(ROUTED_KEY, Date)
  const devices = await Promise.all(
    Array.from({ length: PAIRS * 2 }, async (_, n): Promise<DevicePlan> => ({
      token: await tokens.issue(accountOf(n), deviceOf(n), Date.now()),
      account: 1,
      cursors: [[conversationOf(Math.floor(n / 2)), 0]],
    })),
  )
  const server = await startMeasured({ args: ['bench/routed-server.ts', String(PAIRS)], profile: options.profile, port: /localhost:(\d+)/ })
  try {
    const stretch = await withGenerator(async (generator) => {
      const target = { url: `ws://127.0.0.1:${server.port}`, epoch: ROUTED_EPOCH }
      await generator.ask({ t: 'connect', target, devices, atOnce: 64 }, 'done')
      options.progress('talking')
      const talkers = Array.from({ length: PAIRS }, (_, pair): Talker => ({ device: pair * 2, conversationId: conversationOf(pair) }))
      await generator.ask({ t: 'talk', talkers, pace: { inFlight: IN_FLIGHT }, text: TEXT }, 'done')
      const result = await measure(server, generator, options.quick ? 1_500 : 5_000, options.quick ? 3_000 : 15_000)
      expectSound('routed', (await generator.ask({ t: 'finish' }, 'finished')).faults)
      return result
    })
    return {
      scenario: 'routed',
      durability: 'Nothing is kept. Every accepted message was checked to have arrived once and in order. Plain TCP on loopback.',
      about:
        `What a message costs without its store: the gateway and delivery of the server over a log that only counts, and answers all that came within 2 ms at once. ` +
        `${PAIRS} pairs, ${IN_FLIGHT} messages under way for each sender, as in \`direct\`. Nothing is durable here.`,
      figures: [
        { name: ROUTED, value: stretch.cpuMicros / stretch.accepted, unit: 'µs' },
        { name: 'messages a second (generator on the same machine)', value: stretch.accepted / stretch.seconds, unit: '/s' },
        disturbance(stretch),
      ],
    }
  } finally {
    await server.stop()
  }
}
