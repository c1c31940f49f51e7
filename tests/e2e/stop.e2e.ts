import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { judge } from '../../apps/server/src/conformance/checker.ts'
import { freePort } from './free-port.ts'
import { holdingsInFile, holdingsInStore, holdingsOnScreen, untilSettled } from './holdings.ts'
import { openRaw } from './raw-socket.ts'
import { createScribe, startChatter, type Scribe } from './scribe.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { makeTown, type Town } from './town.ts'
import { waitFor } from './wait-for.ts'
import { got, makePeople, signInAgain } from './world.ts'

const BEAT = { BONGSU_HEARTBEAT_MS: '600' }
/** The server gives itself this long. */
const STOP_MS = 10_000

/** Nothing is lost, doubled or out of order in this town. */
async function assertSound(server: ServerProcess, town: Town, scribe: Scribe): Promise<void> {
  await untilSettled(server.directory, town.devices, 30_000)
  const screens = await Promise.all(town.devices.map(holdingsOnScreen))
  const ledger = scribe.ledger()
  const stores = await Promise.all(town.devices.map(holdingsInStore))
  const holdings = [...screens.flat(), ...stores.flat(), ...holdingsInFile(server.directory)]
  assert.deepEqual(judge({ ledger, holdings, marks: scribe.marks(), rest: 'accepted' }), [])
}

test('[O5, M5] SIGTERM under load: devices are told and moved, the process ends with 0 in time, and nothing is lost', async (t) => {
  const server = await startServerProcess(t, { env: BEAT })
  const town = await makeTown(t, server)
  const scribe = createScribe(town.devices)
  const chatter = startChatter(scribe, town.devices, Math.random, 30)
  const watcher = await openRaw(t, server.url, (await signInAgain(server.url, town.people[0] as (typeof town.people)[0], '지켜보는 기기')).token)
  await watcher.next('caught-up')
  await pause(1_000)

  for (let round = 0; round < 2; round++) {
    const stoppedAt = performance.now()
    server.signal('SIGTERM')
    const exit = await server.exited
    assert.deepEqual(exit, { code: 0, signal: null }, server.said)
    assert.ok(performance.now() - stoppedAt < STOP_MS)
    if (round === 0) {
      assert.ok((await watcher.next('drain')).spreadMs >= 0)
      assert.equal(await watcher.closed(), 4_000)
      for (const device of town.devices) assert.ok(device.tap.closed.includes(4_000), `${device.name} was closed with ${device.tap.closed.join()}`)
    }
    await pause(300)
    await server.start()
    await pause(1_500)
  }
  await chatter.stop()
  assert.ok(scribe.count > 100)
  await assertSound(server, town, scribe)
})

test('[O4] a second server on the same data is refused with a sentence, and the first goes on', async (t) => {
  const first = await startServerProcess(t)
  const [person] = await makePeople(first, 1)
  const second = await startServerProcess(t, { directory: first.directory, port: await freePort(), unready: true })
  const exit = await second.exited
  assert.equal(exit.code, 1)
  assert.match(second.said, /Another Bongsu server uses this data directory/)
  assert.doesNotMatch(second.said, /\n\s+at /, 'a sentence, not a stack')
  got(await (person as NonNullable<typeof person>).api.call('listDevices'))
  // A lock that outlived its holder would keep the operator out.
  await first.kill()
  await first.start()
})

test('[O4] a port that is taken is told in a sentence', async (t) => {
  const first = await startServerProcess(t)
  const second = await startServerProcess(t, { port: first.port, unready: true })
  assert.equal((await second.exited).code, 1)
  assert.match(second.said, /EADDRINUSE/)
  assert.equal((await first.ready()).status, 200)
})

test('[O4] settings that cannot be used end the start with 78 and name every one of them', async (t) => {
  const server = await startServerProcess(t, { unready: true, env: { BONGSU_HEARTBEAT_MS: 'often', BONGSU_REGISTRATION: 'maybe', BONGSU_PROT: '1' } })
  assert.equal((await server.exited).code, 78)
  for (const name of ['BONGSU_HEARTBEAT_MS', 'BONGSU_REGISTRATION', 'BONGSU_PROT']) assert.match(server.said, new RegExp(name))
})

test('[C4, M5] a server frozen for four seconds and thawed: devices notice, come back, and nothing is lost', async (t) => {
  const server = await startServerProcess(t, { env: BEAT })
  const town = await makeTown(t, server)
  const scribe = createScribe(town.devices)
  const chatter = startChatter(scribe, town.devices, Math.random, 40)
  await pause(500)
  server.signal('SIGSTOP')
  await waitFor('every device to notice', () => town.devices.every((device) => device.handle.view().connection.state !== 'live'), { withinMs: 3_000 })
  await pause(3_000)
  server.signal('SIGCONT')
  await pause(1_500)
  await chatter.stop()
  await assertSound(server, town, scribe)
})
