import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { ClientMessageId, ConversationId, SignedIn } from '@bongsu/protocol'
import { openAccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { createFakeSocket } from '../../../../tests/worlds/fake-socket.ts'
import { until } from '../../../../tests/worlds/settle.ts'
import { revokedDevices, revokeDevice, wasRevoked } from './devices.ts'
import { createKnownDevices } from './known-devices.ts'
import { joinedSeqOf } from './membership.ts'
import type { AccountsParts } from './parts.ts'
import { signIn } from './sign-in.ts'
import { createSignInGuard } from './sign-in-guard.ts'
import type { SqlDatabase, Statement } from './sql-database.ts'
import { createMemoryBus } from '../adapters/memory/bus.ts'
import { createMemoryLimits } from '../adapters/memory/limits.ts'
import { Unavailable } from '../conversation/log-store.ts'
import { createTides } from '../delivery/tides.ts'
import { createFigures } from '../figures/figures.ts'
import { CALM } from '../ops/overload.ts'
import { createKernel } from '../kernel.ts'

const HEARTBEAT_MS = 25_000
const DAY_MS = 86_400_000
/** What signs people in reads or writes one of these. */
const OF_SIGN_IN = /password_hash|"devices"|"invites"|"limits"/

/** The store port whose tables of sign-in fail while `isDown`. */
function breakable(sql: SqlDatabase, isDown: () => boolean): SqlDatabase {
  const check = (statements: readonly Statement[]): void => {
    if (isDown() && statements.some((one) => OF_SIGN_IN.test(one.sql))) throw new Unavailable('the tables of sign-in cannot be used')
  }
  return {
    dialect: sql.dialect,
    async read<Row>(one: Statement) {
      check([one])
      return sql.read<Row>(one)
    },
    async atomic(steps) {
      check(steps)
      return sql.atomic(steps)
    },
  }
}

test('[O6] with the tables of sign-in down for days, signed-in devices come and go, send and get messages, and are told of revocations afterwards', async (t) => {
  const world = await openAccountsWorld(t)
  const { store, clock, tokens } = world
  let down = false
  const sql = breakable(store.sql, () => down)
  const parts: AccountsParts = { ...world, sql }
  const [one, other] = [await world.join('one'), await world.join('other')]
  const made = await store.log.createGroup(
    {
      conversationId: randomUUID() as ConversationId,
      id: randomUUID() as ClientMessageId,
      author: one.profile.accountId,
      title: '',
      accounts: [other.profile.accountId],
    },
    clock.now(),
  )
  assert.ok('conversationId' in made)
  const room = made.conversationId
  const failures: unknown[] = []
  const figures = createFigures({ clock, process: 'p', cell: 'main', isCanary: () => false, isCanaryHandle: () => false })
  const kernel = createKernel(
    {
      store,
      bus: createMemoryBus(),
      clock,
      tokens,
      tides: createTides(new Uint8Array(32), store),
      begunEpoch() {},
      overload: CALM,
      figures,
      metrics: { frameIn() {}, accepted() {}, auditFault() {}, refused() {} },
      revokedDevices: (withinMs) => revokedDevices(parts, withinMs),
      wasRevoked: (deviceId) => wasRevoked(parts, deviceId),
      failed: (cause) => void failures.push(cause),
    },
    {
      process: 'p',
      heartbeatMs: HEARTBEAT_MS,
      connectionsMax: 100,
      hellosPerSecond: 1_000,
      framesPerSecond: 50,
      framesBurst: 300,
      revoked: [],
    },
  )
  t.after(() => kernel.stop())
  const isKnown = createKnownDevices(parts)

  async function come({ token }: Pick<SignedIn, 'token'>) {
    const socket = createFakeSocket()
    const connection = kernel.accept(socket)
    const say = (frame: object): void => connection.receive(JSON.stringify(frame))
    say({ t: 'hello', token, epoch: null, account: 0, cursors: [] })
    await until('the device to catch up', () => socket.of('caught-up').length === 1)
    return { socket, say, connection }
  }

  down = true
  for (const step of [0, 1, 2, 3, 4]) {
    const [sender, reader] = [await come(one), await come(other)]
    const id = randomUUID()
    sender.say({ t: 'send', id, conversationId: room, body: { kind: 'text', text: `${step}` } })
    await until('the answer', () => sender.socket.of('accepted').some((frame) => frame.id === id))
    await until('the message', () => reader.socket.of('entries').some((frame) => frame.entries.some((entry) => entry.id === id)))
    reader.say({ t: 'read', conversationId: room, seq: step + 2 })
    const caller = { accountId: other.profile.accountId, deviceId: other.deviceId }
    assert.equal(await kernel.isSignedIn(caller, isKnown), true, 'its requests are answered')
    assert.equal(await joinedSeqOf(parts, caller.accountId, room), 1)
    await until('the mark', async () => (await store.receipts.unread(room, step + 2, step + 2))[0] === 0)
    for (const { connection } of [sender, reader]) connection.closed(1_006)
    await assert.rejects(kernel.isSignedIn(caller, isKnown), Unavailable, 'a device that nobody has vouched for')
    clock.jump(DAY_MS)
    clock.advance(HEARTBEAT_MS)
  }
  assert.ok(failures.length > 0)
  assert.deepEqual(
    failures.filter((cause) => !(cause instanceof Unavailable)),
    [],
  )
  clock.jump(7 * DAY_MS)
  const renewed = (await come(one)).socket.of('welcome')[0]?.token
  assert.ok(renewed !== undefined, 'its token is renewed')
  const guard = createSignInGuard(
    { failuresPerHandle: 3, failuresPerAddress: 3, windowMs: 1_000 },
    createMemoryLimits(clock),
    createMemoryLimits(clock),
  )
  await assert.rejects(signIn(parts, guard, { handle: 'one', password: 'x', deviceName: 'x' }, '192.0.2.1'), Unavailable)

  // Another process revokes a device that this one cannot read of yet.
  const connected = await come(other)
  assert.ok((await revokeDevice({ ...world, revoked() {} }, other.profile.accountId, other.deviceId)).ok)
  clock.advance(HEARTBEAT_MS)
  await until('the failed look', () => failures.length > 0)
  assert.equal(connected.socket.closedWith, null)
  down = false
  connected.connection.heard()
  clock.advance(HEARTBEAT_MS)
  await until('the device to be closed', () => connected.socket.closedWith === 4_103)
})
