import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDeliveryWorld } from '../../../../tests/worlds/delivery-world.ts'
import { ModelDevice } from '../../../../tests/worlds/model-device.ts'
import { accountId } from '../../../../tests/worlds/names.ts'
import { settle } from '../../../../tests/worlds/settle.ts'
import { DELIVERY_BOUNDS } from './bounds.ts'

/** A group that this many accounts have on their screens, besides the first two. */
async function watched(watchers: number) {
  const everybody = Array.from({ length: watchers + 2 }, (_, index) => index + 1)
  const world = createDeliveryWorld({ accounts: everybody.length })
  const room = await world.group(1, 1, 2)
  // An invitation names at most a hundred, and so does a creation.
  for (let from = 2; from < everybody.length; from += 100)
    await world.write(room, accountId(1), { kind: 'invited', accounts: everybody.slice(from, from + 100).map(accountId) })
  const attached = everybody.slice(2).map((n) => world.connect(new ModelDevice(accountId(n)), n))
  await settle()
  for (const { stream } of attached) stream!.setWatch({ room: stream!.room(room)!, from: 1, to: null })
  const types = (n: number): void => world.bus.publish({ t: 'typing', conversationId: room, accountId: accountId(n) })
  const shown = (): number => attached.reduce((sum, { socket }) => sum + socket.of('typing').length, 0)
  return { world, room, types, shown }
}

test('[O2] typing of one account is sent once in the time bound, and others beside it', async () => {
  const { world, types, shown } = await watched(1)
  for (let n = 0; n < 50; n++) types(1)
  assert.equal(shown(), 1)
  types(2)
  assert.equal(shown(), 2)
  world.clock.advance(DELIVERY_BOUNDS.typingEveryMs - 1)
  types(1)
  assert.equal(shown(), 2)
  world.clock.advance(1)
  types(1)
  assert.equal(shown(), 3)
})

test('[O2] beyond a crowd of watchers one of all typists is shown in the time bound; at it, everybody is', async () => {
  const small = await watched(DELIVERY_BOUNDS.typingCrowd)
  small.types(1)
  small.types(2)
  assert.equal(small.shown(), 2 * DELIVERY_BOUNDS.typingCrowd)
  const { world, types, shown } = await watched(DELIVERY_BOUNDS.typingCrowd + 1)
  types(1)
  types(2)
  assert.equal(shown(), DELIVERY_BOUNDS.typingCrowd + 1)
  world.clock.advance(DELIVERY_BOUNDS.typingEveryMs)
  types(2)
  assert.equal(shown(), 2 * (DELIVERY_BOUNDS.typingCrowd + 1))
})

test('[B2] typing of a blocked person does not come, from the moment of the block to its end, on a new connection too', async () => {
  const { world, room, types, shown } = await watched(1)
  const again = async (): Promise<number> => {
    await settle()
    world.clock.advance(DELIVERY_BOUNDS.typingEveryMs)
    types(1)
    return shown()
  }
  const block = (isBlocked: boolean): void => {
    world.store.block(accountId(3), accountId(1), isBlocked)
    world.bus.publish({ t: 'account', accountId: accountId(3) })
  }
  assert.equal(await again(), 1)
  block(true)
  assert.equal(await again(), 1)
  const later = world.connect(new ModelDevice(accountId(3)), 33)
  await settle()
  later.stream!.setWatch({ room: later.stream!.room(room)!, from: 1, to: null })
  types(2)
  assert.equal(later.socket.of('typing').length, 1, 'others are shown')
  assert.equal(await again(), 2)
  assert.equal(later.socket.of('typing').length, 1)
  block(false)
  assert.equal(await again(), 3)
  assert.equal(later.socket.of('typing').length, 2)
})
