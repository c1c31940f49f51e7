import { join } from 'node:path'
import { fill, type Filled, type Plan } from './fill.ts'
import type { Talker } from './jobs.ts'
import { ejabberdWithArchive } from './peers/ejabberd.ts'
import { onPath, freePort, startProgram, type Started } from './peers/peer.ts'
import { startPostgres } from './peers/postgres.ts'
import { readTrees } from './peers/process-tree.ts'
import type { MeasuredProcess } from './measured-process.ts'
import { end, Impossible, removeFolder, temporaryFolder } from './processes.ts'
import { spreadOf } from './percentiles.ts'
import { round, type ScenarioResult } from './report.ts'
import { expectSound, measure, onData, onStage, TEXT, withGenerator, type Options, type Stretch } from './scenario.ts'
import { IN_FLIGHT, PAIRS, peerTalks } from './scenario-peers.ts'

const AT_ONCE = 64

/** One arrangement of programs, and what its messages cost. */
interface Row {
  readonly name: string
  readonly stretch: Stretch
  /** CPU of all programs a message: the servers, the database, the bus. */
  readonly allMicros: number
}

interface Parts {
  readonly servers: readonly MeasuredProcess[]
  /** Programs beside the servers. */
  readonly beside: readonly Started[]
  readonly filled: Filled
}

/** Of a pair's devices, at even and odd places, each is at one of two servers: half of the pairs are divided. */
const sideOf = (place: number): number => (place % 2 === 0 ? place >> 1 : place >> 2) % 2

async function talk(name: string, { servers, beside, filled }: Parts, ms: { warm: number; measure: number }): Promise<Row> {
  return withGenerator(async (generator) => {
    const sides = [0, 1].map((side) => filled.devices.map((device, place) => ({ device, place })).filter(({ place }) => sideOf(place) === side))
    for (const [side, devices] of sides.entries()) {
      const target = { url: `ws://127.0.0.1:${servers.at(-side)?.port}`, epoch: filled.epoch }
      await generator.ask({ t: 'connect', target, devices: devices.map(({ device }) => device), atOnce: AT_ONCE }, 'done')
    }
    const talkers = sides
      .flat()
      .flatMap(({ device, place }, index): Talker[] => (place % 2 === 0 ? [{ device: index, conversationId: device.cursors[0]?.[0] ?? '' }] : []))
    await generator.ask({ t: 'talk', talkers, pace: { inFlight: IN_FLIGHT }, text: TEXT }, 'done')
    const besideMicros: number[] = []
    const all = {
      async read() {
        const readings = await Promise.all(servers.map((server) => server.read()))
        besideMicros.push(readTrees(beside.flatMap(({ child }) => child.pid ?? [])).cpuMicros)
        return {
          cpuMicros: readings.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0),
          loopCpuMicros: readings.reduce((sum, { loopCpuMicros }) => sum + loopCpuMicros, 0),
          loopDelayP99Ms: Math.max(...readings.map(({ loopDelayP99Ms }) => loopDelayP99Ms)),
        }
      },
    }
    const stretch = await measure(all, generator, ms.warm, ms.measure)
    const { faults } = await generator.ask({ t: 'finish' }, 'finished')
    expectSound(name, faults)
    const besideAll = (besideMicros.at(-1) ?? 0) - (besideMicros[0] ?? 0)
    return { name, stretch, allMicros: (stretch.cpuMicros + besideAll) / stretch.accepted }
  })
}

const micros = ({ stretch }: Row): number => stretch.cpuMicros / stretch.accepted
const rate = ({ stretch }: Row): number => stretch.accepted / stretch.seconds

/** Each talk has a database of its own: devices that are far behind would be given the newest messages alone. */
async function onPostgres(options: Options, plan: Plan, ms: { warm: number; measure: number }, processes: 1 | 2): Promise<Row> {
  const folder = temporaryFolder()
  const postgres = await startPostgres(folder)
  const port = await freePort()
  const nats = await startProgram('nats-server', ['-a', '127.0.0.1', '-p', String(port)], port)
  try {
    const database = `postgres://${postgres.user}@127.0.0.1:${postgres.port}/${postgres.database}`
    const filled = await fill(join(folder, 'first'), plan, database)
    const env = { BONGSU_DATABASE: database }
    const wired = { ...env, BONGSU_NATS: `nats://127.0.0.1:${port}` }
    const on = (data: string, settings: Readonly<Record<string, string>>, body: (server: MeasuredProcess) => Promise<Row>): Promise<Row> =>
      onData(options, join(folder, data), filled, ({ server }) => body(server), settings)
    if (processes === 1) {
      options.progress('PostgreSQL')
      return await on('first', env, (server) => talk('PostgreSQL, one process', { servers: [server], beside: [postgres], filled }, ms))
    }
    options.progress('PostgreSQL, two processes')
    const both = { beside: [postgres, nats], filled }
    const talkOfTwo = (servers: readonly MeasuredProcess[]): Promise<Row> => talk('PostgreSQL and NATS, two processes', { ...both, servers }, ms)
    return await on('first', wired, (first) => on('second', wired, (second) => talkOfTwo([first, second])))
  } finally {
    await end(nats.child, 'SIGTERM')
    await end(postgres.child, postgres.endedBy)
    removeFolder(folder)
  }
}

/** The same talk on SQLite, on PostgreSQL with one process and with two, and on ejabberd with a PostgreSQL of the same settings, in one run. */
export async function databases(options: Options): Promise<ScenarioResult> {
  const lacking = ejabberdWithArchive.missing() ?? (onPath('nats-server') ? null : 'nats-server')
  if (lacking !== null) throw new Impossible(`${lacking} is not installed: \`node tools/run.js tools/system-packages.ts bench\` installs it.`)
  const ms = options.quick ? { warm: 2_000, measure: 3_000 } : { warm: 6_000, measure: 15_000 }
  const plan = { accounts: PAIRS * 2, pairs: Array.from({ length: PAIRS }, (_, index) => [index * 2, index * 2 + 1] as const) }
  const rows: Row[] = []
  await onStage(options, plan, async ({ filled, server }) => {
    options.progress('SQLite')
    rows.push(await talk('SQLite, one process', { servers: [server], beside: [], filled }, ms))
  })
  for (const processes of [1, 2] as const) rows.push(await onPostgres(options, plan, ms, processes))
  const stretch = await peerTalks(ejabberdWithArchive, options, { inFlight: IN_FLIGHT }, ms)
  rows.push({ name: ejabberdWithArchive.name, stretch, allMicros: stretch.cpuMicros / stretch.accepted })
  const row = (name: string): Row => {
    const found = rows.find((one) => one.name === name)
    if (found === undefined) throw new Error(`${name} was not measured.`)
    return found
  }
  const [sqlite, one, two, theirs] = [
    row('SQLite, one process'),
    row('PostgreSQL, one process'),
    row('PostgreSQL and NATS, two processes'),
    row(ejabberdWithArchive.name),
  ]
  return {
    scenario: 'databases',
    about:
      `${PAIRS} pairs, each sender with ${IN_FLIGHT} messages under way, on one database after the other in one run. With two processes half ` +
      'of the pairs are divided between them. All programs and the load share the cores of one machine.',
    details: tableOf(rows),
    figures: [
      { name: 'CPU per message, server part, PostgreSQL : SQLite', value: micros(one) / micros(sqlite), unit: '', goal: { atMost: 1.3 } },
      { name: 'CPU per message, server parts, two processes : one', value: micros(two) / micros(one), unit: '', goal: { atMost: 1.1 } },
      { name: 'messages a second, two processes : one', value: rate(two) / rate(one), unit: '' },
      {
        name: 'CPU per message, all parts, PostgreSQL : ejabberd with archive',
        value: one.allMicros / theirs.allMicros,
        unit: '',
        goal: { atMost: 0.2 },
      },
      { name: 'messages a second, PostgreSQL : ejabberd with archive', value: rate(one) / rate(theirs), unit: '', goal: { atLeast: 3 } },
    ],
  }
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((one) => {
    const { p50, p99 } = spreadOf(one.stretch.deliveredMs)
    const cells = [`${round(micros(one))} µs`, `${round(one.allMicros)} µs`, `${round(rate(one))} /s`, `${round(p50)} ms`, `${round(p99)} ms`]
    return `| ${one.name} | ${cells.join(' | ')} | ${round(one.stretch.othersCores)} |`
  })
  return [
    '| | CPU per message, servers | all programs | messages a second | delivered p50 | delivered p99 | cores of other programs and of the database |',
    '|---|--:|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n')
}
