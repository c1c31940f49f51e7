import { test } from 'node:test'
import { doMainJob, MAIN_JOB_MS } from './main-job.ts'
import { startServerProcess } from './server-process.ts'

test(
  '[C1] [C2] [C3] [M5] [R4] [D10] two people join, talk, read, go offline and come back, with the server killed in between',
  { timeout: MAIN_JOB_MS },
  async (t) => doMainJob(t, await startServerProcess(t)),
)
