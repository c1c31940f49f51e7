import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startPostgres } from '../contract/postgres-server.ts'
import { holdingsInFile } from './holdings.ts'
import { bongsu } from './operator.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, makeDevice, makeGroup, makePeople, untilRoom, type Person } from './world.ts'

test('[A12, A13] people talk while their server moves to PostgreSQL and back: nothing is lost, and nobody signs in or loads anything again', async (t) => {
  const database = await startPostgres()
  t.after(() => database.remove())
  const BONGSU_DATABASE = await database.makeDatabase()
  const server = await startServerProcess(t)
  const [one, other] = (await makePeople(server, 2)) as [Person, Person]
  const room = await makeGroup(one, '둘', [other])
  const phones = [one, other].map((person) => makeDevice(server.url, person, { hasty: true }))
  await goLive(t, phones)
  for (const phone of phones) await untilRoom(phone, room)

  const said = phones.map((): string[] => [])
  const end = new AbortController()
  const talking = phones.map(async (phone, index) => {
    for (let number = 0; !end.signal.aborted; number++) {
      said[index]?.push(`${index} ${number}`)
      await phone.handle.send(room, { kind: 'text', text: `${index} ${number}` })
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  })
  await waitFor('some words', () => (said[0]?.length ?? 0) > 20)

  for (const wrong of [
    ['--from', 'sqlite'],
    ['--from', 'sqlite', '--to', 'sqlite'],
    ['--to', 'postgres'],
    ['--from', 'postgres', '--to', 'mysql'],
  ])
    assert.equal((await bongsu(['migrate', ...wrong], { BONGSU_DATABASE, BONGSU_DATA: server.directory })).code, 64)
  const nowhere = await bongsu(['migrate', '--from', 'sqlite', '--to', 'postgres', '--data', server.directory])
  assert.deepEqual([nowhere.code, /Set BONGSU_DATABASE/.test(nowhere.note)], [1, true])

  const there = await bongsu(['migrate', '--from', 'sqlite', '--to', 'postgres', '--data', server.directory], { BONGSU_DATABASE })
  assert.equal(there.code, 0, there.note)
  assert.match(there.out, /each conversation with the same hash/)
  assert.equal((await server.exited).code, 1)
  assert.match(server.said, /has moved to another database/)
  server.set({ BONGSU_DATABASE })
  await server.start()
  await waitFor('the devices to be back', () => phones.every(({ handle }) => handle.view().connection.state === 'live'), { withinMs: 30_000 })
  const heard = said[0]?.length ?? 0
  await waitFor('more words', () => (said[0]?.length ?? 0) > heard + 20)

  for (const command of [
    ['backup', '--to', join(server.directory, 'copy.db')],
    ['restore', 'copy.db'],
  ]) {
    const refused = await bongsu(command, { BONGSU_DATABASE, BONGSU_DATA: server.directory })
    assert.deepEqual([refused.code, /backed up and restored by its own tools/.test(refused.note)], [1, true])
  }
  const checked = await bongsu(['verify', '--hashes'], { BONGSU_DATABASE, BONGSU_DATA: server.directory })
  assert.deepEqual([checked.code, /Everything is as promised: 2 accounts/.test(checked.out)], [0, true], checked.out + checked.note)
  assert.deepEqual(
    readdirSync(server.directory).filter((name) => name.startsWith('verifying')),
    [],
  )

  const back = mkdtempSync(join(tmpdir(), 'bongsu-e2e-back-'))
  t.after(() => rmSync(back, { recursive: true, force: true }))
  const returned = await bongsu(['migrate', '--from', 'postgres', '--to', 'sqlite', '--data', back], { BONGSU_DATABASE })
  assert.equal(returned.code, 0, returned.note)
  assert.equal((await server.exited).code, 1)
  server.set({ BONGSU_DATABASE: '' })
  const last = await startServerProcess(t, { directory: back, port: server.port })
  await waitFor('the devices to be back', () => phones.every(({ handle }) => handle.view().connection.state === 'live'), { withinMs: 30_000 })
  end.abort()
  await Promise.all(talking)
  await waitFor('empty outboxes', () => phones.every(({ handle }) => handle.view().outbox.length === 0), { withinMs: 30_000 })

  const entries = holdingsInFile(last.directory).find(({ conversationId }) => conversationId === room)?.entries ?? []
  for (const [index, phone] of phones.entries()) {
    const own = entries.flatMap(({ author, body }) => (author === phone.person.accountId && body.kind === 'text' ? [body.text] : []))
    assert.deepEqual(own, said[index])
    assert.equal(await phone.handle.audit(room), 'equal')
    assert.equal(phone.handle.view().restored, null)
  }
  assert.equal((await bongsu(['verify', '--data', back])).code, 0)
})
