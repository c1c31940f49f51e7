import assert from 'node:assert/strict'
import { test } from 'node:test'
import { busyTicks, machineBusyMicros, ownCpuMicros } from './processor-time.ts'

test('[S6] busy is everything but idle and waiting for disks', () => {
  assert.equal(busyTicks('cpu  1 20 300 4000 50000 600000 7000000 80000000 900000000 1\ncpu0 9 9 9 9\n'), 87_600_321)
  assert.throws(() => busyTicks('intr 1 2 3'), /proc/)
})

test('[S6] both clocks rise with work, and the machine is at least as busy as one of its processes', () => {
  const [own, all] = [ownCpuMicros(), machineBusyMicros()]
  while (ownCpuMicros() - own < 60_000);
  // The machine's is counted in steps of 10 ms, one for each processor.
  assert.ok(machineBusyMicros() - all >= 30_000)
})
