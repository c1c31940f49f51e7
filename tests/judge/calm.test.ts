import assert from 'node:assert/strict'
import { test } from 'node:test'
import { play } from './play.ts'
import { scoreOf, tell, unfounded } from './score.ts'
import { TOWNS, worldOf } from './worlds.ts'

// The whole sentinel, from evidence to words, in towns of every size, where nothing happens that users would call an outage: every word is a false
// alarm. `npm run drill -- judge-calm` lives through more.

const SEED = Number(process.env['JUDGE_SEED'] ?? 1)
const DAYS = Number(process.env['JUDGE_DAYS'] ?? 0.5)

for (const town of TOWNS) {
  test(`[S1] ${DAYS} days of healthy noise in a town of ${town.users}: no false word`, async (t) => {
    const played = await play(worldOf(SEED, town, DAYS, { faults: false }))
    t.diagnostic(`${played.world.troubles.length} events, ${played.said.length} words`)
    assert.deepEqual([...scoreOf(played).flatMap(tell), ...unfounded(played)], [])
    assert.deepEqual(played.warned, [])
  })
}
