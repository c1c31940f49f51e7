import assert from 'node:assert/strict'
import { test } from 'node:test'
import { becomeOnlyBench } from './only-bench.ts'

test('[S6] of two benches at once the second is told, and may begin when the first has ended', async () => {
  const name = `\0bongsu-bench-test-${process.pid}`
  const first = await becomeOnlyBench(name)
  assert.ok(first !== null)
  assert.equal(await becomeOnlyBench(name), null)
  await first()
  const second = await becomeOnlyBench(name)
  assert.ok(second !== null)
  await second()
})
