import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Told } from './crowd.ts'
import { feltBy, missedGoals } from './felt.ts'

/** Two devices: the connection of the first ends at 1,000. */
const TOLD: Told = {
  said: [
    { by: 0, writtenAt: 500, acceptedAt: 510, receivedAt: [[1, 512]] },
    { by: 0, writtenAt: 1_005, acceptedAt: 3_000, receivedAt: [[1, 3_001]] },
    { by: 1, writtenAt: 1_500, acceptedAt: 1_520, receivedAt: [[0, 3_100]] },
  ],
  closedAt: [[1_000, 1_800], [9_000]],
  refused: 0,
  unrest: null,
  breaches: [],
  ownDelayP99Ms: 1,
}
const GOALS = { againP99Ms: 2_010, othersSendP99Ms: 20, sendP99Ms: 1_995 }
const missed = (told: Told): string[] => missedGoals(feltBy(told, [990, 5_000], 0.5), GOALS)

test('[M5] a drill tells whom it hit, how soon these send again, and what the others felt; a goal is reached at its edge', () => {
  const felt = feltBy(TOLD, [990, 5_000], 0.5) as unknown as Record<string, Record<string, unknown>>
  assert.deepEqual([felt['shareHit'], felt['againMs']?.['max'], felt['attempts']?.['max']], [0.5, 2_010, 2])
  assert.deepEqual((felt['others']?.['deliveryMs'] as { count: number } | undefined)?.count, 0, 'the first, which was away, is no other')
  assert.deepEqual(missed(TOLD), [])
  const late: Told = { ...TOLD, said: TOLD.said.map((one) => (one.acceptedAt === null ? one : { ...one, acceptedAt: one.acceptedAt + 1 })) }
  assert.deepEqual(missed(late), ['99 % send again ≤ 2010 ms', 'sends of the others p99 ≤ 20 ms', 'sends p99 ≤ 1995 ms'])
})

test('[M5] a drill is missed when anything is lost, when its crowd does not come to rest, and when nobody was measured', () => {
  assert.deepEqual(missed({ ...TOLD, breaches: [['lost', 'a text is missing']] }), ['0 lost, doubled, reordered'])
  assert.deepEqual(missed({ ...TOLD, unrest: 'Waited.' }), ['0 lost, doubled, reordered'])
  assert.deepEqual(missed({ ...TOLD, said: [] }).length, 3)
})
