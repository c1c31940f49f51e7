import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { systemRandom } from '@bongsu/client'
import { systemClock } from '../../apps/sentinel/src/clock.ts'
import { startProbing, type Probing } from '../../apps/sentinel/src/probe/canary-probing.ts'
import { EVERY_MS } from '../../apps/sentinel/src/probe/rhythm.ts'
import { hasFailed } from '../../apps/sentinel/src/probe/try.ts'
import type { Component, FiguresSample, Observation, ObservationBatch } from '../../apps/sentinel/src/vocabulary/observation.ts'
import { startFaultProxy, type FaultProxy } from '../../apps/server/src/conformance/fault-proxy.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'

// The probe against a real server, and between them a line that can be cut: what it tells has to be what happened.

/** The longer form for drills. */
const CALM_MS = Number(process.env['PROBE_CALM_SECONDS'] ?? '6') * 1_000
const NOTICED_MS = 6_000
/** Where nothing refuses and nothing answers, a page load that was just begun has its five seconds first. */
const NOTICED_HANGING_MS = 12_000
const BACK_MS = 10_000
/** What was begun is told by then: a message when it was read, and with its batch. */
const TOLD_WITHIN_MS = 5_000
const COMPONENTS: readonly Component[] = ['messaging', 'sign-in', 'web']
const MESSAGING: readonly Component[] = ['messaging']

interface Told {
  /** When it was reported, as performance.now(). */
  readonly at: number
  readonly observation: Observation
}

interface World {
  readonly server: ServerProcess
  readonly proxy: FaultProxy
  readonly directory: string
  readonly told: Told[]
  readonly batches: ObservationBatch[]
  readonly figures: FiguresSample[]
  readonly logged: string[]
  readonly probing: () => Probing
  restartProbing(): void
  /** Each component was seen to fail, or to succeed, by a try that was begun after that moment. */
  untilAll(failing: boolean, sinceMs: number, withinMs: number, components?: readonly Component[]): Promise<number>
}

async function startWorld(t: TestContext, door: 'open' | 'shut' = 'open'): Promise<World> {
  const key = randomBytes(32).toString('base64url')
  const server = await startServerProcess(t, { env: { BONGSU_SENTINEL_KEY: key } })
  const proxy = await startFaultProxy(t, server.port)
  if (door === 'shut') await proxy.door('shut')
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-probe-'))
  const [told, batches, figures, logged]: [Told[], ObservationBatch[], FiguresSample[], string[]] = [[], [], [], []]
  let probing = start()
  t.after(() => {
    probing.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  function start(): Probing {
    return startProbing({
      clock: systemClock,
      random: systemRandom,
      serverUrl: proxy.url,
      key: () => key,
      directory,
      post: 'home',
      onlineChecks: [],
      report(batch) {
        batches.push(batch)
        for (const observation of batch.observations) told.push({ at: performance.now(), observation })
      },
      figures: (sample) => figures.push(sample),
      log: (sentence) => logged.push(sentence),
    })
  }

  return {
    server,
    proxy,
    directory,
    told,
    batches,
    figures,
    logged,
    probing: () => probing,
    restartProbing() {
      probing.stop()
      probing = start()
    },
    async untilAll(failing, sinceMs, withinMs, components = COMPONENTS) {
      // Wall clock of tries, monotonic clock of tests: both of this machine.
      const since = Date.now() - (performance.now() - sinceMs)
      const seen = (component: Component): Told | undefined =>
        told.find(({ observation }) => observation.component === component && observation.at >= since && hasFailed(observation) === failing)
      await waitFor(
        () => `all to ${failing ? 'fail' : 'succeed'}; ${components.filter((component) => seen(component) === undefined).join(', ')} did not`,
        () => components.every((component) => seen(component) !== undefined),
        { withinMs: withinMs - (performance.now() - sinceMs) },
      )
      return Math.max(...components.map((component) => (seen(component)?.at ?? 0) - sinceMs))
    },
  }
}

function failedSince(world: World, from: number): readonly Observation[] {
  return world.told.slice(from).flatMap(({ observation }) => (hasFailed(observation) ? [observation] : []))
}

test('[S1] the canaries tell calm as calm, a kill within seconds, a hanging server as such, and its return at once', async (t) => {
  const world = await startWorld(t)
  const { server, told } = world
  await world.untilAll(false, performance.now(), 10_000)

  const calmFrom = told.length
  // Those that are begun in the calm, not those that are told in it: what is told comes in batches, up to seconds later.
  const calmSince = Date.now()
  const begun = (): readonly Observation[] =>
    told.flatMap(({ observation }) => (observation.at >= calmSince && observation.at < calmSince + CALM_MS ? [observation] : []))
  const messagesBegun = (): readonly Observation[] => begun().filter(({ component, light }) => component === 'messaging' && light !== true)
  const cpu = process.cpuUsage()
  await pause(CALM_MS)
  const { user, system } = process.cpuUsage(cpu)
  const expected = CALM_MS / EVERY_MS.messaging.calm - 1
  await waitFor(
    () => `${expected} messages of ${CALM_MS} ms to be told; ${messagesBegun().length} are`,
    () => messagesBegun().length >= expected,
    { withinMs: TOLD_WITHIN_MS },
  )
  const [calm, messages] = [begun(), messagesBegun()]
  assert.deepEqual(calm.filter(hasFailed), [])
  for (const { acceptedMs, deliveredMs, readMs } of messages) assert.ok(acceptedMs !== null && deliveredMs !== null && readMs !== null)
  assert.equal(world.probing().alarmed, false)
  assert.ok(world.figures.some(({ process: name }) => name !== null))
  t.diagnostic(
    `calm: ${calm.length} tries, ${messages.length} messages, ${((user + system) / 10 / CALM_MS).toFixed(2)} % of one core with the test itself`,
  )

  await server.kill()
  const killedAt = performance.now()
  t.diagnostic(`killed: all components seen after ${Math.round(await world.untilAll(true, killedAt, NOTICED_MS))} ms`)
  assert.equal(world.probing().alarmed, true)
  assert.ok(world.batches.every(({ online }) => online))
  const beforeReturn = performance.now()
  await server.start()
  const returnedAt = performance.now()
  t.diagnostic(`returned: all components seen after ${Math.round(await world.untilAll(false, beforeReturn, BACK_MS + returnedAt - beforeReturn))} ms`)

  server.signal('SIGSTOP')
  const hungAt = performance.now()
  const messagesAfterMs = Math.round(await world.untilAll(true, hungAt, NOTICED_MS, MESSAGING))
  t.diagnostic(
    `hanging: messages seen after ${messagesAfterMs} ms, all after ${Math.round(await world.untilAll(true, hungAt, NOTICED_HANGING_MS))} ms`,
  )
  const hanging = failedSince(world, calmFrom).filter(
    ({ component, at }) => component === 'messaging' && at > Date.now() - (performance.now() - hungAt),
  )
  assert.ok(hanging.some(({ outcome }) => outcome === 'unaccepted'))
  server.signal('SIGCONT')
  t.diagnostic(`going on: all components seen after ${Math.round(await world.untilAll(false, performance.now(), BACK_MS))} ms`)

  // Whatever was accepted before or during all this has come once and in order.
  assert.deepEqual(
    told.filter(({ observation: { outcome } }) => ['lost', 'doubled', 'reordered'].includes(outcome)),
    [],
  )
})

test('[S1] what the canaries are is kept: a restart of the sentinel makes no accounts, and a door that is shut or deaf is told apart from one that answers', async (t) => {
  const world = await startWorld(t)
  const { proxy, told } = world
  await world.untilAll(false, performance.now(), 10_000)
  const file = join(world.directory, 'canaries.json')
  const kept = readFileSync(file, 'utf8')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const handles = (text: string): readonly string[] => [...text.matchAll(/"handle": "([^"]+)"/g)].map(([, handle]) => handle as string)
  assert.equal(new Set(handles(kept)).size, 4)

  world.restartProbing()
  const lastId = told.at(-1)?.observation.id ?? 0
  const restartedAt = performance.now()
  await world.untilAll(false, restartedAt, 10_000)
  assert.deepEqual(handles(readFileSync(file, 'utf8')), handles(kept))
  assert.ok((told.at(-1)?.observation.id ?? 0) > lastId, 'tries go on being numbered upwards')

  await proxy.door('shut')
  proxy.cut()
  const shutAt = performance.now()
  await world.untilAll(true, shutAt, NOTICED_MS)
  await proxy.heal()
  await world.untilAll(false, performance.now(), BACK_MS)

  await proxy.door('deaf')
  for (const line of proxy.lines) line.silence('both')
  const deafAt = performance.now()
  await world.untilAll(true, deafAt, NOTICED_MS, MESSAGING)
  await world.untilAll(true, deafAt, NOTICED_HANGING_MS)
  await proxy.heal()
  t.diagnostic(`heard again: all components seen after ${Math.round(await world.untilAll(false, performance.now(), BACK_MS))} ms`)
  assert.deepEqual(
    told.filter(({ observation: { outcome } }) => ['lost', 'doubled', 'reordered'].includes(outcome)),
    [],
  )
  assert.deepEqual(world.logged, [])
})

test('[S1] what fails while both are started for the first time is not told, also when the sentinel is restarted before it met the messenger', async (t) => {
  const world = await startWorld(t, 'shut')
  await waitFor('the first try to fail', () => world.logged.length > 0)
  world.restartProbing()
  await waitFor('the first try of the second start to fail', () => world.logged.length > 1)
  await pause(1_000)
  assert.equal(world.told.length, 0)
  await world.proxy.heal()
  await world.untilAll(false, performance.now(), BACK_MS)
  assert.equal(hasFailed(world.told[0]?.observation ?? assert.fail()), false)
  assert.equal(world.logged.length, 2)
})
