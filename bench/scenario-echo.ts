import { disturbance, measure, expectSound, TEXT, withGenerator, type Scenario } from './scenario.ts'
import { startMeasured } from './measured-process.ts'

/** As large as a `send` of the other scenarios. */
const FRAME = JSON.stringify({
  t: 'send',
  id: '019aa000-0000-7000-8000-000000000001',
  conversationId: '019aa000-0000-7000-8000-0000000000aa',
  body: { kind: 'text', text: TEXT },
})

/** What a whole message is held against. */
export const TWO_FRAMES = 'two frames in, two out'
/** The same, of frames. */
export const FRAMES_PER_SECOND = 'frames a second'
/** What the routing of a message is held against. */
export const ECHO_LOOP = 'two frames in, two out, the event loop’s thread alone'

export const echo: Scenario = async (options) => {
  const connections = 200
  const inFlight = 2
  const server = await startMeasured({ args: ['bench/echo-server.ts'], profile: options.profile, port: /localhost:(\d+)/ })
  try {
    const stretch = await withGenerator(async (generator) => {
      options.progress('echoing')
      const url = `ws://127.0.0.1:${server.port}`
      await generator.ask({ t: 'echo', url, connections, inFlight, frame: FRAME }, 'done')
      const result = await measure(server, generator, options.quick ? 1_000 : 3_000, options.quick ? 2_000 : 8_000)
      expectSound('echo', (await generator.ask({ t: 'finish' }, 'finished')).faults)
      const churn = (count: number) => generator.ask({ t: 'churn', url, connections: count, atOnce: 32 }, 'resumed')
      await churn(400)
      const before = await server.read()
      const { tookMs } = await churn(options.quick ? 600 : 3_600)
      const connectMicros = ((await server.read()).cpuMicros - before.cpuMicros) / tookMs.length
      return { ...result, connectMicros }
    })
    return {
      scenario: 'echo',
      durability: 'Nothing is kept. Every frame came back as it was sent. Plain TCP on loopback.',
      about: `The limit: a bare \`ws\` server that sends every frame back, knows nobody and keeps nothing. ${connections} connections, ${inFlight} frames of ${Buffer.byteLength(FRAME)} bytes each under way.`,
      figures: [
        { name: 'server CPU per frame in and out', value: stretch.cpuMicros / stretch.accepted, unit: 'µs' },
        { name: TWO_FRAMES, value: (2 * stretch.cpuMicros) / stretch.accepted, unit: 'µs' },
        { name: FRAMES_PER_SECOND, value: stretch.accepted / stretch.seconds, unit: '/s' },
        { name: 'server CPU to connect, answer one frame, and close', value: stretch.connectMicros, unit: 'µs' },
        { name: ECHO_LOOP, value: (2 * stretch.loopCpuMicros) / stretch.accepted, unit: 'µs' },
        disturbance(stretch),
      ],
    }
  } finally {
    await server.stop()
  }
}
