import { removeFolder, temporaryFolder } from './processes.ts'
import { ejabberdWithArchive, ejabberdWithoutArchive } from './peers/ejabberd.ts'
import { mosquitto } from './peers/mosquitto.ts'
import type { Peer, RunningPeer } from './peers/peer.ts'
import { prosody } from './peers/prosody.ts'
import { socketIo } from './peers/socket-io.ts'
import { spreadOf } from './percentiles.ts'
import { round, type Figure, type ScenarioResult } from './report.ts'
import type { PeerPace } from './jobs.ts'
import { Broken, expectSound, measure, pause, TEXT, withGenerator, type Options, type Stretch } from './scenario.ts'
import { pairsTalk } from './scenario-talk.ts'
import { echo, ECHO_LOOP, FRAMES_PER_SECOND, TWO_FRAMES } from './scenario-echo.ts'

const PEERS: readonly Peer[] = [ejabberdWithArchive, ejabberdWithoutArchive, prosody, mosquitto, socketIo]
export const PAIRS = 100
/** All that was acknowledged is in the archive of a peer by then; and how often it is looked. */
const ARCHIVE_MS = 10_000
const ARCHIVE_LOOK_MS = 250
/** ejabberd was seen to lack up to 3 of 44,000 copies for good. All were delivered; with more than this part missing it would be no comparison. */
const ARCHIVE_SHORT_MAX = 0.001
export const IN_FLIGHT = 4

/** The same pairs with the same words on a peer as on Bongsu, with the same check of what was acknowledged. */
export async function peerTalks(peer: Peer, options: Options, pace: PeerPace, ms: { warm: number; measure: number }): Promise<Stretch> {
  const folder = temporaryFolder()
  try {
    options.progress(`${peer.name} starts`)
    const running = await peer.start(folder, PAIRS * 2)
    try {
      return await withGenerator(async (generator) => {
        await generator.ask({ t: 'peer-connect', wire: peer.wire, port: running.port, pairs: PAIRS }, 'done')
        options.progress(`${peer.name} talks`)
        await generator.ask({ t: 'peer-talk', pace, text: TEXT }, 'done')
        const measurable = { read: async () => ({ cpuMicros: running.read().cpuMicros, loopCpuMicros: 0, loopDelayP99Ms: 0 }) }
        const stretch = await measure(measurable, generator, ms.warm, ms.measure)
        const { faults, accepted } = await generator.ask({ t: 'finish' }, 'finished')
        expectSound(peer.name, faults)
        await expectArchived(peer, running, accepted)
        return stretch
      })
    } finally {
      await running.stop()
    }
  } finally {
    removeFolder(folder)
  }
}

/** Of each message the archive has two copies, its sender's and its receiver's; a durability that is only said would be no comparison. */
async function expectArchived(peer: Peer, running: RunningPeer, accepted: number): Promise<void> {
  const until = performance.now() + ARCHIVE_MS
  let archived = await running.archived?.()
  // Copies may still be on their way into it when the last message has been acknowledged and delivered.
  while (archived !== undefined && archived < accepted * 2 && performance.now() < until) {
    await pause(ARCHIVE_LOOK_MS)
    archived = await running.archived?.()
  }
  const owed = accepted * 2
  if (archived !== undefined && (archived > owed || archived < owed * (1 - ARCHIVE_SHORT_MAX)))
    throw new Broken(peer.name, [`of ${owed} copies ${archived} are in its archive`])
}

interface Row {
  readonly name: string
  readonly durability: string
  readonly stretch: Stretch
}

const micros = ({ cpuMicros, accepted }: Stretch): number => cpuMicros / accepted
const rate = ({ accepted, seconds }: Stretch): number => accepted / seconds

/** Bongsu and its peers, one after the other in one run on one machine: only the ratios mean anything elsewhere. */
export async function peers(options: Options): Promise<ScenarioResult> {
  const ms = options.quick ? { warm: 2_000, measure: 3_000 } : { warm: 6_000, measure: 15_000 }
  const absent = PEERS.flatMap((peer) => {
    const lacks = peer.missing()
    return lacks === null ? [] : [`${peer.name} (${lacks})`]
  })
  if (absent.length > 0)
    options.progress(`not here, and left out: ${absent.join(', ')}; \`node tools/run.js tools/system-packages.ts bench\` installs it`)
  const limit = await echo(options)
  const ours: Row = {
    name: 'Bongsu',
    durability: 'Every message fsynced (SQLite WAL, synchronous=FULL) before it is acknowledged; history kept for ever.',
    stretch: await pairsTalk('direct', options, PAIRS, { inFlight: IN_FLIGHT }, ms),
  }
  const rows: Row[] = [ours]
  for (const peer of PEERS.filter((each) => each.missing() === null)) {
    rows.push({ name: peer.name, durability: peer.durability, stretch: await peerTalks(peer, options, { inFlight: IN_FLIGHT }, ms) })
  }
  const archived = rows.find(({ name }) => name === ejabberdWithArchive.name)
  const unarchived = rows.find(({ name }) => name === ejabberdWithoutArchive.name)
  const half = archived === undefined ? null : await atHalf(options, rate(archived.stretch) / 2, ms)
  const limitOf = (wanted: string): number => limit.figures.find(({ name }) => name === wanted)?.value ?? Number.NaN
  const bare = limitOf(TWO_FRAMES)
  const figures: Figure[] = [
    { name: 'CPU of a durable message, Bongsu : two frames in and out of bare `ws`', value: micros(ours.stretch) / bare, unit: '' },
  ]
  figures.push({
    name: 'of which without the store’s threads, Bongsu : bare `ws`, the event loop’s thread of each',
    value: ours.stretch.loopCpuMicros / ours.stretch.accepted / limitOf(ECHO_LOOP),
    unit: '',
    goal: { atMost: 1.6 },
  })
  if (archived !== undefined) {
    figures.push(
      {
        name: 'CPU per message, Bongsu : ejabberd with archive',
        value: micros(ours.stretch) / micros(archived.stretch),
        unit: '',
        goal: { atMost: 0.1 },
      },
      {
        name: 'messages a second, Bongsu : ejabberd with archive',
        value: rate(ours.stretch) / rate(archived.stretch),
        unit: '',
        goal: { atLeast: 6 },
      },
    )
  }
  if (unarchived !== undefined)
    figures.push({
      name: 'CPU per message, Bongsu : ejabberd without archive',
      value: micros(ours.stretch) / micros(unarchived.stretch),
      unit: '',
      goal: { below: 1 },
    })
  if (half !== null)
    figures.push({
      name: 'send to delivered p99 at half of ejabberd’s best, Bongsu : ejabberd',
      value: half.ours / half.theirs,
      unit: '',
      goal: { atMost: 0.2 },
    })
  return {
    scenario: 'peers',
    about:
      `${PAIRS} pairs, each sender with ${IN_FLIGHT} messages under way, the same words, one server after the other in one run; generator beside it. ` +
      'CPU is that of all processes of a server, its database’s among them. Every acknowledged message must have arrived once and in order, or there are no figures.',
    details: [
      tableOf(rows),
      '',
      ...(half === null ? [] : [half.sentence, '']),
      ...rows.map(({ name, durability }) => `- **${name}**: ${durability}`),
      ...(absent.length > 0 ? ['', `Left out, because the machine does not have it: ${absent.join(', ')}.`] : []),
    ].join('\n'),
    figures,
    plots: [
      {
        name: 'peers-cpu',
        title: 'CPU per message, all processes of a server',
        kind: 'bars',
        unit: 'µs',
        bars: [...barsOf(rows, micros), { label: 'bare ws, the limit', value: bare, ours: false }],
      },
      {
        name: 'peers-throughput',
        title: 'Messages a second, load and server on the same two cores',
        kind: 'bars',
        unit: '/s',
        bars: [...barsOf(rows, rate), { label: 'bare ws, the limit', value: limitOf(FRAMES_PER_SECOND) / 2, ours: false }],
      },
    ],
  }
}

function barsOf(rows: readonly Row[], value: (stretch: Stretch) => number): { label: string; value: number; ours: boolean }[] {
  return rows.map((row, place) => ({ label: row.name, value: value(row.stretch), ours: place === 0 }))
}

async function atHalf(
  options: Options,
  perSecond: number,
  ms: { warm: number; measure: number },
): Promise<{ ours: number; theirs: number; sentence: string }> {
  const ours = spreadOf((await pairsTalk('paced', options, PAIRS, { perSecond }, ms)).deliveredMs)
  const theirs = spreadOf((await peerTalks(ejabberdWithArchive, options, { perSecond }, ms)).deliveredMs)
  return {
    ours: ours.p99,
    theirs: theirs.p99,
    sentence: `At ${round(perSecond)} messages a second, half of the best of ejabberd with archive: p50 ${round(ours.p50)} ms and p99 ${round(ours.p99)} ms here, p50 ${round(theirs.p50)} ms and p99 ${round(theirs.p99)} ms there.`,
  }
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ name, stretch }) => {
    const { p50, p99 } = spreadOf(stretch.deliveredMs)
    return `| ${name} | ${round(micros(stretch))} µs | ${round(rate(stretch))} /s | ${round(p50)} ms | ${round(p99)} ms | ${round(stretch.cpuMicros / 1e6 / stretch.seconds)} | ${round(stretch.othersCores)} |`
  })
  return [
    '| | CPU per message | messages a second | delivered p50 | delivered p99 | cores it used | cores of other programs |',
    '|---|--:|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n')
}
