import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { spreadOf } from '../../bench/percentiles.ts'
import { waitFor } from '../e2e/wait-for.ts'
import { startCluster, type Cluster, type Injected } from './cluster.ts'
import { startCrowd, type Told } from './crowd.ts'
import { feltBy, missedGoals, type Figures, type Goals } from './felt.ts'

// What people feel when a part of a large installation dies under load. One line of JSON for each drill. CLUSTER_DRILLS (names, separated by commas),
// CLIENTS and FROM (the folder of an older program, for an upgrade) choose.

const NAMES = (process.env['CLUSTER_DRILLS'] ?? '').split(',')
const CLIENTS = Number(process.env['CLIENTS'] ?? '400')
const FROM = process.env['FROM']
/** Each person says something so often, on average. */
const EVERY_S = 20
/** Most real clients in one process. A whole number of rooms. */
const CROWD_MAX = 1_000
const CALM_MS = 10_000
const GONE_MS = 15_000
const AFTER_MS = 5_000
/** Answers that were already on their way when the standby was gone come in this time. */
const ON_ITS_WAY_MS = 1_000

interface ClusterDrill {
  readonly goals: Goals
  /** Begins with the older program, if there is one. */
  readonly upgrades?: boolean
  /** Does it, under load. @returns when it was felt, what the truth is, and what is missed besides the goals. */
  run(cluster: Cluster): Promise<{ readonly window: readonly [from: number, to: number]; readonly truth?: number; readonly figures?: Figures }>
  /** What it asks of what was told. */
  readonly look?: (told: Told, injected: readonly Injected[]) => Figures
}
const DRILLS: Readonly<Record<string, ClusterDrill>> = {
  'kill-server': {
    goals: { againP99Ms: 5_000, othersSendP99Ms: 200, othersDeliveryP99Ms: 200 },
    async run({ servers, balancer, inject }) {
      const before = balancer.connections()
      const { from } = await inject('server 1 killed', () => servers[0]!.kill())
      await sleep(GONE_MS)
      const { from: to } = await inject('server 1 started', () => servers[0]!.start())
      return { window: [from, to], truth: before[0]! / before.reduce((sum, count) => sum + count, 0) }
    },
  },
  'kill-nats': {
    goals: { othersSendP99Ms: 200, othersDeliveryP99Ms: 2_000 },
    run: (cluster) => killNats(cluster, 1),
  },
  'kill-all-nats': {
    goals: { othersSendP99Ms: 200, othersDeliveryP99Ms: 2_000 },
    run: (cluster) => killNats(cluster, cluster.nats.length),
  },
  'standby-gone': {
    goals: {},
    async run({ standby, servers, inject }) {
      const { from } = await inject('standby stopped', () => standby.stop())
      const until = from + GONE_MS
      const saidAt: (number | null)[] = servers.map(() => null)
      while (Date.now() < until) {
        for (const [index, server] of servers.entries()) {
          const { body } = await server.ready()
          if (/standby/.test((body as { store: { fault: string | null } }).store.fault ?? '')) saidAt[index] ??= Date.now() - from
        }
        await sleep(250)
      }
      const { to } = await inject('standby started', () => standby.start())
      await waitFor('health', async () => (await Promise.all(servers.map((server) => server.ready()))).every(({ status }) => status === 200), {
        withinMs: 60_000,
      })
      return {
        window: [from, to],
        figures: { healthSaysWhyMs: saidAt, wellAgainMs: Date.now() - to, missed: saidAt.includes(null) ? ['health says why'] : [] },
      }
    },
    look({ said }, [gone, back]) {
      const early = said.filter(({ acceptedAt }) => acceptedAt !== null && acceptedAt > gone!.to + ON_ITS_WAY_MS && acceptedAt < back!.from).length
      const waited = said.filter(({ writtenAt, acceptedAt }) => writtenAt < back!.from && (acceptedAt ?? Infinity) >= back!.from)
      return {
        acceptedWhileGone: early,
        waited: waited.length,
        waitedAcceptedMs: spreadOf(waited.map(({ acceptedAt }) => (acceptedAt ?? Infinity) - back!.from)),
        missed: [...(early > 0 ? ['nothing accepted while the standby is away'] : []), ...(waited.length === 0 ? ['somebody waited'] : [])],
      }
    },
  },
  'rolling-upgrade': {
    goals: { sendP99Ms: 500 },
    upgrades: true,
    async run({ servers, inject, untilWhole }) {
      const from = Date.now()
      const codes: (number | null)[] = []
      for (const [index, server] of servers.entries()) {
        await inject(`server ${index + 1} told to stop, and gone`, async () => {
          server.signal('SIGTERM')
          codes.push((await server.exited).code)
        })
        await inject(`server ${index + 1} started, and known to the others`, async () => {
          server.upgrade()
          await server.start()
          await untilWhole()
        })
      }
      return { window: [from, Date.now()], figures: { exitCodes: codes, missed: codes.some((code) => code !== 0) ? ['exit with 0'] : [] } }
    },
    look: ({ said, refused }) => {
      const failed = said.filter(({ acceptedAt }) => acceptedAt === null).length + refused
      return { failedSends: failed, missed: failed > 0 ? ['0 failed sends'] : [] }
    },
  },
}

async function killNats({ nats, inject, untilWhole }: Cluster, count: number): Promise<{ window: readonly [number, number] }> {
  const some = nats.slice(0, count)
  const { from } = await inject(`${count} of ${nats.length} NATS killed`, async () => void (await Promise.all(some.map((one) => one.kill()))))
  await sleep(GONE_MS)
  const { from: to } = await inject('NATS started', async () => void (await Promise.all(some.map((one) => one.start()))))
  await untilWhole()
  return { window: [from, to] }
}

async function runDrill(name: string, drill: ClusterDrill): Promise<Figures> {
  const ends: (() => void | Promise<void>)[] = []
  const later = { after: (run: () => void | Promise<void>): void => void ends.push(run) }
  /** What other programs made of the machine in the minute before. */
  const load = loadavg()[0]
  try {
    const older = drill.upgrades === true ? FROM : undefined
    const cluster = await startCluster(later, older)
    const villagers = await cluster.settle(CLIENTS)
    const parts = Array.from({ length: Math.ceil(CLIENTS / CROWD_MAX) }, (_, n) => villagers.slice(n * CROWD_MAX, (n + 1) * CROWD_MAX))
    const crowds = parts.map(() => startCrowd(later))
    await Promise.all(crowds.map((crowd, index) => crowd.connect(cluster.url, parts[index]!)))
    await Promise.all(crowds.map((crowd, index) => crowd.talk(parts[index]!.length / EVERY_S)))
    await sleep(CALM_MS)
    const { window, truth, figures } = await drill.run(cluster)
    await sleep(AFTER_MS)
    await Promise.all(crowds.map((crowd) => crowd.rest()))
    const stored = await cluster.stored()
    const told = together(await Promise.all(crowds.map((crowd) => crowd.tell(stored))))
    const felt = feltBy(told, window, truth)
    const looked = drill.look?.(told, cluster.timeline)
    const missed = [...missedGoals(felt, drill.goals), ...(figures?.missed ?? []), ...(looked?.missed ?? [])]
    const timeline = cluster.timeline.map(({ what, from, to }) => [from - window[0], to - window[0], what])
    return {
      drill: name,
      clients: CLIENTS,
      cores: cpus().length,
      load,
      ...(older === undefined ? {} : { from: versionIn(older) }),
      timeline,
      ...felt,
      ...figures,
      ...looked,
      missed,
      reached: missed.length === 0,
    }
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}

function versionIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version
}

function together(all: readonly Told[]): Told {
  return {
    said: all.flatMap(({ said }, n) =>
      said.map((one) => ({
        ...one,
        by: one.by + n * CROWD_MAX,
        receivedAt: one.receivedAt.map(([device, at]) => [device + n * CROWD_MAX, at] as const),
      })),
    ),
    closedAt: all.flatMap(({ closedAt }) => closedAt),
    refused: all.reduce((sum, { refused }) => sum + refused, 0),
    unrest: all.find(({ unrest }) => unrest !== null)?.unrest ?? null,
    breaches: all.flatMap(({ breaches }) => breaches),
    ownDelayP99Ms: Math.max(...all.map((each) => each.ownDelayP99Ms)),
  }
}

for (const name of NAMES) {
  const drill = DRILLS[name]
  if (drill === undefined) throw new Error(`There is no drill ${name}. There are: ${Object.keys(DRILLS).join(', ')}.`)
  const result = await runDrill(name, drill)
  process.stdout.write(`${JSON.stringify(result)}\n`)
  if (result['reached'] !== true) process.exitCode = 1
}
