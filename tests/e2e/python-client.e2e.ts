import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { DeviceId } from '@bongsu/protocol'
import { pathOf, testClient, withOutcome } from './kit.ts'
import { PYTHON } from './python.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, got, makeDevice, makeGroup, makePeople, PASSWORD, textsOf, untilRoom, type Person } from './world.ts'

const CLIENT = pathOf('docs/guide/client.py')

test('[W6, W5] the client in Python, which was written from the guide alone, keeps every promise that it claims', async () => {
  const { result, code } = await testClient([PYTHON, CLIENT, 'conformance'])
  assert.deepEqual(withOutcome(result, 'broken'), [])
  assert.deepEqual(withOutcome(result, 'not tested'), [])
  assert.deepEqual(withOutcome(result, 'not claimed'), ['I3', 'I6', 'I11', 'A1', 'A3'])
  assert.equal(code, 0)
})

test(
  '[W5, C10] a person signs in with the client in Python, sends, lists and listens; revoked, it keeps what was not sent and nothing else',
  { timeout: 120_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'bongsu-python-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: '1000' } })
    const [friend, person] = (await makePeople(server, 2)) as [Person, Person]
    const room = await makeGroup(friend, '봉수대', [person])
    const device = makeDevice(server.url, friend, { hasty: true })
    await goLive(t, [device])
    await untilRoom(device, room)
    const file = join(folder, 'client.db')
    function run(args: readonly string[], input = ''): { readonly status: number | null; readonly said: string } {
      const { status, stdout, stderr } = spawnSync(PYTHON, [CLIENT, '--file', file, ...args], { input, encoding: 'utf8', timeout: 60_000 })
      return { status, said: stdout + stderr }
    }

    assert.match(run(['rooms']).said, /not signed in/)
    assert.match(run(['sign-in', server.url, person.profile.handle], 'wrong password\n').said, /refused it: sign-in-failed/)
    assert.deepEqual(run(['sign-in', server.url, person.profile.handle], `${PASSWORD}\n`), { status: 0, said: 'Signed in.\n' })
    await device.handle.send(room, { kind: 'text', text: '불이 올랐어요' })
    await waitFor('the list of rooms to have it', () => /1 unread {2}봉수대/.test(run(['rooms']).said))
    assert.deepEqual(run(['send', '봉수대', '보았어요']), { status: 0, said: 'Sent.\n' })
    await waitFor('the text', () => textsOf(device, room).includes('보았어요'))
    assert.match(run(['send', '봉수대', '   ']).said, /refused it: text-empty/)
    assert.match(run(['send', 'no such room', 'x']).said, /no conversation no such room/)

    const listening = spawn(PYTHON, [CLIENT, '--file', file, 'listen'], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => listening.kill('SIGKILL'))
    let heard = ''
    listening.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text))
    await device.handle.send(room, { kind: 'text', text: '들리나요' })
    await waitFor(
      () => `the text to be printed; there is ${heard}`,
      () => /\[봉수대\] 사람 person0: 들리나요/.test(heard),
      { withinMs: 20_000 },
    )
    listening.kill('SIGKILL')
    await once(listening, 'exit')

    const { devices } = got(await person.api.call('listDevices'))
    const { deviceId = '' as DeviceId } = devices.find(({ name }) => name === 'client.py') ?? {}
    got(await person.api.call('revokeDevice', { params: { deviceId } }))
    assert.match(run(['send', '봉수대', '못 보낸 말']).said, /not signed in/)
    const stored = new DatabaseSync(file)
    for (const table of ['entries', 'rooms', 'items']) assert.deepEqual(stored.prepare(`SELECT * FROM ${table}`).all(), [], table)
    assert.deepEqual(
      stored
        .prepare('SELECT state FROM outbox')
        .all()
        .map(({ state }) => state),
      ['refused', 'waiting'],
    )
    stored.close()
    assert.equal(run(['sign-in', server.url, person.profile.handle], `${PASSWORD}\n`).said, 'Signed in.\n')
    await waitFor('the text to be sent', () => {
      run(['rooms'])
      return textsOf(device, room).includes('못 보낸 말')
    })
  },
)
