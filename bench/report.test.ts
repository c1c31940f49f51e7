import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meets, round, tableOf, writeInto, type Report } from './report.ts'

const report: Report = {
  at: '2026-11-22',
  machine: 'a machine',
  commit: 'abc',
  command: 'npm run bench',
  durability: 'fsync',
  results: [
    {
      scenario: 'direct',
      about: 'Two people.',
      figures: [
        { name: 'CPU', value: 119.6, unit: 'µs', goal: { atMost: 120 } },
        { name: 'delay', value: 20, unit: 'ms', goal: { below: 20 } },
        { name: 'rate', value: 12_345.6, unit: '/s' },
        { name: 'ratio', value: 5.9, unit: '', goal: { atLeast: 6 } },
      ],
    },
  ],
}

test('[S6] a goal is met at its edge where it says at most, and not where it says below', () => {
  assert.equal(meets({ name: '', value: 120, unit: '', goal: { atMost: 120 } }), true)
  assert.equal(meets({ name: '', value: 120.1, unit: '', goal: { atMost: 120 } }), false)
  assert.equal(meets({ name: '', value: 20, unit: '', goal: { below: 20 } }), false)
  assert.equal(meets({ name: '', value: 6, unit: '', goal: { atLeast: 6 } }), true)
  assert.equal(meets({ name: '', value: 5.99, unit: '', goal: { atLeast: 6 } }), false)
  for (const goal of [{ below: 20 }, { atMost: 20 }, { atLeast: 6 }]) assert.equal(meets({ name: '', value: Number.NaN, unit: '', goal }), false)
})

test('[S6] a table says what was measured, what the goal was, and what missed it', () => {
  assert.deepEqual(tableOf(report.results[0]!).split('\n').slice(4), [
    '| CPU | 120 µs | ≤ 120 µs |',
    '| delay | 20.0 ms | < 20.0 ms, **missed** |',
    '| rate | 12,346 /s |  |',
    '| ratio | 5.90 | ≥ 6.00, **missed** |',
  ])
  assert.deepEqual([0.1234, 9.999, 12.34, 1234.5, Number.NaN].map(round), ['0.12', '10.00', '12.3', '1,235', '–'])
})

test('[S6] figures go between their markers, again and again, and all else stays', () => {
  const document = 'before\n<!-- bench:direct -->\nold\n<!-- /bench:direct -->\nafter\n'
  const once = writeInto(document, report)
  assert.match(once, /^before\n<!-- bench:direct -->\nTwo people\.[^]*fsync\n<!-- \/bench:direct -->\nafter\n$/)
  assert.equal(once.includes('old'), false)
  assert.equal(writeInto(once, report), once)
  const result = { ...report.results[0]!, durability: 'nothing is kept' }
  assert.match(writeInto(document, { ...report, results: [result] }), /a machine {2}\nnothing is kept\n/)
})

test('[S6] a document without a place for a result is an error, not a result that is lost', () => {
  assert.throws(() => writeInto('nothing here', report), /bench:direct/)
  assert.throws(() => writeInto('<!-- /bench:direct --><!-- bench:direct -->', report), /bench:direct/)
})
