import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BURN_BOUNDS, BurnRate } from './burn-rate.ts'
import { SignInFigures } from './sign-in-figures.ts'
import { USUAL_BOUNDS, Usual } from './usual.ts'

const BEGINNING = 86_400_000

/** Feeds samples every 2 s. */
class Feed {
  readonly burn = new BurnRate()
  at = BEGINNING

  /** @returns seconds until the alarm, or null. */
  for(seconds: number, activeUsers: number, affectedUsers: (passed: number) => number, process = 'p'): number | null {
    const from = this.at
    let alarmed: number | null = null
    for (; this.at < from + seconds * 1_000; this.at += 2_000) {
      this.burn.hear(this.at, process, activeUsers, Math.round(affectedUsers((this.at - from) / 1_000)))
      if (this.burn.alarmedSince !== null) alarmed ??= (this.at - from) / 1_000
    }
    return alarmed
  }
}

test('[S1] 8 % beyond usual is trouble within 10 s of being counted, in towns of 300 and 3,000', () => {
  for (const users of [300, 3_000]) {
    const feed = new Feed()
    assert.equal(
      feed.for(600, users, () => users * 0.01),
      null,
    )
    const seconds = feed.for(60, users, () => users * 0.09)
    assert.ok(seconds !== null && seconds <= 10, `${users}: ${seconds}`)
  }
})

test('[S1] 1 % of 3,000 is trouble after 40 s, and a burst of 3 % for 30 s is not', () => {
  const nick = new Feed()
  nick.for(3_600, 3_000, () => 20)
  const seconds = nick.for(90, 3_000, () => 50)
  assert.ok(seconds !== null && seconds >= 40 && seconds <= 46, String(seconds))
  const burst = new Feed()
  burst.for(3_600, 3_000, () => 20)
  assert.equal(
    burst.for(30, 3_000, () => 90),
    null,
  )
  assert.equal(
    burst.for(300, 3_000, () => 20),
    null,
  )
})

test('[S1] in a town of 30 one, two or five are no trouble, and 24 are', () => {
  for (const few of [1, 2, 5]) {
    const feed = new Feed()
    feed.for(600, 30, () => 0)
    assert.equal(
      feed.for(1_200, 30, () => few),
      null,
      String(few),
    )
  }
  const feed = new Feed()
  feed.for(600, 30, () => 0)
  assert.ok((feed.for(30, 30, () => 24) ?? 99) <= 4)
})

test('[S1] of 30 people, 7 cut could be chance and 8 could not', () => {
  for (const [cut, noticed] of [
    [7, false],
    [8, true],
  ] as const) {
    const feed = new Feed()
    feed.for(600, 30, () => 0)
    assert.equal(feed.for(60, 30, () => cut) !== null, noticed, String(cut))
  }
})

test('a rise from 45 to 70 of 3,000 in 10 s on an evening is no trouble: that happens by itself', () => {
  const feed = new Feed()
  feed.for(2 * 3_600, 3_000, () => 45)
  assert.equal(
    feed.for(180, 3_000, (passed) => 45 + Math.min(25, (passed / 10) * 25)),
    null,
  )
})

test('where bursts are usual, another burst is no trouble and a longer cut is', () => {
  const feed = new Feed()
  feed.for(1_800, 200, () => 2)
  for (let burst = 0; burst < 3; burst += 1) {
    // Large for such a small town: a slightly larger burst would be trouble at once.
    assert.equal(
      feed.for(30, 200, () => 9),
      null,
    )
    feed.for(600, 200, () => 2)
  }
  assert.equal(
    feed.for(30, 200, () => 14),
    null,
  )
  feed.for(600, 200, () => 2)
  const seconds = feed.for(60, 200, () => 18)
  assert.ok(seconds !== null && seconds >= 34 && seconds <= 40, String(seconds))

  const without = new Feed()
  without.for(1_800, 200, () => 2)
  assert.ok((without.for(60, 200, () => 18) ?? 99) <= 10)

  const large = new Feed()
  large.for(1_800, 3_000, () => 20)
  large.for(30, 3_000, () => 100)
  large.for(600, 3_000, () => 20)
  assert.ok((large.for(60, 3_000, () => 260) ?? 99) <= 10, 'in a large town nobody waits')
})

test('one sample alone is never trouble', () => {
  const feed = new Feed()
  feed.for(600, 3_000, () => 20)
  assert.equal(
    feed.for(2, 3_000, () => 2_400),
    null,
  )
  assert.equal(
    feed.for(60, 3_000, () => 20),
    null,
  )
})

test('[S1] trouble that creeps in over an hour is found, although it is learned for a while', () => {
  const feed = new Feed()
  feed.for(7_200, 3_000, () => 20)
  const seconds = feed.for(3_600, 3_000, (passed) => 20 + (passed / 3_600) * 0.2 * 3_000)
  assert.ok(seconds !== null && seconds < 1_500, String(seconds))
})

test('[S1] an hour at four times the worst healthy level is found by the slow pair alone', () => {
  const feed = new Feed()
  feed.for(30 * 3_600, 3_000, () => 15)
  // Rises by 1 % in 10 minutes: too slow for the other pairs, and below the bound that is never usual.
  const seconds = feed.for(3 * 3_600, 3_000, (passed) => 15 + Math.min(1, passed / 3_600) * 0.048 * 3_000)
  assert.ok(seconds !== null && seconds > 1_800, String(seconds))
})

test('evening after evening of 2 % is usual', () => {
  const feed = new Feed()
  for (let day = 0; day < 4; day += 1) {
    assert.equal(
      feed.for(19 * 3_600, 3_000, () => 15),
      null,
    )
    assert.equal(
      feed.for(5 * 3_600, 3_000, (passed) => 15 + 45 * (1 - Math.abs(passed / 9_000 - 1))),
      null,
    )
  }
})

test('after a server start a few percent of the returning people are no trouble, and half of them are', () => {
  for (const [share, expected] of [
    [0.06, null],
    [0.5, 2],
  ] as const) {
    const feed = new Feed()
    feed.for(600, 3_000, () => 20)
    feed.at += 4_000
    assert.equal(
      feed.for(28, 1_000, () => 1_000 * share, 'q'),
      expected,
    )
  }
})

test('[S1] trouble is over when people are back, not when the server has forgotten them', () => {
  const back = new Feed()
  back.for(600, 3_000, () => 20)
  back.for(300, 3_000, () => 260)
  back.for(14, 3_000, () => 20)
  assert.equal(back.burn.alarmedSince, null)

  const forgotten = new Feed()
  forgotten.for(600, 3_000, () => 20)
  forgotten.for(600, 3_000, () => 260)
  forgotten.for(600, 2_760, () => 20)
  assert.notEqual(forgotten.burn.alarmedSince, null)
  forgotten.for(20, 3_000, () => 20)
  assert.equal(forgotten.burn.alarmedSince, null, 'now they are back')
})

test('a small lasting excess becomes usual after two hours', () => {
  const feed = new Feed()
  feed.for(3_600, 3_000, () => 15)
  assert.notEqual(
    feed.for(7_000, 3_000, () => 60),
    null,
  )
  assert.notEqual(feed.burn.alarmedSince, null)
  feed.for(1_200, 3_000, () => 60)
  assert.equal(feed.burn.alarmedSince, null)
})

test('[S2] figures are fresh for 6 s', () => {
  const feed = new Feed()
  feed.for(10, 30, () => 0)
  const last = feed.at - 2_000
  assert.ok(feed.burn.isFresh(last + BURN_BOUNDS.freshMs))
  assert.ok(!feed.burn.isFresh(last + BURN_BOUNDS.freshMs + 1))
})

test('two lucky minutes do not make normal values surprising', () => {
  const usual = new Usual()
  let at = BEGINNING
  for (; at < BEGINNING + 3_600_000; at += 2_000) usual.hear(at, 3_000, 15, false)
  const before = usual.surprise(40, 3_000)
  for (const until = at + 120_000; at < until; at += 2_000) usual.hear(at, 3_000, 2, false)
  assert.ok(usual.share < 0.002)
  assert.ok(usual.surprise(40, 3_000) <= before * 1.2, `${usual.surprise(40, 3_000)} after, ${before} before`)
})

test('a share above a twentieth is never usual', () => {
  const usual = new Usual()
  for (let at = BEGINNING; at < BEGINNING + 3_600_000; at += 2_000) usual.hear(at, 1_000, 400, false)
  assert.ok(usual.share <= USUAL_BOUNDS.shareMax)
})

test('[S1] many sign-ins failing at the server are trouble, a few are not', () => {
  const figures = new SignInFigures()
  let [tried, failed, at] = [0, 0, BEGINNING]
  const pass = (seconds: number, tries: number, failures: number): void => {
    for (let step = 0; step < seconds; step += 2) {
      figures.hear((at += 2_000), 'p', (tried += tries), (failed += failures))
    }
  }
  pass(600, 2, 0)
  pass(4, 2, 2)
  pass(60, 2, 0)
  assert.equal(figures.alarmedSince, null)
  pass(30, 2, 2)
  assert.notEqual(figures.alarmedSince, null)
  assert.ok((figures.share(at)?.value ?? 0) > 0.9)
  pass(20, 2, 0)
  assert.equal(figures.alarmedSince, null)
})

test('counters that restart with a new process give no negative sign-ins', () => {
  const figures = new SignInFigures()
  figures.hear(BEGINNING, 'p', 1_000, 900)
  figures.hear(BEGINNING + 2_000, 'q', 3, 0)
  figures.hear(BEGINNING + 4_000, 'q', 2, 0)
  assert.equal(figures.alarmedSince, null)
  assert.equal(figures.share(BEGINNING + 4_000), null)
})
