import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_CODES, FEATURES, type UpFrame } from '@bongsu/protocol'
import { createGatewayWorld, EPOCH, type Caller, type GatewayWorld } from '../../../../tests/worlds/gateway-world.ts'
import { messageId } from '../../../../tests/worlds/names.ts'
import { until } from '../../../../tests/worlds/settle.ts'
import { createTides } from '../delivery/tides.ts'

/** The key of the gateway world. */
const KEY = new Uint8Array(32).fill(9)

type Told = readonly [string, string]

function lastTold({ socket }: Caller): Told {
  const said = socket.frames.flatMap((frame) => ('tide' in frame && frame.tide !== undefined ? [frame.tide] : []))
  return [socket.of('welcome')[0]!.lineage!, said.at(-1)!]
}

async function hello(gateway: GatewayWorld, account: number, tide: Told, epoch = EPOCH): Promise<UpFrame & { t: 'hello' }> {
  return { ...(await gateway.hello(account)), epoch, features: [...FEATURES], changes: [], tide: [...tide] }
}

async function comeIn(gateway: GatewayWorld, said: UpFrame): Promise<Caller> {
  const caller = gateway.stranger()
  caller.say(said)
  await until('a welcome', () => caller.socket.of('welcome').length === 1)
  return caller
}

test('[A7] every frame that brings something durable says how far the history is, and the answer to a send covers it', async () => {
  const gateway = createGatewayWorld()
  const room = await gateway.world.group(1, 1, 2)
  const [one, other] = [await gateway.today(1), await gateway.today(2)]
  const written = () => gateway.world.store.starts()[0]!.written
  one.say({ t: 'send', id: messageId(1), conversationId: room, body: { kind: 'text', text: '하나' } })
  await until('the answer and the entry', () => one.socket.of('accepted').length === 1 && other.socket.of('entries').length === 1)
  for (const frame of [one.socket.of('accepted')[0], other.socket.of('entries')[0]]) assert.equal(frame?.tide?.split('.')[2], String(written()))
  one.say({ t: 'set', id: messageId(2), conversationId: room, seq: 2, subject: messageId(1), act: { kind: 'reaction', value: { emoji: '👍' } } })
  await until('the answer and the item', () => one.socket.of('set-accepted').length === 1 && other.socket.of('items').length === 1)
  for (const frame of [one.socket.of('set-accepted')[0], other.socket.of('items')[0]]) assert.equal(frame?.tide?.split('.')[2], String(written()))
  for (const frame of [one.socket.of('welcome')[0], one.socket.of('reset')[0], one.socket.of('caught-up')[0]]) assert.ok(frame?.tide !== undefined)
})

test('[A7, A4] a proven lost future begins a new epoch before the device is answered, and every other device comes back', async () => {
  const gateway = createGatewayWorld()
  const room = await gateway.world.group(1, 1, 2)
  const [one, other] = [await gateway.today(1), await gateway.today(2)]
  const [newest] = gateway.world.store.starts()
  // As said by the process that had written two transactions more.
  const later = { ...newest!, written: newest!.written + 2 }
  const future = createTides(KEY, { epoch: EPOCH, starts: () => [later], current: () => later })
  const proof: Told = [future.lineage()!, future.tide()!]
  const back = await comeIn(gateway, await hello(gateway, 3, proof))
  assert.deepEqual(gateway.begunEpochs, [{ lastCommonStart: newest!.start }])
  const [welcome] = back.socket.of('welcome')
  assert.notEqual(welcome?.epoch, EPOCH)
  assert.deepEqual(welcome?.restored, [], 'it has no conversation')
  for (const { socket } of [one, other]) assert.deepEqual([socket.closedWith, socket.of('drain').length], [CLOSE_CODES.drain.code, 1])
  const again = await comeIn(gateway, await hello(gateway, 1, proof))
  assert.deepEqual(again.socket.of('welcome')[0]?.restored, [[room, 1]])
  assert.equal(gateway.begunEpochs.length, 1, 'the proof is of the earlier epoch, and is not taken twice')
})

test('[A7] no made-up statement, nor a true one, begins an epoch', async () => {
  const gateway = createGatewayWorld()
  await gateway.world.group(1, 1, 2)
  const one = await gateway.today(1)
  const [lineage, tide] = lastTold(one)
  const [start, id] = tide.split('.')
  const made = { start: Number(start), id: id!, written: 999 }
  const foreign = createTides(new Uint8Array(32).fill(8), { epoch: EPOCH, starts: () => [made], current: () => made })
  for (const told of [
    [lineage, tide],
    [lineage, `${start}.${id}.999.AAAAAAAAAAAAAAAA`],
    [foreign.lineage()!, foreign.tide()!],
    ['x', 'y'],
  ] as const) {
    const caller = await comeIn(gateway, await hello(gateway, 2, told))
    assert.equal(caller.socket.of('welcome')[0]?.epoch, EPOCH, told.join(' '))
  }
  const { socket } = one
  assert.equal(socket.closedWith, null)
  assert.deepEqual(gateway.begunEpochs, [])
})

test('[D7, A7] a device of an epoch that another process has begun is not sent back into the ended one', async () => {
  const gateway = createGatewayWorld()
  await gateway.world.group(1, 1, 2)
  const other = await gateway.today(2)
  gateway.epochInStore = 'the next one'
  const caller = gateway.stranger()
  caller.say({ ...(await gateway.hello(1)), epoch: 'the next one', features: [...FEATURES], changes: [] })
  await until('a welcome', () => caller.socket.of('welcome').length === 1)
  assert.equal(caller.socket.of('welcome')[0]?.epoch, 'the next one')
  assert.equal(caller.socket.closedWith, null)
  assert.deepEqual(other.socket.closedWith, CLOSE_CODES.drain.code, 'the others come back and learn of it')
})
