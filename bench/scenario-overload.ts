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
/** So many times what the server was seen to carry is newly wanted. */
const TIMES = 10
/** Of those, so many saturate the server. */
const SATURATING = 200
/** The level of overload is asked for so often. */
const LOOK_MS = 100
const GIVE_UP_MS = 60_000

interface Counts {
  readonly accepted: number
  readonly told: number
  readonly deliveredMs: number[]
  readonly wanted: number
  readonly tried: number
  readonly full: number
  readonly at: number
}

/** What a server says of itself. */
interface Readiness {
  readonly overload: { readonly level: number; readonly queueingMs: number }
}

/** Ten times as many messages are newly wanted each second as the server can carry, by devices that obey the client's rules. */
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
      const counts = async (): Promise<Counts> => {
        const marks = await all(generators, (one) => one.ask({ t: 'mark' }, 'mark'))
        return {
          accepted: marks.reduce((sum, mark) => sum + mark.accepted, 0),
          told: marks.reduce((sum, mark) => sum + mark.told, 0),
          deliveredMs: marks.flatMap((mark) => mark.deliveredMs),
          wanted: marks.reduce((sum, { offered }) => sum + (offered?.wanted ?? 0), 0),
          tried: marks.reduce((sum, { offered }) => sum + (offered?.tried ?? 0), 0),
          full: marks.reduce((sum, { offered }) => sum + (offered?.full ?? 0), 0),
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

      await all(generators, (one) => one.ask({ t: 'hush' }, 'done'))

      options.progress(`${Math.round(TIMES * carried)} messages a second are wanted, for ${loadMs / 1_000} s`)
      const memory = watchServer(server)
      const from = await counts()
      const pace = { wantedPerSecond: (TIMES * carried) / PROCESSES }
      await all(generators, (one, index) => one.ask({ t: 'talk', talkers: talkersIn(index), pace, text: TEXT }, 'done'))
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
      const givenUp = finished.reduce((sum, one) => sum + (one.givenUp ?? 0), 0)
      return [
        { name: `carried: messages a second, ${SATURATING} under way`, value: carried, unit: '/s' },
        { name: 'carried: send to delivered p99', value: before.p99, unit: 'ms' },
        { name: 'offered: newly wanted a second', value: to.wanted / seconds, unit: '/s' },
        { name: 'offered : carried', value: to.wanted / seconds / carried, unit: '', goal: { atLeast: 0.95 * TIMES } },
        { name: 'overloaded: tried a second', value: to.tried / seconds, unit: '/s' },
        { name: 'overloaded: accepted a second', value: accepted / seconds, unit: '/s' },
        { name: 'overloaded: told to come back a second', value: (to.told - from.told) / seconds, unit: '/s' },
        { name: 'of what was wanted, accepted', value: (100 * accepted) / to.wanted, unit: '%' },
        { name: 'of what was wanted, not taken by its device: the outbox was full', value: (100 * to.full) / to.wanted, unit: '%' },
        { name: 'of what was wanted, waiting on its device at the end and given up', value: (100 * givenUp) / to.wanted, unit: '%' },
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
      `${SENDERS.toLocaleString('en-US')} people with ${ROOMS} conversations each want ${TIMES} times as many new messages a second as the server was seen to carry, for ${loadMs / 1_000} s, whatever becomes of ` +
      'those before. Each device obeys the rules of the client: one message of a conversation at a time, eight conversations at a time, what is refused as busy again, later, as told, and at most 1,000 in ' +
      'its outbox. At the end what was never tried is given up; what was told to come later still comes. Times count from the try that was accepted. Normal is a level of overload of 0 and nothing ' +
      'queueing above 10 ms.',
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
