import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { CLOSE_CODES, FEATURES, LIMITS, type Act, type UpFrame } from '@bongsu/protocol'
import { createGatewayWorld, type GatewayWorld } from '../../../../tests/worlds/gateway-world.ts'
import { accountId, messageId, roomId } from '../../../../tests/worlds/names.ts'
import { settle, until } from '../../../../tests/worlds/settle.ts'
import { readHistory } from '../conversation/history.ts'
import { Unavailable } from '../conversation/log-store.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'

const [room, writer] = [roomId(1), accountId(1)]
const THUMB: Act = { kind: 'reaction', value: { emoji: '👍' } }

/** A conversation of two in which account 1 has written entry 2. */
async function talk(options: Parameters<typeof createGatewayWorld>[0] = {}): Promise<GatewayWorld> {
  const gateway = createGatewayWorld(options)
  await gateway.world.group(1, 1, 2)
  await gateway.world.say(room, writer)
  return gateway
}

function set({ world }: GatewayWorld, n: number, act: Act = THUMB, seq = 2): UpFrame & { t: 'set' } {
  return { t: 'set', id: messageId(500 + n), conversationId: room, seq, subject: world.store.entries(room)[seq - 1]?.id ?? messageId(9), act }
}

test('[I1, I2] an act is answered when it is durable, before its hint, with its change; the same one again in the same way', async () => {
  const gateway = await talk()
  const [author, other] = [await gateway.today(2), await gateway.today(1)]
  author.say(set(gateway, 1))
  await until('the answer', () => author.socket.of('set-accepted').length === 1)
  await settle()
  const { tide } = author.socket.of('set-accepted')[0]!
  const accepted = { t: 'set-accepted', id: messageId(501), conversationId: room, change: 1, tide }
  const item = { kind: 'reaction', key: `2:${accountId(2)}`, change: 1, value: { emoji: '👍' } }
  const told = { t: 'items', conversationId: room, from: 0, to: 1, items: [item], tide }
  assert.deepEqual(author.socket.frames.slice(-2), [accepted, told], 'the answer comes first')
  assert.deepEqual(other.socket.of('items'), [told])
  author.say(set(gateway, 2, { kind: 'reaction', value: null }))
  author.say(set(gateway, 1))
  await until('the answers', () => author.socket.of('set-accepted').length === 3)
  assert.deepEqual({ ...author.socket.of('set-accepted')[2], tide }, accepted)
  await settle()
  assert.deepEqual(
    other.socket.of('items').map(({ to }) => to),
    [1, 2],
    'nothing was done again',
  )
})

test('[I4, I5] an act that may not be is refused with its id and a code, and nobody hears of it', async () => {
  const gateway = await talk()
  const [device, other] = [await gateway.today(2), await gateway.today(1)]
  const wrong = [
    [{ ...set(gateway, 1), subject: messageId(9) }, 'subject-gone'],
    [set(gateway, 2, THUMB, 99), 'subject-gone'],
    [set(gateway, 3, { kind: 'edit', value: { text: '남의 글' } }), 'forbidden'],
    [set(gateway, 4, { kind: 'reaction', value: { emoji: '글자' } }), 'body-invalid'],
    [{ ...set(gateway, 5), conversationId: roomId(7) }, 'not-a-member'],
  ] as const
  for (const [frame, code] of wrong) {
    device.say(frame)
    await until(code, () => device.socket.of('refused').some(({ id }) => id === frame.id))
    assert.deepEqual(device.socket.of('refused').at(-1), { t: 'refused', re: 'set', code, id: frame.id })
  }
  await settle()
  assert.deepEqual(other.socket.of('items'), [])
})

test('[I1, O2] a store that cannot say, or is behind by its bound, has acts tried again', async () => {
  let sheds = true
  const gateway = await talk({ holdAppends: true, sheds: (work) => sheds && work === 'send' })
  const device = await gateway.today(2)
  device.say(set(gateway, 1))
  assert.equal(device.socket.of('refused')[0]?.code, 'busy')
  sheds = false
  device.say(set(gateway, 2))
  gateway.appends.fail(0, new Unavailable('the disk is full'))
  await until('the answer', () => device.socket.of('refused').length === 2)
  assert.deepEqual(device.socket.of('refused')[1], { t: 'refused', re: 'set', code: 'unavailable', retryAfterMs: 1_000, id: messageId(502) })
})

test('[O1] acts and texts of one connection that wait for the store share one bound', async () => {
  const gateway = await talk({ holdAppends: true })
  const { socket, say } = await gateway.today(1)
  const max = GATEWAY_BOUNDS.sendsInFlightMax
  for (let n = 0; n < max - 1; n++) say(set(gateway, n))
  say({ t: 'send', id: messageId(400), conversationId: room, body: { kind: 'text', text: '글' } })
  assert.equal(socket.of('refused').length, 0)
  say(set(gateway, max))
  assert.deepEqual(
    socket.of('refused').map(({ code, re }) => [code, re]),
    [['busy', 'set']],
  )
  gateway.appends.release(0)
  await settle()
  say(set(gateway, max))
  assert.equal(socket.of('refused').length, 1)
})

test('[I1] an entry erased for oneself reaches one’s own devices alone, through the account log', async () => {
  const gateway = await talk()
  const [device, own, other] = [await gateway.today(2), await gateway.today(2, 22), await gateway.today(1)]
  device.say(set(gateway, 1, { kind: 'hidden', value: {} }))
  const isHidden = (socket: typeof own.socket): boolean => socket.of('account').some(({ items }) => items.some(({ kind }) => kind === 'hidden'))
  await until('the account item', () => isHidden(own.socket) && isHidden(device.socket))
  assert.equal(isHidden(other.socket), false)
  assert.deepEqual(
    [device, own, other].flatMap(({ socket }) => socket.of('items')),
    [],
  )
})

test('[W3] each side says what it knows: a device that names its features hears the server’s, another hears of none', async () => {
  const gateway = await talk()
  const [today, old] = [await gateway.today(1), await gateway.device(2)]
  assert.deepEqual(today.socket.of('welcome')[0]?.features, [...FEATURES])
  assert.equal('features' in old.socket.of('welcome')[0]!, false)
  assert.equal(today.socket.of('reset')[0]?.change, 0)
  assert.equal('change' in old.socket.of('reset')[0]!, false)
  const future = gateway.stranger()
  future.say({ ...(await gateway.hello(1, 11)), features: ['calls', 'items'], changes: [] })
  await until('the welcome', () => future.socket.of('welcome').length === 1)
  const many = gateway.stranger()
  many.say({ ...(await gateway.hello(1, 12)), features: Array.from({ length: LIMITS.featuresMax + 1 }, (_, n) => `f${n}`) })
  assert.deepEqual(
    many.socket.frames,
    [{ t: 'refused', code: 'frame-malformed', re: 'hello' }],
    'a hello that is too long is refused, and may be said again',
  )
  assert.notEqual(many.socket.closedWith, CLOSE_CODES.signedOut.code)
})

test('[D6, I3] heads and heartbeats count changes for a device that knows items, and for no other', async () => {
  const gateway = await talk()
  const [today, old] = [await gateway.today(1), await gateway.device(2)]
  await gateway.world.mark(room, writer, 2, THUMB)
  for (const { say } of [today, old]) say({ t: 'ask-heads' })
  assert.deepEqual(today.socket.of('heads')[0]?.changes, [[room, 1]])
  assert.equal('changes' in old.socket.of('heads')[0]!, false)
  gateway.world.clock.advance(30_000)
  assert.deepEqual([today.socket.of('beat')[0]?.total, old.socket.of('beat')[0]?.total], [3, 2])
})

test('[A1] an audit tells the marks of its stretch to a device that knows items', async () => {
  const gateway = await talk()
  const [today, old] = [await gateway.today(1), await gateway.device(2)]
  await gateway.world.mark(room, writer, 2, THUMB)
  await gateway.world.mark(room, accountId(2), 2, THUMB)
  for (const { say, socket } of [today, old]) {
    say({ t: 'audit', conversationId: room, from: 1, to: 2 })
    await until('the hash', () => socket.of('audit').length === 1)
  }
  const marks = createHash('sha256').update(Buffer.from('00000000000000010000000000000002', 'hex')).digest('hex')
  assert.deepEqual([today.socket.of('audit')[0]?.change, today.socket.of('audit')[0]?.marks], [2, marks])
  assert.deepEqual(Object.keys(old.socket.of('audit')[0]!).toSorted(), ['conversationId', 'from', 'hash', 't', 'to'])
})

test('[I6, I10] a page of history brings the marks of its entries to whoever asks, and a plain line to others; what was erased while it was read is gone from it', async () => {
  const { world } = await talk()
  const { log } = world.store
  await world.say(room, writer, 2)
  await world.mark(room, writer, 3, THUMB)
  await world.mark(room, writer, 2, { kind: 'erased', value: {} })
  const page = await readHistory(log, room, 1, { before: 4, marks: true })
  assert.deepEqual(
    page.entries.map(({ body }) => body.kind),
    ['created', 'erased', 'text'],
  )
  assert.deepEqual(
    [page.change, page.items?.toSorted((one, other) => one.change - other.change).map(({ kind, change }) => [kind, change])],
    [
      2,
      [
        ['reaction', 1],
        ['erased', 2],
      ],
    ],
  )
  const plain = await readHistory(log, room, 1, {})
  assert.deepEqual(plain.entries[1]?.body, { kind: 'text', text: '삭제된 메시지입니다. (Deleted message)' })
  assert.deepEqual([plain.items, plain.change], [undefined, undefined])
  const racing = {
    ...log,
    read: async (...asked: Parameters<typeof log.read>) => {
      const entries = await log.read(...asked)
      await world.mark(room, writer, 4, { kind: 'erased', value: {} })
      return entries
    },
  }
  const raced = await readHistory(racing, room, 1, { marks: true })
  assert.deepEqual(raced.entries[3]?.body, { kind: 'erased' })
})

test('[I8] a page of history is shorter where marks are many, down to one entry', async () => {
  const { world } = await talk()
  await world.say(room, writer, 3)
  const log = { ...world.store.log }
  const asked: number[] = []
  log.marks = async (...wanted) => {
    asked.push(wanted[3])
    return { first: 4, change: 7, items: [] }
  }
  const page = await readHistory(log, room, 1, { marks: true })
  assert.deepEqual([page.entries.map(({ seq }) => seq), page.change, asked], [[4, 5], 7, [LIMITS.itemsPerPageMax]])
})
