import assert from 'node:assert/strict'
import { test } from 'node:test'
import { play } from './play.ts'
import { Random } from './random.ts'
import { scoreOf, tell, unfounded } from './score.ts'
import { TOWNS, worldOf } from './worlds.ts'

// Towns with a fault every few hours. The truth is known each second, so every word can be judged. `npm run drill -- judge-faults` lives through more.

const SEED = Number(process.env['JUDGE_SEED'] ?? 1_000)
const DAYS = Number(process.env['JUDGE_DAYS'] ?? 1)
/** An interval of 95 % says itself that some shares lie outside. So many may, of those that are estimated. */
const OUTSIDE_PART = 0.15
const ESTIMATED = /does not hold|is off/

for (const town of TOWNS) {
  test(`[S9] ${DAYS} days with faults in a town of ${town.users}: each is told, soon, and with honest numbers`, async (t) => {
    const played = await play(worldOf(SEED, town, DAYS, { faults: true }))
    const scores = scoreOf(played)
    for (const { trouble, wordMs, faults } of scores)
      t.diagnostic(`${trouble.kind} ${trouble.share ?? ''}: ${wordMs === null ? 'no word' : `${wordMs / 1_000} s`} ${faults.join('; ')}`)
    const faults = [...scores.flatMap(tell), ...unfounded(played)]
    assert.deepEqual(
      faults.filter((fault) => !ESTIMATED.test(fault)),
      [],
    )
    const shares = scores.filter(({ first }) => first !== null).length
    assert.ok(faults.length <= Math.max(1, shares * OUTSIDE_PART), faults.join('\n'))
  })
}

test('the same seed gives the same world, and chance is what it says', () => {
  const [town] = TOWNS as [(typeof TOWNS)[number]]
  assert.deepEqual(worldOf(5, town, 7, { faults: true }), worldOf(5, town, 7, { faults: true }))
  assert.notDeepEqual(worldOf(5, town, 7, { faults: true }), worldOf(6, town, 7, { faults: true }))
  const random = new Random(1)
  for (const [count, part] of [
    [20, 0.3],
    [1_000, 0.01],
    [1_000, 0.3],
  ] as const) {
    const happened = Array.from({ length: 4_000 }, () => random.of(count, part))
    const mean = happened.reduce((sum, each) => sum + each, 0) / happened.length
    assert.ok(Math.abs(mean / (count * part) - 1) < 0.02, `${mean} of ${count}`)
  }
})
