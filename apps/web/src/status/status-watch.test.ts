import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock, createRandom } from '../../../../packages/client/fakes/clock.ts'
import { LIMITS } from '@bongsu/protocol'
import { calmMs, concernedMs, createStatusWatch, firstMs, putAwayMax } from './status-watch.ts'

const url = 'https://status.example.kr'

function bench(kept: { url: string | null; putAway: readonly string[] } = { url, putAway: [] }, seed = 1) {
  const clock = createFakeClock()
  const asked: { url: string; at: number }[] = []
  const memory = { kept }
  const state: { incidents: { id: string; updatedAt: number }[]; measuredAt: () => number; answer: 'good' | 'gone' | 'never'; hears: boolean } = {
    incidents: [],
    measuredAt: () => clock.now(),
    answer: 'good',
    hears: true,
  }
  let heard = 0
  let ids = 0
  const watch = createStatusWatch({
    clock,
    random: createRandom(seed),
    newId: () => `0000000${seed}-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    async ask(address) {
      asked.push({ url: address, at: clock.now() })
      if (state.answer === 'gone') throw new TypeError('Failed to fetch')
      if (state.answer === 'never') return new Promise<string>(() => undefined)
      return JSON.stringify({
        pageUrl: url,
        ...(state.hears ? { hears: true } : {}),
        measuredAt: state.measuredAt(),
        staleAfterMs: 60_000,
        incidents: state.incidents.map((one) => ({ ...one, url, impact: 'major', title: { ko: '가', en: 'a' }, body: { ko: '나', en: 'b' } })),
      })
    },
    memory: { read: () => memory.kept, write: (next) => void (memory.kept = next) },
  })
  watch.subscribe(() => heard++)
  const gaps = (): number[] => asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0))
  return { clock, asked, memory, state, watch, gaps, heard: () => heard }
}

const between = (values: readonly number[], usual: number): boolean => values.every((ms) => ms >= usual * 0.75 && ms <= usual * 1.25)

test('[F6] in front and well it is asked about once a minute, and put away not at all', async () => {
  const { clock, asked, watch, gaps } = bench()
  await clock.pass(600_000)
  assert.equal(asked.length, 0)
  watch.follow({ front: true })
  await clock.pass(firstMs)
  assert.deepEqual(
    asked.map((one) => one.url),
    [`${url}/status.json`],
  )
  await clock.pass(20 * calmMs)
  assert.ok(asked.length >= 16 && asked.length <= 28, `${asked.length}`)
  assert.ok(between(gaps(), calmMs) && new Set(gaps()).size > 10, 'and never in step with others')
  watch.follow({ front: false })
  const before = asked.length
  await clock.pass(20 * calmMs)
  assert.equal(asked.length, before)
  assert.equal(clock.waiting(), 0)
})

test('[F6] cut off, or with an incident open, it is asked four times as often, and calmly again when that is over', async () => {
  const { clock, asked, state, watch, gaps } = bench()
  watch.follow({ front: true })
  await clock.pass(firstMs + 30_000)
  watch.follow({ live: false })
  const cutAt = clock.now()
  await clock.pass(firstMs + concernedMs)
  assert.ok((asked[1]?.at ?? Infinity) - cutAt <= firstMs, 'soon after it was cut off')
  await clock.pass(10 * concernedMs)
  assert.ok(between(gaps().slice(1), concernedMs), gaps().join())
  watch.follow({ live: true })
  state.incidents = [{ id: 'i', updatedAt: 1 }]
  await clock.pass(2 * calmMs)
  const open = asked.length
  await clock.pass(10 * concernedMs)
  assert.ok(between(gaps().slice(open), concernedMs), gaps().join())
  state.incidents = []
  await clock.pass(2 * concernedMs)
  const over = asked.length
  await clock.pass(10 * calmMs)
  assert.ok(between(gaps().slice(over), calmMs), gaps().join())
})

test('[F6] a thousand that lose their connection at once do not ask at once', async () => {
  const times: number[] = []
  for (let seed = 1; seed <= 1_000; seed++) {
    const { clock, asked, watch } = bench({ url, putAway: [] }, seed)
    watch.follow({ front: true, live: false })
    await clock.pass(firstMs)
    times.push((asked[0]?.at ?? 0) - 1_000_000)
  }
  const inSecond = Array.from({ length: firstMs / 1_000 }, (_, second) => times.filter((at) => Math.floor(at / 1_000) === second).length)
  assert.ok(Math.max(...inSecond) < 150, inSecond.join())
})

test('[F6] going to the front and back again and again asks no more often than staying there', async () => {
  const { clock, asked, watch } = bench()
  for (let minute = 0; minute < 20; minute++) {
    for (const front of [true, false, true]) {
      watch.follow({ front })
      await clock.pass(calmMs / 6)
    }
    await clock.pass(calmMs / 2)
  }
  assert.ok(asked.length <= 27, `${asked.length}`)
})

test('[F6] an incident is shown, put away, and shown again with its next word; a new program remembers what was put away', async () => {
  const { clock, state, watch, memory, heard } = bench()
  watch.follow({ front: true })
  state.incidents = [{ id: 'i', updatedAt: 1 }]
  await clock.pass(firstMs)
  assert.equal(watch.banner()?.key, 'i@1')
  const same = watch.banner()
  await clock.pass(2 * concernedMs)
  assert.equal(watch.banner(), same, 'the same as long as it says the same')
  assert.equal(heard(), 1)
  watch.putAway('i@1')
  assert.equal(watch.banner(), null)
  await clock.pass(2 * concernedMs)
  assert.equal(watch.banner(), null)
  const again = bench(memory.kept)
  again.state.incidents = state.incidents
  again.watch.follow({ front: true })
  await again.clock.pass(firstMs)
  assert.equal(again.watch.banner(), null)
  state.incidents = [{ id: 'i', updatedAt: 2 }]
  await clock.pass(2 * concernedMs)
  assert.equal(watch.banner()?.key, 'i@2')
  state.incidents = []
  await clock.pass(2 * concernedMs)
  assert.equal(watch.banner(), null)
})

test('[F6] what is not reached says nothing; what was said before goes when it is too old', async () => {
  const { clock, state, watch } = bench()
  watch.follow({ front: true })
  state.incidents = [{ id: 'i', updatedAt: 1 }]
  await clock.pass(firstMs)
  state.answer = 'gone'
  await clock.pass(2 * concernedMs)
  assert.equal(watch.banner()?.kind, 'incident')
  await clock.pass(60_000)
  assert.equal(watch.banner(), null)
  watch.follow({ live: false })
  await clock.pass(10 * concernedMs)
  assert.equal(watch.banner(), null, 'whoever reaches neither has no network, most likely')
  state.answer = 'good'
  const measuredAt = clock.now() - 60_001
  state.measuredAt = () => measuredAt
  await clock.pass(2 * concernedMs)
  assert.equal(watch.banner()?.kind, 'silent')
  watch.follow({ live: true })
  assert.equal(watch.banner(), null)
})

test('[F6] an address is learnt once, and another server’s words go with it; one answer is waited for at a time', async () => {
  const { clock, asked, watch, memory, state } = bench({ url: null, putAway: [] })
  watch.follow({ front: true })
  await clock.pass(calmMs)
  assert.equal(asked.length, 0)
  assert.equal(watch.learn(url), true)
  assert.equal(watch.url(), url)
  assert.equal(watch.learn(url), false)
  assert.equal(memory.kept.url, url)
  state.incidents = [{ id: 'i', updatedAt: 1 }]
  await clock.pass(firstMs)
  assert.equal(watch.banner()?.key, 'i@1')
  state.answer = 'never'
  await clock.pass(2 * concernedMs)
  const before = asked.length
  watch.follow({ live: false })
  watch.follow({ live: true })
  await clock.pass(10 * calmMs)
  assert.equal(asked.length, before)
  assert.equal(watch.learn(null), true)
  assert.equal(watch.url(), null)
  assert.equal(watch.banner(), null)
})

test('[O1] so much is remembered as put away and no more', () => {
  const { watch, memory } = bench()
  for (let n = 0; n <= putAwayMax; n++) watch.putAway(`i@${n}`)
  assert.equal(memory.kept.putAway.length, putAwayMax)
  assert.equal(memory.kept.putAway[0], 'i@1')
})

test('[F7] a signed-in device tells whether its connection is live, with an id of this start, and nothing else', async () => {
  const { clock, asked, watch } = bench()
  const last = (): string => asked.at(-1)?.url ?? ''
  watch.follow({ front: true, live: true })
  await clock.pass(firstMs)
  assert.equal(last(), `${url}/status.json`, 'who is not signed in tells nothing')
  watch.follow({ account: 'a' })
  await clock.pass(2 * calmMs)
  const [, id] = /^https:\/\/status\.example\.kr\/status\.json\?live=1&device=([0-9a-f-]{36})$/.exec(last()) ?? assert.fail(last())
  watch.follow({ live: false })
  await clock.pass(firstMs + 2 * concernedMs)
  assert.equal(last(), `${url}/status.json?live=0&device=${id}`)
  watch.follow({ account: null })
  await clock.pass(2 * concernedMs)
  assert.equal(last(), `${url}/status.json`)
  const other = bench({ url, putAway: [] }, 2)
  other.watch.follow({ front: true, account: 'a' })
  await other.clock.pass(firstMs + 2 * calmMs)
  assert.match(other.asked.at(-1)?.url ?? '', /live=1/)
  assert.notEqual(other.asked.at(-1)?.url, `${url}/status.json?live=1&device=${id}`, 'another start, another id')
})

test('[F7] a connection that is not live for five seconds or less is not told as such', async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { clock, asked, watch } = bench({ url, putAway: [] }, seed)
    watch.follow({ front: true, account: 'a' })
    await clock.pass(calmMs)
    watch.follow({ live: false })
    const cutAt = clock.now()
    const before = asked.length
    await clock.pass(firstMs)
    for (const one of asked.slice(before)) assert.equal(one.url.includes('?live=0'), one.at - cutAt > LIMITS.outageMsMin, `${one.at - cutAt}`)
  }
})

test('[F7] a connection that was closed while nobody was in front is missed only from coming to the front on', async () => {
  let told = 0
  for (let seed = 1; seed <= 9; seed++) {
    const { clock, asked, watch } = bench({ url, putAway: [] }, seed)
    watch.follow({ front: true, live: true, account: 'a' })
    await clock.pass(firstMs)
    watch.follow({ front: false })
    watch.follow({ live: false })
    await clock.pass(10 * calmMs)
    watch.follow({ front: true })
    const [frontAt, before] = [clock.now(), asked.length]
    await clock.pass(firstMs)
    for (const one of asked.slice(before)) {
      told++
      assert.equal(one.url.includes('?live=0'), one.at - frontAt > LIMITS.outageMsMin, `${one.at - frontAt}`)
    }
  }
  assert.ok(told > 5)
})

test('[F7] only an address whose last answer says that it hears is told something', async () => {
  const { clock, asked, state, watch } = bench()
  const words = (): readonly boolean[] => asked.splice(0).map((one) => one.url.includes('?'))
  state.hears = false
  watch.follow({ front: true, live: false, account: 'a' })
  await clock.pass(20 * concernedMs)
  assert.ok(!words().includes(true))
  state.hears = true
  await clock.pass(4 * concernedMs)
  assert.deepEqual(new Set(words().slice(1)), new Set([true]))
  state.hears = false
  await clock.pass(4 * concernedMs)
  assert.deepEqual(new Set(words().slice(1)), new Set([false]))
  state.hears = true
  await clock.pass(4 * concernedMs)
  words()
  watch.learn('https://other.example.kr')
  await clock.pass(firstMs)
  assert.deepEqual(words(), [false])
})

test('[F7] another account has another id, and so has the same one after signing out', async () => {
  const { clock, asked, watch } = bench()
  watch.follow({ front: true, live: true, account: 'a' })
  const idNow = async (): Promise<string> => {
    await clock.pass(3 * calmMs)
    return asked.at(-1)?.url.slice(-36) ?? ''
  }
  const ids = [await idNow()]
  assert.equal(await idNow(), ids[0])
  watch.follow({ account: 'b' })
  ids.push(await idNow())
  watch.follow({ account: null })
  watch.follow({ account: 'b' })
  ids.push(await idNow())
  assert.equal(new Set(ids).size, 3, ids.join())
})
