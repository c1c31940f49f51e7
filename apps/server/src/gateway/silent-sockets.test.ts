import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import { SilentSockets } from './silent-sockets.ts'

interface FakeSocket {
  readonly socket: Socket
  readonly destroyed: boolean
}

function bench() {
  const clock = createSimulatedClock()
  const silent = new SilentSockets(clock, (address) => address === '10.0.0.1')
  function open(remoteAddress: string): FakeSocket {
    const it = { destroyed: false, socket: { remoteAddress, destroy: () => (it.destroyed = true) } as unknown as Socket }
    silent.add(it.socket)
    return it
  }
  const openMany = (address: string, count: number): readonly FakeSocket[] => Array.from({ length: count }, () => open(address))
  return { clock, silent, open, openMany }
}

test('[O1] one address may have so many silent sockets; the oldest ends for each further one once it was silent for long enough', () => {
  const { clock, silent, open, openMany } = bench()
  const crowd = openMany('192.0.2.1', GATEWAY_BOUNDS.silentPerAddressCrowd)
  clock.advance(GATEWAY_BOUNDS.silentMs - 1)
  const more = open('192.0.2.1')
  assert.ok(
    [...crowd, more].every(({ destroyed }) => !destroyed),
    'they had too little time',
  )
  clock.advance(1)
  open('192.0.2.1')
  assert.deepEqual([crowd[0]?.destroyed, crowd[1]?.destroyed, more.destroyed], [true, false, false])
  silent.remove(crowd[1]!.socket)
  assert.equal(silent.size, GATEWAY_BOUNDS.silentPerAddressCrowd)
})

test('[O1] the most of one address are refused at once; another address, another household and a trusted proxy are not', () => {
  const { silent, open, openMany } = bench()
  const all = openMany('2001:db8::1', GATEWAY_BOUNDS.silentPerAddressMax)
  assert.ok(all.every(({ destroyed }) => !destroyed))
  assert.equal(open('2001:db8::2').destroyed, true, 'the same household')
  assert.equal(open('2001:db8:0:1::1').destroyed, false)
  assert.ok(openMany('10.0.0.1', 2 * GATEWAY_BOUNDS.silentPerAddressMax).every(({ destroyed }) => !destroyed))
  assert.equal(silent.size, GATEWAY_BOUNDS.silentPerAddressMax + 1)
})

test('[O1] when there are many in total, the address with the most makes room', () => {
  const { clock, open, openMany } = bench()
  const most = openMany('192.0.2.99', 10)
  for (let index = 0; index < GATEWAY_BOUNDS.silentCrowd - 10; index++) open(`198.51.${index >> 8}.${index & 255}`)
  clock.advance(GATEWAY_BOUNDS.silentMs)
  assert.equal(open('203.0.113.1').destroyed, false)
  assert.deepEqual([most[0]?.destroyed, most[1]?.destroyed], [true, false])
})
