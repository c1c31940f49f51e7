import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { abilityOf, isAbility, PROMISE_IDS, type Ability, type PromiseId } from './abilities.ts'
import { DrivenClient, type ClientProgram } from './driven-client.ts'
import { startFaultProxy } from './fault-proxy.ts'
import { startMiddleman } from './middleman.ts'
import { OwnServer, type ServerPrograms } from './own-server.ts'
import { Person } from './person.ts'
import { Stage, type Fault } from './stage.ts'
import type { Trial } from './trial.ts'
import { TRIALS_OF_ABILITIES } from './trials-of-abilities.ts'
import { TRIALS_OF_CONNECTING } from './trials-of-connecting.ts'
import { TRIALS_OF_RECEIVING } from './trials-of-receiving.ts'
import { TRIALS_OF_RESTORING } from './trials-of-restoring.ts'
import { TRIALS_OF_SENDING } from './trials-of-sending.ts'
import { OwnTrouble } from './until.ts'

export const TRIALS: readonly Trial[] = [
  ...TRIALS_OF_SENDING,
  ...TRIALS_OF_RECEIVING,
  ...TRIALS_OF_CONNECTING,
  ...TRIALS_OF_RESTORING,
  ...TRIALS_OF_ABILITIES,
]

export interface TrialResult {
  readonly trial: string
  readonly ms: number
  readonly faults: readonly Fault[]
}

export interface PromiseResult {
  readonly promise: PromiseId
  readonly ability: Ability
  /** `not tested`: claimed, but none of the chosen trials tests it. */
  readonly outcome: 'kept' | 'broken' | 'not claimed' | 'not tested'
  /** How many trials have tested it. */
  readonly trials: number
  readonly faults: readonly string[]
}

export interface KitResult {
  /** What the client calls itself. */
  readonly client: string
  readonly claimed: readonly Ability[]
  readonly trials: readonly TrialResult[]
  readonly promises: readonly PromiseResult[]
}

export interface KitOptions {
  readonly programs: ServerPrograms
  readonly program: ClientProgram
  readonly trials: readonly Trial[]
  /** Called after each trial. */
  readonly told: (result: TrialResult) => void
}

/** How many trials run at a time. A trial mostly waits. */
const trialsAtOnce = 2

/** Runs each trial with a new account, a new conversation, and a new folder for the client. Trials that run together have a server each. */
export async function runKit({ programs, program, trials, told }: KitOptions): Promise<KitResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-conformance-'))
  const tried = new Map<Trial, TrialResult>()
  let greeting: Greeting | null = null
  const abilities = (): ReadonlySet<Ability> => new Set<Ability>(['always', ...(greeting?.can ?? [])])
  const waiting = [...trials.entries()]
  async function lane(name: string): Promise<void> {
    const server = new OwnServer(programs, join(folder, name), program.env)
    try {
      await server.start()
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, trial] = next
        if (greeting !== null && trial.needs !== undefined && !abilities().has(trial.needs)) continue
        const startedAt = performance.now()
        const outcome = await runTrial({ server, program, folder: join(folder, `client-${index}`), index, trial })
        greeting ??= outcome.greeting
        if (outcome.isLeftOut) continue
        const result = { trial: trial.name, ms: Math.round(performance.now() - startedAt), faults: outcome.faults }
        tried.set(trial, result)
        told(result)
      }
    } finally {
      // When one lane fails, the others end after their trials.
      waiting.length = 0
      await server.kill()
    }
  }
  try {
    const lanes = Array.from({ length: Math.min(trialsAtOnce, trials.length) }, (_, index) => lane(`server-${index}`))
    for (const ended of await Promise.allSettled(lanes)) if (ended.status === 'rejected') throw ended.reason
    const inOrder = trials.filter((trial) => tried.has(trial))
    const results = inOrder.flatMap((trial) => tried.get(trial) ?? [])
    return {
      client: (greeting as Greeting | null)?.name ?? 'a client that never said its name',
      claimed: [...abilities()],
      trials: results,
      promises: PROMISE_IDS.map((promise) => summed(promise, abilities(), inOrder, results)),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Greeting {
  readonly name: string
  readonly can: readonly Ability[]
}

interface Outcome {
  readonly greeting: Greeting | null
  readonly faults: readonly Fault[]
  readonly isLeftOut: boolean
}

interface TrialParts {
  readonly server: OwnServer
  readonly program: ClientProgram
  readonly folder: string
  readonly index: number
  readonly trial: Trial
}

async function runTrial({ server, program, folder, index, trial }: TrialParts): Promise<Outcome> {
  const ends: (() => unknown)[] = []
  let greeting: Greeting | null = null
  let stage: Stage | null = null
  try {
    const url = (): string => server.url
    const [subject, peer] = [await Person.signUp(url, `client-${index}`), await Person.signUp(url, `peer-${index}`)]
    ends.push(() => peer.disconnect())
    const room = await peer.makeGroup(trial.name, [subject])
    const line = await startMiddleman(() => server.port)
    ends.push(() => line.stop())
    const wire = await startFaultProxy({ after: (run) => void ends.push(run) }, line.port)
    const client = new DrivenClient(program, { do: 'open', server: wire.url, folder, handle: subject.handle, password: subject.password })
    ends.push(() => client.kill())
    const claimed = new Set<Ability>(['always'])
    stage = new Stage({ client, claimed, subject, peer, room, server, wire, line })
    await trial.prepare?.(stage)
    const { name, can } = await client.start()
    const unknown = can.find((ability) => !isAbility(ability))
    if (unknown !== undefined) throw new Error(`the client claims an ability that the kit does not know: ${unknown}`)
    greeting = { name, can: can.filter(isAbility) }
    for (const ability of greeting.can) claimed.add(ability)
    if (trial.needs !== undefined && !claimed.has(trial.needs)) return { greeting, faults: [], isLeftOut: true }
    await trial.run(stage)
    return { greeting, faults: stage.faults, isLeftOut: false }
  } catch (cause) {
    if (cause instanceof OwnTrouble) throw cause
    // The trial could not be finished, so nothing that it tests was kept.
    const sentence = cause instanceof Error ? cause.message : String(cause)
    return { greeting, faults: [...(stage?.faults ?? []), ...trial.promises.map((promise) => ({ promise, sentence }))], isLeftOut: false }
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}

function summed(promise: PromiseId, claimed: ReadonlySet<Ability>, tried: readonly Trial[], results: readonly TrialResult[]): PromiseResult {
  const ability = abilityOf(promise)
  const trials = tried.filter(({ promises }) => promises.includes(promise)).length
  const faults = results.flatMap(({ trial, faults: found }) =>
    found.filter((fault) => fault.promise === promise).map(({ sentence }) => `${trial}: ${sentence}`),
  )
  const outcome = !claimed.has(ability) ? 'not claimed' : faults.length > 0 ? 'broken' : trials > 0 ? 'kept' : 'not tested'
  return { promise, ability, outcome, trials, faults: outcome === 'not claimed' ? [] : faults }
}
