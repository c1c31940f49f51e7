import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOpenLoop, OPEN_LOOP_BOUNDS, type OpenLoop } from './open-loop.ts'

interface Talker {
  readonly device: number
  readonly room: number
}

function loopOf(): {
  loop: OpenLoop<Talker>
  said: string[]
  later: { ms: number; run: () => void }[]
  talker: (device: number, room: number) => Talker
} {
  const said: string[] = []
  const later: { ms: number; run: () => void }[] = []
  const talkers = new Map<string, Talker>()
  let made = 0
  const loop = createOpenLoop<Talker>({
    deviceOf: ({ device }) => device,
    say({ device, room }) {
      const id = `${device}/${room} ${++made}`
      said.push(id)
      return id
    },
    again: (id) => void said.push(`again ${id}`),
    after: (ms, run) => void later.push({ ms, run }),
    random: () => 0.5,
  })
  const talker = (device: number, room: number): Talker => {
    const key = `${device}/${room}`
    if (!talkers.has(key)) talkers.set(key, { device, room })
    return talkers.get(key)!
  }
  return { loop, said, later, talker }
}

test('[M6] one message of a conversation is under way at a time; one that was told to come later holds back the next, and comes as told', () => {
  const { loop, said, later, talker } = loopOf()
  for (let count = 0; count < 3; count++) loop.want(talker(1, 1))
  assert.deepEqual(said, ['1/1 1'])
  loop.told('1/1 1', 1_000)
  assert.deepEqual([said.length, later[0]?.ms], [1, 1_500])
  later[0]?.run()
  assert.deepEqual(said, ['1/1 1', 'again 1/1 1'])
  loop.accepted('1/1 1')
  assert.deepEqual(said, ['1/1 1', 'again 1/1 1', '1/1 2'])
  assert.deepEqual(loop.offered(), { wanted: 3, tried: 3, full: 0, neverTried: 1 })
})

test('[O1] a device has so many conversations under way and no more; one that waits for its time takes no place', () => {
  const { loop, said, talker } = loopOf()
  const { inFlightMax } = OPEN_LOOP_BOUNDS
  for (let room = 0; room <= inFlightMax + 1; room++) loop.want(talker(1, room))
  assert.equal(said.length, inFlightMax)
  loop.told(said[0]!, 1_000)
  assert.equal(said.length, inFlightMax + 1)
  loop.accepted(said[1]!)
  assert.equal(said.length, inFlightMax + 2)
})

test('[O1] an outbox takes its last message at the bound and not the next; what leaves makes room', () => {
  const { loop, said, talker } = loopOf()
  const { outboxItemsMax } = OPEN_LOOP_BOUNDS
  for (let count = 0; count < outboxItemsMax; count++) loop.want(talker(1, 1))
  assert.equal(loop.offered().full, 0)
  loop.want(talker(1, 2))
  assert.deepEqual(loop.offered(), { wanted: outboxItemsMax + 1, tried: 1, full: 1, neverTried: outboxItemsMax - 1 })
  loop.accepted(said[0]!)
  loop.want(talker(1, 2))
  assert.equal(loop.offered().full, 1)
})

test('[O2] given up is what was never tried; what was told to come later still comes', () => {
  const { loop, said, later, talker } = loopOf()
  for (let count = 0; count < 5; count++) loop.want(talker(1, 1))
  loop.told('1/1 1', 100)
  assert.equal(loop.giveUp(), 4)
  later[0]?.run()
  loop.accepted('1/1 1')
  assert.deepEqual(said, ['1/1 1', 'again 1/1 1'])
  assert.equal(loop.offered().neverTried, 0)
})
