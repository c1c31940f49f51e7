import { median, spreadOf } from './percentiles.ts'
import type { Talker } from './jobs.ts'
import type { Figure } from './report.ts'
import { expectSound, measure, onData, TEXT, withGenerator, type Options, type Scenario } from './scenario.ts'
import { databaseBytes, stored, TALKING } from './stored.ts'

/** The same load for all sizes: below what any of them can carry, so that it is the same. */
const PER_SECOND = 2_000

interface Size {
  readonly messages: number
  readonly cpuMicros: number
  readonly p99Ms: number
  readonly bytes: number
  readonly perSecond: number
}

async function at(options: Options, messages: number): Promise<Size> {
  const place = await stored(options, messages)
  const bytes = databaseBytes(place)
  return onData(options, place.data, place.filled, ({ filled, server, target }) =>
    withGenerator(async (generator) => {
      const devices = filled.devices.slice(0, TALKING * 2)
      await generator.ask({ t: 'connect', target, devices, atOnce: 64 }, 'done')
      options.progress(`talking on ${messages.toLocaleString('en-US')}`)
      const talkers = Array.from({ length: TALKING }, (_, pair): Talker => ({
        device: pair * 2,
        conversationId: devices[pair * 2]?.cursors[0]?.[0] ?? '',
      }))
      await generator.ask({ t: 'talk', talkers, pace: { perSecond: PER_SECOND }, text: TEXT }, 'done')
      const parts = options.quick ? 1 : 3
      const stretches = []
      for (let part = 0; part < parts; part++) {
        // The first is warmed up; the others go on from there.
        const warmMs = part > 0 ? 0 : options.quick ? 600 : 4_000
        stretches.push(await measure(server, generator, warmMs, options.quick ? 1_600 : 6_000))
      }
      expectSound('growth', (await generator.ask({ t: 'finish' }, 'finished')).faults)
      return {
        messages,
        bytes,
        cpuMicros: median(stretches.map(({ cpuMicros, accepted }) => cpuMicros / accepted)),
        p99Ms: median(stretches.map(({ deliveredMs }) => spreadOf(deliveredMs).p99)),
        perSecond: median(stretches.map(({ accepted, seconds }) => accepted / seconds)),
      }
    }),
  )
}

export const growth: Scenario = async (options) => {
  const counts = options.quick ? [10_000, 200_000] : [10_000, 1_000_000, 10_000_000]
  const sizes: Size[] = []
  for (const count of counts) sizes.push(await at(options, count))
  const [first, last] = [sizes[0], sizes.at(-1)]
  if (first === undefined || last === undefined) throw new Error('There is no size.')
  const words = (count: number): string => count.toLocaleString('en-US')
  return {
    scenario: 'growth',
    about:
      `${TALKING} pairs talk at an even ${words(PER_SECOND)} messages a second on a server that has stored so many before, in 1,000 conversations; theirs are among them. ` +
      'What was stored before was written as the server writes it, in turns over all conversations. The middle of three stretches each.',
    figures: [
      ...sizes.flatMap(({ messages, cpuMicros, p99Ms, bytes, perSecond }): Figure[] => [
        { name: `server CPU per message, ${words(messages)} stored`, value: cpuMicros, unit: 'µs' },
        { name: `send to delivered p99, ${words(messages)} stored`, value: p99Ms, unit: 'ms' },
        { name: `messages a second, ${words(messages)} stored`, value: perSecond, unit: '/s' },
        { name: `database, ${words(messages)} stored`, value: bytes / 2 ** 20, unit: 'MB' },
      ]),
      {
        name: `server CPU per message, ${words(last.messages)} : ${words(first.messages)} stored`,
        value: last.cpuMicros / first.cpuMicros,
        unit: '',
        goal: { atMost: 1.25 },
      },
    ],
    plots: [
      {
        name: 'growth',
        title: 'Server CPU per message, by messages stored',
        kind: 'bars',
        unit: 'µs',
        bars: sizes.map(({ messages, cpuMicros }) => ({ label: words(messages), value: cpuMicros, ours: true })),
      },
    ],
  }
}
