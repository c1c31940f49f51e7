import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { ConversationId } from '@bongsu/protocol'
import { createMemoryStore } from '@bongsu/client'
import { smallDisk } from '../worlds/small-disk.ts'
import { holdingsInFile, holdingsOnScreen, untilSettled } from './holdings.ts'
import { bongsu } from './operator.ts'
import { openRaw } from './raw-socket.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, got, makeDevice, makeGroup, makePeople, signInAgain, untilRoom, type Person, type TestDevice } from './world.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'bongsu-operator-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What one person said in a room, in the order of the file. */
function saidBy(directory: string, room: ConversationId, device: TestDevice): readonly string[] {
  const held = holdingsInFile(directory).find(({ conversationId }) => conversationId === room)
  return (held?.entries ?? []).flatMap(({ author, body }) => (author === device.person.accountId && body.kind === 'text' ? [body.text] : []))
}

test('[A4, A6, D7] backup beside the running server, more messages, kill, restore: what devices hold of their own is back, once and in order', async (t) => {
  const server = await startServerProcess(t)
  const place = folder(t)
  const backup = join(place, 'backup.db')
  const people = await makePeople(server, 3)
  const [one, two, three] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]]
  const rooms = [await makeGroup(one, '셋', [two, three]), await makeGroup(two, '둘', [one])]
  const [big, small] = rooms as [ConversationId, ConversationId]
  const phones = people.map((person) => makeDevice(server.url, person, { hasty: true }))
  const laptop = makeDevice(server.url, await signInAgain(server.url, one, '둘째 기기'), { name: 'laptop', hasty: true })
  const devices = [...phones, laptop]
  await goLive(t, devices)
  for (const device of devices) await untilRoom(device, big)
  for (const device of [phones[0], phones[1], laptop]) await untilRoom(device as TestDevice, small)

  const said = new Map<TestDevice, string[]>(phones.map((phone) => [phone, []]))
  async function talk(count: number, topic: string): Promise<void> {
    for (let index = 0; index < count; index++) {
      for (const phone of phones) {
        const text = `${topic} ${index} ${phone.name}`
        said.get(phone)?.push(text)
        await phone.handle.send(big, { kind: 'text', text })
      }
    }
  }
  await talk(10, '백업 전')
  await untilSettled(server.directory, devices, 20_000)
  const backedUp = await bongsu(['backup', '--to', backup, '--data', server.directory])
  assert.deepEqual([backedUp.code, /is complete and checked/.test(backedUp.out)], [0, true], backedUp.note)
  assert.match(backedUp.note, /token\.key is not in it/)
  await talk(30, '백업 뒤')
  await untilSettled(server.directory, devices, 20_000)
  // Written while the server is down: it waits behind what is put back.
  await server.kill()
  await waitFor('the phones to notice', () => phones.every((phone) => phone.handle.view().connection.state !== 'live'), { withinMs: 10_000 })
  await talk(1, '꺼진 동안')

  const refused = await bongsu(['restore', backup], { BONGSU_DATA: server.directory })
  assert.equal(refused.code, 1)
  assert.match(refused.note, /holds a database/)
  const restored = await bongsu(['restore', backup, '--replace'], { BONGSU_DATA: server.directory })
  assert.equal(restored.code, 0, restored.note)
  assert.match(restored.out, /new epoch .*\nThe previous files are kept in .*replaced-/)
  const kept = readdirSync(server.directory).find((name) => name.startsWith('replaced-')) as string
  assert.equal(saidBy(join(server.directory, kept), big, phones[0] as TestDevice).length, 40)

  await server.start()
  await untilSettled(server.directory, devices, 60_000)
  for (const phone of phones) assert.deepEqual(saidBy(server.directory, big, phone), said.get(phone), `${phone.name} said`)
  for (const device of devices) {
    const { restored: told, outbox } = device.handle.view()
    assert.deepEqual(told, { putBack: 30 }, device.name)
    assert.deepEqual(outbox, [])
  }
  const inFile = holdingsInFile(server.directory).find(({ conversationId }) => conversationId === big)
  const ids = inFile?.entries.map(({ author, id }) => `${author} ${id}`)
  assert.equal(new Set(ids).size, ids?.length)
  for (const device of devices) {
    const shown = (await holdingsOnScreen(device)).find(({ conversationId }) => conversationId === big)
    assert.deepEqual(shown?.entries, inFile?.entries, device.name)
    assert.equal(await device.handle.audit(big), 'equal')
  }
  const verified = await bongsu(['verify', '--data', server.directory])
  assert.deepEqual([verified.code, /Everything is as promised/.test(verified.out)], [0, true], verified.out)
})

test('[W4, A4] what was revoked after the backup does not come back by it, and a device that came after it puts back its own once it signs in again', async (t) => {
  const server = await startServerProcess(t)
  const backup = join(folder(t), 'backup.db')
  const [owner] = (await makePeople(server, 1)) as [Person]
  const room = await makeGroup(owner, '내 방', [])
  assert.equal((await bongsu(['backup', '--to', backup, '--data', server.directory])).code, 0)

  const thief = await signInAgain(server.url, owner, '도둑')
  got(await owner.api.call('revokeDevice', { params: { deviceId: thief.deviceId } }))
  const tablet = await signInAgain(server.url, owner, '새 태블릿')
  const store = createMemoryStore()
  const before = makeDevice(server.url, tablet, { hasty: true, store })
  await goLive(t, [before])
  await untilRoom(before, room)
  const said = ['하나', '둘', '셋'].map((word) => `백업 뒤 ${word}`)
  for (const text of said) assert.ok((await before.handle.settled(await before.handle.send(room, { kind: 'text', text }))).accepted)
  await server.kill()
  assert.equal((await bongsu(['restore', backup, '--replace', '--data', server.directory])).code, 0)
  await server.start()

  // Before somebody else comes in its name: of two that say hello at once the older would be told that there is a newer one.
  await waitFor('the tablet to be signed out', () => before.handle.view().connection.state === 'signed-out')
  for (const { token } of [thief, tablet]) {
    const answered = await fetch(`${server.url}/v1/devices`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal(answered.status, 401)
    const raw = await openRaw(t, server.url, token)
    assert.equal(await raw.closed(), 4_100)
  }
  assert.deepEqual(
    got(await owner.api.call('listDevices')).devices.map(({ deviceId }) => deviceId),
    [owner.deviceId],
  )
  await before.handle.stop()
  const after = makeDevice(server.url, await signInAgain(server.url, owner, '새 태블릿'), { hasty: true, store })
  await goLive(t, [after])
  await untilSettled(server.directory, [after], 10_000)
  assert.deepEqual(saidBy(server.directory, room, after), said)
})

test('[A6] restore refuses beside a running server, verify finds what is wrong, and each says so by its exit code', async (t) => {
  const server = await startServerProcess(t)
  await makePeople(server, 2)
  const backup = join(folder(t), 'backup.db')
  assert.equal((await bongsu(['backup', '--to', backup, '--data', server.directory])).code, 0)
  const beside = await bongsu(['restore', backup, '--replace', '--data', server.directory])
  assert.equal(beside.code, 1)
  assert.match(beside.note, /Another Bongsu server uses this data directory/)
  assert.equal((await bongsu(['verify'], { BONGSU_DATA: server.directory })).code, 0)
  assert.equal((await bongsu(['verify', backup])).code, 0)
  assert.equal((await bongsu(['verify', '--data', join(server.directory, 'nowhere')])).code, 1)
  for (const wrong of [[], ['frob'], ['backup'], ['restore'], ['verify', 'a', 'b'], ['verify', '--to', 'x'], ['--frob']]) {
    const ended = await bongsu(wrong)
    assert.deepEqual([ended.code, /Exit codes/.test(ended.note)], [64, true], wrong.join(' '))
  }
  assert.equal((await bongsu(['verify'], { BONGSU_PORT: 'x' })).code, 78)
  const help = await bongsu(['--help'])
  assert.deepEqual([help.code, /npx bongsu verify/.test(help.out)], [0, true])
  const system = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path))
  if (system !== undefined) assert.equal((await bongsu(['verify', backup], {}, system)).code, 0, 'whichever Node.js starts it')
})

test('[A6] a backup onto a disk that fills leaves no half file, and says why', async (t) => {
  const server = await startServerProcess(t)
  const people = await makePeople(server, 1)
  const [device] = people.map((person) => makeDevice(server.url, person)) as [TestDevice]
  const room = await makeGroup(people[0] as (typeof people)[0], '큰 방', [])
  await goLive(t, [device])
  await untilRoom(device, room)
  for (let count = 0; count < 60; count++) await device.handle.send(room, { kind: 'text', text: '봉'.repeat(10_000) })
  await untilSettled(server.directory, [device], 20_000)
  const disk = smallDisk(t, t, 1_024)
  if (disk === null) return
  const ended = await bongsu(['backup', '--to', join(disk.path, 'backup.db'), '--data', server.directory])
  assert.equal(ended.code, 1)
  assert.match(ended.note, /The disk is full .*No file was left/)
  assert.deepEqual(readdirSync(disk.path), [])
  assert.equal((await server.ready()).status, 200)
})

test('[A5] a server on a damaged database says what to do, ends with 1, and starts again once a backup is in its place', async (t) => {
  const server = await startServerProcess(t)
  await makePeople(server, 2)
  const backup = join(folder(t), 'backup.db')
  assert.equal((await bongsu(['backup', '--to', backup, '--data', server.directory])).code, 0)
  server.signal('SIGTERM')
  await server.exited
  const file = join(server.directory, 'bongsu.db')
  const whole = readFileSync(file)
  writeFileSync(file, whole.subarray(0, whole.length / 2))
  const broken = await startServerProcess(t, { directory: server.directory, unready: true })
  assert.equal((await broken.exited).code, 1)
  assert.match(broken.said, /could not start: .*is cut short.*npx bongsu verify.*nothing was changed/)
  assert.doesNotMatch(broken.said, /\n\s+at /, 'a sentence, not a stack')
  assert.equal(readFileSync(file).length, Math.floor(whole.length / 2))
  const verified = await bongsu(['verify', '--data', server.directory])
  assert.deepEqual([verified.code, /cut short/.test(verified.note)], [1, true])
  assert.equal((await bongsu(['restore', backup, '--replace', '--data', server.directory])).code, 0)
  await server.start()
  assert.equal((await server.ready()).status, 200)
})

test('[A1, A3] two devices are equal to the server and so to each other; one whose store is damaged finds it, is mended, and is counted', async (t) => {
  const server = await startServerProcess(t)
  const [person] = (await makePeople(server, 1)) as [Person]
  const phone = makeDevice(server.url, person)
  const laptop = makeDevice(server.url, await signInAgain(server.url, phone.person, '둘째 기기'), { name: 'laptop' })
  const room = await makeGroup(phone.person, '혼자', [])
  await goLive(t, [phone, laptop])
  for (const device of [phone, laptop]) await untilRoom(device, room)
  for (let count = 0; count < 50; count++) await phone.handle.send(room, { kind: 'text', text: `${count}` })
  await untilSettled(server.directory, [phone, laptop], 20_000)
  for (const device of [phone, laptop]) assert.equal(await device.handle.audit(room), 'equal')

  const [damaged] = await laptop.store.readEntries(room, 30, 30)
  await laptop.store.commit({
    entries: [{ conversationId: room, entries: [{ ...(damaged as NonNullable<typeof damaged>), id: randomUUID() as never }] }],
  })
  assert.equal(await laptop.handle.audit(room), 'mending')
  await waitFor('the room to come anew', () => laptop.handle.view().replica.rooms.get(room)?.cursor === 51)
  assert.equal(await laptop.handle.audit(room), 'equal')
  assert.equal(laptop.handle.view().auditFault?.mended, true)
  assert.match(await (await fetch(`${server.url}/metrics`)).text(), /^bongsu_audit_faults_total 1$/m)
  const [shown] = await holdingsOnScreen(laptop)
  assert.deepEqual(shown?.entries, holdingsInFile(server.directory)[0]?.entries)
})
