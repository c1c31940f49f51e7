import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { createTestClock } from '../notify/test-clock.ts'
import { holdLock } from './hold-lock.ts'
import { lockRecord, RecordLocked, sentinelRuns } from './lock.ts'
import { ROOM_EVERY_MS } from './room.ts'

interface Disk {
  readonly directory: string
  readonly remount: (how: string) => void
}

function mount(t: Pick<TestContext, 'after' | 'skip'>): Disk | null {
  const { directory, remove } = temporaryRecord()
  t.after(() => {
    spawnSync('umount', ['--lazy', directory])
    remove()
  })
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', directory]).status !== 0) {
    t.skip('a small disk cannot be mounted here')
    return null
  }
  return { directory, remount: (how) => assert.equal(spawnSync('mount', ['-o', `remount,${how}`, directory], { encoding: 'utf8' }).stderr, '') }
}

function hold(directory: string) {
  const clock = createTestClock(0)
  const said: string[] = []
  const log = { note: (sentence: string) => void said.push(sentence), warn: (sentence: string) => void said.push(sentence) }
  return { clock, said, release: holdLock(directory, clock, log) }
}

test('[S3] [S5] where the disk takes a lock it is held from the first moment, and nobody is told anything', (t) => {
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

test('[S3] a disk that takes no lock is gone without, told of once, until it takes one', async (t) => {
  for (const [none, some] of [
    ['ro', 'rw'],
    ['nr_inodes=2', 'nr_inodes=100'],
  ] as const) {
    const disk = mount(t)
    if (disk === null) return
    // Of two files that are allowed, the folder itself is one.
    writeFileSync(join(disk.directory, 'filler'), '')
    disk.remount(none)
    const { clock, said, release } = hold(disk.directory)
    await clock.pass(3 * ROOM_EVERY_MS)
    assert.equal(said.length, 1, said.join())
    assert.equal(sentinelRuns(disk.directory), false)
    disk.remount(some)
    await clock.pass(ROOM_EVERY_MS)
    assert.equal(sentinelRuns(disk.directory), true)
    await clock.pass(3 * ROOM_EVERY_MS)
    assert.equal(said.length, 2, said.join())
    release()
    assert.equal(sentinelRuns(disk.directory), false)
  }
})

test('[S5] of two that went without a lock one takes it, and the other ends; one that was stopped meanwhile takes none', async (t) => {
  const disk = mount(t)
  if (disk === null) return
  disk.remount('ro')
  const [late, stopped] = [hold(disk.directory), hold(disk.directory)]
  stopped.release()
  disk.remount('rw')
  await stopped.clock.pass(3 * ROOM_EVERY_MS)
  assert.equal(sentinelRuns(disk.directory), false)
  const release = lockRecord(disk.directory)
  await assert.rejects(late.clock.pass(ROOM_EVERY_MS), RecordLocked)
  release()
})
