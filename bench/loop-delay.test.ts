import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { watchLoopDelay } from './loop-delay.ts'

function block(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('[S6] a loop that is blocked again and again shows for how long, and the next look begins anew', async () => {
  const delay = watchLoopDelay()
  await sleep(30)
  delay.takeP99Ms()
  for (let count = 0; count < 5; count++) {
    block(60)
    await sleep(10)
  }
  const blocked = delay.takeP99Ms()
  assert.ok(blocked >= 50, `blocked for 60 ms, seen ${blocked} ms`)
  await sleep(100)
  assert.ok(delay.takeP99Ms() < blocked)
})
