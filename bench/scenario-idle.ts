import type { Generator } from './generator-process.ts'
import { ejabberdAtRest } from './peers/ejabberd.ts'
import { removeFolder, temporaryFolder } from './processes.ts'
import { expectSound, onStage, pause, withGenerators, type Options, type Scenario } from './scenario.ts'
import type { Figure } from './report.ts'

/** Conversations each account is in, and the members of each. */
const ROOMS = 20
const MEMBERS = 20
/** Connections of one generator process, well below its open files. */
const PER_PROCESS = 6_000

interface PeerSizes {
  readonly warm: number
  readonly look: number
  readonly settleMs: number
}

interface Sizes {
  /** Connected and gone quiet before the first look, so that what a server needs once is not counted as a connection's. */
  readonly warm: number
  /** Connections beyond those, at each look. */
  readonly looks: readonly number[]
  /** The same of ejabberd, where entering a room takes a millisecond or two of the processor: not in a quick run. */
  readonly peer: PeerSizes | null
  readonly calmMs: number
}
const WHOLE_LOOK = 15_000
const QUICK: Sizes = { warm: 400, looks: [1_000], peer: null, calmMs: 1_500 }
const WHOLE: Sizes = { warm: 1_000, looks: [5_000, WHOLE_LOOK], peer: { warm: 500, look: 2_000, settleMs: 4_000 }, calmMs: 25_000 }

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

/**
 * Each look's people are in groups of their own, so that their conversations come and are paid for with them and not with those before.
 * @param sizes of the parts, one after the other.
 */
export function groupsInParts(sizes: readonly number[], rooms: number, members: number): number[][] {
  let first = 0
  return sizes.flatMap((size) => {
    const from = first
    first += size
    return groupsOf(size, rooms, members).map((group) => group.map((place) => from + place))
  })
}

export const idle: Scenario = async (options) => {
  const sizes = options.quick ? QUICK : WHOLE
  const { figures, perConnectionKb } = await oursAtRest(options, sizes)
  const peer = await peerAtRest(options, sizes.peer)
  return {
    scenario: 'idle',
    about:
      `Signed-in connections that say nothing, each in ${ROOMS} groups of ${MEMBERS}, all of them live. Difference to ${sizes.warm.toLocaleString('en-US')} such connections in groups of their own, after garbage was collected. ` +
      'Buffers that the kernel keeps for a socket are not in it. What limits the number is how many files a process may have open. ' +
      peer.about,
    figures: [...figures, ...peer.figures, ...(peer.kb === null ? [] : [ratio(perConnectionKb, peer.kb)])],
  }
}

function ratio(ours: number, theirs: number): Figure {
  return { name: 'memory per connection, Bongsu : ejabberd', value: ours / theirs, unit: '', goal: { atMost: 0.25 } }
}

/** @returns `perConnectionKb` at the largest number. */
async function oursAtRest(options: Options, sizes: Sizes): Promise<{ readonly figures: Figure[]; readonly perConnectionKb: number }> {
  const accounts = Math.max(...sizes.looks) + sizes.warm
  const parts = [sizes.warm, ...sizes.looks.map((size, place) => size - (sizes.looks[place - 1] ?? 0))]
  return onStage(options, { accounts, groups: groupsInParts(parts, ROOMS, MEMBERS) }, ({ filled, server, target }) =>
    withGenerators(Math.ceil(accounts / PER_PROCESS), async (generators) => {
      const connect = connector(generators, (one, from, to) =>
        one.ask({ t: 'connect', target, devices: filled.devices.slice(from, to), atOnce: 64 }, 'done'),
      )
      await connect(0, sizes.warm)
      await pause(1_000)
      const before = await server.readSettled()
      const rows: Figure[] = []
      let connected = 0
      let perConnectionKb = Number.NaN
      for (const size of sizes.looks) {
        options.progress(`connecting ${size}`)
        await connect(sizes.warm + connected, sizes.warm + size)
        connected = size
        await pause(1_000)
        const after = await server.readSettled()
        const thousands = size.toLocaleString('en-US')
        perConnectionKb = (after.rssBytes - before.rssBytes) / size / 1_024
        rows.push(
          {
            name: `resident memory per connection, ${thousands}`,
            value: perConnectionKb,
            unit: 'KB',
            // Asked of 15,000; with fewer, what grows by steps is not yet shared by many.
            ...(size >= WHOLE_LOOK ? { goal: { atMost: 12 } } : {}),
          },
          { name: `of which JavaScript's heap and buffers, ${thousands}`, value: (after.heapBytes - before.heapBytes) / size / 1_024, unit: 'KB' },
        )
      }
      const calmFrom = await server.read()
      await pause(sizes.calmMs)
      const calmTo = await server.read()
      rows.push({
        name: `CPU of ${connected.toLocaleString('en-US')} idle connections, heartbeats included`,
        value: ((calmTo.cpuMicros - calmFrom.cpuMicros) / 1e6 / (sizes.calmMs / 1_000)) * 100,
        unit: '% of a core',
      })
      for (const generator of generators) expectSound('idle', (await generator.ask({ t: 'finish' }, 'finished')).faults)
      return { figures: rows, perConnectionKb }
    }),
  )
}

/** Connects the places `from` to `to`, each from the process it belongs to. */
function connector(
  generators: readonly Generator[],
  ask: (one: Generator, from: number, to: number) => Promise<unknown>,
): (from: number, to: number) => Promise<void> {
  return async (from, to) => {
    for (let start = from; start < to;) {
      const place = Math.floor(start / PER_PROCESS)
      const end = Math.min(to, (place + 1) * PER_PROCESS)
      const generator = generators[place]
      if (generator !== undefined) await ask(generator, start, end)
      start = end
    }
  }
}

async function peerAtRest(
  options: Options,
  sizes: PeerSizes | null,
): Promise<{ readonly about: string; readonly figures: readonly Figure[]; readonly kb: number | null }> {
  if (sizes === null) return { about: 'ejabberd was left out, as in each quick run.', figures: [], kb: null }
  const { warm, look, settleMs } = sizes
  const absent = ejabberdAtRest.missing()
  if (absent !== null) {
    options.progress(`not here, and left out: ${absent}`)
    return { about: 'ejabberd was left out, because the machine does not have it.', figures: [], kb: null }
  }
  const users = warm + look
  const roomsOf = membership(groupsInParts([warm, look], ROOMS, MEMBERS), users)
  const folder = temporaryFolder()
  try {
    options.progress('ejabberd starts')
    const running = await ejabberdAtRest.start(folder, users)
    try {
      return await withGenerators(Math.ceil(users / PER_PROCESS), async (generators) => {
        const connect = connector(generators, (one, from, to) =>
          one.ask({ t: 'peer-rooms', wire: ejabberdAtRest.wire, port: running.port, first: from, rooms: roomsOf.slice(from, to) }, 'done'),
        )
        /** When it no longer falls, twice: what was collected is given back in its own time. */
        const settled = async (): Promise<number> => {
          let best = Number.POSITIVE_INFINITY
          for (let [looks, calm] = [0, 0]; looks < 20 && calm < 2; looks++) {
            await running.collect?.()
            await pause(settleMs)
            const next = running.read().rssBytes
            calm = next > best * 0.99 ? calm + 1 : 0
            best = Math.min(best, next)
          }
          return best
        }
        await connect(0, warm)
        const before = await settled()
        options.progress(`ejabberd: connecting ${look}`)
        await connect(warm, users)
        const kb = ((await settled()) - before) / look / 1_024
        for (const generator of generators) expectSound('idle', (await generator.ask({ t: 'finish' }, 'finished')).faults)
        const about =
          'ejabberd: people in as many rooms of its multi-user chat each (presence is not told around), without archive; difference of ' +
          `${look.toLocaleString('en-US')} connections to ${warm} before them, after garbage was collected there too.`
        return { about, figures: [{ name: `ejabberd: memory per connection, ${look.toLocaleString('en-US')}`, value: kb, unit: 'KB' }], kb }
      })
    } finally {
      await running.stop()
    }
  } finally {
    removeFolder(folder)
  }
}

/** For each account the places of the groups it is in. */
function membership(groups: readonly (readonly number[])[], accounts: number): number[][] {
  const all = Array.from({ length: accounts }, (): number[] => [])
  for (const [group, members] of groups.entries()) for (const member of members) all[member]?.push(group)
  return all
}
