import {
  COMPONENTS,
  type Component,
  type DevicesSample,
  type FiguresSample,
  type ObservationBatch,
  type ReportsSample,
} from '../vocabulary/observation.ts'
import { activeIn, CellFigures } from './cell-figures.ts'
import { ComponentJudge, JUDGE_BOUNDS, type Beside } from './component-judge.ts'
import { CounterTest, PEOPLE_FAILED, SIGN_INS_FAILED, Window } from './counter-test.ts'
import type { Evidence, Judge } from './judgement.ts'
import { PostTries } from './post-tries.ts'
import { areTold, Silence } from './silence.ts'
import { SteadyTime } from './steady-time.ts'

/** Most posts that are heard. The one that was silent longest makes room. */
export const POSTS_MAX = 16

interface Post {
  online: boolean
  heardAt: number
  /** Tries that began earlier were made without a network or across a clock jump, and say nothing. */
  trustedFrom: number
  readonly tries: Readonly<Record<Component, PostTries>>
}

/** @returns a judge without any evidence yet. Its behaviour depends only on what it hears [S6]. */
export function createJudge(): Judge {
  const time = new SteadyTime()
  const posts = new Map<string, Post>()
  const cells = new CellFigures()
  const silence = new Silence()
  const failed = new CounterTest(PEOPLE_FAILED)
  const signIns = new CounterTest(SIGN_INS_FAILED)
  const lastSignIns = new Window()
  let devices: { readonly at: number; readonly sample: DevicesSample } | null = null
  /** Accounts that reported, while the trouble lasts, that they could not connect. `from`, epoch ms: start of the time they reported about. */
  let reported: { readonly at: number; readonly from: number; readonly users: number } | null = null
  const judges: Readonly<Record<Component, ComponentJudge>> = {
    messaging: new ComponentJudge(time.now),
    'sign-in': new ComponentJudge(time.now),
    web: new ComponentJudge(time.now),
  }

  function newest<T extends { readonly at: number }>(heard: T | null): T | null {
    return heard !== null && time.now - heard.at <= JUDGE_BOUNDS.devicesMs ? heard : null
  }

  /** What was said before people fell silent, or about the time before, says nothing about them. */
  function words(): number {
    const since = silence.cohort?.from ?? Number.POSITIVE_INFINITY
    const [direct, later] = [newest(devices), newest(reported)]
    return Math.max(
      direct !== null && direct.at >= since ? direct.sample.notLive : 0,
      later !== null && later.from >= time.epochOf(since) ? later.users : 0,
    )
  }

  function besideOf(component: Component): Beside {
    const all = [...posts.values()]
    return {
      counts: component === 'messaging' ? failed : component === 'sign-in' ? signIns : null,
      silence: component === 'messaging' ? silence : null,
      fresh: time.now - cells.heardAt <= JUDGE_BOUNDS.freshMs,
      devices: newest(devices)?.sample ?? null,
      words: words(),
      cameLateAt: Math.max(...all.flatMap(({ tries }) => COMPONENTS.map((each) => tries[each].lateAt)), Number.NEGATIVE_INFINITY),
      fromHere: component !== 'messaging' && judges.messaging.trouble === 'from-here',
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
    return post
  }

  function interrupt(post: Post): void {
    for (const component of COMPONENTS) post.tries[component].interrupt()
  }

  function distrust(post: Post): void {
    post.trustedFrom = time.now
    interrupt(post)
  }

  function hearBatch({ post: name, online, observations }: ObservationBatch, at: number): void {
    const post = postOf(name)
    if (online !== post.online) {
      post.online = online
      distrust(post)
    }
    // Suspicion from before a silence is not added to what comes after.
    if (time.now - post.heardAt > JUDGE_BOUNDS.blindMs) interrupt(post)
    post.heardAt = time.now
    if (!online) return
    const newestKnown = observations.reduce((latest, { knownAt }) => Math.max(latest, knownAt), Number.NEGATIVE_INFINITY)
    for (const observation of observations) {
      const beganAt = time.beganAt(observation.at, newestKnown, at)
      if (beganAt >= post.trustedFrom) post.tries[observation.component].hear(observation, beganAt, time.now)
    }
  }

  function hearFigures(sample: FiguresSample): void {
    const total = cells.hear(time.now, sample)
    if (total === null) return
    silence.hear(time.now, total, areTold(words(), silence.cohort?.fell ?? 0))
    failed.hear(time.now, total.failedUsers, activeIn(total))
    const lately = lastSignIns.hear(time.now, total.process, total.signInsFailed, total.signInsTried)
    signIns.hear(time.now, lately.failed, lately.of)
  }

  /** Reports about a trouble that is over say nothing about the present. */
  function hearReports({ connectionUsers, from, to }: ReportsSample, at: number): void {
    if (connectionUsers > 0 && Math.abs(at - to) <= JUDGE_BOUNDS.devicesMs) reported = { at: time.now, from, users: connectionUsers }
  }

  return {
    hear(evidence: Evidence): void {
      if (time.advance(evidence.at) === 'jumped') for (const post of posts.values()) distrust(post)
      if (evidence.kind === 'observations') hearBatch(evidence.batch, evidence.at)
      else if (evidence.kind === 'figures') hearFigures(evidence.sample)
      else if (evidence.kind === 'devices') devices = { at: time.now, sample: evidence.sample }
      else if (evidence.kind === 'reports') hearReports(evidence.sample, evidence.at)
      if (time.now - cells.heardAt > JUDGE_BOUNDS.figuresMs) {
        silence.end(time.now)
        failed.end()
        signIns.end()
      }
      for (const component of COMPONENTS) {
        const online = [...posts.values()].filter((post) => post.online).map(({ tries }) => tries[component])
        judges[component].evaluate(time.now, online, besideOf(component))
      }
    },
    judgements() {
      return COMPONENTS.map((component) => {
        const { since, startedAt, cohort, ...held } = judges[component].held(time.now, besideOf(component))
        return {
          component,
          ...held,
          since: time.epochOf(since),
          startedAt: startedAt === null ? null : time.epochOf(startedAt),
          cohort: cohort === null ? null : { from: time.epochOf(cohort.from), to: time.epochOf(cohort.to ?? cohort.from) },
        }
      })
    },
    endedAt(component) {
      const { endedAt } = judges[component]
      return endedAt === null ? null : time.epochOf(endedAt)
    },
  }
}
