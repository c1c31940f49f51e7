import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { aDay, batch, figures, observation, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { openRecord, recordFile } from './open-record.ts'
import type { RecordBody } from './record.ts'

/** Of a packed day: 40 MB a week, with room for the present hour. */
const bytesOfDayMax = 5_000_000

test('[S6] a calm day of evidence takes at most 5 MB', (t) => {
  const { directory, remove } = temporaryRecord()
  const record = openRecord(directory)
  // Two hours, with many appends in one transaction so that the test does not wait for the disk. The size is the same.
  const spanMs = 7_200_000
  let id = 0
  for (let from = 0; from < spanMs; from += 600_000) {
    for (let at = aDay + from; at < aDay + from + 600_000; at += 2_000) {
      const tries = [observation((id += 1), at - 1_950), observation((id += 1), at - 950)]
      // One new connection a second.
      for (const ago of [1_700, 700])
        tries.push(
          observation((id += 1), at - ago, { light: true, deliveredMs: null, readMs: null, acceptedMs: 4 + (id % 5), knownAt: at - ago + 5 }),
        )
      // One sign-in and one page every 5 s.
      if (at % 5_000 < 2_000)
        tries.push(
          observation((id += 1), at - 1_500, { component: 'sign-in', deliveredMs: null, readMs: null, acceptedMs: 148, knownAt: at - 1_352 }),
        )
      if ((at + 2_000) % 5_000 < 2_000)
        tries.push(observation((id += 1), at - 400, { component: 'web', deliveredMs: null, readMs: null, acceptedMs: 31, knownAt: at - 369 }))
      const bodies: RecordBody[] = [batch(at, tries), figures(at - 37, id)]
      record.append(bodies, at)
    }
  }
  while (record.tidy(400, aDay + spanMs) > 0);
  record.close()
  const shell = new DatabaseSync(recordFile(directory))
  const packed = shell.prepare('SELECT sum(length(packed)) AS bytes FROM segments').get() as { bytes: number }
  shell.close()
  const bytes = (packed.bytes / spanMs) * 86_400_000
  t.diagnostic(`${(bytes / 1e6).toFixed(2)} MB a day`)
  assert(bytes <= bytesOfDayMax, `${bytes} bytes a day`)
  remove()
})
