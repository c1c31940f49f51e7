import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startPostgres } from '../contract/postgres-server.ts'
import { doMainJob, MAIN_JOB_MS } from './main-job.ts'
import { startServerProcess } from './server-process.ts'

test(
  '[C1] [C2] [C3] [M5] [R4] [D10] [D12] with PostgreSQL two people join, talk, read, go offline and come back, with the server killed in between',
  { timeout: MAIN_JOB_MS },
  async (t) => {
    const database = await startPostgres()
    t.after(() => database.remove())
    const server = await startServerProcess(t, { env: { BONGSU_DATABASE: await database.makeDatabase() } })
    await doMainJob(t, server)
    assert.equal(existsSync(join(server.directory, 'bongsu.db')), false)
  },
)
