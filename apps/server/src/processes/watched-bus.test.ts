import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { createMemoryBus } from '../adapters/memory/bus.ts'
import type { Bus } from '../delivery/bus.ts'
import { PROCESSES_BOUNDS } from './bounds.ts'
import { createWatchedBus } from './watched-bus.ts'

const { runningMs, unheardMax, tellDeafMs, lostMs } = PROCESSES_BOUNDS

function make() {
  const clock = createSimulatedClock()
  const shared = createMemoryBus()
  const living = new Set<string>()
  let connected = true
  const bus: Bus = { ...shared, isDeaf: () => !connected }
  const watched = createWatchedBus({ bus, clock, process: 'a', living: () => living })
  return { clock, shared, living, watched, connect: (value: boolean) => void (connected = value) }
}

test('[D13] a process that lives and is not heard makes the bus deaf within two seconds, and is told when that lasts', () => {
  const { clock, shared, living, watched } = make()
  living.add('b')
  const beat = (): void => {
    shared.publish({ t: 'running', process: 'b' })
    clock.advance(runningMs)
  }
  for (let n = 0; n < 10; n++) beat()
  assert.equal(watched.isDeaf(), false)
  clock.advance(runningMs * (unheardMax - 1))
  assert.equal(watched.isDeaf(), false, 'a late sign of life is none that is missing')
  clock.advance(runningMs)
  assert.equal(watched.isDeaf(), true)
  assert.ok(runningMs * (unheardMax + 1) < 2_000)
  assert.equal(watched.isDeafForLong(), false)
  clock.advance(tellDeafMs)
  assert.equal(watched.isDeafForLong(), true)
  beat()
  assert.deepEqual([watched.isDeaf(), watched.isDeafForLong()], [false, false])
  clock.advance(runningMs * 9)
  living.delete('b')
  clock.advance(runningMs)
  assert.equal(watched.isDeaf(), false, 'a process that has ended need not be heard')
})

test('[D13] hints that another process has lost are looked for at once', () => {
  const { clock, shared, watched } = make()
  shared.publish({ t: 'lost' })
  clock.advance(lostMs - 1)
  assert.equal(watched.isDeaf(), true)
  clock.advance(1)
  assert.equal(watched.isDeaf(), false)
})

test('[D13] a process says that it runs, and a bus without its server is deaf whoever lives', () => {
  const { clock, shared, watched, connect } = make()
  const heard: string[] = []
  shared.subscribe('all', (hint) => void (hint.t === 'running' && heard.push(hint.process)))
  clock.advance(runningMs * 3)
  assert.deepEqual(heard, ['a', 'a', 'a'])
  connect(false)
  assert.equal(watched.isDeaf(), true)
  watched.stop()
  clock.advance(runningMs * 3)
  assert.equal(heard.length, 3)
})
