import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fill, type Filled, type Plan } from './fill.ts'
import { startGenerator, type Generator } from './generator-process.ts'
import type { Mark, Target } from './jobs.ts'
import { startMeasured, type MeasuredProcess } from './measured-process.ts'
import type { Reading } from './probe.ts'
import { Impossible, removeFolder, ROOT, temporaryFolder } from './processes.ts'
import { machineBusyMicros } from './processor-time.ts'
import type { Figure, ScenarioResult } from './report.ts'

export interface Options {
  /** Shorter and smaller: shows that nothing has gone very wrong, no more. */
  readonly quick: boolean
  /** Devices of the storm, where another number is asked for. */
  readonly devices: number | null
  /** Folder for CPU profiles of what is measured. */
  readonly profile: string | null
  /** Commit of the older program, where another than the usual one is asked for. */
  readonly than: string | null
  /** Folder of the program that is measured; this checkout, when left out. */
  readonly program?: string
  progress(text: string): void
}

export type Scenario = (options: Options) => Promise<ScenarioResult>

export { TEXT } from './text.ts'

/** Limits that are for strangers on the internet; here a few devices are everybody at once. */
const WIDE: Readonly<Record<string, string>> = {
  BONGSU_PORT: '0',
  BONGSU_LOG: 'silent',
  BONGSU_FRAMES_PER_SECOND: '1000000',
  BONGSU_FRAMES_BURST: '1000000',
  BONGSU_REQUESTS_PER_MINUTE: '1000000',
  BONGSU_TEXT_BYTES_PER_HOUR: '1000000000000',
  BONGSU_CONNECTIONS_MAX: '19000',
  BONGSU_HELLOS_PER_SECOND: '1000000',
}

/** An older program starts only with settings that it knows. */
function wideOf(program = ROOT): Readonly<Record<string, string>> {
  const settings = readFileSync(join(program, 'apps/server/src/config.ts'), 'utf8')
  return Object.fromEntries(Object.entries(WIDE).filter(([name]) => settings.includes(name)))
}

export interface Stage {
  readonly filled: Filled
  readonly directory: string
  readonly server: MeasuredProcess
  readonly target: Target
}

/** A filled server, which is gone with its data after `body`. `before`: done with the data after filling it and before the start. */
export async function onStage<R>(
  options: Options,
  plan: Plan,
  body: (stage: Stage) => Promise<R>,
  before?: (directory: string, filled: Filled) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<R> {
  expectOpenFiles(plan.accounts)
  const directory = temporaryFolder()
  const data = join(directory, 'data')
  try {
    options.progress(`writing ${plan.accounts} accounts`)
    const filled = await fill(data, plan)
    await before?.(data, filled)
    return await onData(options, data, filled, body, env)
  } finally {
    removeFolder(directory)
  }
}

/** Files a server has open beside its connections, generously. */
const OTHER_FILES = 200

/** Node takes as many open files as it may have; where those are too few, connections would only hang, and nobody would be told why. */
export function expectOpenFiles(connections: number, limits = readFileSync('/proc/self/limits', 'utf8')): void {
  const most = /^Max open files +\d+ +(\d+)/m.exec(limits)?.[1]
  if (most !== undefined && Number(most) < connections + OTHER_FILES)
    throw new Impossible(
      `${connections} connections need ${connections + OTHER_FILES} open files, and a process may have ${most} here: raise \`ulimit -Hn\`.`,
    )
}

/** A server on data that is there; it is gone after `body`, and the data stays. */
export async function onData<R>(
  options: Options,
  data: string,
  filled: Filled,
  body: (stage: Stage) => Promise<R>,
  env: Readonly<Record<string, string>> = {},
): Promise<R> {
  const server = await startMeasured({
    args: ['apps/server/src/main.ts'],
    env: { ...wideOf(options.program), ...env, BONGSU_DATA: data },
    profile: options.profile,
    ...(options.program === undefined ? {} : { program: options.program }),
    port: /localhost:(\d+)/,
  })
  try {
    return await body({ filled, directory: data, server, target: { url: `ws://127.0.0.1:${server.port}`, epoch: filled.epoch } })
  } finally {
    await server.stop()
  }
}

/** A process of the load, which is gone after `body`. */
export async function withGenerator<R>(body: (generator: Generator) => Promise<R>): Promise<R> {
  const generator = startGenerator()
  try {
    return await body(generator)
  } finally {
    await generator.stop()
  }
}

/** Several of them, all gone after `body`. */
export function withGenerators<R>(count: number, body: (generators: readonly Generator[]) => Promise<R>): Promise<R> {
  // Nested, so that every process is ended whatever happens in it.
  const more = (made: readonly Generator[]): Promise<R> => (made.length === count ? body(made) : withGenerator((one) => more([...made, one])))
  return more([])
}

/** The most memory the server holds, and the worst of its event loop, looked at ten times a second until `stop`. */
export function watchServer(server: MeasuredProcess): {
  readonly stop: () => Promise<{ readonly rssBytes: number; readonly loopDelayP99Ms: number }>
} {
  let most = { rssBytes: 0, loopDelayP99Ms: 0 }
  const end = new AbortController()
  const watching = (async () => {
    while (!end.signal.aborted) {
      const { rssBytes, loopDelayP99Ms } = await server.read()
      most = { rssBytes: Math.max(most.rssBytes, rssBytes), loopDelayP99Ms: Math.max(most.loopDelayP99Ms, loopDelayP99Ms || 0) }
      await pause(100)
    }
  })()
  return {
    async stop() {
      end.abort()
      await watching
      return most
    },
  }
}

/** What happened between two looks at both sides. */
export interface Stretch {
  readonly seconds: number
  readonly cpuMicros: number
  /** Of the event loop's thread alone; 0 where it is not known. */
  readonly loopCpuMicros: number
  readonly loopDelayP99Ms: number
  readonly accepted: number
  readonly received: number
  readonly deliveredMs: readonly number[]
  readonly ownDelayP99Ms: number
  /** Cores that neither server nor generator used: the bench shares the machine with whatever else runs. */
  readonly othersCores: number
}

/** The figure that tells how far the others can be believed. */
export function disturbance({ othersCores }: Stretch): Figure {
  return { name: 'cores used by other programs meanwhile', value: othersCores, unit: '' }
}

/** What `measure` needs of what is measured. */
export interface Measurable {
  read(): Promise<Pick<Reading, 'cpuMicros' | 'loopCpuMicros' | 'loopDelayP99Ms'>>
}

export async function measure(server: Measurable, generator: Generator, warmMs: number, measureMs: number): Promise<Stretch> {
  const look = async (): Promise<{
    at: number
    busyMicros: number
    reading: Pick<Reading, 'cpuMicros' | 'loopCpuMicros' | 'loopDelayP99Ms'>
    mark: Mark
  }> => {
    const [reading, mark] = await Promise.all([server.read(), generator.ask({ t: 'mark' }, 'mark')])
    return { at: performance.now(), busyMicros: machineBusyMicros(), reading, mark }
  }
  await pause(warmMs)
  const first = await look()
  await pause(measureMs)
  const last = await look()
  const seconds = (last.at - first.at) / 1_000
  const cpuMicros = last.reading.cpuMicros - first.reading.cpuMicros
  const ours = cpuMicros + last.mark.ownCpuMicros - first.mark.ownCpuMicros
  return {
    seconds,
    cpuMicros,
    loopCpuMicros: last.reading.loopCpuMicros - first.reading.loopCpuMicros,
    othersCores: Math.max(0, (last.busyMicros - first.busyMicros - ours) / 1e6 / seconds),
    loopDelayP99Ms: last.reading.loopDelayP99Ms,
    accepted: last.mark.accepted - first.mark.accepted,
    received: last.mark.received - first.mark.received,
    deliveredMs: last.mark.deliveredMs,
    ownDelayP99Ms: last.mark.ownDelayP99Ms,
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A run in which anything acknowledged is missing has no figures. */
export class Broken extends Error {
  override readonly name = 'Broken'
  constructor(scenario: string, faults: readonly string[]) {
    super(`${scenario}: what was acknowledged did not arrive once and in order:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
  }
}

export function expectSound(scenario: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new Broken(scenario, faults)
}
