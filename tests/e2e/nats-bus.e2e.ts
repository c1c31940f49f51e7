import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { ConversationId } from '@bongsu/protocol'
import { connect } from '@nats-io/transport-node'
import { NATS_BOUNDS, NatsBus, natsSubject } from '../../apps/server/src/adapters/nats/bus.ts'
import { systemClock } from '../../apps/server/src/adapters/system/clock.ts'
import { systemRandom } from '../../apps/server/src/adapters/system/random.ts'
import { DELIVERY_BOUNDS } from '../../apps/server/src/delivery/bounds.ts'
import type { Hint, Subject } from '../../apps/server/src/delivery/bus.ts'
import { PROCESSES_BOUNDS } from '../../apps/server/src/processes/bounds.ts'
import { accountId, deviceId, roomId } from '../worlds/names.ts'
import { freePort } from './free-port.ts'
import { startNatsServer } from './nats-server.ts'
import { waitFor } from './wait-for.ts'

const ROOM = roomId(1)

interface Ear {
  readonly bus: NatsBus
  readonly heard: Hint[]
  readonly faults: unknown[]
}

function listen(t: TestContext, servers: readonly string[], subjects: readonly Subject[], credentials: string | null = null): Ear {
  const faults: unknown[] = []
  const bus = new NatsBus({
    servers,
    credentials,
    name: 'test',
    clock: systemClock,
    random: systemRandom,
    failed: (cause) => void faults.push(cause),
  })
  t.after(() => bus.close())
  const heard: Hint[] = []
  const listener = (hint: Hint): void => void heard.push(hint)
  for (const subject of subjects) bus.subscribe(subject, listener)
  return { bus, heard, faults }
}

const hears = ({ bus }: Ear): Promise<boolean> => waitFor('a bus that hears', () => !bus.isDeaf())

const HINTS: readonly Hint[] = [
  { t: 'entry', conversationId: ROOM, seq: 7 },
  { t: 'items', conversationId: ROOM, change: 3, head: 7 },
  { t: 'account', accountId: accountId(1) },
  { t: 'reads', conversationId: ROOM },
  { t: 'typing', conversationId: ROOM, accountId: accountId(1) },
  { t: 'revoked', deviceId: deviceId(1) },
  { t: 'superseded', accountId: accountId(1), deviceId: deviceId(1), process: deviceId(9), at: 5 },
  { t: 'running', process: deviceId(9) },
  { t: 'lost' },
]

test('[D14] each kind of hint reaches the processes that listen to its subject, without the contents it has', async (t) => {
  const server = await startNatsServer(t)
  const [speaker, ear] = [listen(t, [server.url], [ROOM]), listen(t, [server.url], [ROOM, accountId(1), 'all'])]
  await Promise.all([hears(speaker), hears(ear)])
  const entry = { seq: 7, acceptedAt: 1, author: accountId(1), id: deviceId(5) as never, body: { kind: 'text', text: '비밀' } } as const
  for (const hint of HINTS) speaker.bus.publish(hint.t === 'entry' ? { ...hint, entry } : hint)
  await waitFor('all hints', () => ear.heard.length === HINTS.length)
  assert.deepEqual(ear.heard, HINTS)
  const own = speaker.heard.find((hint) => hint.t === 'entry')
  assert.deepEqual(own, { ...HINTS[0], entry }, 'the own process gets the contents')
  assert.deepEqual(
    speaker.heard.map(({ t: kind }) => kind),
    ['entry', 'items', 'reads', 'typing'],
    'once, and nothing of other subjects',
  )
})

test('[D14] of hints of one turn, the last place of a conversation stands for the earlier ones, and none is lost when the bus is closed', async (t) => {
  const server = await startNatsServer(t)
  const [speaker, ear] = [listen(t, [server.url], [ROOM]), listen(t, [server.url], [ROOM, roomId(2), 'all'])]
  await Promise.all([hears(speaker), hears(ear)])
  const at = (conversationId: ConversationId, seq: number): Hint => ({ t: 'entry', conversationId, seq })
  const typing: Hint = { t: 'typing', conversationId: ROOM, accountId: accountId(1) }
  for (const hint of [at(ROOM, 7), at(ROOM, 9), at(roomId(2), 3), typing, at(ROOM, 8), typing]) speaker.bus.publish(hint)
  await waitFor('the last of them', () => ear.heard.length > 2)
  assert.deepEqual(ear.heard, [at(ROOM, 9), at(roomId(2), 3), typing])
  assert.equal(speaker.heard.filter(({ t: kind }) => kind === 'entry').length, 3, 'the own process gets each entry')
  speaker.bus.publish(at(ROOM, 10))
  await speaker.bus.close()
  await waitFor('the hint before the end', () => ear.heard.length > 3)
  assert.deepEqual(ear.heard.slice(3), [at(ROOM, 10)])
})

test('[D14] what cannot be understood is dropped and counted, and contents in it go nowhere', async (t) => {
  const server = await startNatsServer(t)
  const ear = listen(t, [server.url], [ROOM, 'all'])
  await hears(ear)
  const stranger = await connect({ servers: [server.url] })
  t.after(() => stranger.close())
  const bad = ['', 'x', '[]', 'null', '{}', '{"t":"entry"}', '{"t":"later","process":"x"}', '{"t":"revoked","deviceId":"all"}', '"'.repeat(1_000_000)]
  for (const text of bad) stranger.publish(natsSubject(ROOM), text)
  stranger.publish(natsSubject(ROOM), new Uint8Array([0xff, 0xfe, 0]))
  for (const seq of [-1, 0.5, 1e300, '7', null]) stranger.publish(natsSubject(ROOM), JSON.stringify({ t: 'entry', conversationId: ROOM, seq }))
  stranger.publish(natsSubject(ROOM), JSON.stringify({ t: 'entry', conversationId: ROOM, seq: 2, entry: { body: 'forged' } }))
  await waitFor('the last one', () => ear.heard.length > 0)
  assert.deepEqual(ear.heard, [{ t: 'entry', conversationId: ROOM, seq: 2 }])
  assert.equal(ear.bus.dropped().unreadable, bad.length + 6)
})

test('[D14] the number of subjects is bounded, whatever the number of conversations', () => {
  const names = new Set(Array.from({ length: 20_000 }, () => natsSubject(systemRandom.uuid() as ConversationId)))
  assert.equal(names.size, NATS_BOUNDS.shards)
  assert.notEqual(natsSubject('all'), natsSubject(roomId(0)))
})

test('[D13] a bus without its server says so at once, drops hints, and hears again by itself when the server is back', async (t) => {
  const server = await startNatsServer(t)
  const [speaker, ear] = [listen(t, [server.url], []), listen(t, [server.url], ['all'])]
  await Promise.all([hears(speaker), hears(ear)])
  await server.kill()
  await waitFor('both to be deaf', () => speaker.bus.isDeaf() && ear.bus.isDeaf())
  const before = speaker.bus.dropped().unsent
  for (let n = 0; n < 3; n++) speaker.bus.publish({ t: 'revoked', deviceId: deviceId(n) })
  assert.equal(speaker.bus.dropped().unsent, before + 3)
  await server.start()
  await Promise.all([hears(speaker), hears(ear)])
  speaker.bus.publish({ t: 'revoked', deviceId: deviceId(7) })
  const heard = (): readonly Hint[] => ear.heard.filter((hint) => hint.t !== 'lost')
  await waitFor('a hint', () => heard().length > 0)
  assert.deepEqual(heard(), [{ t: 'revoked', deviceId: deviceId(7) }], 'what was published meanwhile is not kept')
})

test('[D13] a bus that has just come, or was told of lost hints, is deaf until somebody has looked', () => {
  assert.ok(Math.min(NATS_BOUNDS.settleMs, PROCESSES_BOUNDS.lostMs) > DELIVERY_BOUNDS.lookMs)
})

test('[D13] a server that stands still counts as gone, and what waits for it is bounded', async (t) => {
  const server = await startNatsServer(t)
  const { bus } = listen(t, [server.url], [])
  const ear = listen(t, [server.url], ['all'])
  await waitFor('buses that hear', () => !bus.isDeaf() && !ear.bus.isDeaf())
  server.signal('SIGSTOP')
  const hint: Hint = { t: 'account', accountId: accountId(1) }
  const each = JSON.stringify(hint).length
  for (let n = 0; n < NATS_BOUNDS.waitingCharsMax / each + 10; n++) bus.publish(hint)
  assert.ok(bus.dropped().unsent >= 10)
  await waitFor('a deaf bus', () => bus.isDeaf())
  server.signal('SIGCONT')
  await waitFor('a bus that hears again', () => !bus.isDeaf())
  await waitFor('the others to be told that hints were lost', () => ear.heard.some(({ t: kind }) => kind === 'lost'))
})

test('[D13] of several servers any one is enough; one that is not there at the start is waited for', async (t) => {
  const gone = `nats://127.0.0.1:${await freePort()}`
  const server = await startNatsServer(t)
  await hears(listen(t, [gone, server.url], ['all']))
  const late = listen(t, [gone], ['all'])
  await waitFor('a try that failed', () => late.faults.length > 0)
  assert.equal(late.bus.isDeaf(), true)
})

test('[D13] a wrong password is told, and the bus stays deaf until it is right', async (t) => {
  const server = await startNatsServer(t, ['--user', 'bongsu', '--pass', 'a:b'])
  const wrong = listen(t, [server.url], ['all'], 'bongsu:x')
  await waitFor('the refusal', () => wrong.faults.length > 0)
  assert.equal(wrong.bus.isDeaf(), true)
  await hears(listen(t, [server.url], ['all'], 'bongsu:a:b'))
})

test('[D13] a bus that may not listen to a subject says so, and stays deaf', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-nats-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'nats.conf')
  writeFileSync(file, 'authorization { users: [{ user: a, password: b, permissions: { publish: ">", subscribe: "bongsu.1.all" } }] }')
  const server = await startNatsServer(t, ['--config', file])
  await hears(listen(t, [server.url], ['all'], 'a:b'))
  const ear = listen(t, [server.url], ['all', ROOM], 'a:b')
  await waitFor('the refusal', () => ear.faults.length > 0)
  await pause(NATS_BOUNDS.settleMs * 2)
  assert.equal(ear.bus.isDeaf(), true)
})
