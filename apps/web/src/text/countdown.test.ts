import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inWords, msToNextSecond, secondsTo } from './countdown.ts'

test('[C3] a countdown shows each second once and for a second, however late its timers are', () => {
  for (const lateMs of [0, 1, 20, 400, 999]) {
    const time = 1_000_000_007_321
    let now = time - 6_500
    const shown: number[] = []
    for (let ticks = 0; ticks < 100; ticks++) {
      shown.push(secondsTo(time, now))
      const nextMs = msToNextSecond(time, now)
      if (nextMs === null) break
      assert.ok(nextMs >= 1 && nextMs <= 1_000)
      now += nextMs + lateMs
    }
    assert.deepEqual(shown, [7, 6, 5, 4, 3, 2, 1, 0], `timers ${lateMs} ms late`)
  }
})

test('[C3] a time that has come, or a clock that was set forward, is 0 and stays', () => {
  assert.deepEqual([secondsTo(5, 5), msToNextSecond(5, 5)], [0, null])
  assert.deepEqual([secondsTo(5, 86_400_000), msToNextSecond(5, 86_400_000)], [0, null])
  assert.deepEqual([secondsTo(5, 4), msToNextSecond(5, 4)], [1, 1])
})

test('[C3] few seconds are said as seconds, many as minutes that are not too few', () => {
  const said = { seconds: (count: number) => `${count} s`, minutes: (count: number) => `${count} min` }
  assert.deepEqual(
    [0, 1, 89, 90, 120, 121, 900].map((seconds) => inWords(seconds, said)),
    ['0 s', '1 s', '89 s', '2 min', '2 min', '3 min', '15 min'],
  )
})
