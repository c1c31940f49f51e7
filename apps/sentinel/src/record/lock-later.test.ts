import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { smallDisk } from '../../../../tests/worlds/small-disk.ts'
import { createTestClock } from '../../../../tests/worlds/notifier-clock.ts'
import { holdLock, lockRecord, sentinelRuns } from './lock.ts'
import { ROOM_EVERY_MS } from './room.ts'
import { RecordLocked } from './unavailable.ts'

function hold(directory: string) {
  const clock = createTestClock(0)
  const said: string[] = []
  const log = { note: (sentence: string) => void said.push(sentence), warn: (sentence: string) => void said.push(sentence) }
  return { clock, said, release: holdLock(directory, clock, log) }
}

test('[S3] [S5] on a writable disk the lock is held from the first moment, without a warning', (t) => {
  const { directory, remove } = temporaryRecord()
  t.after(remove)
  const { said, release } = hold(directory)
  assert.equal(sentinelRuns(directory), true)
  assert.throws(() => hold(directory), RecordLocked)
  release()
  assert.equal(sentinelRuns(directory), false)
  assert.deepEqual(said, [])
  writeFileSync(join(directory, 'file'), '')
  assert.throws(() => hold(join(directory, 'file', 'data')), 'a folder that cannot be is no full disk')
})

test('[S3] a disk without room for a lock gives one warning until the lock succeeds', async (t) => {
  for (const [none, some] of [
    ['ro', 'rw'],
    ['nr_inodes=2', 'nr_inodes=100'],
  ] as const) {
    const disk = smallDisk(t)
    if (disk === null) return
    // Two files are allowed, and the folder counts as one of them.
    writeFileSync(join(disk.path, 'filler'), '')
    disk.remount(none)
    const { clock, said, release } = hold(disk.path)
    await clock.pass(3 * ROOM_EVERY_MS)
    assert.equal(said.length, 1, said.join())
    assert.equal(sentinelRuns(disk.path), false)
    disk.remount(some)
    await clock.pass(ROOM_EVERY_MS)
    assert.equal(sentinelRuns(disk.path), true)
    await clock.pass(3 * ROOM_EVERY_MS)
    assert.equal(said.length, 2, said.join())
    release()
    assert.equal(sentinelRuns(disk.path), false)
  }
})

test('[S5] of two sentinels without a lock one gets it and the other ends; a stopped one gets none', async (t) => {
  const disk = smallDisk(t)
  if (disk === null) return
  disk.remount('ro')
  const [late, stopped] = [hold(disk.path), hold(disk.path)]
  stopped.release()
  disk.remount('rw')
  await stopped.clock.pass(3 * ROOM_EVERY_MS)
  assert.equal(sentinelRuns(disk.path), false)
  const release = lockRecord(disk.path)
  await assert.rejects(late.clock.pass(ROOM_EVERY_MS), RecordLocked)
  release()
})
