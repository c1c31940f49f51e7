import { test } from 'node:test'
import assert from 'node:assert/strict'
import { LIMITS, type Outage, type Refusal } from '@bongsu/protocol'
import { createFakeClock, createRandom, uuidOf } from '../fakes/clock.ts'
import { createWorld } from '../fakes/device.ts'
import type { Api } from './api.ts'
import type { Connection } from './connection.ts'
import { createOutages, keepEveryMs, lateMs, lookMs, tellAgainMs } from './outages.ts'
import type { StoredOutage } from './stored-outage.ts'

const { outageMsMin } = LIMITS
type Reports = readonly Outage[]

interface State {
  unsent: number
  spreadMs: number
  answer: { ok: true } | { ok: false; refusal: Refusal; offline?: true }
}

function bench() {
  const clock = createFakeClock()
  const asked: Reports[] = []
  const stored: (readonly StoredOutage[])[] = []
  const state: State = { unsent: 0, spreadMs: 0, answer: { ok: true } }
  const call = async (_name: string, { body }: { body: { outages: Reports } }) => {
    asked.push(body.outages)
    return state.answer
  }
  const outages = createOutages({
    clock,
    random: createRandom(1),
    http: { call: call as Api['call'] },
    unsent: () => state.unsent,
    spreadMs: () => state.spreadMs,
    store: async (kept) => void stored.push(kept),
  })
  const become = (name: Connection['state']): void =>
    outages.changed(name === 'waiting' ? { state: name, retryAt: 0, directed: false } : { state: name })
  return {
    clock,
    asked,
    stored,
    state,
    outages,
    become,
    kept: () => stored.at(-1) ?? [],
    /** A break of that duration, observed to its end. */
    broken: async (ms: number): Promise<void> => {
      become('waiting')
      await clock.pass(ms)
      become('live')
      await clock.pass(0)
    },
  }
}

test('[F4] a break of five seconds is no outage; one millisecond more is reported once, with the waiting messages', async () => {
  const { clock, asked, state, outages, become, broken, kept } = bench()
  outages.start()
  become('live')
  await broken(outageMsMin)
  await clock.pass(60_000)
  assert.equal(asked.length, 0)
  state.unsent = 3
  await broken(outageMsMin + 1)
  assert.deepEqual(
    kept().map(({ lastedMs, unsent, part }) => ({ lastedMs, unsent, part })),
    [{ lastedMs: outageMsMin + 1, unsent: 3, part: 'connection' }],
  )
  await clock.pass(1_000)
  assert.equal(asked.length, 1)
  const [report] = asked[0] ?? []
  assert.ok(report && report.agoMs > 0 && report.agoMs < 1_000)
  assert.deepEqual([report.lastedMs, report.unsent, report.part], [outageMsMin + 1, 3, 'connection'])
  assert.deepEqual(kept(), [], 'and then forgotten')
  await broken(1_000)
  await clock.pass(3 * tellAgainMs)
  assert.equal(asked.length, 1)
})

test('[F4] the time from opening the app until it is connected counts too, with any number of tries', async () => {
  const { clock, asked, outages, become } = bench()
  outages.start()
  for (let tries = 0; tries < 10; tries++) {
    become('connecting')
    await clock.pass(1_500)
    become('waiting')
    await clock.pass(2_500)
  }
  become('connecting')
  become('catching-up')
  await clock.pass(100)
  become('live')
  await clock.pass(1_000)
  assert.deepEqual(
    asked.map((reports) => reports.map(({ lastedMs }) => lastedMs)),
    [[40_100]],
  )
})

test('[F4] unnoticed breaks do not count: in the background, without a network, signed out, before the start and after the end', async () => {
  const { clock, outages, become, kept, asked } = bench()
  become('waiting')
  await clock.pass(60_000)
  outages.start()
  outages.inFront(false)
  await clock.pass(60_000)
  outages.inFront(true)
  await clock.pass(outageMsMin)
  become('offline')
  await clock.pass(60_000)
  become('connecting')
  await clock.pass(outageMsMin)
  become('signed-out')
  await clock.pass(60_000)
  become('outdated')
  await clock.pass(60_000)
  become('connecting')
  await clock.pass(outageMsMin)
  await outages.stop()
  await clock.pass(60_000)
  assert.deepEqual([kept(), asked], [[], []])
  assert.equal(clock.waiting(), 0, 'nothing is left running')
})

test('[F4] breaks before and after the app was put away are separate outages', async () => {
  const { clock, outages, become, kept } = bench()
  outages.start()
  become('waiting')
  await clock.pass(7_000)
  outages.inFront(false)
  await clock.pass(600_000)
  outages.inFront(true)
  await clock.pass(8_000)
  become('live')
  await clock.pass(0)
  assert.deepEqual(
    kept().map(({ lastedMs }) => lastedMs),
    [7_000, 8_000],
  )
  assert.equal((kept()[1]?.endedAt ?? 0) - (kept()[0]?.endedAt ?? 0), 608_000)
})

test('[F4] time without the running program does not count, and neither does a changed clock', async () => {
  const real = createFakeClock()
  let shift = 0
  const kept: (readonly StoredOutage[])[] = []
  const outages = createOutages({
    clock: { now: () => real.now() + shift, after: (delayMs, run) => real.after(delayMs, run) },
    random: createRandom(1),
    http: { call: (async () => ({ ok: true })) as unknown as Api['call'] },
    unsent: () => 0,
    spreadMs: () => 0,
    store: async (next) => void kept.push(next),
  })
  outages.start()
  outages.changed({ state: 'connecting' })
  await real.pass(6_000)
  // The machine sleeps for an hour, and its timers with it.
  shift += 3_600_000
  await real.pass(9_000)
  shift -= 5_000
  await real.pass(5_500)
  outages.changed({ state: 'live' })
  await real.pass(0)
  assert.deepEqual(
    kept.at(-1)?.map(({ lastedMs }) => lastedMs),
    [6_000, 8_000],
    'the last was too short by the second that was lost with the clock',
  )
  assert.ok(lookMs + lateMs < outageMsMin)
})

test('[F4] a running outage is stored before its end, so that closing the app loses little', async () => {
  const { clock, outages, become, stored } = bench()
  outages.start()
  become('waiting')
  await clock.pass(outageMsMin)
  assert.equal(stored.length, 0)
  await clock.pass(1_000)
  assert.deepEqual(
    stored.map((kept) => kept.map(({ lastedMs }) => lastedMs)),
    [[outageMsMin + 1_000]],
  )
  await clock.pass(keepEveryMs)
  assert.deepEqual(
    stored.at(-1)?.map(({ lastedMs }) => lastedMs),
    [outageMsMin + 1_000 + keepEveryMs],
  )
  assert.equal(stored[0]?.[0]?.id, stored.at(-1)?.[0]?.id, 'it is one and the same')
})

test('[F4] unaccepted outages are kept and reported again with the same ids; finally refused ones are not', async () => {
  const { clock, outages, become, broken, asked, state, kept } = bench()
  outages.start()
  become('live')
  state.answer = { ok: false, refusal: { code: 'unavailable' }, offline: true }
  await broken(6_000)
  await clock.pass(1_000)
  assert.equal(asked.length, 1)
  // The first report was within the second before.
  await clock.pass(tellAgainMs - 1_001)
  assert.equal(asked.length, 1)
  state.answer = { ok: false, refusal: { code: 'rate-limited', retryAfterMs: 3 * tellAgainMs } }
  await clock.pass(1_001)
  assert.equal(asked.length, 2)
  assert.equal(asked[0]?.[0]?.id, asked[1]?.[0]?.id)
  assert.ok((asked[1]?.[0]?.agoMs ?? 0) > tellAgainMs)
  await clock.pass(3 * tellAgainMs - 1_002)
  assert.equal(asked.length, 2)
  state.answer = { ok: false, refusal: { code: 'unauthenticated' } }
  await clock.pass(1_002)
  assert.deepEqual([asked.length, kept().length], [3, 1], 'whoever has to sign in again tells it then')
  state.answer = { ok: false, refusal: { code: 'not-found' } }
  await clock.pass(tellAgainMs)
  assert.deepEqual([asked.length, kept().length], [4, 0])
})

test('[F4] devices that return together do not report at the same moment', async () => {
  const { clock, outages, become, broken, asked, state } = bench()
  outages.start()
  become('live')
  state.spreadMs = 30_000
  await broken(6_000)
  await clock.pass(1_000)
  assert.equal(asked.length, 0)
  await clock.pass(59_000)
  assert.equal(asked.length, 1)
})

test('[O1] the newest fifty outages are kept, and none that are too old to report', async () => {
  const { clock, outages, become, asked } = bench()
  const old = (n: number, endedAt: number): StoredOutage => ({ id: uuidOf(1, n), part: 'sign-in', endedAt, lastedMs: 6_000, unsent: 0 })
  const now = clock.now()
  outages.load([old(0, now - LIMITS.outageAgoMsMax - 1), ...Array.from({ length: LIMITS.outagesPerReportMax + 1 }, (_, n) => old(n + 1, now + n))])
  outages.load([old(3, now)])
  outages.start()
  become('live')
  await clock.pass(1_000)
  assert.equal(asked[0]?.length, LIMITS.outagesPerReportMax)
  assert.deepEqual([asked[0]?.[0]?.id, asked[0]?.at(-1)?.id], [uuidOf(1, 2), uuidOf(1, LIMITS.outagesPerReportMax + 1)])
  assert.ok(
    asked[0]?.every(({ agoMs }) => agoMs >= 0),
    'one that seems to come ends now',
  )
})

test('[F4] a device reports its outages when it is back, also those from before a kill, and those from before it existed', async () => {
  const told: Outage[] = []
  const http: Pick<Api, 'call'> = {
    call: (async (name: string, request: { body: { outages: Reports } }) => {
      if (name === 'reportOutages') told.push(...request.body.outages)
      return { ok: true, value: {} }
    }) as Api['call'],
  }
  const world = createWorld(3, { http })
  const { network, clock, server, me, other } = world
  const room = server.addConversation('direct', [me, other])
  await world.device.start()
  await clock.pass(1_000)
  network.reachable = false
  network.line().cut(1_006)
  await clock.pass(100)
  await world.device.send(room, { kind: 'text', text: '들리나요' })
  await clock.pass(40_000)
  const again = world.restart()
  network.reachable = true
  await again.start()
  await clock.pass(10_000)
  assert.equal(again.view().connection.state, 'live')
  assert.equal(told.length, 1)
  assert.ok(told[0] && told[0].lastedMs > 30_000 && told[0].lastedMs <= 40_000 && told[0].unsent === 1, JSON.stringify(told))
  await again.forget()
  assert.deepEqual((await world.store.load()).outages, [])
})
