import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noFigures, seeded, Town, tryOf } from '../../../../tests/worlds/evidence.ts'
import type { Condition, Trouble } from '../vocabulary/incident.ts'
import {
  COMPONENTS,
  PROFILES,
  type Component,
  type DevicesSample,
  type FiguresSample,
  type Observation,
  type Outcome,
  type Profile,
  type Stage,
} from '../vocabulary/observation.ts'
import { JUDGE_BOUNDS } from './component-judge.ts'
import { COUNTER_BOUNDS } from './counter-test.ts'
import { createJudge, POSTS_MAX } from './judge.ts'
import type { Judgement } from './judgement.ts'
import { isCounted, SILENCE_BOUNDS } from './silence.ts'

const BEGINNING = Date.parse('2026-11-22T09:00:00+09:00')

interface Seconds {
  readonly posts?: readonly string[]
  readonly outcome?: Outcome | ((id: number) => Outcome)
  readonly stage?: Stage
  readonly durationMs?: number
  readonly online?: boolean
  readonly component?: Component
  readonly profile?: Profile
  readonly town?: Town | null
  readonly devices?: Omit<DevicesSample, 'at'>
  /** Tries of each component in a second. */
  readonly tries?: number
  readonly light?: boolean
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

  get trouble(): Trouble | null {
    return this.of('messaging').trouble
  }

  tick(): void {
    this.judge.hear({ kind: 'tick', at: this.at })
  }

  /** @returns seconds until messaging was in this condition or trouble; null when it never was. */
  for(
    seconds: number,
    { posts = ['home'], online = true, town, devices, tries = 1, ...each }: Seconds = {},
    until?: Condition | Trouble,
  ): number | null {
    let reached: number | null = null
    for (let second = 0; second < seconds; second += 1, this.at += 1_000) {
      this.tick()
      for (const post of posts) {
        const observations = Array.from({ length: tries }, () =>
          COMPONENTS.filter((component) => each.component === undefined || each.component === component).map((component) =>
            this.#try(component, each),
          ),
        ).flat()
        this.judge.hear({ kind: 'observations', at: this.at, batch: { post, online, observations } })
      }
      if (town !== undefined && second % 2 === 0)
        this.judge.hear({ kind: 'figures', at: this.at, sample: town === null ? noFigures(this.at) : town.sample(this.at) })
      if (devices !== undefined) this.judge.hear({ kind: 'devices', at: this.at, sample: { at: this.at, ...devices } })
      if (this.condition === until || this.trouble === until) reached ??= second
    }
    return reached
  }

  #try(component: Component, { outcome = 'ok', durationMs = 50, profile, stage, light }: Seconds): Observation {
    const id = (this.#id += 1)
    const told = typeof outcome === 'function' ? outcome(id) : outcome
    const more = {
      outcome: told,
      ...(profile === undefined ? {} : { profile }),
      ...(stage === undefined ? {} : { stage }),
      ...(light === true ? { light } : {}),
    }
    return tryOf(id, this.at, component, more, durationMs)
  }
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
    world.judge.judgements().map(({ condition, trouble, startedAt, share, profiles }) => [condition, trouble, startedAt, share, profiles.length]),
    COMPONENTS.map(() => ['operational', null, null, null, 0]),
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
  world.for(60, { posts: [], town: new Town(100) })
  assert.equal(world.condition, 'unknown')
})

test('[S1] when every try fails, all three components have a major outage since the first failure', () => {
  const world = new World()
  world.for(60)
  const from = world.at
  const seconds = world.for(10, { outcome: 'unreachable' }, 'major_outage')
  assert.ok(seconds !== null && seconds <= 5, String(seconds))
  for (const component of COMPONENTS) {
    const { condition, trouble, startedAt, profiles, share } = world.of(component)
    assert.deepEqual([condition, trouble, startedAt, profiles, share?.value], ['major_outage', 'failing', from - 50, ['pc', 'phone'], 1])
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
  test(`[S1] one profile alone is named when the other is known to work: ${profile}`, () => {
    const world = new World()
    world.for(60)
    // Message tries have the ids 1, 4, 7 …, and profiles alternate.
    world.for(40, { outcome: (id) => (id % 3 === 1 && Math.floor(id / 3) % 2 === index ? 'undelivered' : 'ok') })
    assert.deepEqual(world.of('messaging').profiles, [profile])
    assert.ok(Math.abs((world.of('messaging').share?.value ?? 0) - 0.5) < 0.05)
  })
}

test('[S1] few tries name no profile', () => {
  const world = new World()
  world.for(60)
  world.for(9, { outcome: (id) => (id % 3 === 1 && Math.floor(id / 3) % 2 === 0 ? 'refused' : 'ok') })
  assert.ok(isTrouble(world.condition), world.condition)
  assert.deepEqual(world.of('messaging').profiles, ['pc', 'phone'])
})

test('a post without a network counts for nothing, and neither does what it saw just before', () => {
  const world = new World()
  world.for(60)
  world.for(3, { outcome: 'unreachable' })
  for (let second = 0; second < 60; second += 1) {
    world.for(1, { outcome: 'unreachable', online: false })
    assert.equal(world.condition, 'unknown')
  }
  world.for(3, { durationMs: 1 })
  assert.equal(world.condition, 'operational')
})

/** Two posts, of which the first fails. */
function alone(world: World, seconds: number, more: Seconds = {}): void {
  for (let second = 0; second < seconds; second += 1) {
    world.for(1, { ...more, posts: ['home'], outcome: 'unreachable', tries: 4 })
    world.at -= 1_000
    world.for(1, { posts: ['office'] })
  }
}

test('[S1] one failing post of several accuses nobody, however often it tries, and is told as that', () => {
  const world = new World()
  world.for(60, { posts: ['home', 'office'] })
  alone(world, 120)
  assert.equal(world.condition, 'operational')
  assert.deepEqual(world.of('messaging').alone, { failing: 1, of: 2 })
})

test('[S1] a stray failure of the other post agrees to nothing, and an outage begins when the posts agree', () => {
  const world = new World()
  world.for(60, { posts: ['home', 'office'] })
  alone(world, 3_600)
  world.for(1, { posts: ['home', 'office'], outcome: 'unreachable' })
  assert.deepEqual([world.condition, world.of('messaging').alone], ['operational', null])
  alone(world, 60)
  assert.deepEqual([world.condition, world.of('messaging').alone], ['operational', { failing: 1, of: 2 }])
  const from = world.at
  world.for(10, { posts: ['home', 'office'], outcome: 'unreachable' })
  assert.deepEqual([world.trouble, world.of('messaging').startedAt], ['failing', from - 50])
})

test('[S1] what a post saw alone is not the start of what it sees as the last one', () => {
  const world = new World()
  world.for(60, { posts: ['home', 'office'] })
  alone(world, 3_600)
  const from = world.at
  world.for(30, { outcome: 'unreachable' })
  assert.ok((world.of('messaging').startedAt ?? 0) >= from - 1_000)
})

test('[S1] one failing post accuses when figures or devices agree', () => {
  const counted = new World()
  const town = new Town(1_000)
  counted.for(120, { posts: ['home', 'office'], town })
  town.lose(300, counted.at)
  alone(counted, 20, { town })
  assert.deepEqual([counted.trouble, counted.condition], ['failing', 'partial_outage'])
  const { share, startedAt } = counted.of('messaging')
  assert.ok((startedAt ?? 0) >= counted.at - 22_000)
  assert.deepEqual([share?.kind, share?.source, share?.value], ['affected', 'server', 0.3])

  const told = new World()
  told.for(60, { posts: ['home', 'office'] })
  alone(told, 20, { devices: { live: 3, notLive: 2 } })
  assert.equal(told.trouble, null)
  alone(told, 1, { devices: { live: 2, notLive: 3 } })
  assert.equal(told.trouble, 'failing')
})

test('[S1] posts are weighed as posts: the share is the mean of their shares', () => {
  const world = new World()
  world.for(60, { posts: ['home', 'office'] })
  const random = seeded(3)
  for (let second = 0; second < 60; second += 1) {
    world.for(1, { posts: ['home'], outcome: 'unreachable', tries: 4 })
    world.at -= 1_000
    world.for(1, { posts: ['office'], outcome: () => (random() < 0.4 ? 'unreachable' : 'ok') })
  }
  const share = world.of('messaging').share ?? assert.fail()
  assert.ok(Math.abs(share.value - 0.7) < 0.07, String(share.value))
  assert.ok(share.low < 0.5 && share.high === 1, `the posts differ, so that the interval holds both: ${JSON.stringify(share)}`)
})

test('[S1] the only post and the way gone: it cannot be reached from here, and devices decide', () => {
  const world = new World()
  world.for(60)
  const seconds = world.for(10, { outcome: 'unreachable', stage: 'way' }, 'from-here')
  assert.ok(seconds !== null && seconds <= 5, String(seconds))
  assert.deepEqual(
    world.judge.judgements().map(({ trouble, condition, share }) => [trouble, condition, share]),
    COMPONENTS.map(() => ['from-here', 'partial_outage', null]),
  )
  world.for(20, { outcome: 'unreachable', stage: 'way', devices: { live: 0, notLive: JUDGE_BOUNDS.devicesMin - 1 } })
  assert.equal(world.trouble, 'from-here')
  world.for(1, { outcome: 'unreachable', stage: 'way', devices: { live: 0, notLive: JUDGE_BOUNDS.devicesMin } })
  assert.deepEqual([world.trouble, world.condition], ['failing', 'major_outage'])
})

test('[S1] devices that said live and were not heard again do not outvote those that say now that they are not connected', () => {
  const world = new World()
  world.for(60, { devices: { live: 100, liveLately: 40, notLive: 0 } })
  const told = world.for(10, { outcome: 'unreachable', stage: 'way', devices: { live: 60, liveLately: 30, notLive: 30 } }, 'failing')
  assert.deepEqual([told, world.trouble], [null, 'from-here'])
  world.for(1, { outcome: 'unreachable', stage: 'way', devices: { live: 60, liveLately: 29, notLive: 30 } })
  assert.equal(world.trouble, 'failing')
})

test('[S1] the door fails for the only post: the messenger is accused, unless devices are live all the time', () => {
  const world = new World()
  world.for(60, { devices: { live: 3, notLive: 0 } })
  world.for(120, { outcome: 'unreachable', devices: { live: 3, notLive: 0 } })
  assert.equal(world.trouble, 'failing', 'devices do not know yet that nothing answers')
  world.for(10, { outcome: 'unreachable', devices: { live: 3, notLive: 0 } })
  assert.deepEqual(
    world.judge.judgements().map(({ trouble }) => trouble),
    ['from-here', 'from-here', 'from-here'],
  )
  world.for(5, { outcome: 'unreachable', devices: { live: 3, notLive: 1 } })
  assert.equal(world.trouble, 'failing')
})

test('[S1] devices that are live do not excuse a door that fails for a part', () => {
  const world = new World()
  const random = seeded(5)
  world.for(60)
  const failing: Seconds = { devices: { live: 9, notLive: 0 }, outcome: () => (random() < 0.4 ? 'unreachable' : 'ok') }
  world.for(90, failing)
  assert.equal(world.trouble, 'failing')
})

test('[S1] detection with all posts failing is as quick as with one; offline posts do not count', () => {
  const world = new World()
  world.for(60, { posts: ['home', 'office', 'train'] })
  world.for(1, { posts: ['train'], online: false })
  world.at += 3_000
  assert.ok((world.for(10, { posts: ['home', 'office'], outcome: 'unaccepted', durationMs: 3_000 }, 'late') ?? 99) <= 5)
})

test('[S1] what does not come in time is late, not lost: failing only when nothing comes any more, or something is refused', () => {
  const hang = new World()
  hang.for(60)
  hang.at += 3_000
  assert.ok((hang.for(6, { outcome: 'unaccepted', durationMs: 3_000 }, 'late') ?? 99) <= 5)
  assert.deepEqual([hang.condition, hang.of('messaging').share], ['degraded_performance', null])
  assert.ok(
    (hang.for(12, { outcome: 'unreachable', durationMs: 3_000 }, 'major_outage') ?? 99) <= 8,
    'a connection that is awaited for 3 s was not refused either',
  )

  const late = new World()
  late.for(60)
  late.at += 3_000
  for (let second = 0; second < 60; second += 1) {
    late.for(1, { outcome: 'unaccepted', durationMs: 3_000 })
    if (second < 7) continue
    late.at -= 1_000
    late.for(1, { component: 'messaging', outcome: 'late', durationMs: 10_000 })
  }
  assert.deepEqual(
    late.judge.judgements().map(({ trouble, condition }) => [trouble, condition]),
    COMPONENTS.map(() => ['late', 'degraded_performance']),
  )
  late.for(20, { outcome: 'unaccepted', durationMs: 3_000, devices: { live: 9, notLive: 0 } })
  assert.equal(late.trouble, 'late', 'devices that stay connected do not show that it is in time')
  late.for(1, { component: 'messaging', outcome: 'refused', devices: { live: 9, notLive: 1 } })
  assert.equal(late.trouble, 'failing')
})

test('[S1] what was late does not become failing while its end is awaited', () => {
  const world = new World()
  world.for(60)
  for (let second = 0; second < 40; second += 1) {
    world.for(1, { outcome: 'unaccepted', durationMs: 3_000 })
    world.at -= 1_000
    world.for(1, { component: 'messaging', outcome: 'late', durationMs: 10_000 })
  }
  assert.equal(world.trouble, 'late')
  world.for(15)
  world.for(1, { outcome: 'unaccepted', durationMs: 3_000 })
  assert.equal(world.for(40, {}, 'failing'), null)
  assert.equal(world.condition, 'operational')
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

test('slowness is degraded and has no share, and so is a doubled message', () => {
  const slow = new World()
  slow.for(60)
  assert.ok((slow.for(40, { durationMs: 2_600 }, 'slow') ?? 99) <= 25)
  assert.deepEqual([slow.condition, slow.of('messaging').share], ['degraded_performance', null])
  assert.ok((slow.for(60, {}, 'operational') ?? 99) <= 30)

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
    const town = new Town(100)
    well.for(60, { town })
    well.at += jumpMs
    for (let second = 0; second < 60; second += 1) {
      well.for(1, { town })
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
    const observations = [tryOf(10_000 + second, world.at + skew, 'messaging', { outcome: 'refused' }, 3_000)]
    world.judge.hear({ kind: 'observations', at: world.at, batch: { post: 'home', online: true, observations } })
  }
  assert.equal(world.condition, 'major_outage')
  assert.equal(world.of('messaging').startedAt, from - 3_000)
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

for (const part of [0.3, 0.5]) {
  test(`[S9] of tries that fail by chance, the interval holds the truth in at least 52 of 60 runs, at the alarm and a minute later: ${part}`, () => {
    let [first, later] = [0, 0]
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = seeded(seed * 7_919)
      const world = new World()
      world.for(60)
      const failing: Seconds = { outcome: () => (random() < part ? 'refused' : 'ok') }
      for (let second = 0; second < 60 && world.of('messaging').share === null; second += 1) world.for(1, failing)
      const at = world.of('messaging').share ?? assert.fail(`seed ${seed}: no share`)
      if (at.low <= part && part <= at.high) first += 1
      world.for(60, { ...failing, tries: 4 })
      const then = world.of('messaging').share ?? assert.fail()
      assert.ok(Math.abs(then.value - part) < 0.12, `seed ${seed}: ${then.value}`)
      if (then.low <= part && part <= then.high) later += 1
    }
    assert.ok(first >= 52 && later >= 52, `${first} ${later}`)
  })
}

test('[S9] 30 % of new connections fail while old ones carry messages: told in 15 s, with the share of those who tried', () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const random = seeded(seed * 104_729)
    const world = new World()
    world.for(60)
    world.for(60, { component: 'messaging', light: true })
    let seconds: number | null = null
    for (let second = 0; second < 60; second += 1) {
      world.for(1)
      world.at -= 1_000
      const tries = second < 6 ? 1 : seconds === null ? 4 : 20
      world.for(1, { component: 'messaging', light: true, tries, outcome: () => (random() < 0.3 ? 'unreachable' : 'ok') })
      if (world.trouble === 'failing') seconds ??= second
    }
    assert.ok(seconds !== null && seconds <= 20, `seed ${seed}: ${seconds}`)
    const share = world.of('messaging').share ?? assert.fail()
    assert.ok(Math.abs(share.value - 0.3) <= 0.05 && share.low < 0.3 + 0.02 && share.high > 0.3 - 0.02, `seed ${seed}: ${JSON.stringify(share)}`)
  }
})

test('[S2] a connection alone does not make messaging operational', () => {
  const world = new World()
  world.for(5, { component: 'messaging', light: true })
  assert.equal(world.condition, 'unknown')
})

test('[S9] a partial share asks for more tries until it is known to 3 points; a whole one does not', () => {
  const partial = new World()
  const random = seeded(11)
  partial.for(60)
  const failing: Seconds = { outcome: () => (random() < 0.5 ? 'refused' : 'ok') }
  partial.for(30, failing)
  assert.equal(partial.of('sign-in').unsure, true)
  partial.for(62, { ...failing, tries: 20 })
  assert.equal(partial.of('sign-in').unsure, false)
  const whole = new World()
  whole.for(60)
  whole.for(60, { outcome: 'refused', tries: 4 })
  assert.equal(whole.of('sign-in').unsure, false)
})

// People who fall silent.

/** A town in calm times, in which now and then one person leaves and comes back. */
function calm(people: number, seconds = 300): { readonly world: World; readonly town: Town } {
  const [world, town] = [new World(), new Town(people)]
  world.for(seconds, { town })
  return { world, town }
}

test('[S9] 30 of 100 fall silent in one second: told in 12 s as that, partial and not as a failure', () => {
  const { world, town } = calm(100)
  const from = world.at
  town.lose(30, from)
  const seconds = world.for(12, { town }, 'silent')
  assert.ok(seconds !== null && seconds <= 10, String(seconds))
  const { condition, share, silent, unheard, startedAt, profiles } = world.of('messaging')
  assert.deepEqual([condition, share, unheard], ['partial_outage', null, 0])
  assert.deepEqual([silent?.kind, silent?.source, silent?.value, silent?.affected, silent?.total], ['silent', 'server', 0.3, 30, 100])
  assert.ok(Math.abs((startedAt ?? 0) - from) <= 2_000)
  assert.deepEqual(profiles, ['pc', 'phone'])
})

test('[S9] 8 of 100 are told, 7 of 10 and 7 of 100 are not, and neither are 8 of 300', () => {
  for (const [people, users, told] of [
    [100, SILENCE_BOUNDS.usersMin, true],
    [100, SILENCE_BOUNDS.usersMin - 1, false],
    [10, 7, false],
    [300, 8, false],
    [200, 8, true],
  ] as const) {
    const { world, town } = calm(people)
    town.lose(users, world.at)
    assert.equal(world.for(60, { town }, 'silent') !== null, told, `${users} of ${people}`)
  }
})

test('[S9] people who leave one after the other are no incident, and are not heard from', () => {
  for (const [people, users, everyMs] of [
    [20, 12, 1_000],
    [100, 50, 3_000],
    [1_000, 300, 600],
  ] as const) {
    const { world, town } = calm(people)
    for (let gone = 0; gone < users; gone += 1) {
      town.lose(1, world.at - ((gone * 13) % 1_000))
      if (Math.floor((gone * everyMs) / 1_000) !== Math.floor(((gone + 1) * everyMs) / 1_000))
        world.for(Math.max(1, Math.round(everyMs / 1_000)), { town })
      assert.equal(world.trouble, null, `${gone} of ${people}`)
    }
    assert.equal(world.condition, 'operational')
    assert.ok((world.of('messaging').unheard ?? 0) > users / 2)
  }
})

test('[S9] 30 of 100 whose connections stand and do not answer are told in 20 s', () => {
  const { world, town } = calm(100)
  const from = world.at
  let seconds: number | null = null
  for (let second = 0; second < 40; second += 1) {
    // Beats come every 25 s. Whoever does not answer one for 5 s was heard from a beat before it.
    if (second >= 5 && second < 30) {
      const due = Math.floor(((second - 4) * 30) / 25) - Math.floor(((second - 5) * 30) / 25)
      if (due > 0) town.lose(due, from + (second - 5) * 1_000 - 25_000)
    }
    world.for(1, { town })
    world.at -= 1_000
    world.judge.hear({ kind: 'figures', at: world.at, sample: town.sample(world.at) })
    world.at += 1_000
    if (world.trouble === 'silent') seconds ??= second
  }
  assert.ok(seconds !== null && seconds <= 20, String(seconds))
  assert.ok(Math.abs((world.of('messaging').silent?.value ?? 0) - 0.3) <= 0.03, String(world.of('messaging').silent?.value))
})

test('[S9] the number of those who fell mute one after the other is told when the last beat has come due, and of others at once', () => {
  const { windowMs, countedMs } = SILENCE_BOUNDS
  const span = (lengthMs: number) => ({ from: BEGINNING, to: BEGINNING + lengthMs })
  assert.equal(isCounted(span(windowMs), BEGINNING), true)
  assert.equal(isCounted(span(windowMs + 1), BEGINNING + countedMs - 1), false)
  assert.equal(isCounted(span(windowMs + 1), BEGINNING + countedMs), true)
})

test('[S9] it ends when they are back', () => {
  const { world, town } = calm(100)
  town.lose(30, world.at)
  world.for(45, { town })
  town.return(26)
  world.for(10, { town })
  assert.equal(world.trouble, 'silent')
  town.return(1)
  assert.ok((world.for(10, { town }, 'operational') ?? 99) <= 4)
})

test('[S9] those still out when a silence is over did not fall silent a second time', () => {
  const { world, town } = calm(100)
  town.lose(80, world.at)
  world.for(20, { town })
  town.return(72)
  assert.ok((world.for(10, { town }, 'operational') ?? 99) <= 4)
  assert.equal(world.for(60, { town }, 'silent'), null)
  town.lose(20, world.at)
  assert.ok((world.for(20, { town }, 'silent') ?? 99) <= 12, 'others may')
})

test('[S9] an office without power: silent, never failing, and over by itself within 10 minutes as not heard from', () => {
  const { world, town } = calm(60)
  const from = world.at
  town.lose(40, from)
  const conditions = new Set<Condition>()
  let endedAt: number | null = null
  for (let second = 0; second < 900; second += 2) {
    world.for(2, { town })
    conditions.add(world.condition)
    assert.ok(world.trouble === null || world.trouble === 'silent')
    assert.equal(world.of('messaging').share, null)
    if (second > 30 && world.trouble === null) endedAt ??= world.at
    if (endedAt !== null && world.at - from < 590_000) assert.equal(world.of('messaging').unheard, 40)
  }
  assert.deepEqual([...conditions].toSorted(), ['operational', 'partial_outage'])
  assert.ok(endedAt !== null && endedAt - from <= 600_000 && endedAt - from >= SILENCE_BOUNDS.longestMs)
})

test('[S9] more people than an office without power, cut off while it is silent, are told as those who fell silent', () => {
  const { world, town } = calm(1_000)
  town.lose(100, world.at)
  world.for(180, { town })
  const silent = (): number | undefined => world.of('messaging').silent?.affected
  assert.equal(silent(), 100)
  town.lose(100, world.at)
  world.for(20, { town })
  assert.equal(silent(), 100, 'as many are not more')
  world.for(60, { town })
  const from = world.at
  town.lose(300, from)
  world.for(14, { town })
  const { cohort, unheard } = world.of('messaging')
  assert.deepEqual([silent(), unheard], [300, 200])
  assert.ok((cohort?.from ?? 0) > from - 10_000)
  world.for(4, { town, devices: { live: 500, notLive: 60 } })
  const { share } = world.of('messaging')
  assert.deepEqual([world.trouble, share?.source, share?.affected], ['failing', 'devices', 300])
  town.return(290)
  assert.ok((world.for(10, { town }, 'operational') ?? 99) <= 4)
  assert.equal(world.for(60, { town }, 'silent'), null, 'those of the office did not fall silent a second time')
})

test('[S9] what was believed of one silence is not believed of the next', () => {
  const { world, town } = calm(1_000)
  town.lose(100, world.at)
  world.for(30, { town, devices: { live: 500, notLive: 60 } })
  assert.equal(world.trouble, 'failing')
  world.for(60, { town })
  town.lose(300, world.at)
  world.for(14, { town })
  assert.deepEqual([world.trouble, world.of('messaging').silent?.affected], ['silent', 300])
})

test('[S9] devices that say so make it affected, at most as many as are out', () => {
  const { world, town } = calm(100)
  town.lose(30, world.at)
  world.for(14, { town, devices: { live: 9, notLive: 5 } })
  assert.equal(world.trouble, 'silent', '5 are less than a fifth of 30')
  world.for(4, { town, devices: { live: 9, notLive: 6 } })
  const six = world.of('messaging').share ?? assert.fail()
  assert.deepEqual([world.trouble, six.kind, six.source, six.value], ['failing', 'affected', 'devices', 0.3])
  assert.ok(six.low < 0.06 && six.high > 0.3)
  world.for(4, { town, devices: { live: 9, notLive: 5_000 } })
  assert.ok((world.of('messaging').share?.low ?? 1) < 0.3, 'a lie counts for no more than are out')
})

test('[S9] words are weighed against all who fell silent, not against those still out', () => {
  const { world, town } = calm(100)
  town.lose(30, world.at)
  world.for(20, { town })
  town.return(20)
  world.for(10, { town, devices: { live: 9, notLive: 5 } })
  assert.equal(world.trouble, 'silent')
})

test('[S9] what devices said before people fell silent says nothing about them', () => {
  const { world, town } = calm(100)
  world.for(2, { town, devices: { live: 9, notLive: 9 } })
  town.lose(30, world.at + 10_000)
  assert.notEqual(world.for(28, { town }, 'silent'), null)
  assert.equal(world.trouble, 'silent')
})

test('[S9] a silence of which devices speak lasts until they do not, although the server forgets its people', () => {
  const { world, town } = calm(100)
  town.lose(30, world.at)
  world.for(20, { town })
  world.for(900, { town, devices: { live: 9, notLive: 8 } })
  const { trouble, share } = world.of('messaging')
  assert.deepEqual([trouble, share?.source, share?.affected, share?.stillOut], ['failing', 'devices', 30, 30])
  assert.ok((world.for(60, { town, devices: { live: 40, notLive: 0 } }, 'operational') ?? 99) <= 4)
})

test('[S9] direct words alone open nothing', () => {
  const { world, town } = calm(100)
  world.for(120, { town, devices: { live: 0, notLive: 900 } })
  assert.equal(world.condition, 'operational')
})

test('[S9] reports of devices make it affected, and reports about another time do not', () => {
  for (const [agoMs, trouble] of [
    [0, 'failing'],
    [600_000, 'silent'],
  ] as const) {
    const { world, town } = calm(100)
    const from = world.at
    town.lose(30, from)
    world.for(14, { town })
    const sample = { at: world.at, from, to: world.at - agoMs, activeUsers: 100, affectedUsers: 9, signInUsers: 0, connectionUsers: 9, unsent: 0 }
    world.judge.hear({ kind: 'reports', at: world.at, sample })
    world.for(2, { town })
    assert.equal(world.trouble, trouble)
  }
})

test('[S9] failing tries make it affected, and people are counted', () => {
  const { world, town } = calm(100)
  town.lose(30, world.at)
  world.for(14, { town, outcome: (id) => (id % 9 === 1 ? 'unreachable' : 'ok'), tries: 4 })
  const { trouble, share, silent } = world.of('messaging')
  assert.deepEqual([trouble, share?.kind, share?.source, share?.value, silent], ['failing', 'affected', 'server', 0.3, null])
})

test('[S9] a restart of the server makes nobody silent', () => {
  const { world, town } = calm(200)
  town.lose(100, world.at)
  world.for(4, { town })
  const next = new Town(120)
  next.process = 'p2'
  world.for(60, { town: next })
  assert.equal(world.condition, 'operational')
})

test('[S9] the accounts that the server itself failed are affected', () => {
  const { world, town } = calm(100)
  town.failedUsers = 12
  const seconds = world.for(20, { town }, 'failing')
  assert.ok(seconds !== null && seconds <= 4, String(seconds))
  const { share } = world.of('messaging')
  assert.deepEqual([share?.source, share?.affected, share?.total], ['server', 12, 100])
  town.failedUsers = 0
  assert.ok((world.for(40, { town }, 'operational') ?? 99) <= COUNTER_BOUNDS.calmMs / 1_000 + 4)
})

test('[S9] sign-ins that the server fails are trouble of signing in', () => {
  const { world, town } = calm(100)
  for (let second = 0; second < 20; second += 2) {
    town.signInsTried += 4
    town.signInsFailed += 3
    world.for(2, { town })
  }
  assert.deepEqual([world.of('sign-in').trouble, world.condition], ['failing', 'operational'])
  assert.equal(world.of('sign-in').share?.source, 'server')
})

for (const [name, spoil] of [
  ['NaN', (town: Town) => (town.connected = Number.NaN)],
  ['negative', (town: Town) => (town.connected = -5)],
  ['infinite', (town: Town) => (town.failedUsers = Number.POSITIVE_INFINITY)],
  ['fractional', (town: Town) => (town.signInsFailed = 0.5)],
] as const) {
  test(`figures that are ${name} say nothing`, () => {
    const { world, town } = calm(100)
    spoil(town)
    world.for(120, { town })
    assert.deepEqual(
      world.judge.judgements().map(({ condition, unheard }) => [condition, unheard]),
      COMPONENTS.map(() => ['operational', null]),
    )
  })
}

test('[F8] recorded figures without the silent people are no figures', () => {
  const { world, town } = calm(100)
  const { silent: _silent, ...earlier } = town.sample(world.at)
  world.judge.hear({ kind: 'figures', at: world.at, sample: earlier as FiguresSample })
  world.for(JUDGE_BOUNDS.freshMs / 1_000 + 2)
  assert.deepEqual([world.condition, world.of('messaging').unheard], ['operational', null])
})

test('counters that fall start anew', () => {
  const { world, town } = calm(100)
  town.signInsTried = 5_000
  town.signInsFailed = 4_000
  world.for(2, { town: null })
  const fallen = new Town(100)
  world.for(60, { town: fallen })
  world.for(2, { town })
  town.signInsTried = 10
  town.signInsFailed = 10
  world.for(60, { town })
  town.signInsTried = 0
  world.for(60, { town })
  assert.notEqual(world.of('sign-in').trouble, 'late')
})

for (const people of [0, 1]) {
  test(`a town of ${people} is judged by tries`, () => {
    const { world, town } = calm(people)
    town.lose(people, world.at)
    world.for(60, { town })
    assert.equal(world.condition, 'operational')
    world.for(20, { town, outcome: 'unreachable' })
    assert.deepEqual([world.condition, world.of('messaging').share?.source], ['major_outage', 'tries'])
  })
}

test('[S1] a post that lies, alone, accuses nobody', () => {
  const world = new World()
  world.for(60, { posts: ['home', 'office', 'liar'] })
  for (let second = 0; second < 300; second += 1) {
    world.for(1, { posts: ['liar'], outcome: 'refused', tries: 20 })
    world.at -= 1_000
    world.for(1, { posts: ['home', 'office'] })
    assert.equal(world.condition, 'operational')
  }
})

test('[S6] the same evidence gives the same judgements', () => {
  const [one, other] = [new World(), new World()]
  for (const world of [one, other]) {
    const town = new Town(300)
    world.for(100, { town })
    town.lose(40, world.at)
    world.for(50, { outcome: (id) => (id % 7 === 0 ? 'undelivered' : 'ok'), town })
  }
  assert.deepEqual(one.judge.judgements(), other.judge.judgements())
  assert.ok(isTrouble(one.condition))
})
