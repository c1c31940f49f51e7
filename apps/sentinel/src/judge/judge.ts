import { COMPONENTS, type Component, type FiguresSample, type Observation, type ObservationBatch } from '../record/observation.ts'
import { BurnRate } from './burn-rate.ts'
import { CellFigures } from './cell-figures.ts'
import { ComponentJudge, JUDGE_BOUNDS, type FiguresView } from './component-judge.ts'
import type { Evidence, Judge, Judgement } from './judgement.ts'
import { PostTries, SLOW_MS } from './post-tries.ts'
import { SAYS } from './share.ts'
import { SignInFigures } from './sign-in-figures.ts'
import { SteadyTime } from './steady-time.ts'

/** Most posts that are heard. The one that was silent longest makes room. */
export const POSTS_MAX = 16

/** What the judge provides besides its judgements. */
export interface JudgeOfAll extends Judge {
  /** Epoch ms at which the newest declared trouble of a component ended. Null when there was none. */
  endedAt(component: Component): number | null
}

interface Post {
  online: boolean
  heardAt: number
  /** Tries that began earlier were made without a network or across a clock jump, and say nothing. */
  trustedFrom: number
  readonly tries: Readonly<Record<Component, PostTries>>
}

/** @returns a judge without any evidence yet. Its behaviour depends only on what it hears [S6]. */
export function createJudge(): JudgeOfAll {
  const time = new SteadyTime()
  const posts = new Map<string, Post>()
  const online: Record<Component, PostTries[]> = { messaging: [], 'sign-in': [], web: [] }
  const cells = new CellFigures()
  const burn = new BurnRate()
  const signIns = new SignInFigures()
  const judges: Readonly<Record<Component, ComponentJudge>> = {
    messaging: new ComponentJudge(time.now),
    'sign-in': new ComponentJudge(time.now),
    web: new ComponentJudge(time.now),
  }
  const views: Readonly<Record<Component, FiguresView | null>> = {
    messaging: {
      get alarmedSince() {
        return burn.alarmedSince
      },
      get lastBadAt() {
        return burn.lastBadAt
      },
      get fresh() {
        return burn.isFresh(time.now)
      },
      get heardAt() {
        return cells.heardAt
      },
      get share() {
        return burn.share()
      },
      giveUp: () => burn.giveUp(),
    },
    'sign-in': {
      get alarmedSince() {
        return signIns.alarmedSince
      },
      get lastBadAt() {
        return signIns.lastBadAt
      },
      get fresh() {
        return burn.isFresh(time.now)
      },
      get heardAt() {
        return cells.heardAt
      },
      get share() {
        return signIns.share(time.now)
      },
      giveUp: () => signIns.giveUp(),
    },
    web: null,
  }

  function listOnline(): void {
    for (const component of COMPONENTS) {
      online[component].length = 0
      for (const post of posts.values()) if (post.online) online[component].push(post.tries[component])
    }
  }

  function postOf(name: string): Post {
    const known = posts.get(name)
    if (known !== undefined) return known
    if (posts.size >= POSTS_MAX) {
      const [oldest] = [...posts].toSorted(([, one], [, other]) => one.heardAt - other.heardAt)
      if (oldest !== undefined) posts.delete(oldest[0])
    }
    const tries = { messaging: new PostTries(), 'sign-in': new PostTries(), web: new PostTries() }
    const post: Post = { online: true, heardAt: time.now, trustedFrom: Number.NEGATIVE_INFINITY, tries }
    posts.set(name, post)
    listOnline()
    return post
  }

  function distrust(post: Post): void {
    post.trustedFrom = time.now
    forget(post)
  }

  function forget(post: Post): void {
    for (const component of COMPONENTS) post.tries[component].reset()
  }

  function hearBatch({ post: name, online: isOnline, observations }: ObservationBatch, at: number): void {
    const post = postOf(name)
    if (isOnline !== post.online) {
      post.online = isOnline
      distrust(post)
      listOnline()
    }
    // Suspicion from before a silence is not added to what comes after.
    if (time.now - post.heardAt > JUDGE_BOUNDS.blindMs) forget(post)
    post.heardAt = time.now
    if (!isOnline) return
    let newest = Number.NEGATIVE_INFINITY
    for (const { knownAt } of observations) if (knownAt > newest) newest = knownAt
    for (const observation of observations) hearObservation(post, observation, time.beganAt(observation.at, newest, at))
  }

  function hearObservation(post: Post, { component, profile, outcome, acceptedMs, deliveredMs }: Observation, beganAt: number): void {
    if (beganAt < post.trustedFrom) return
    const tries = post.tries[component]
    const says = SAYS[outcome]
    if (says === 'besides') {
      if (outcome !== 'doubled' && outcome !== 'reordered') return
      tries.hearPace(true, beganAt)
      judges[component].hearOdd(beganAt)
      return
    }
    const failed = says === 'failed'
    const slow = !failed && (component === 'messaging' ? (deliveredMs ?? 0) : (acceptedMs ?? 0)) >= SLOW_MS[component]
    tries.hearTry(profile, failed, beganAt, time.now)
    if (!failed) tries.hearPace(slow, beganAt)
    judges[component].hearTry(profile, failed, slow, beganAt, time.now)
  }

  function hearFigures(sample: FiguresSample): void {
    const total = cells.hear(time.now, sample)
    if (total === null) return
    burn.hear(time.now, total.process, total.activeUsers, total.affectedUsers)
    signIns.hear(time.now, total.process, total.signInsTried, total.signInsFailed)
  }

  return {
    hear(evidence: Evidence): void {
      if (time.advance(evidence.at) === 'jumped') for (const post of posts.values()) distrust(post)
      if (evidence.kind === 'observations') hearBatch(evidence.batch, evidence.at)
      else if (evidence.kind === 'figures') hearFigures(evidence.sample)
      for (const component of COMPONENTS) judges[component].evaluate(time.now, online[component], views[component])
    },
    judgements(): readonly Judgement[] {
      return COMPONENTS.map((component) => {
        const { since, startedAt, ...held } = judges[component].held(time.now, views[component])
        return { component, ...held, since: time.epochOf(since), startedAt: startedAt === null ? null : time.epochOf(startedAt) }
      })
    },
    endedAt(component) {
      const { endedAt } = judges[component]
      return endedAt === null ? null : time.epochOf(endedAt)
    },
  }
}
