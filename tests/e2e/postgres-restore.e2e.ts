import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startPostgres } from '../contract/postgres-server.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, makeDevice, makeGroup, makePeople, textsOf, untilLive, untilRoom } from './world.ts'

test('[A7] [A4] [D12] a base backup of PostgreSQL put back: devices prove it, the history gets a new epoch, and their messages are back once and in order', async (t) => {
  const database = await startPostgres()
  t.after(() => database.remove())
  const url = await database.makeDatabase()
  const server = await startServerProcess(t, { env: { BONGSU_DATABASE: url } })
  const people = await makePeople(server, 2)
  const room = await makeGroup(people[0]!, '둘', people.slice(1))
  const devices = people.map((person) => makeDevice(server.url, person, { hasty: true }))
  await goLive(t, devices)
  for (const device of devices) await untilRoom(device, room)

  const said: string[] = []
  const say = async (who: number): Promise<void> => {
    const text = `${said.length}`
    const id = await devices[who]!.handle.send(room, { kind: 'text', text })
    assert.ok((await devices[who]!.handle.settled(id)).accepted)
    said.push(text)
  }
  const untilAllShow = (): Promise<unknown> =>
    waitFor(
      () => `${said.join()}; shown: ${devices.map((device) => textsOf(device, room).join()).join(' and ')}`,
      () => devices.every((device) => textsOf(device, room).join() === said.join()),
      { withinMs: 45_000 },
    )
  for (const who of [0, 1, 0]) await say(who)

  // A base backup that ends here: a copy that is killed before the next message. Without the sign of a standby it starts as a primary.
  const backup = await startPostgres({}, database)
  t.after(() => backup.remove())
  const restoredUrl = url.replace(`:${database.port}/`, `:${backup.port}/`)
  await waitFor('the copy to have all so far', async () => (await backup.run(restoredUrl, 'SELECT 1 FROM entries')).length === 4)
  await backup.kill()
  const epochIn = async (server_: typeof backup, address: string): Promise<unknown> =>
    (await server_.run(address, "SELECT value FROM meta WHERE key = 'epoch'"))[0]?.['value']
  const before = await epochIn(database, url)
  for (const who of [1, 0, 1, 1]) await say(who)
  await untilAllShow()

  await server.kill()
  await database.kill()
  rmSync(join(backup.folder, 'data', 'standby.signal'))
  await backup.start()
  const kept = await backup.run(restoredUrl, "SELECT 1 FROM entries WHERE kind = 'text'")
  assert.equal(kept.length, 3)
  server.set({ BONGSU_DATABASE: restoredUrl })
  await server.start()
  await waitFor('a new epoch', () => server.said.includes('The database has gone back to an older state'), { withinMs: 45_000 })
  for (const device of devices) await untilLive(device, 45_000)
  await untilAllShow()
  assert.notEqual(await epochIn(backup, restoredUrl), before)
  assert.equal((await backup.run(restoredUrl, "SELECT 1 FROM entries WHERE kind = 'text'")).length, said.length)
})
