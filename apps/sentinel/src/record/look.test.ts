import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { aDay, figures, incident, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { openToLook } from './look.ts'
import { openRecord, recordFile } from './open-record.ts'
import { ROOM_BYTES, wantOfRoom } from './room.ts'
import { RecordUnavailable, RecordUnusable } from './unavailable.ts'

/** A record of 60 entries whose program ended normally, or was killed and left entries in the write-ahead log. */
function recordLeftBy(t: { after(run: () => void): void }, end: 'close' | 'kill'): string {
  const { directory, remove } = temporaryRecord()
  t.after(remove)
  const program = `
    import { openRecord } from '${new URL('open-record.ts', import.meta.url).href}'
    import { figures, incident } from '${new URL('../../../../tests/contract/record-bodies.ts', import.meta.url).href}'
    const record = openRecord(${JSON.stringify(directory)})
    for (let n = 1; n <= 30; n++) record.append([figures(${aDay}, n), incident(n, ${aDay})], ${aDay})
    ${end === 'close' ? 'record.close()' : "process.kill(process.pid, 'SIGKILL')"}`
  spawnSync(process.execPath, ['--input-type=module-typescript', '-e', program], { stdio: 'inherit' })
  return directory
}

test('[S3] a record opened on a full disk gets no file beside it and refuses writes', (t) => {
  for (const end of ['close', 'kill'] as const) {
    const directory = recordLeftBy(t, end)
    const before = readdirSync(directory).toSorted()
    assert.equal(before.includes('record.db-wal'), end === 'kill')
    const { record, isRead } = openToLook(directory)
    assert.deepEqual([isRead, record.head(), record.read({ kinds: ['incident'] }).length], [true, 60, 30])
    assert.throws(() => record.append([incident(31, aDay)], aDay), RecordUnavailable)
    assert.throws(() => record.appendUnless({ kinds: ['incident'], seq: 60 }, [incident(31, aDay)], aDay), RecordUnavailable)
    assert.deepEqual(readdirSync(directory).toSorted(), before)
    record.close()
    const opened = openRecord(directory)
    assert.equal(opened.append([figures(aDay)], aDay)[0]?.seq, 61, 'whoever can write is not in its way')
    opened.close()
  }
})

test('[S3] a missing record appears empty and is not created', (t) => {
  const { directory, remove } = temporaryRecord()
  t.after(remove)
  const { record, isRead } = openToLook(directory)
  assert.deepEqual([isRead, record.head(), record.seqAt(0), record.read({}).length], [true, 0, 1, 0])
  assert.throws(() => record.append([figures(aDay)], aDay), RecordUnavailable)
  assert.deepEqual(readdirSync(directory), [])
  record.close()
})

test('[S5] a damaged record is not opened and stays unchanged', (t) => {
  const directory = recordLeftBy(t, 'close')
  const file = recordFile(directory)
  const bytes = readFileSync(file).fill(0xee, 4_096)
  writeFileSync(file, bytes)
  assert.throws(() => openToLook(directory), RecordUnusable)
  assert.ok(readFileSync(file).equals(bytes))
  writeFileSync(file, 'something else')
  assert.throws(() => openToLook(directory), RecordUnusable)
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

const small = temporaryRecord()
if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${2 * ROOM_BYTES}`, 'tmpfs', small.directory]).status === 0) {
  test('[O1] [S3] the room asked for suffices to open the files', () => {
    const filler = join(small.directory, 'filler')
    writeFileSync(filler, Buffer.alloc(ROOM_BYTES))
    assert.equal(wantOfRoom(small.directory), null)
    writeFileSync(filler, Buffer.alloc(ROOM_BYTES + 4_096))
    assert.equal(wantOfRoom(small.directory), 'ENOSPC')
    assert.deepEqual(readdirSync(small.directory), ['filler'])
    rmSync(filler)
    assert.equal(spawnSync('mount', ['-o', 'remount,ro', small.directory]).status, 0)
    assert.equal(wantOfRoom(small.directory), 'EROFS')
    assert.equal(wantOfRoom(join(small.directory, 'not', 'there', 'yet')), 'EROFS')
    assert.equal(spawnSync('umount', [small.directory]).status, 0)
    small.remove()
  })
} else small.remove()
