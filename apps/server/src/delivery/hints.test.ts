import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import fc from 'fast-check'
import { createDeliveryWorld, type Attached, type DeliveryWorld } from '../../../../tests/worlds/delivery-world.ts'
import { ModelDevice } from '../../../../tests/worlds/model-device.ts'
import { accountId } from '../../../../tests/worlds/names.ts'
import { settle } from '../../../../tests/worlds/settle.ts'

const PEOPLE = 3
const ROOMS = 3
/** The account whose device does not support items. */
const OLD = 3
const EMOJI = ['👍', '❤️', null] as const

/** One event. The numbers select its participants, by remainder. */
type Step = readonly [what: (typeof WHAT)[number], one: number, other: number]
const WHAT = [
  'say',
  'say',
  'react',
  'react',
  'edit',
  'erase',
  'leave',
  'invite',
  'connect',
  'disconnect',
  'hint',
  'hint',
  'hint without entry',
  'double hint',
  'lose hint',
  'read',
  'read',
  'all reads',
  'all reads',
  'stall',
  'drain',
  'refresh',
  'sweep',
] as const

const schedule = fc.array(fc.tuple(fc.constantFrom(...WHAT), fc.nat(1_000), fc.nat(1_000)), { minLength: 20, maxLength: 200 })

async function play(steps: readonly Step[], early: readonly boolean[]): Promise<void> {
  const world = createDeliveryWorld({ accounts: PEOPLE, early: (n) => early[n % early.length] ?? true })
  const rooms = [await world.group(1, 1, 2, 3), await world.group(2, 1, 2), await world.group(3, 3, 1)]
  world.bus.direct = false
  const devices = Array.from({ length: PEOPLE }, (_, index) => new ModelDevice(accountId(index + 1), index + 1 !== OLD))
  const attached: (Attached | null)[] = devices.map(() => null)
  const wasThere: Attached[] = []

  const connect = (index: number): void => {
    const before = attached[index]
    if (before !== null && before !== undefined) world.disconnect(before)
    const device = devices[index]!
    wasThere.push((attached[index] = world.connect(device, index + 1)))
  }

  devices.forEach((_, index) => connect(index))
  for (const [what, one, other] of steps) {
    const room = rooms[one % ROOMS]!
    const person = accountId(1 + (other % PEOPLE))
    const there = attached[one % PEOPLE]
    if (what === 'say') await world.say(room, person)
    else if (what === 'react' || what === 'edit' || what === 'erase') await mark(world, room, person, what, one)
    else if (what === 'leave') await world.write(room, person, { kind: 'left' })
    else if (what === 'invite') await inviteBack(world, room, person)
    else if (what === 'connect') connect(one % PEOPLE)
    else if (what === 'read') world.held.release(one)
    else if (what === 'all reads') await readAll(world)
    else if (what === 'sweep') void world.hub.sweep()
    else if (what === 'stall' && there?.stream) there.socket.stalled = true
    else if (what === 'drain') {
      if (there) there.socket.stalled = false
      there?.socket.drain()
    } else if (what === 'refresh') there?.stream?.refresh(room)
    else if (what === 'disconnect' && there) world.disconnect(there)
    else passHint(world, what, one)
    await settle()
    for (const connection of attached) if (connection) assertHonestTotal(connection)
  }

  // Everybody reconnects, and no waiting hint ever arrives.
  devices.forEach((_, index) => {
    if (attached[index]?.gone !== false) connect(index)
  })
  for (const one of attached) {
    one!.socket.stalled = false
    one!.socket.drain()
  }
  world.held.free()
  await settle()
  world.bus.waiting.length = 0
  await world.hub.sweep()
  await settle()

  assert.deepEqual(world.failures, [])
  for (const { device, stream, opened, socket } of attached as Attached[]) {
    assert.equal(await opened, true)
    assert.equal(socket.closedWith, null)
    device.assertComplete(world.store, rooms)
    device.assertSawOnlyItsOwn(world.store)
    device.assertSawItemsOfItsOwn(world.store, world.headsOfChanges)
    assert.equal(stream?.total(), device.total(), '[D6] the beat says what the device has')
    assert.equal(device.caughtUp, 1)
  }
  for (const one of wasThere) world.disconnect(one)
  assert.deepEqual(world.hub.stats(), { rooms: 0, accounts: 0 }, 'nothing is kept of those who have gone')
}

async function mark(world: DeliveryWorld, room: ConversationId, person: AccountId, what: 'react' | 'edit' | 'erase', one: number): Promise<void> {
  const entries = world.store.entries(room)
  const mine = entries.filter(({ author, body }) => author === person && body.kind === 'text')
  const seq = what === 'react' ? 1 + (one % entries.length) : mine[one % mine.length]?.seq
  if (seq === undefined) return
  const emoji = EMOJI[one % EMOJI.length] ?? null
  if (what === 'react') await world.mark(room, person, seq, { kind: 'reaction', value: emoji === null ? null : { emoji } })
  else if (what === 'edit') await world.mark(room, person, seq, { kind: 'edit', value: { text: `edited ${one}` } })
  else await world.mark(room, person, seq, { kind: 'erased', value: {} })
}

async function readAll({ held }: DeliveryWorld): Promise<void> {
  for (let rounds = 0; held.waiting > 0 && rounds < 20; rounds++) {
    held.release(0)
    await settle()
  }
}

async function inviteBack(
  world: DeliveryWorld,
  room: Parameters<DeliveryWorld['write']>[0],
  person: Parameters<DeliveryWorld['write']>[1],
): Promise<void> {
  const [inside] = world.store.membersOf(room).keys()
  if (inside !== undefined) await world.write(room, inside, { kind: 'invited', accounts: [person] })
}

/** A total is sent only when the device has everything that was sent. It then equals the device's own count [D6]. */
function assertHonestTotal({ stream, device, gone }: Attached): void {
  const total = gone ? null : (stream?.total() ?? null)
  if (total !== null) assert.equal(total, device.total(), '[D6] a total that was said is true')
}

function passHint({ bus }: DeliveryWorld, what: Step[0], place: number): void {
  const hint = bus.waiting[place % bus.waiting.length]
  if (hint === undefined) return
  const forget = (): void => void bus.waiting.splice(bus.waiting.indexOf(hint), 1)
  if (what === 'lose hint') return forget()
  if (what === 'hint') forget()
  if (what === 'hint without entry' && (hint.t === 'entry' || hint.t === 'items')) {
    forget()
    const { entry: _entry, item: _item, ...bare } = { entry: undefined, item: undefined, ...hint }
    bus.deliver(bare)
  } else bus.deliver(hint)
}

test('[D1, D2, I3, W4] whatever becomes of hints and however late reads answer, every device has all entries once, in order, and all marks, after one sweep', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), (steps, early) => play(steps, early)),
    { numRuns: 1_000 },
  )
})
