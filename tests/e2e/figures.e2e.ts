import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createApi, type Api } from '@bongsu/client'
import type { Reply } from '@bongsu/protocol'
import { by, openBrowser, openContext, openPage } from './browser.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, got, makeDevice, makePeople, openDirect, PASSWORD, untilLive, untilRoom, type Person } from './world.ts'

/** As the sentinel asks: with the key that lies beside the data. */
function sentinelOf(server: ServerProcess): Api {
  return createApi({ baseUrl: server.url, token: () => readFileSync(join(server.directory, 'sentinel-key'), 'utf8') })
}

async function figuresOf(sentinel: Api): Promise<Reply<'figures'>> {
  return got(await sentinel.call('figures'))
}

async function untilFigures(sentinel: Api, what: string, is: (figures: Reply<'figures'>) => boolean, withinMs = 20_000): Promise<Reply<'figures'>> {
  let last: Reply<'figures'> | null = null
  return waitFor(
    () => `${what}; the figures are ${JSON.stringify(last)}`,
    async () => {
      last = await figuresOf(sentinel)
      return is(last) ? last : null
    },
    { withinMs, everyMs: 100 },
  )
}

async function canary(server: ServerProcess, code: string, handle: string): Promise<Person> {
  const stranger = createApi({ baseUrl: server.url, token: () => null })
  const made = got(await stranger.call('signUp', { body: { code, handle, displayName: handle, password: PASSWORD, deviceName: '봉수대' } }))
  return { ...made, accountId: made.profile.accountId, api: createApi({ baseUrl: server.url, token: () => made.token }) }
}

test(
  '[F1, F2, F3, F4] a real server counts its people, not its canaries, and hears afterwards of what it could not count',
  { timeout: 120_000 },
  async (t) => {
    const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: '1000', BONGSU_CELL: 'e2e' } })
    assert.equal(statSync(join(server.directory, 'sentinel-key')).mode & 0o777, 0o600)
    const sentinel = sentinelOf(server)
    const { codes } = got(await sentinel.call('inviteCanaries', { body: { count: 2 } }))
    const canaries = [await canary(server, codes[0] ?? '', 'beacon-1'), await canary(server, codes[1] ?? '', 'beacon-2')]

    const people = await makePeople(server, 3)
    const [first, second] = people as [Person, Person, Person]
    const devices = [...people, ...canaries].map((person) => makeDevice(server.url, person, { hasty: true }))
    await goLive(t, devices)
    const before = await untilFigures(sentinel, 'three people', ({ connectedUsers, silent }) => connectedUsers === 3 && silent.length === 0)
    assert.deepEqual([before.connections, before.cell, before.signInsTried], [3, 'e2e', 0])

    // A message of a person counts, one of a canary does not.
    const room = await openDirect(first, second)
    const drill = await openDirect(canaries[0] as Person, canaries[1] as Person)
    for (const [device, conversationId] of [
      [devices[0], room],
      [devices[3], drill],
    ] as const) {
      assert.ok(device)
      await untilRoom(device, conversationId)
      await device.handle.settled(await device.handle.send(conversationId, { kind: 'text', text: '들리나요' }))
    }
    assert.equal((await figuresOf(sentinel)).accepted, 1)

    // One program is killed without a word; one says farewell.
    await devices[1]?.handle.stop()
    await untilFigures(sentinel, 'one that has left', ({ connectedUsers, silent }) => connectedUsers + silent.length === 2)
    await devices[1]?.handle.start()

    // The whole server is gone for a while. What was tried meanwhile is told when it is back.
    const from = Date.now()
    await server.kill()
    assert.ok(devices[0])
    await devices[0].handle.send(room, { kind: 'text', text: '나중에라도 갑니다' })
    await new Promise((resolve) => setTimeout(resolve, 7_000))
    await server.start()
    for (const device of devices) await untilLive(device)
    const to = Date.now()
    const after = await figuresOf(sentinel)
    assert.notEqual(after.process, before.process)
    assert.equal(after.connectedUsers, 3)
    let reports: Reply<'readReports'> | null = null
    await waitFor(
      () => `the reports; they are ${JSON.stringify(reports)}`,
      async () => {
        reports = got(await sentinel.call('readReports', { query: { from, to } }))
        return reports.affectedUsers === 3
      },
      { withinMs: 15_000, everyMs: 200 },
    )
    assert.deepEqual(reports, { activeUsers: 3, affectedUsers: 3, signInUsers: 0, connectionUsers: 3, unsent: 1 })
    assert.deepEqual(got(await sentinel.call('readReports', { query: { from: from - 60_000, to: from - 30_000 } })).affectedUsers, 0)

    // Signing in again by its id is the same device.
    const stranger = createApi({ baseUrl: server.url, token: () => null })
    const body = { handle: first.profile.handle, password: PASSWORD, deviceName: '다시', deviceId: first.deviceId }
    for (let n = 0; n < 3; n++) assert.equal(got(await stranger.call('signIn', { body })).deviceId, first.deviceId)
    assert.equal(got(await first.api.call('listDevices')).devices.length, 1)
    assert.equal((await figuresOf(sentinel)).signInsTried, 3)
  },
)

test(
  '[F2] people whose connections break are missed within seconds, and a server that stands still counts them when it goes on',
  { timeout: 90_000 },
  async (t) => {
    const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: '1000' } })
    const sentinel = sentinelOf(server)
    const people = await makePeople(server, 2)
    const [stays, goes] = people.map((person) => makeDevice(server.url, person, { hasty: true }))
    assert.ok(stays && goes)
    await goLive(t, [stays])
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/socket`, 'bongsu.v1')
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    socket.send(JSON.stringify({ t: 'hello', token: goes.token, epoch: null, account: 0, cursors: [] }))
    await untilFigures(sentinel, 'both', ({ connectedUsers }) => connectedUsers === 2)
    // Given up by the device, and not taken up again: a loss.
    socket.close(4_099)
    const cut = await untilFigures(sentinel, 'one that is silent', ({ silent }) => (silent[0]?.agoMs ?? 0) >= 4_000, 8_000)
    assert.deepEqual([cut.connectedUsers, cut.silent[0]?.users, cut.failedUsers], [1, 1, 0])
    await goLive(t, [goes])
    const back = await untilFigures(sentinel, 'it to be back', ({ silent }) => silent.length === 0)
    assert.deepEqual([back.reconnects, back.connectedUsers], [1, 2])
  },
)

test('[F4, F5] who could not sign in by the server’s fault tells it once in, from the browser', { timeout: 120_000 }, async (t) => {
  const server = await startServerProcess(t)
  const sentinel = sentinelOf(server)
  const [person] = await makePeople(server, 1)
  assert.ok(person)
  const browser = await openBrowser(t)
  const { page } = await openPage(await openContext(browser, { width: 360 }), server.url.replace('127.0.0.1', 'localhost'))
  const signIn = async (): Promise<void> => {
    await by(page, 'handle').fill(person.profile.handle)
    await by(page, 'password').fill(PASSWORD)
    await by(page, 'submit').click()
  }
  await by(page, 'submit').waitFor()
  const from = Date.now()
  await server.kill()
  await signIn()
  await by(page, 'form-error').waitFor()
  await page.waitForTimeout(6_500)
  await server.start()
  await signIn()
  await by(page, 'tab-chats').first().waitFor()
  let reports: Reply<'readReports'> | null = null
  await waitFor(
    () => `the report; the reports are ${JSON.stringify(reports)}`,
    async () => {
      reports = got(await sentinel.call('readReports', { query: { from, to: Date.now() } }))
      return reports.signInUsers === 1
    },
    { withinMs: 15_000, everyMs: 200 },
  )
  assert.deepEqual(reports, { activeUsers: 1, affectedUsers: 1, signInUsers: 1, connectionUsers: 0, unsent: 0 })

  // This browser’s token is lost, but not which device it is: no row more.
  const devices = async (): Promise<number> => got(await person.api.call('listDevices')).devices.length
  assert.equal(await devices(), 2)
  await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('bongsu')
      opening.addEventListener('success', () => resolve(opening.result))
      opening.addEventListener('error', () => reject(new Error('no database')))
    })
    const write = database.transaction('session', 'readwrite')
    write.objectStore('session').delete('session')
    await new Promise((resolve) => write.addEventListener('complete', resolve))
    database.close()
  })
  await page.reload()
  await by(page, 'submit').waitFor()
  await signIn()
  await by(page, 'tab-chats').first().waitFor()
  assert.equal(await devices(), 2)
})
