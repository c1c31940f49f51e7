import type { Generator } from './generator-process.ts'
import { expectSound, onStage, pause, withGenerator, type Scenario } from './scenario.ts'
import type { Figure } from './report.ts'

/** Conversations each account is in, and the members of each. */
const ROOMS = 20
const MEMBERS = 20
/** Connected and gone quiet before the first look, so that what a server needs once is not counted as a connection's. */
const WARM = 1_000
/** Connections of one generator process, well below its open files. */
const PER_PROCESS = 6_000

/** Groups such that everybody is in ROOMS of them: group g of round r takes members r + 1 places apart, beginning at g. */
export function groupsOf(accounts: number, rooms: number, members: number): number[][] {
  if (accounts % members !== 0) throw new Error('The accounts must divide into groups.')
  const perRound = accounts / members
  return Array.from({ length: rooms }, (_, round) =>
    Array.from({ length: perRound }, (_unused, index) =>
      // Row by row with each row shifted by the round: another company of people in every round.
      Array.from({ length: members }, (_none, row) => row * perRound + ((index + row * round) % perRound)),
    ),
  ).flat()
}

export const idle: Scenario = async (options) => {
  const sizes = options.quick ? [2_000] : [5_000, 10_000]
  const most = Math.max(...sizes)
  const accounts = most + WARM
  const figures = await onStage(options, { accounts, groups: groupsOf(accounts, ROOMS, MEMBERS) }, ({ filled, server, target }) => {
    // Nested, so that every process is ended whatever happens in it.
    const withAll = (count: number, all: readonly Generator[], body: (all: readonly Generator[]) => Promise<Figure[]>): Promise<Figure[]> =>
      count === 0 ? body(all) : withGenerator((one) => withAll(count - 1, [...all, one], body))
    return withAll(Math.ceil(accounts / PER_PROCESS), [], async (generators) => {
      const connect = async (from: number, to: number): Promise<void> => {
        for (let start = from; start < to;) {
          const place = Math.floor(start / PER_PROCESS)
          const end = Math.min(to, (place + 1) * PER_PROCESS)
          await generators[place]?.ask({ t: 'connect', target, devices: filled.devices.slice(start, end), atOnce: 64 }, 'done')
          start = end
        }
      }
      await connect(0, WARM)
      await pause(1_000)
      const before = await server.readSettled()
      const rows: Figure[] = []
      let connected = 0
      for (const size of sizes) {
        options.progress(`connecting ${size}`)
        await connect(WARM + connected, WARM + size)
        connected = size
        await pause(1_000)
        const after = await server.readSettled()
        const thousands = size.toLocaleString('en-US')
        rows.push(
          {
            name: `resident memory per connection, ${thousands}`,
            value: (after.rssBytes - before.rssBytes) / size / 1_024,
            unit: 'KB',
            goal: { atMost: 20 },
          },
          { name: `of which JavaScript's heap and buffers, ${thousands}`, value: (after.heapBytes - before.heapBytes) / size / 1_024, unit: 'KB' },
        )
      }
      const calmFrom = await server.read()
      const calmMs = options.quick ? 3_000 : 25_000
      await pause(calmMs)
      const calmTo = await server.read()
      rows.push({
        name: `CPU of ${connected.toLocaleString('en-US')} idle connections, heartbeats included`,
        value: ((calmTo.cpuMicros - calmFrom.cpuMicros) / 1e6 / (calmMs / 1_000)) * 100,
        unit: '% of a core',
      })
      for (const generator of generators) expectSound('idle', (await generator.ask({ t: 'finish' }, 'finished')).faults)
      return rows
    })
  })
  return {
    scenario: 'idle',
    about:
      `Signed-in connections that say nothing, each in ${ROOMS} groups of ${MEMBERS}, all of them live. Difference to ${WARM.toLocaleString('en-US')} such connections, after garbage was collected. ` +
      'Buffers that the kernel keeps for a socket are not in it.',
    figures,
  }
}
