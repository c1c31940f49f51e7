import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ceiling, svgOf } from './plot.ts'

test('[S6] a bar is as long as its figure, and says it', () => {
  const bars = [
    { label: 'ours', value: 50, ours: true },
    { label: 'A & <B>', value: 1_000, ours: false },
  ]
  const svg = svgOf({ name: 'x', title: 'CPU', kind: 'bars', unit: 'µs', bars })
  const [short = 0, long = 0] = [...svg.matchAll(/<rect class="(?:ours|theirs)" .*?width="([\d.]+)"/g)].map(([, width]) => Number(width))
  assert.ok(Math.abs(long / short - 20) < 0.1, `${long} : ${short}`)
  assert.match(svg, />1,000 µs</)
  assert.match(svg, /A &amp; &lt;B&gt;/)
  assert.match(svg, /prefers-color-scheme: dark/)
})

test('[S6] a line goes from the first point to the last and stays within its frame', () => {
  const svg = svgOf({
    name: 'x',
    title: 'Back',
    kind: 'line',
    x: 's',
    y: '%',
    points: [
      [0, 0],
      [5, 50],
      [9.7, 100],
    ],
  })
  const points = (/points="(.*?)"/.exec(svg)?.[1] ?? '').split(' ').map((point) => point.split(',').map(Number))
  assert.equal(points.length, 3)
  const [[x0 = 0, y0 = 0] = [], , [x2 = 0, y2 = 0] = []] = points
  assert.ok(x0 < x2 && y2 < y0, 'up and to the right')
  assert.ok(x2 <= 720 && y2 >= 44)
})

test('[S6] the end of an axis is a round number that nothing exceeds', () => {
  assert.deepEqual([0, 0.9, 1, 1.01, 9.7, 10, 26, 41, 100, 10_000_000].map(ceiling), [1, 1, 1, 2, 10, 10, 40, 50, 100, 10_000_000])
})
