import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { createRandom } from '../../../../packages/client/fakes/clock.ts'
import { visitorOf } from '../notify/visitor-limit.ts'
import type { DevicesSample } from '../vocabulary/observation.ts'
import { createDeviceWords, DEVICE_WORDS_BOUNDS } from './device-words.ts'

const { liveMs, notLiveMs, everyMs, perAddressMax, perSiteMax, devicesMax } = DEVICE_WORDS_BOUNDS
const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const word = (n: number, live: boolean): string => `live=${live ? 1 : 0}&device=${idOf(n)}`

function start() {
  const clock = createSimulatedClock()
  const random = createRandom(1)
  const told: DevicesSample[] = []
  const words = createDeviceWords({ clock, random: () => random.next(), told: (sample) => void told.push(sample) })
  /** The counts of the next sample; null when there is none. */
  const next = (): [live: number, notLive: number] | null => {
    const before = told.length
    clock.advance(everyMs)
    const sample = told[before]
    return sample === undefined ? null : [sample.live, sample.notLive]
  }
  return { clock, words, told, next }
}

test('[F7] devices are counted by their last word, until they must have asked again, and nothing else is told of them', () => {
  const { clock, words, told, next } = start()
  assert.equal(next(), null)
  words.hear(word(1, true), 'a')
  words.hear(word(2, false), 'b')
  words.hear(word(3, true), 'c')
  words.hear(word(3, false), 'd')
  assert.deepEqual(next(), [1, 2])
  assert.deepEqual(told, [{ at: clock.now(), live: 1, liveLately: 1, notLive: 2 }])
  words.stop()
  words.hear(word(1, true), 'a')
  assert.equal(next(), null)
})

for (const [live, heldMs] of [
  [true, liveMs],
  [false, notLiveMs],
] as const)
  test(`[F7] the word of a device that is ${live ? '' : 'not '}live holds until it must have asked again`, () => {
    const { clock, words, told } = start()
    const samples = Math.ceil(heldMs / everyMs)
    clock.advance(samples * everyMs - heldMs)
    words.hear(word(1, live), 'a')
    clock.advance(1)
    words.hear(word(2, live), 'b')
    clock.advance(heldMs - 1)
    assert.equal(told.length, samples)
    assert.deepEqual(
      told.map((sample) => sample.live + sample.notLive),
      [...Array.from({ length: samples - 1 }, () => 2), 1],
      'one ms apart',
    )
  })

test('[F7] of the live devices, those that spoke as lately as one that is not live must are told apart', () => {
  const { clock, words, told } = start()
  const samples = Math.ceil(notLiveMs / everyMs)
  clock.advance(samples * everyMs - notLiveMs)
  words.hear(word(1, true), 'a')
  clock.advance(1)
  words.hear(word(2, true), 'b')
  clock.advance(notLiveMs - 1)
  assert.deepEqual([told.at(-2)?.live, told.at(-2)?.liveLately], [2, 2])
  assert.deepEqual([told.at(-1)?.live, told.at(-1)?.liveLately], [2, 1])
})

test('[F7] whatever is not exactly a word is no word', () => {
  const { words, next } = start()
  for (const query of [
    '',
    'live=1',
    `device=${idOf(1)}`,
    `live=2&device=${idOf(1)}`,
    `live=&device=${idOf(1)}`,
    `live=1&device=${idOf(1)}0`,
    `live=1&device=${idOf(1).slice(1)}`,
    `live=1&device=${idOf(1)}&name=x`,
    `device=${idOf(1)}&live=1`,
    `live=1&device=${'.'.repeat(36)}`,
  ])
    words.hear(query, 'a')
  assert.equal(next(), null)
})

test('[F7, O1] one address has the weight of twenty devices and no more, and a device that moves keeps its place', () => {
  const { clock, words, next } = start()
  for (let n = 0; n < perAddressMax + 1; n++) words.hear(word(n, false), 'a')
  assert.deepEqual(next(), [0, perAddressMax])
  words.hear(word(0, true), 'b')
  words.hear(word(perAddressMax, false), 'a')
  assert.deepEqual(next(), [1, perAddressMax - 1])
  clock.advance(liveMs)
  words.hear(word(perAddressMax, false), 'a')
  assert.deepEqual(next(), [0, 1])
})

test('[F7, O1] one site, the first 48 bits of an IPv6 address, has the weight of a hundred devices and no more', () => {
  const { clock, words, next } = start()
  const say = (site: string): void => {
    for (let n = 0; n <= perSiteMax; n++) words.hear(word(n, false), visitorOf(`${site}:${n.toString(16)}::1`))
  }
  say('2001:db8:1')
  assert.deepEqual(next(), [0, perSiteMax])
  words.hear(word(1_000, true), visitorOf('2001:db8:2::1'))
  assert.deepEqual(next(), [1, perSiteMax], 'another site')
  clock.advance(liveMs)
  say('2001:db8:1')
  assert.deepEqual(next(), [0, perSiteMax], 'what is forgotten frees its place')
})

test('[F7, O1] a word costs the same however many words were said before, also beyond the places of its address', () => {
  const { clock, words } = start()
  for (let n = 0; n < 1_000; n++) words.hear(word(n, true), String(n % 100))
  clock.advance(notLiveMs)
  let looks = 0
  const monotonic = clock.monotonic.bind(clock)
  clock.monotonic = () => {
    looks++
    return monotonic()
  }
  for (let n = 0; n < 2 * perAddressMax; n++) words.hear(word(2_000 + n, false), 'a')
  assert.ok(looks <= 2 * perAddressMax, `${looks} words were looked at`)
})

test('[F7, O1] so many devices are counted and no more; a further one takes the place of one by chance', () => {
  const { clock, words, next } = start()
  for (let n = 0; n < devicesMax; n++) words.hear(word(n, false), String(n))
  assert.deepEqual(next(), [0, devicesMax])
  for (let n = 0; n < devicesMax; n++) words.hear(word(devicesMax + n, true), String(devicesMax + n))
  const [live, notLive] = next() ?? assert.fail()
  assert.equal(live + notLive, devicesMax)
  // Of the first, each stayed with a chance of (1 - 1 / 20,000) ^ 20,000, about 1 / e.
  assert.ok(notLive > 0.33 * devicesMax && notLive < 0.41 * devicesMax, `${notLive}`)
  clock.advance(liveMs)
  assert.equal(next(), null)
  words.hear(word(0, false), '0')
  assert.deepEqual(next(), [0, 1])
})
