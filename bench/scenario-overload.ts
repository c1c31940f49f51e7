import { loadavg } from 'node:os'
import type { Generator } from './generator-process.ts'
import type { Talker } from './jobs.ts'
import { spreadOf } from './percentiles.ts'
import type { Figure } from './report.ts'
import { expectSound, onStage, pause, TEXT, watchServer, withGenerators, type Scenario } from './scenario.ts'

/** People who send, in all and in each process of the load. */
const SENDERS = 1_000
const PROCESSES = 2
/** Conversations of each of them. In each, one message at a time is under way, as M6 has it. */
const ROOMS = 20
/** Of those, so many saturate the server. */
const SATURATING = 200
/** The level of overload is asked for so often. */
const LOOK_MS = 100
const GIVE_UP_MS = 60_000

/** What a server says of itself. */
interface Readiness {
  readonly overload: { readonly level: number; readonly queueingMs: number }
}

/** Every conversation always has a next message: far more than the server can carry. */
export const overload: Scenario = async (options) => {
  const loadMs = options.quick ? 20_000 : 60_000
  const mine = SENDERS / PROCESSES
  const perProcess = mine * 2
  /** In each process `mine` senders and as many receivers; sender s writes to the receivers s, s + 1, … of its process. */
  const pairs = Array.from({ length: PROCESSES }, (_, process) =>
    Array.from({ length: mine * ROOMS }, (_unused, index) => {
      const sender = Math.floor(index / ROOMS)
      return [process * perProcess + sender, process * perProcess + mine + ((sender + (index % ROOMS)) % mine)] as const
    }),
  ).flat()
  const figures = await onStage(options, { accounts: PROCESSES * perProcess, pairs }, ({ filled, server, target }) =>
    withGenerators(PROCESSES, async (generators) => {
      options.progress('connecting')
      await all(generators, (one, index) =>
        one.ask({ t: 'connect', target, devices: filled.devices.slice(index * perProcess, (index + 1) * perProcess), atOnce: 64 }, 'done'),
      )
      const talkersIn = (process: number): Talker[] =>
        Array.from({ length: mine }, (_, device) =>
          (filled.devices[process * perProcess + device]?.cursors ?? []).map(([conversationId]): Talker => ({ device, conversationId })),
        ).flat()
      const counts = async (): Promise<{ accepted: number; told: number; deliveredMs: number[]; at: number }> => {
        const marks = await all(generators, (one) => one.ask({ t: 'mark' }, 'mark'))
        return {
          accepted: marks.reduce((sum, mark) => sum + mark.accepted, 0),
          told: marks.reduce((sum, mark) => sum + mark.told, 0),
          deliveredMs: marks.flatMap((mark) => mark.deliveredMs),
          at: performance.now(),
        }
      }

      options.progress('what it can carry')
      const few = (index: number): Talker[] => talkersIn(index).filter((_, place) => place % ((mine * ROOMS * PROCESSES) / SATURATING) === 0)
      await all(generators, (one, index) => one.ask({ t: 'talk', talkers: few(index), pace: { inFlight: 1 }, text: TEXT }, 'done'))
      await pause(3_000)
      const [calmFrom, calm] = [await counts(), await server.read()]
      await pause(5_000)
      const calmTo = await counts()
      const carried = (calmTo.accepted - calmFrom.accepted) / ((calmTo.at - calmFrom.at) / 1_000)

      options.progress(`overloaded for ${loadMs / 1_000} s`)
      const memory = watchServer(server)
      const from = await counts()
      await all(generators, (one, index) => {
        const begun = new Set(few(index).map(({ conversationId }) => conversationId))
        const others = talkersIn(index).filter(({ conversationId }) => !begun.has(conversationId))
        return one.ask({ t: 'talk', talkers: others, pace: { inFlight: 1 }, text: TEXT }, 'done')
      })
      const levels: number[] = []
      const until = performance.now() + loadMs
      while (performance.now() < until) {
        levels.push((await readiness(server.port)).overload.level)
        await pause(LOOK_MS)
      }
      const to = await counts()
      const seconds = (to.at - from.at) / 1_000

      options.progress('the load ends')
      const endedAt = performance.now()
      const ends = all(generators, (one) => one.ask({ t: 'finish' }, 'finished'))
      const normalMs = await normalAfter(server.port, endedAt)
      const finished = await ends
      const most = await memory.stop()
      expectSound(
        'overload',
        finished.flatMap(({ faults }) => faults),
      )
      const [delivered, before] = [spreadOf(to.deliveredMs), spreadOf(calmTo.deliveredMs)]
      const accepted = to.accepted - from.accepted
      return [
        { name: `carried: messages a second, ${SATURATING} under way`, value: carried, unit: '/s' },
        { name: 'carried: send to delivered p99', value: before.p99, unit: 'ms' },
        { name: 'overloaded: accepted a second', value: accepted / seconds, unit: '/s' },
        { name: 'overloaded: told to come back a second', value: (to.told - from.told) / seconds, unit: '/s' },
        { name: 'of what was accepted, send to delivered p50', value: delivered.p50, unit: 'ms' },
        { name: 'of what was accepted, send to delivered p99', value: delivered.p99, unit: 'ms', goal: { atMost: 2_000 } },
        { name: 'of what was accepted, slowest', value: delivered.max, unit: 'ms' },
        { name: 'memory at most : memory at what it can carry', value: most.rssBytes / calm.rssBytes, unit: '' },
        { name: 'memory at most', value: most.rssBytes / 2 ** 20, unit: 'MB' },
        { name: 'event-loop delay p99, worst tenth of a second', value: most.loopDelayP99Ms, unit: 'ms' },
        { name: 'load of the machine at the end, programs that want one of its two cores', value: loadavg()[0] ?? 0, unit: '' },
        { name: 'level of overload, highest seen', value: Math.max(...levels), unit: '' },
        { name: 'normal again after', value: normalMs / 1_000, unit: 's', goal: { atMost: 5 } },
      ] satisfies Figure[]
    }),
  )
  return {
    scenario: 'overload',
    about:
      `${SENDERS.toLocaleString('en-US')} people have a next message in each of ${ROOMS} conversations at all times, for ${loadMs / 1_000} s: ${(SENDERS * ROOMS) / SATURATING} times as many under way as ` +
      'saturate the server. A device sends the next one of a conversation when the one before was accepted, and what is refused as busy again, later, as the client does. ' +
      'Times count from the try that was accepted. Normal is a level of overload of 0 and nothing queueing above 10 ms.',
    figures,
  }
}

function all<R>(generators: readonly Generator[], ask: (one: Generator, index: number) => Promise<R>): Promise<R[]> {
  return Promise.all(generators.map(ask))
}

async function readiness(port: number): Promise<Readiness> {
  return (await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()) as Readiness
}

/** @returns ms from `startedAt` until nothing is given up any more. */
async function normalAfter(port: number, startedAt: number): Promise<number> {
  for (;;) {
    const { overload: now } = await readiness(port)
    const tookMs = performance.now() - startedAt
    if ((now.level === 0 && now.queueingMs < 10) || tookMs > GIVE_UP_MS) return tookMs
    await pause(LOOK_MS)
  }
}
