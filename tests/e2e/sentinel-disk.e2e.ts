import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import type { StatusDocument } from '@bongsu/protocol'
import { sentinelRuns } from '../../apps/sentinel/src/record/lock.ts'
import { openRecord } from '../../apps/sentinel/src/record/open-record.ts'
import { verifyRecord } from '../../apps/sentinel/src/record/verify.ts'
import { startSentinelProcess, type SentinelProcess } from './sentinel-process.ts'
import { empty, fill, smallDisk, type SmallDisk } from '../worlds/small-disk.ts'
import { newestFirst } from './until-over.ts'
import { waitFor } from './wait-for.ts'

const NOTE = '지금은 디스크에 기록을 쓸 수 없습니다.'
/** A messenger that is not there: everything fails, and that is an incident within some seconds. */
const DEAD = { BONGSU_STATUS_SERVER: 'http://127.0.0.1:9', BONGSU_SENTINEL_KEY: 'a-key-of-nobody-at-all-in-the-world' }

interface Place {
  readonly later: ReturnType<typeof newestFirst>
  readonly data: string
  readonly fill: () => void
  readonly empty: () => void
  readonly remount: SmallDisk['remount']
}

function place(t: TestContext): Place | null {
  const later = newestFirst(t)
  const disk = smallDisk(t, later)
  if (disk === null) return null
  const filler = join(disk.path, 'filler')
  return {
    later,
    data: join(disk.path, 'data'),
    fill: () => fill(filler),
    empty: () => empty(filler),
    remount: (how) => disk.remount(how),
  }
}

const statusOf = async (sentinel: SentinelProcess): Promise<StatusDocument> => JSON.parse((await sentinel.get('/status.json')).text) as StatusDocument

async function untilIncident(sentinel: SentinelProcess): Promise<string> {
  const [incident] = await waitFor(
    'an incident',
    async () => {
      const { incidents } = await statusOf(sentinel)
      return incidents.length > 0 && incidents
    },
    // A new sentinel waits 20 s for a first answer.
    { withinMs: 60_000 },
  )
  return incident?.id ?? assert.fail()
}

/** Whatever the disk does, the page stands, is of now, and says what it knows of the incident. */
async function assertWatches(sentinel: SentinelProcess, incidentId: string): Promise<void> {
  const { measuredAt, incidents } = await statusOf(sentinel)
  assert.deepEqual(
    incidents.map(({ id }) => id),
    [incidentId],
  )
  const isNew = async (): Promise<boolean> => ((await statusOf(sentinel)).measuredAt ?? 0) > (measuredAt ?? 0) + 1_000
  // A sentinel that has never met the messenger looks for 20 s before it says anything.
  await waitFor('new evidence', isNew, { withinMs: 60_000 })
  assert.match((await sentinel.get('/')).text, new RegExp(NOTE))
  assert.match((await sentinel.get('/en/')).text, /The record cannot be written to the disk at the moment\./)
}

async function untilWritten(sentinel: SentinelProcess): Promise<void> {
  await waitFor(
    () => `the record to be written. The sentinel said: ${sentinel.said}`,
    async () => {
      const page = await sentinel.get('/').catch(() => null)
      return page !== null && page.status === 200 && !page.text.includes(NOTE) && (await sentinel.get('/operator').catch(() => null))?.status !== 404
    },
    { withinMs: 30_000 },
  )
}

function wordsIn(data: string): readonly string[] {
  const record = openRecord(data, { create: false })
  const words = record.read({ kinds: ['incident'] }).flatMap((entry) => (entry.kind === 'incident' ? [entry.body] : []))
  assert.ok(verifyRecord(record).sound)
  record.close()
  return words.map(({ incidentId, number }) => `${incidentId}#${number}`)
}

// At the same time: each mostly waits until a sentinel has looked long enough to speak.
describe('full and broken disks', { concurrency: true }, () => {
  test('[S2] [S3] a sentinel that starts on a full disk, however the last one ended, or on one that may not be written, watches and shows, and writes as soon as it can', async (t) => {
    const at = place(t)
    if (at === null) return
    const sentinel = await startSentinelProcess(at.later, { ...DEAD, BONGSU_STATUS_DATA: at.data })
    const incidentId = await untilIncident(sentinel)
    assert.doesNotMatch((await sentinel.get('/')).text, new RegExp(NOTE))

    at.fill()
    await waitFor('the full disk to be told', async () => (await sentinel.get('/')).text.includes(NOTE), { withinMs: 20_000 })
    await assertWatches(sentinel, incidentId)
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      await sentinel.kill(signal)
      at.fill()
      await sentinel.start()
      await assertWatches(sentinel, incidentId)
      at.empty()
      await untilWritten(sentinel)
    }
    await sentinel.kill('SIGTERM')
    at.remount('ro')
    await sentinel.start()
    await assertWatches(sentinel, incidentId)
    at.remount('rw')
    await untilWritten(sentinel)
    await sentinel.kill('SIGTERM')
    const words = wordsIn(at.data)
    assert.deepEqual(
      words,
      words.map((_, index) => `${incidentId}#${index + 1}`),
      'one incident through it all, each word once',
    )
  })

  test('[S3] a sentinel that begins its life on a full disk says what it sees; with room there is a record of it from its start on', async (t) => {
    const at = place(t)
    if (at === null) return
    at.fill()
    const startedAt = Date.now()
    const sentinel = await startSentinelProcess(at.later, { ...DEAD, BONGSU_STATUS_DATA: at.data })
    const incidentId = await untilIncident(sentinel)
    await assertWatches(sentinel, incidentId)
    const noticedAt = Date.now()
    at.empty()
    await untilWritten(sentinel)
    await waitFor('the link for the first operator', () => /operator\/set-up\?link=/.test(sentinel.said))
    assert.deepEqual(
      (await statusOf(sentinel)).incidents.map(({ id }) => id),
      [incidentId],
    )
    await sentinel.kill('SIGTERM')
    assert.equal(wordsIn(at.data)[0], `${incidentId}#1`)
    const record = openRecord(at.data, { create: false })
    const [first, ...rest] = record.read({})
    record.close()
    assert.ok(first?.kind === 'sentinel' && first.body.event === 'started' && first.at >= startedAt && first.at < noticedAt, 'it began when it began')
    assert.equal(rest.filter((entry) => entry.kind === 'sentinel' && entry.body.event === 'started').length, 0, 'and once')
    assert.ok(rest.some((entry) => entry.kind === 'observations' && entry.at < noticedAt))
  })

  test('[S1] [S3] an outage that goes on over a start on a full disk is one incident, also when the index of the log is missing', async (t) => {
    const at = place(t)
    if (at === null) return
    const sentinel = await startSentinelProcess(at.later, { ...DEAD, BONGSU_STATUS_DATA: at.data })
    const incidentId = await untilIncident(sentinel)
    await sentinel.kill('SIGKILL')
    // The index is made anew by whoever opens the record first, and for that there is no room.
    rmSync(join(at.data, 'record.db-shm'))
    at.fill()
    await sentinel.start()
    await assertWatches(sentinel, incidentId)
    at.empty()
    await untilWritten(sentinel)
    await sentinel.kill('SIGTERM')
    const words = wordsIn(at.data)
    assert.deepEqual(
      words,
      words.map((_, index) => `${incidentId}#${index + 1}`),
    )
  })

  test('[S3] [S5] a damaged record is refused on a full disk as well, and stays as it is', async (t) => {
    const at = place(t)
    if (at === null) return
    const sentinel = await startSentinelProcess(at.later, { ...DEAD, BONGSU_STATUS_DATA: at.data })
    await untilIncident(sentinel)
    await sentinel.kill('SIGTERM')
    const file = join(at.data, 'record.db')
    const bytes = readFileSync(file)
    bytes.fill(0xee, 4_096, bytes.length - 4_096)
    writeFileSync(file, bytes)
    at.fill()
    const refused = await startSentinelProcess(at.later, { ...DEAD, BONGSU_STATUS_DATA: at.data }, true)
    assert.equal(await refused.exited, 1, refused.said)
    assert.match(refused.said, /record\.db is damaged/)
    assert.ok(readFileSync(file).equals(bytes))
  })

  test('[S3] a post whose disk takes nothing observes and reports all the same, and takes its lock when it can: from then on a second one is refused', async (t) => {
    const at = place(t)
    if (at === null) return
    const key = 'a-key-of-the-post-in-busan-and-of-nobody-else'
    const main = await startSentinelProcess(at.later, { ...DEAD, BONGSU_STATUS_POSTS: `busan=${key}` })
    const env = { ...DEAD, BONGSU_STATUS_DATA: at.data, BONGSU_STATUS_MAIN: main.url, BONGSU_STATUS_POST: 'busan', BONGSU_STATUS_POST_KEY: key }
    at.remount('ro')
    const post = await startSentinelProcess(at.later, env, true)
    const record = openRecord(main.directory, { create: false })
    t.after(() => record.close())
    await waitFor(
      () => `what the post saw. It said: ${post.said}`,
      () => record.read({ kinds: ['observations'] }).some((entry) => entry.kind === 'observations' && entry.body.post === 'busan'),
      { withinMs: 60_000 },
    )
    assert.equal(post.said.split('The disk cannot be written.').length, 2, 'said once')
    at.remount('rw')
    await waitFor('the lock', () => sentinelRuns(at.data), { withinMs: 30_000 })
    const second = await startSentinelProcess(at.later, env, true)
    assert.equal(await second.exited, 1, second.said)
    assert.match(second.said, /Another sentinel already uses/)
    await post.kill('SIGTERM')
    assert.equal(await post.exited, 0, 'the first is as well as it was')
  })
})
