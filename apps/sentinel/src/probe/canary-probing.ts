import {
  PROFILES,
  type Component,
  type FiguresSample,
  type Observation,
  type ObservationBatch,
  type Outcome,
  type Profile,
  type ReportsSample,
} from '../vocabulary/observation.ts'
import { createAsk, type Ask } from './ask.ts'
import { createBatches } from './batches.ts'
import { tryConnect } from './canary-connect.ts'
import { createCanaryKeeper, type CanaryKeeper } from './canary-keeper.ts'
import { openCredentialsFile, type Credentials } from './credentials-file.ts'
import { createDoor } from './door.ts'
import { createFiguresReader, figuresEveryMs } from './figures.ts'
import { createOnlineCheck, type Network, type Target } from './online.ts'
import type { ProbeParts } from './ports.ts'
import { MEASURE_BOUNDS, startMeasuring, startRhythm } from './rhythm.ts'
import { trySignInLightly } from './sign-in-try.ts'
import { watchStalls } from './stalls.ts'
import { beginTry, hasFailed, type Try } from './try.ts'
import { tryWeb } from './web-try.ts'

/** User agent of each profile. It names the canary and the profile it stands for. */
const USER_AGENTS: Readonly<Record<Profile, string>> = {
  pc: 'BongsuSentinel/0.1 (canary; pc)',
  phone: 'BongsuSentinel/0.1 (canary; phone; Mobile)',
}
/**
 * Try numbers are reserved in blocks of this size, starting from the time of the start. They therefore rise after a kill, after the clock was set
 * back, and after the folder was lost.
 */
const triesKept = 100_000
/** How long a new sentinel says nothing of a messenger that has not answered yet: the first start of a messenger takes some seconds. */
const firstAnswerMs = 20_000
/** Most tries without an account that are under way: page loads, and all light ones that can be begun within the time of one. */
const UNDER_WAY_MAX = { page: 8, light: 64 } as const

export interface ProbingOptions extends ProbeParts {
  /** Folder for the canaries' credentials. */
  readonly directory: string
  /** Name of this post. */
  readonly post: string
  /** Hosts asked whether this place is online. Empty: this place always counts as online. */
  readonly onlineChecks: readonly Target[]
  readonly network?: Network
  readonly report: (batch: ObservationBatch) => void
  readonly figures: (sample: FiguresSample) => void
}

export type Probing = ReturnType<typeof startProbing>

/** Tries everything people use, as people use it, all the time, and reports the outcomes. @throws when the credentials cannot be read. */
export function startProbing(options: ProbingOptions) {
  const { clock, log } = options
  const serverUrl = options.serverUrl.replace(/\/+$/, '')
  const file = openCredentialsFile(options.directory)
  let credentials = file.read()
  /**
   * Whether the messenger must answer by now: not in the first moments of a sentinel that it has never given an account, since both may be started
   * together [S1].
   */
  let met = Object.keys(credentials.pairs).length > 0
  const startedMs = clock.monotonic()
  let triesMade = Math.max(clock.now(), credentials.tries)
  keep({ ...credentials, tries: triesMade + triesKept })

  const stalls = watchStalls(clock)
  const online = createOnlineCheck({ ...options, serverUrl, targets: options.onlineChecks })
  const door = createDoor({ ...options, serverUrl, ask: createAsk(clock, 'BongsuSentinel/0.1') })
  const batches = createBatches({ ...options, alarmed: () => rhythm.alarmed, isOnline: () => online.isOnline(), stage: () => door.look() })
  const asks = Object.fromEntries(PROFILES.map((profile) => [profile, createAsk(clock, USER_AGENTS[profile])])) as Record<Profile, Ask>
  const keepers = Object.fromEntries(PROFILES.map((profile) => [profile, createKeeper(profile)])) as Record<Profile, CanaryKeeper>
  const figures = createFiguresReader({ ...options, serverUrl, ask: createAsk(clock, 'BongsuSentinel/0.1') })
  const underWay = { page: 0, light: 0 }
  let missing = false
  let reading = false
  let stopped = false
  const rhythm = startRhythm(clock, go)
  const measuring = { messaging: measureBy('messaging'), 'sign-in': measureBy('sign-in') } as const
  const cancelFigures = clock.every(figuresEveryMs, () => void readFigures())

  /** With a full disk the canaries work on, but their credentials are not stored. */
  function keep(next: Credentials): void {
    credentials = next
    try {
      file.write(next)
    } catch (cause) {
      log('The credentials of the canaries could not be saved.', { cause: String(cause) })
    }
  }

  function createKeeper(profile: Profile): CanaryKeeper {
    return createCanaryKeeper({
      ...options,
      profile,
      serverUrl,
      stalls,
      alarmed: () => rhythm.alarmed,
      ask: asks[profile],
      userAgent: USER_AGENTS[profile],
      credentials: credentials.pairs[profile],
      keep: (pair) => keep({ ...credentials, pairs: { ...credentials.pairs, [profile]: pair } }),
      told: tell,
    })
  }

  function tell(observation: Observation): void {
    met ||= observation.outcome === 'ok' || clock.monotonic() - startedMs >= firstAnswerMs
    if (!met) {
      if (!missing) log('The messenger has not answered yet. It may just be starting, as this sentinel is for the first time.', { url: serverUrl })
      missing = true
      return
    }
    if (hasFailed(observation)) rhythm.alarm()
    batches.put(observation)
  }

  function measureBy(component: 'messaging' | 'sign-in'): ReturnType<typeof startMeasuring> {
    let turn = 0
    return startMeasuring(clock, () => {
      const isWhole = component === 'sign-in' && turn % MEASURE_BOUNDS.wholeSignInEvery === 0
      // So that the whole ones are of both profiles too.
      const profile = PROFILES[Math.floor(turn++ / MEASURE_BOUNDS.wholeSignInEvery) % PROFILES.length] as Profile
      go(component, profile, !isWhole)
    })
  }

  function go(component: Component, profile: Profile, light: boolean): void {
    if (++triesMade > credentials.tries) keep({ ...credentials, tries: triesMade + triesKept })
    const given = beginTry(clock, triesMade, component, profile)
    if (light && component === 'sign-in') void tryPlainly(given, 'light', () => trySignInLightly(asks[profile], serverUrl, options.key()))
    else if (light) void tryPlainly(given, 'light', () => tryConnect(clock, serverUrl, USER_AGENTS[profile]))
    else if (component === 'messaging') keepers[profile].tryMessage(given)
    else if (component === 'sign-in') keepers[profile].trySignIn(given)
    else void tryPlainly(given, 'page', () => tryWeb(asks[profile], serverUrl, () => clock.monotonic()))
  }

  /** A try without an account. @param run its outcome; null when it says nothing. */
  async function tryPlainly(given: Try, kind: 'page' | 'light', run: () => Promise<Outcome | null>): Promise<void> {
    if (underWay[kind] >= UNDER_WAY_MAX[kind]) return
    underWay[kind]++
    const outcome = await run()
    underWay[kind]--
    if (outcome === null || stopped || (outcome !== 'ok' && stalls.since(given.begunMs))) return
    const observation = given.observation(outcome, { acceptedMs: outcome === 'ok' ? given.elapsedMs() : null })
    tell(kind === 'light' ? { ...observation, light: true } : observation)
  }

  async function readFigures(): Promise<void> {
    if (reading) return
    reading = true
    const sample = await figures.read()
    reading = false
    if (!stopped) options.figures(sample)
  }

  return {
    /** True after a recent failure: tries come more often. */
    get alarmed(): boolean {
      return rhythm.alarmed
    },
    /** Raises the rate of tries for a while, also when they succeed, so that the end of a fault is seen as soon as its start. */
    alarm: (): void => rhythm.alarm(),
    /** Raises the rate of tries of one component further, for a while, to measure which part of them fails. */
    measure(component: Component): void {
      // A page is too heavy to be loaded so often.
      if (component !== 'web') measuring[component].ask()
    },
    /** What devices reported about a span of time. Null when the server cannot say now. */
    readReports: (from: number, to: number): Promise<ReportsSample | null> => figures.readReports(from, to),
    /** Ends all tries and connections. Known outcomes are reported, open tries are not. */
    stop(): void {
      stopped = true
      rhythm.stop()
      for (const each of Object.values(measuring)) each.stop()
      cancelFigures()
      stalls.stop()
      for (const profile of PROFILES) keepers[profile].stop()
      batches.stop()
      keep({ ...credentials, tries: triesMade })
    },
  }
}
