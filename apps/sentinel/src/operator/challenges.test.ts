import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClock } from '../../../../tests/worlds/notifier-clock.ts'
import { CHALLENGE_BOUNDS, createChallenges } from './passkeys.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

test('[S12] a challenge counts once, in time, and only from the program that made it', async () => {
  const clock = createTestClock(0)
  const challenges = createChallenges(clock)
  const [first, second, third] = [challenges.make(), challenges.make(), challenges.make()]
  assert.equal(challenges.spend(text(first)), true)
  assert.equal(challenges.spend(text(first)), false, 'once')
  await clock.pass(CHALLENGE_BOUNDS.validMs - 1)
  assert.equal(challenges.spend(text(second)), true)
  await clock.pass(1)
  assert.equal(challenges.spend(text(third)), false, 'too late')
  const fresh = challenges.make()
  assert.equal(createChallenges(clock).spend(text(fresh)), false, 'made elsewhere')
  for (const forged of ['', 'x', text(fresh.with(3, 7)), text(fresh.with(30, (fresh[30] ?? 0) ^ 1)), text(fresh.slice(1))])
    assert.equal(challenges.spend(forged), false)
})

test('[S12] nobody pushes out the challenge of another by asking for many', () => {
  const challenges = createChallenges(createTestClock(0))
  const mine = challenges.make()
  for (let n = 0; n < 20_000; n++) challenges.make()
  assert.equal(challenges.spend(text(mine)), true)
})

test('[O1] so many spent challenges are remembered', () => {
  const challenges = createChallenges(createTestClock(0))
  const all = Array.from({ length: CHALLENGE_BOUNDS.spentMax + 1 }, () => text(challenges.make()))
  for (const each of all) assert.equal(challenges.spend(each), true)
  assert.equal(challenges.spend(all[1] ?? ''), false)
})
