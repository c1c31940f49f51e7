import assert from 'node:assert/strict'
import { parentPort, workerData } from 'node:worker_threads'
import { openRecord } from '../record/open-record.ts'
import { countDay } from './count-day.ts'
import type { CountJob } from './day-counter.ts'
import { EVIDENCE_KINDS } from './evidence.ts'

// Counting a full day takes seconds. The main thread of the sentinel must not be blocked that long, so the count runs here.

const port = parentPort
assert(port, 'this file is the start of a worker thread')
const record = openRecord((workerData as { directory: string }).directory, { create: false })

port.on('message', ({ day, timeZone, now }: CountJob) =>
  port.postMessage(countDay(record, (basis) => record.each({ ...basis, kinds: EVIDENCE_KINDS }), day, timeZone, now)),
)
