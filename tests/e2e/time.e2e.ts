import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { systemClock, type Clock } from '@bongsu/client'
import type { ConversationId } from '@bongsu/protocol'
import { judge } from '../../apps/server/src/conformance/checker.ts'
import { holdingsInFile, holdingsOnScreen, untilSettled } from './holdings.ts'
import { judgeTown } from './judge-town.ts'
import { openRaw } from './raw-socket.ts'
import { createScribe, startChatter } from './scribe.ts'
import { seeded } from './seeded.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { forgeToken } from './tokens.ts'
import { makeTown } from './town.ts'
import { waitFor } from './wait-for.ts'
import { goLive, got, makeDevice, makeGroup, makePeople, signInAgain, untilRoom, type Person, untilLive } from './world.ts'

// Time that stands still for the server alone, and clocks that jump.

/** The longer form for drills is 40, with the heartbeat as it is by default. */
const STOPPED = process.env['STOPPED_SECONDS']
const STOPPED_SECONDS = Number(STOPPED ?? '12')
const HEARTBEAT_MS = STOPPED_SECONDS >= 40 ? 25_000 : 2_000

test(`[C2, C3, C4, D2, O4] a server that stands still for ${STOPPED_SECONDS} s and goes on loses nothing, and everybody is back by themselves`, async (t) => {
  const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: String(HEARTBEAT_MS) } })
  const town = await makeTown(t, server)
  const scribe = createScribe(town.devices)
  const chatter = startChatter(scribe, town.devices, seeded(7), 60)
  await pause(1_000)
  server.signal('SIGSTOP')
  const stoppedAt = performance.now()
  // A person who looks at the screen is told the truth long before it is over.
  const [watched] = town.devices
  assert.ok(watched)
  watched.handle.wake()
  await waitFor('the person who looks to be told', () => watched.handle.view().connection.state !== 'live', { withinMs: 5_000 })
  const toldMs = performance.now() - stoppedAt
  await pause(STOPPED_SECONDS * 1_000 - toldMs)
  const notLive = town.devices.filter((device) => device.handle.view().connection.state !== 'live').length
  server.signal('SIGCONT')
  const goesOnAt = performance.now()
  await waitFor('everybody to be live', () => town.devices.every((device) => device.handle.view().connection.state === 'live'), { withinMs: 30_000 })
  const liveMs = performance.now() - goesOnAt
  await pause(500)
  await chatter.stop()
  await untilSettled(server.directory, town.devices, 30_000)
  const { violations } = await judgeTown(t, server, town, scribe)
  t.diagnostic(
    `${STOPPED_SECONDS} s, heartbeat ${HEARTBEAT_MS} ms: who looked knew after ${Math.round(toldMs)} ms, ${notLive} of ${town.devices.length} devices knew at ` +
      `the end; all live ${Math.round(liveMs)} ms after it went on; ${scribe.count} messages written`,
  )
  assert.deepEqual(violations.slice(0, 10), [])
  // After a heartbeat and a half without a word, wherever in a heartbeat it stopped.
  assert.ok(STOPPED_SECONDS * 1_000 > 1.5 * HEARTBEAT_MS + 1_000, 'long enough for all to notice')
  assert.equal(notLive, town.devices.length)
  if (STOPPED !== undefined) assert.ok(liveMs <= 5_000, `all were live after ${Math.round(liveMs)} ms`)
})

const SHIFT_CLOCK = new URL('./shift-clock.ts', import.meta.url).href
const DAY_MS = 86_400_000

test('[D2, M3, M6, C2, O6] a server clock that jumps by a day, forward and back, changes times and nothing else', async (t) => {
  const server = await startServerProcess(t, {
    env: { BONGSU_HEARTBEAT_MS: '1000', CLOCK_SHIFTS: '1,-1,200,0' },
    preload: [SHIFT_CLOCK],
  })
  const people = (await makePeople(server, 3)) as [Person, Person, Person]
  const room = await makeGroup(people[0], '시계', [people[1], people[2]])
  const devices = people.map((person) => makeDevice(server.url, person, { hasty: true }))
  await goLive(t, devices)
  for (const device of devices) await untilRoom(device, room)
  const scribe = createScribe(devices)
  const [first, second, third] = devices
  assert.ok(first && second && third)

  const sayAll = async (): Promise<void> => {
    for (const device of devices)
      assert.ok((await device.handle.settled(await scribe.write(device, room, `${device.name}: ${scribe.count}`))).accepted)
  }
  /** The token lets in, the old way and by HTTP, and devices are answered on new connections. */
  const comeAnew = async (): Promise<void> => {
    got(await people[1].api.call('listDevices'))
    await second.handle.stop()
    await second.handle.start()
    await waitFor('the second to be live', () => second.handle.view().connection.state === 'live')
  }

  await sayAll()
  await shift(server, people[2], DAY_MS)
  await sayAll()
  await comeAnew()
  await sayAll()
  await shift(server, people[2], -DAY_MS)
  await sayAll()
  await comeAnew()
  await sayAll()

  // Past the end of every token: a clock that jumped signs nobody out [O8].
  await shift(server, people[2], 200 * DAY_MS)
  got(await people[1].api.call('listDevices'))
  const raw = await openRaw(t, server.url, people[1].token)
  await raw.next('welcome')
  raw.socket.terminate()
  await sayAll()
  await shift(server, people[2], 0)
  await comeAnew()
  await sayAll()

  await untilSettled(server.directory, devices, 10_000)
  const screens = await Promise.all(devices.map(holdingsOnScreen))
  const holdings = [...screens.flat(), ...holdingsInFile(server.directory)]
  assert.deepEqual(judge({ ledger: scribe.ledger(), holdings, rest: 'accepted' }), [])
  const times = (screens[0]?.flat() ?? []).flatMap((held) => held.entries.map((entry) => entry.acceptedAt))
  assert.ok(Math.max(...times) - Math.min(...times) > 200 * DAY_MS, 'the clock did jump')
  // The first and third were never away: no jump broke a connection.
  for (const device of [first, third]) assert.deepEqual(device.tap.closed, [])
})

test('[O8] a server that starts with its clock a year ahead says so, and signs nobody out, then or when the clock is right again', async (t) => {
  const server = await startServerProcess(t, { preload: [SHIFT_CLOCK] })
  const people = await makePeople(server, 2)
  const devices = people.map((person) => makeDevice(server.url, person, { hasty: true }))
  await goLive(t, devices)
  const clockOf = async (): Promise<number> => ((await server.ready()).body as { clock: { offSeconds: number } }).clock.offSeconds
  assert.equal(await clockOf(), 0)
  for (const [days, off] of [
    [365, 365],
    [365, 365],
    [-365, -365],
    [0, 0],
  ] as const) {
    await server.kill()
    for (const device of devices) await waitFor('it to notice', () => device.handle.view().connection.state !== 'live')
    server.set({ CLOCK_STARTS: String(days) })
    await server.start()
    await Promise.all(devices.map((device) => untilLive(device)))
    for (const { api } of people) got(await api.call('listDevices'))
    assert.equal(Math.round((await clockOf()) / 86_400), off)
    assert.equal(/The clock of this machine seems wrong/.test(server.said), true)
    assert.ok(devices.every(({ tap }) => tap.closed.every((code) => code < 4_100)))
  }
})

/** The server's clock is off by so much once a frame says so. */
async function shift(server: ServerProcess, who: Person, offsetMs: number): Promise<void> {
  server.signal('SIGUSR2')
  const key = Buffer.from(readFileSync(join(server.directory, 'token.key'), 'utf8').trim(), 'base64url')
  const ends: (() => void)[] = []
  // A second device of a person who is there, with a token that is good at that time.
  const { deviceId } = await signInAgain(server.url, who, '시계 보는 기기')
  const token = forgeToken({ accountId: who.accountId, deviceId, key, expiresInS: Math.max(0, offsetMs / 1_000) + 3_600 })
  await waitFor(`the clock to be off by ${offsetMs} ms`, async () => {
    const raw = await openRaw({ after: (run) => void ends.push(run) }, server.url, token)
    const { now } = await raw.next('welcome')
    return Math.abs(now - Date.now() - offsetMs) < 60_000
  })
  for (const end of ends) end()
}

test('[C2, C4, M6] a device whose clock jumps by a day, forward and back, sends what waits and hangs on no timer', async (t) => {
  const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: '1000', BONGSU_FRAMES_PER_SECOND: '25', BONGSU_FRAMES_BURST: '10' } })
  const people = (await makePeople(server, 2)) as [Person, Person]
  const rooms: ConversationId[] = []
  for (let count = 0; count < 9; count++) rooms.push(await makeGroup(people[0], `방 ${count}`, [people[1]]))
  let offsetMs = 0
  const clock: Clock = { ...systemClock, now: () => Date.now() + offsetMs }
  const phone = makeDevice(server.url, people[0], { hasty: true, clock })
  const other = makeDevice(server.url, people[1])
  await goLive(t, [phone, other])
  for (const room of rooms) for (const device of [phone, other]) await untilRoom(device, room)
  const scribe = createScribe([phone, other])

  for (const jump of [DAY_MS, -DAY_MS, 0]) {
    // More at once than the server takes, so that some wait for their answer when the clock jumps; and one jump while there is no connection.
    const writing = rooms.flatMap((room) => [0, 1].map(() => scribe.write(phone, room, `${scribe.count}`)))
    const ids = await Promise.all(writing)
    assert.ok(phone.handle.view().outbox.length > 0, 'some are not accepted yet')
    offsetMs = jump
    if (jump === 0) {
      await server.kill()
      await waitFor('the device to notice', () => phone.handle.view().connection.state !== 'live')
      offsetMs = 2 * DAY_MS
      await server.start()
    }
    const settled = Promise.all(ids.map((id) => phone.handle.settled(id)))
    const outcome = await Promise.race([settled, pause(20_000, null, { ref: false })])
    assert.ok(outcome !== null, `after a jump to ${jump / DAY_MS} days ${phone.handle.view().outbox.length} messages still wait after 20 s`)
    assert.ok(outcome.every((one) => one.accepted))
  }
  await untilSettled(server.directory, [phone, other], 10_000)
  const screens = await Promise.all([phone, other].map(holdingsOnScreen))
  const holdings = [...screens.flat(), ...holdingsInFile(server.directory)]
  assert.deepEqual(judge({ ledger: scribe.ledger(), holdings, rest: 'accepted' }), [])
})
