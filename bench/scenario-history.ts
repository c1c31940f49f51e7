import type { PagePlace } from './jobs.ts'
import { spreadOf } from './percentiles.ts'
import type { Figure } from './report.ts'
import { expectSound, onData, withGenerator, type Options, type Scenario } from './scenario.ts'
import { forgetFile, stored, type Stored } from './stored.ts'

/** Entries of a page. */
const LIMIT = 50
/** Pages asked for at a time: so few that none waits for another for long. */
const AT_ONCE = 4

/** Pages anywhere in the past of whomever asks; the same person may ask twice, and the same page hardly. */
function placesIn({ filled, head }: Stored, count: number): PagePlace[] {
  return Array.from({ length: count }, () => {
    const device = filled.devices[Math.floor(Math.random() * filled.devices.length)]
    const room = device?.cursors[Math.floor(Math.random() * device.cursors.length)]
    if (device === undefined || room === undefined) throw new Error('A device of the plan is in no conversation.')
    // Behind the entry by which the conversation came to be, which is no message.
    return { token: device.token, conversationId: room[0], before: LIMIT + 2 + Math.floor(Math.random() * (head - LIMIT - 1)) }
  })
}

async function at(options: Options, messages: number): Promise<Figure[]> {
  const place = await stored(options, messages)
  const count = options.quick ? 300 : 2_000
  await forgetFile(place)
  return onData(options, place.data, place.filled, ({ server, target }) =>
    withGenerator(async (generator) => {
      options.progress(`reading pages of ${messages.toLocaleString('en-US')}`)
      const url = target.url.replace('ws:', 'http:')
      const read = async (places: readonly PagePlace[]): Promise<{ tookMs: readonly number[]; cpuMicros: number }> => {
        const before = await server.read()
        const { tookMs, faults } = await generator.ask({ t: 'pages', url, places, limit: LIMIT, atOnce: AT_ONCE }, 'resumed')
        const after = await server.read()
        expectSound('history', faults)
        return { tookMs, cpuMicros: (after.cpuMicros - before.cpuMicros) / tookMs.length }
      }
      // The newest page of each conversation is read first: what is measured is neither the start nor the compiler.
      await read(placesOfHead(place))
      const places = placesIn(place, count)
      const lines = (name: string, { tookMs, cpuMicros }: { tookMs: readonly number[]; cpuMicros: number }): Figure[] => {
        const { p50, p99 } = spreadOf(tookMs)
        const stock = `${name}, ${messages.toLocaleString('en-US')} stored`
        return [
          { name: `page p50, ${stock}`, value: p50, unit: 'ms' },
          { name: `page p99, ${stock}`, value: p99, unit: 'ms' },
          { name: `server CPU per page, ${stock}`, value: cpuMicros, unit: 'µs' },
        ]
      }
      return [...lines('cold', await read(places)), ...lines('warm', await read(places))]
    }),
  )
}

function placesOfHead({ filled, head }: Stored): PagePlace[] {
  return filled.devices.map(({ token, cursors }) => ({ token, conversationId: cursors[0]?.[0] ?? '', before: head + 1 }))
}

export const history: Scenario = async (options) => {
  const counts = options.quick ? [200_000] : [1_000_000, 10_000_000]
  const figures: Figure[] = []
  for (const count of counts) figures.push(...(await at(options, count)))
  return {
    scenario: 'history',
    about:
      `A page of ${LIMIT} entries from a random place of the past, over HTTP, ${AT_ONCE} at a time; every text on it is checked. Cold: the server was started anew and the system ` +
      'had given up what it kept of the database’s file; the newest page of each person was read before. Warm: the same pages again.',
    figures,
  }
}
