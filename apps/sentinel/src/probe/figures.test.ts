import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import type { Asked, Request } from './ask.ts'
import { createFiguresReader, figuresWithinMs } from './figures.ts'

const TOLD = {
  at: 1,
  process: 'p1',
  cell: 'main',
  startedAt: 1,
  connectedUsers: 92,
  silent: [
    { agoMs: 0, users: 5 },
    { agoMs: 598_000, users: 3 },
  ],
  failedUsers: 2,
  connections: 120,
  signInsTried: 9,
  signInsFailed: 1,
  reconnects: 2,
  accepted: 1_000,
  refusedBusy: 0,
}

function start(answer: () => Asked) {
  const clock = createSimulatedClock()
  const requests: Request[] = []
  const logged: string[] = []
  let key = 'first'
  const reader = createFiguresReader({
    clock,
    serverUrl: 'http://talk.example',
    key: () => key,
    ask: async (request) => {
      requests.push(request)
      return answer()
    },
    log: (sentence) => logged.push(sentence),
  })
  return { clock, requests, logged, reader, setKey: (next: string) => (key = next) }
}

const json = (value: unknown, status = 200): Asked => ({ kind: 'answer', status, contentType: 'application/json', text: JSON.stringify(value) })

test('[S1] figures are read with the current key, within their time, and contain only the agreed fields', async () => {
  const { clock, requests, reader, setKey } = start(() => json(TOLD))
  const { connectedUsers, silent, failedUsers, signInsTried, signInsFailed, reconnects, accepted, refusedBusy } = TOLD
  assert.deepEqual(await reader.read(), {
    at: clock.now(),
    process: 'p1',
    cell: 'main',
    connectedUsers,
    silent,
    failedUsers,
    signInsTried,
    signInsFailed,
    reconnects,
    accepted,
    refusedBusy,
  })
  assert.equal(requests[0]?.url, 'http://talk.example/v1/figures')
  assert.equal(requests[0]?.timeoutMs, figuresWithinMs)
  setKey('second')
  await reader.read()
  assert.deepEqual(
    requests.map(({ headers }) => headers?.['authorization']),
    ['Bearer first', 'Bearer second'],
  )
})

test('[F8, S2] an answer of another shape gives no figures instead of guessed ones', async () => {
  const wrong: readonly Asked[] = [
    { kind: 'unreachable' },
    { kind: 'slow' },
    { kind: 'too-large' },
    json(TOLD, 500),
    json([]),
    json({ ...TOLD, process: '' }),
    json({ ...TOLD, process: undefined }),
    json({ ...TOLD, cell: 7 }),
    json({ ...TOLD, connectedUsers: -1 }),
    json({ ...TOLD, connectedUsers: 1.5 }),
    json({ ...TOLD, connectedUsers: undefined, activeUsers: 100, affectedUsers: 8 }),
    json({ ...TOLD, failedUsers: null }),
    json({ ...TOLD, silent: undefined }),
    json({ ...TOLD, silent: {} }),
    json({ ...TOLD, silent: [null] }),
    json({ ...TOLD, silent: [{ agoMs: 0, users: 0 }] }),
    json({ ...TOLD, silent: [{ agoMs: 0, users: -1 }] }),
    json({ ...TOLD, silent: [{ agoMs: 0, users: null }] }),
    json({ ...TOLD, silent: [{ agoMs: -2_000, users: 1 }] }),
    json({ ...TOLD, silent: [{ agoMs: 1_999, users: 1 }] }),
    json({ ...TOLD, silent: [{ agoMs: 600_000, users: 1 }] }),
    json({ ...TOLD, silent: [...TOLD.silent].toReversed() }),
    json({ ...TOLD, silent: [TOLD.silent[0], TOLD.silent[0]] }),
    json({ ...TOLD, silent: Array.from({ length: 301 }, (_, n) => ({ agoMs: n * 2_000, users: 1 })) }),
    { kind: 'answer', status: 200, contentType: 'application/json', text: JSON.stringify(TOLD).replace('92', 'NaN') },
    { kind: 'answer', status: 200, contentType: 'application/json', text: JSON.stringify(TOLD).replace('92', '1e999') },
    json({ ...TOLD, accepted: '1000' }),
    { kind: 'answer', status: 200, contentType: '', text: '{"process":' },
  ]
  for (const answer of wrong) {
    const sample = await start(() => answer).reader.read()
    assert.equal(sample.process, null, JSON.stringify(answer))
    assert.deepEqual([sample.connectedUsers, sample.silent, sample.failedUsers], [0, [], 0])
  }
})

test('[O19] any named setting makes the figures unsafe, and what is no list of names says nothing and takes nothing from the counts', async () => {
  const unsafeOf = async (unsafe: unknown): Promise<unknown> => {
    const sample = await start(() => json({ ...TOLD, unsafe })).reader.read()
    assert.deepEqual([sample.process, sample.connectedUsers], ['p1', 92])
    assert.ok(!('unsafe' in sample) || sample.unsafe)
    return sample.unsafe
  }
  const many = Array.from({ length: 1_000 }, (_, n) => `setting-${n}`)
  for (const told of [['fsync'], ['a setting of a newer server'], [7, 'fsync'], ['x'.repeat(100)], many]) assert.equal(await unsafeOf(told), true)
  for (const told of [undefined, null, [], [''], ['x'.repeat(101)], [null, 7, {}, ['fsync']], true, 'fsync', 1, { 0: 'fsync', length: 1 }])
    assert.equal(await unsafeOf(told), undefined, JSON.stringify(told))
})

test('[F8, S1] figures of nobody, of one silent person, and of all slices are figures', async () => {
  for (const told of [
    { ...TOLD, connectedUsers: 0, silent: [] },
    { ...TOLD, connectedUsers: 0, silent: [{ agoMs: 0, users: 1 }] },
    { ...TOLD, silent: Array.from({ length: 300 }, (_, n) => ({ agoMs: n * 2_000, users: 1 })) },
  ]) {
    const { process, connectedUsers, silent } = await start(() => json(told)).reader.read()
    assert.deepEqual([process, connectedUsers, silent], ['p1', told.connectedUsers, told.silent])
  }
})

test('[S1] a wrong key is logged once, and again after it was right', async () => {
  let answer = json({ code: 'unauthenticated' }, 401)
  const { logged, reader } = start(() => answer)
  await reader.read()
  await reader.read()
  assert.equal(logged.length, 1)
  answer = { kind: 'unreachable' }
  await reader.read()
  answer = json(TOLD)
  await reader.read()
  answer = json({ code: 'unauthenticated' }, 401)
  await reader.read()
  assert.equal(logged.length, 2)
})

test('[S1] reports are read for a span of time', async () => {
  const counts = { activeUsers: 9, affectedUsers: 3, signInUsers: 1, connectionUsers: 2, unsent: 7 }
  const { clock, requests, reader } = start(() => json(counts))
  assert.deepEqual(await reader.readReports(1_000.4, 2_000), { at: clock.now(), from: 1_000.4, to: 2_000, ...counts })
  assert.equal(requests[0]?.url, 'http://talk.example/v1/figures/reports?from=1000&to=2000')
  assert.equal(await start(() => json({ ...counts, unsent: null })).reader.readReports(1, 2), null)
  assert.equal(await start(() => ({ kind: 'slow' })).reader.readReports(1, 2), null)
})
