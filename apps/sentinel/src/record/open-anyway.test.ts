import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { aDay, figures, incident, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { createTestClock } from '../../../../tests/worlds/notifier-clock.ts'
import { empty, fill, smallDisk } from '../../../../tests/worlds/small-disk.ts'
import { openRecord, openRecordAnyway, recordFile } from './open-record.ts'
import { ROOM_BYTES, ROOM_EVERY_MS, wantOfRoom } from './room.ts'
import { RecordUnavailable, RecordUnusable } from './unavailable.ts'
import { verifyRecord } from './verify.ts'

/** A record of 60 entries on a full disk. Its program ended normally, or was killed and left entries in the write-ahead log. */
function fullDisk(t: TestContext, end: 'close' | 'kill'): { directory: string; empty: () => void } | null {
  const disk = smallDisk(t)
  if (disk === null) return null
  const directory = join(disk.path, 'data')
  const program = `
    import { openRecord } from '${new URL('open-record.ts', import.meta.url).href}'
    import { figures, incident } from '${new URL('../../../../tests/contract/record-bodies.ts', import.meta.url).href}'
    const record = openRecord(${JSON.stringify(directory)})
    for (let n = 1; n <= 30; n++) record.append([figures(${aDay}, n), incident(n, ${aDay})], ${aDay})
    ${end === 'close' ? 'record.close()' : "process.kill(process.pid, 'SIGKILL')"}`
  spawnSync(process.execPath, ['--input-type=module-typescript', '-e', program], { stdio: 'inherit' })
  // The index of the log is made anew by whoever opens the record first, and for that there is no room.
  rmSync(`${recordFile(directory)}-shm`, { force: true })
  const filler = join(disk.path, 'filler')
  fill(filler)
  return { directory, empty: () => empty(filler) }
}

test('[S3] on a full disk the record is read, however its program ended; writes are refused until there is room, and then just work', async (t) => {
  for (const end of ['close', 'kill'] as const) {
    const disk = fullDisk(t, end)
    if (disk === null) return
    const { directory } = disk
    assert.equal(existsSync(`${recordFile(directory)}-wal`), end === 'kill')
    assert.throws(() => openRecord(directory))
    const clock = createTestClock(0)
    const record = openRecordAnyway(directory, clock)
    assert.deepEqual([record.head(), record.read({ kinds: ['incident'] }).length], [60, 30])
    assert.throws(() => record.append([incident(31, aDay)], aDay), RecordUnavailable)
    assert.throws(() => record.appendUnless({ kinds: ['incident'], seq: 60 }, [incident(31, aDay)], aDay), RecordUnavailable)
    assert.deepEqual([record.head(), record.read({ kinds: ['incident'] }).length], [60, 30])
    disk.empty()
    await clock.pass(ROOM_EVERY_MS)
    assert.equal(record.append([figures(aDay)], aDay)[0]?.seq, 61)
    const other = openRecord(directory)
    assert.equal(other.append([figures(aDay)], aDay)[0]?.seq, 62, 'a command is not kept out')
    other.close()
    assert.equal(record.head(), 62)
    record.close()
    assert(verifyRecord(directory).sound)
  }
})

test('[S3] on a full disk a missing record appears empty and begins with the first entry that finds room', async (t) => {
  const disk = smallDisk(t)
  if (disk === null) return
  const filler = join(disk.path, 'filler')
  fill(filler)
  const directory = join(disk.path, 'data')
  const clock = createTestClock(0)
  const record = openRecordAnyway(directory, clock)
  assert.deepEqual([record.head(), record.seqAt(0), record.read({}).length], [0, 1, 0])
  assert.throws(() => record.append([figures(aDay)], aDay), RecordUnavailable)
  empty(filler)
  await clock.pass(ROOM_EVERY_MS)
  assert.equal(record.append([figures(aDay)], aDay)[0]?.seq, 1)
  record.close()
  assert(verifyRecord(directory).sound)
})

test('[S5] a damaged record is refused on a full disk as well and stays unchanged', (t) => {
  const disk = fullDisk(t, 'close')
  if (disk === null) return
  const file = recordFile(disk.directory)
  disk.empty()
  const bytes = readFileSync(file).fill(0xee, 4_096)
  writeFileSync(file, bytes)
  fill(join(disk.directory, '..', 'filler'))
  assert.throws(() => openRecordAnyway(disk.directory, createTestClock(0)), RecordUnusable)
  assert.ok(readFileSync(file).equals(bytes))
})

test('[S3] the check for a writable disk works and leaves no file', (t) => {
  const { directory, remove } = temporaryRecord()
  t.after(remove)
  const inside = join(directory, 'not', 'there', 'yet')
  assert.equal(wantOfRoom(inside), null)
  assert.deepEqual(readdirSync(inside), [])
  writeFileSync(join(directory, 'file'), '')
  assert.equal(wantOfRoom(join(directory, 'file', 'data')), null, 'a folder that cannot be is no full disk')
})

test('[O1] [S3] the room asked for suffices to open the files', (t) => {
  const disk = smallDisk(t, t, (2 * ROOM_BYTES) / 1_024)
  if (disk === null) return
  const filler = join(disk.path, 'filler')
  writeFileSync(filler, Buffer.alloc(ROOM_BYTES))
  assert.equal(wantOfRoom(disk.path), null)
  writeFileSync(filler, Buffer.alloc(ROOM_BYTES + 4_096))
  assert.equal(wantOfRoom(disk.path), 'ENOSPC')
  assert.deepEqual(readdirSync(disk.path), ['filler'])
  rmSync(filler)
  disk.remount('ro')
  assert.equal(wantOfRoom(disk.path), 'EROFS')
  assert.equal(wantOfRoom(join(disk.path, 'not', 'there', 'yet')), 'EROFS')
})
