import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../incident/incident.ts'
import { COMPONENTS, PROFILES, type Component, type FiguresSample, type Observation, type Outcome, type Profile } from '../record/observation.ts'
import { JUDGE_BOUNDS } from './component-judge.ts'
import { createJudge, POSTS_MAX } from './judge.ts'
import type { Judgement } from './judgement.ts'
import { stream } from './streams.ts'

const BEGINNING = Date.parse('2026-11-22T09:00:00+09:00')

interface Seconds {
  readonly posts?: readonly string[]
  readonly outcome?: Outcome | ((id: number) => Outcome)
  readonly durationMs?: number
  readonly online?: boolean
  readonly component?: Component
  readonly profile?: Profile
  readonly figures?: { readonly activeUsers: number; readonly affectedUsers: number }
}

/** Time advances by hand, with one try of each component in each second. */
class World {
  readonly judge = createJudge()
  at = BEGINNING
  #id = 0

  of(component: Component): Judgement {
    return this.judge.judgements()[COMPONENTS.indexOf(component)] as Judgement
  }

  /** Condition of messaging. */
  get condition(): Condition {
    return this.of('messaging').condition
  }

  tick(): void {
    this.judge.hear({ kind: 'tick', at: this.at })
  }

  /** @returns seconds until messaging was in this condition; null when it never was. */
  for(seconds: number, { posts = ['home'], online = true, figures, ...each }: Seconds = {}, until?: Condition): number | null {
    let reached: number | null = null
    for (let second = 0; second < seconds; second += 1, this.at += 1_000) {
      this.tick()
      for (const post of posts) {
        const observations = COMPONENTS.filter((component) => each.component === undefined || each.component === component).map((component) =>
          this.#try(component, each),
        )
        this.judge.hear({ kind: 'observations', at: this.at, batch: { post, online, observations } })
      }
      if (figures !== undefined && second % 2 === 0) this.judge.hear({ kind: 'figures', at: this.at, sample: sampleOf(this.at, figures) })
      if (this.condition === until) reached ??= second
    }
    return reached
  }

  #try(component: Component, { outcome = 'ok', durationMs = 50, profile }: Seconds): Observation {
    const id = (this.#id += 1)
    const told = typeof outcome === 'function' ? outcome(id) : outcome
    const done = told === 'ok' ? durationMs : null
    return {
      id,
      at: this.at - durationMs,
      knownAt: this.at,
      component,
      profile: profile ?? (Math.floor(id / 3) % 2 === 0 ? 'pc' : 'phone'),
      outcome: told,
      acceptedMs: done,
      deliveredMs: component === 'messaging' ? done : null,
      readMs: null,
    }
  }
}

function sampleOf(at: number, counts: { readonly activeUsers: number; readonly affectedUsers: number }): FiguresSample {
  return { at, process: 'p', cell: 'a', ...counts, signInsTried: 0, signInsFailed: 0, reconnects: 0, accepted: 0, refusedBusy: 0 }
}

function isTrouble(condition: Condition): boolean {
  return condition !== 'operational' && condition !== 'unknown'
}

test('[S2] the first state is unknown, and one good try makes it operational', () => {
  const world = new World()
  world.tick()
  assert.deepEqual(
    world.judge.judgements().map(({ condition }) => condition),
    ['unknown', 'unknown', 'unknown'],
  )
  world.for(1)
  assert.deepEqual(
    world.judge.judgements().map(({ condition, startedAt, share, profiles }) => [condition, startedAt, share, profiles.length]),
    COMPONENTS.map(() => ['operational', null, null, 0]),
  )
})

test('[S2] after 15 s without evidence the state is unknown', () => {
  const world = new World()
  world.for(60)
  world.at += JUDGE_BOUNDS.blindMs - 2_000
  world.tick()
  assert.equal(world.condition, 'operational')
  world.at += 1_001
  world.tick()
  assert.equal(world.condition, 'unknown')
  world.for(1)
  assert.equal(world.condition, 'operational')
})

test('[S2] a component that is not tried is unknown, while the others are known', () => {
  const world = new World()
  world.for(60)
  world.for(20, { component: 'messaging' })
  assert.deepEqual(
    world.judge.judgements().map(({ condition }) => condition),
    ['operational', 'unknown', 'unknown'],
  )
})

test('[S2] figures alone never make it green', () => {
  const world = new World()
  world.for(60, { posts: [], figures: { activeUsers: 100, affectedUsers: 0 } })
  assert.equal(world.condition, 'unknown')
})

test('[S1] when every try fails, all three components have a major outage since the first failure', () => {
  const world = new World()
  world.for(60)
  const from = world.at
  const seconds = world.for(10, { outcome: 'unreachable' }, 'major_outage')
  assert.ok(seconds !== null && seconds <= 5, String(seconds))
  for (const component of COMPONENTS) {
    const { condition, startedAt, profiles, share } = world.of(component)
    assert.deepEqual([condition, startedAt, profiles, share?.value], ['major_outage', from - 50, ['pc', 'phone'], 1])
  }
})

test('[S1] only sign-in fails: messaging and web stay operational', () => {
  const world = new World()
  world.for(60)
  for (let second = 0; second < 30; second += 1) {
    world.for(1, { outcome: (id) => (id % 3 === 2 ? 'refused' : 'ok') })
    assert.equal(world.condition, 'operational')
  }
  assert.deepEqual(
    world.judge.judgements().map(({ condition }) => condition),
    ['operational', 'major_outage', 'operational'],
  )
})

for (const [index, profile] of PROFILES.entries()) {
  test(`[S1] one profile alone is named: ${profile}`, () => {
    const world = new World()
    world.for(60)
    // Message tries have the ids 1, 4, 7 …, and profiles alternate.
    world.for(30, { outcome: (id) => (id % 3 === 1 && Math.floor(id / 3) % 2 === index ? 'undelivered' : 'ok') })
    assert.deepEqual(world.of('messaging').profiles, [profile])
    assert.ok(Math.abs((world.of('messaging').share?.value ?? 0) - 0.5) < 0.03)
  })
}

test('a post without a network counts for nothing, and neither does what it saw just before', () => {
  const world = new World()
  world.for(60)
  world.for(3, { outcome: 'unreachable' })
  for (let second = 0; second < 60; second += 1) {
    world.for(1, { outcome: 'unreachable', online: false })
    assert.equal(world.condition, 'unknown')
  }
  world.for(3, { durationMs: 1 })
  assert.equal(world.of('messaging').failed, 0, 'tries without a network are not counted')
  assert.equal(world.condition, 'operational')
})

test('[S1] one failing post alone is no outage, unless figures agree', () => {
  const alone = new World()
  alone.for(60, { posts: ['home', 'office'] })
  let seconds: number | null = null
  for (let second = 0; second < 60; second += 1) {
    alone.for(1, { posts: ['home'], outcome: 'unreachable' })
    alone.at -= 500
    alone.for(1, { posts: ['office'] })
    alone.at -= 500
    if (isTrouble(alone.condition)) seconds ??= second
  }
  assert.equal(alone.condition, 'degraded_performance')
  assert.ok(seconds !== null && seconds >= 30, String(seconds))

  const agreed = new World()
  const figures = { activeUsers: 1_000, affectedUsers: 5 }
  agreed.for(120, { posts: ['home', 'office'], figures })
  for (let second = 0; second < 20; second += 2) {
    agreed.for(2, { posts: ['home'], outcome: 'unreachable', figures: { ...figures, affectedUsers: 305 } })
    agreed.at -= 2_000
    agreed.for(2, { posts: ['office'] })
  }
  assert.equal(agreed.condition, 'partial_outage')
  assert.equal(agreed.of('messaging').share?.source, 'figures')
})

test('[S1] detection with all posts failing is as quick as with one; offline posts do not count', () => {
  const world = new World()
  world.for(60, { posts: ['home', 'office', 'train'] })
  world.for(1, { posts: ['train'], online: false })
  assert.ok((world.for(10, { posts: ['home', 'office'], outcome: 'unaccepted', durationMs: 3_000 }, 'major_outage') ?? 99) <= 5)
})

test('trouble is over after 25 s of good tries, not sooner', () => {
  const world = new World()
  world.for(60)
  world.for(30, { outcome: 'unreachable' })
  const end = world.at
  const seconds = world.for(60, {}, 'operational')
  assert.equal(seconds, 25)
  assert.equal(world.judge.endedAt('messaging'), end - 50)
})

test('[S1] flapping every 5 s for 10 minutes is one trouble, and each return delays the all-clear', () => {
  const world = new World()
  world.for(60)
  let changes = 0
  let last: Condition = 'operational'
  const note = (): void => {
    if (isTrouble(world.condition) !== isTrouble(last)) changes += 1
    last = world.condition
  }
  for (let second = 0; second < 600; second += 1) {
    world.for(1, { outcome: Math.floor(second / 5) % 2 === 0 ? 'unreachable' : 'ok' })
    note()
  }
  assert.equal(changes, 1)
  const clear: (number | null)[] = []
  for (let flap = 0; flap < 7; flap += 1) {
    clear.push(world.for(400, {}, 'operational'))
    world.for(10, { outcome: 'unreachable' })
  }
  assert.deepEqual(clear, [20, 50, 100, 200, 300, 300, 300], 'the last 5 s of the flapping were good')
})

test('slowness is degraded, and so is a doubled message', () => {
  const slow = new World()
  slow.for(60)
  assert.ok((slow.for(40, { durationMs: 2_600 }, 'degraded_performance') ?? 99) <= 25)
  assert.equal(slow.of('messaging').share, null)
  assert.ok((slow.for(60, {}, 'operational') ?? 99) <= 30)
  assert.deepEqual(
    slow.judge.judgements().map(({ condition }) => condition),
    ['operational', 'operational', 'operational'],
  )

  const doubled = new World()
  doubled.for(60)
  for (let second = 0; second < 60; second += 1) {
    doubled.for(1)
    doubled.at -= 1_000
    doubled.for(1, { component: 'messaging', outcome: 'doubled' })
  }
  assert.equal(doubled.condition, 'degraded_performance')
})

test('late and lost do not count as further tries', () => {
  const world = new World()
  world.for(60)
  world.for(60, { outcome: (id) => (id % 2 === 0 ? 'lost' : 'late') })
  assert.ok(!isTrouble(world.condition))
})

test('[S2] trouble before a silence continues after it until its end is observed', () => {
  const world = new World()
  world.for(60)
  world.for(30, { outcome: 'unreachable' })
  const { startedAt } = world.of('messaging')
  for (let second = 0; second < 100; second += 1, world.at += 1_000) world.tick()
  assert.equal(world.condition, 'unknown')
  world.for(1)
  assert.deepEqual([world.condition, world.of('messaging').startedAt], ['major_outage', startedAt])
  assert.equal(world.for(60, {}, 'operational'), 24)
})

for (const [name, jumpMs] of [
  ['a day back', -86_400_000],
  ['a day ahead', 86_400_000],
  ['ten years ahead', 315_360_000_000],
  ['half a second back', -500],
  ['10 s ahead', 10_000],
] as const) {
  test(`a clock jump ${name} neither causes trouble nor hides it`, () => {
    const well = new World()
    well.for(60, { figures: { activeUsers: 100, affectedUsers: 1 } })
    well.at += jumpMs
    for (let second = 0; second < 60; second += 1) {
      well.for(1, { figures: { activeUsers: 100, affectedUsers: 1 } })
      // After a jump of the clock nothing before it counts as present [S2]. The next try is evidence again.
      assert.equal(well.condition, second === 0 && jumpMs > 15_000 ? 'unknown' : 'operational')
    }
    const ill = new World()
    ill.for(60)
    ill.for(30, { outcome: 'unreachable' })
    ill.at += jumpMs
    ill.for(3, { outcome: 'unreachable' })
    assert.equal(ill.condition, 'major_outage')
    assert.ok((ill.of('messaging').startedAt as number) <= ill.at)
    assert.ok((ill.for(60, {}, 'operational') ?? 99) <= 27)
  })
}

test('[S1] a post with a different clock is understood', () => {
  const world = new World()
  world.for(60)
  const skew = 7 * 3_600_000
  world.at += 3_000
  const from = world.at
  for (let second = 0; second < 8; second += 1, world.at += 1_000) {
    world.tick()
    const at = world.at - 3_000 + skew
    const failed = { component: 'messaging', profile: 'pc', outcome: 'unaccepted', acceptedMs: null, deliveredMs: null, readMs: null } as const
    const observations = [{ ...failed, id: 10_000 + second, at, knownAt: at + 3_000 }]
    world.judge.hear({ kind: 'observations', at: world.at, batch: { post: 'home', online: true, observations } })
  }
  assert.equal(world.condition, 'major_outage')
  assert.equal(world.of('messaging').startedAt, from - 3_000)
})

test('the level rises at once and falls only after 30 s', () => {
  const world = new World()
  const figures = (affectedUsers: number): Seconds => ({ figures: { activeUsers: 1_000, affectedUsers } })
  world.for(120, figures(5))
  world.for(20, figures(100))
  assert.equal(world.condition, 'partial_outage')
  assert.ok((world.for(20, figures(700), 'major_outage') ?? 99) <= 8)
  const seconds = world.for(60, figures(100), 'partial_outage')
  assert.ok(seconds !== null && seconds >= 30 && seconds <= 38, String(seconds))
})

test('memory is bounded: beyond the most posts, the one silent longest is forgotten', () => {
  const world = new World()
  const names = Array.from({ length: POSTS_MAX + 20 }, (_, index) => `post ${index}`)
  for (const name of names) world.for(2, { posts: [name] })
  assert.equal(world.condition, 'operational')
  // All remaining posts fail, and no forgotten post contradicts them.
  world.for(20, { posts: names.slice(-POSTS_MAX), outcome: 'unreachable' })
  assert.equal(world.condition, 'major_outage')
})

test('[S6] half of the tries undelivered gives a half, although success is known 5 s sooner', () => {
  const from = BEGINNING + 60_000
  const judge = createJudge()
  const shares: number[] = []
  const faults = [{ kind: 'half-open', share: 0.5, from, to: from + 600_000 }] as const
  for (const each of stream({ seed: 4, from: BEGINNING, to: from + 600_000, users: 30, faults, withoutFigures: true })) {
    judge.hear(each)
    if (each.kind === 'tick' && each.at > from + 60_000) shares.push(judge.judgements()[0]?.share?.value ?? 0)
  }
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  assert.ok(Math.abs(mean - 0.5) < 0.015, String(mean))
})

test('[S6] the same evidence gives the same judgements', () => {
  const [one, other] = [new World(), new World()]
  for (const world of [one, other]) {
    world.for(100, { figures: { activeUsers: 300, affectedUsers: 3 } })
    world.for(50, { outcome: (id) => (id % 7 === 0 ? 'undelivered' : 'ok'), figures: { activeUsers: 300, affectedUsers: 40 } })
  }
  assert.deepEqual(one.judge.judgements(), other.judge.judgements())
  assert.ok(isTrouble(one.condition))
})
