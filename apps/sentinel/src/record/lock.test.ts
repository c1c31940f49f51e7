import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { lockRecord, sentinelRuns } from './lock.ts'
import { openRecord } from './open-record.ts'
import { RecordLocked } from './unavailable.ts'

test('[S5] one sentinel uses a directory, and a person’s command works beside it', () => {
  const { directory, remove } = temporaryRecord()
  assert.equal(sentinelRuns(directory), false)
  const release = lockRecord(directory)
  assert.equal(sentinelRuns(directory), true)
  assert.throws(
    () => lockRecord(directory),
    (error) => error instanceof RecordLocked && error.message.includes('Another sentinel already uses'),
  )
  openRecord(directory).close()
  release()
  release()
  assert.equal(sentinelRuns(directory), false)
  lockRecord(directory)()
  assert.equal(statSync(join(directory, 'lock.db')).mode & 0o777, 0o600)
  remove()
})

test('[S5] a killed sentinel leaves no lock', async (t) => {
  const { directory, remove } = temporaryRecord()
  const program = `import { lockRecord } from '${new URL('lock.ts', import.meta.url).href}'
    lockRecord(${JSON.stringify(directory)}); gc(); console.log('held'); setInterval(() => {}, 1_000)`
  // Nobody keeps the value returned by lockRecord, and the garbage collector runs: the lock still holds.
  const args = ['--expose-gc', '--input-type=module-typescript', '-e', program]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  assert.throws(() => lockRecord(directory), RecordLocked)
  assert.equal(sentinelRuns(directory), true)
  child.kill('SIGKILL')
  await once(child, 'close')
  await sleep(20)
  lockRecord(directory)()
  remove()
})
