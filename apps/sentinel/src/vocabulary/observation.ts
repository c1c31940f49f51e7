/** The parts of the service that people use. Each is judged alone, because one can fail while the others work. */
export const COMPONENTS = ['messaging', 'sign-in', 'web'] as const
export type Component = (typeof COMPONENTS)[number]

/** What a canary pretends to be: a browser on a PC, or a browser on a phone. */
export const PROFILES = ['pc', 'phone'] as const
export type Profile = (typeof PROFILES)[number]

/**
 * How a try ended, in the words of a user.
 * - ok: everything came, once, in order, and in time.
 * - unreachable: no connection, or a broken connection that was not back within the time of the try.
 * - unaccepted: connected, but the message was not accepted in time.
 * - undelivered: accepted, but not delivered to the other side in time. A second observation of the same try reports whether the message came later.
 * - late: second observation of an undelivered try; the message came after all.
 * - lost: second observation of an undelivered try; the message had not come after a minute.
 * - doubled, reordered: the message came twice, or before a message that was accepted earlier. Reported in addition to other outcomes.
 * - refused: the server answered with a refusal.
 */
export const OUTCOMES = ['ok', 'unreachable', 'unaccepted', 'undelivered', 'late', 'lost', 'doubled', 'reordered', 'refused'] as const
export type Outcome = (typeof OUTCOMES)[number]

/**
 * Where a failed try failed [S1].
 * - way: no TCP connection came about: no answer in time, no route, no address.
 * - door: the connection was refused or broken, nothing answered on it, or something that is not our server.
 * - server: our server answered, and not as it should.
 * - component: our server answers otherwise; only this part of it does not.
 */
export const STAGES = ['way', 'door', 'server', 'component'] as const
export type Stage = (typeof STAGES)[number]

/** One try of a canary at the public door. Times are epoch ms of the observing post. Durations are ms of its monotonic clock. */
export interface Observation {
  /** Number of the try within its post, rising. */
  readonly id: number
  /** Start of the try. */
  readonly at: number
  /** Time at which the outcome was known. */
  readonly knownAt: number
  readonly component: Component
  readonly profile: Profile
  readonly outcome: Outcome
  /** Missing in good tries and in earlier records; a failure without a stage counts as `door`. */
  readonly stage?: Stage
  /** A try of its first step only: a connection without a message, a sign-in with an empty form. */
  readonly light?: boolean
  /** From the start to `accepted`, to a token, or to the complete page. Null when that did not happen. */
  readonly acceptedMs: number | null
  /** From the start to the arrival at the other canary. */
  readonly deliveredMs: number | null
  /** From the start to the sender's seeing the read mark. */
  readonly readMs: number | null
}

/**
 * The observations of one post in one interval. `online`: whether the post itself had a network, tested with hosts other than the messenger. When
 * false, nothing is concluded about the messenger.
 */
export interface ObservationBatch {
  /** Name of the place, such as `home`. */
  readonly post: string
  readonly online: boolean
  readonly observations: readonly Observation[]
}

/** Accounts whose last sign of life is between `agoMs` and `agoMs + LIMITS.silentSliceMs` old. */
export interface SilentSlice {
  /** A multiple of `LIMITS.silentSliceMs`. */
  readonly agoMs: number
  /** At least 1. */
  readonly users: number
}

/** One sample of the server's counts of its users, without names or ids. See `GET /v1/figures` in the protocol. */
export interface FiguresSample {
  /** Time of the reading, epoch ms of the sentinel. */
  readonly at: number
  /** Null when the server gave no figures (unreachable, or refused). The other fields are then 0. */
  readonly process: string | null
  readonly cell: string
  /** Accounts with a connection that answered its last beat in time. Canaries are not counted here nor below. */
  readonly connectedUsers: number
  /** Accounts not heard from, youngest first. Together with the connected ones they are the active people. */
  readonly silent: readonly SilentSlice[]
  /** Accounts whom the server itself failed in the last 30 s and has not served since. They may be connected, silent, or gone. */
  readonly failedUsers: number
  /** Since the start of the server process. */
  readonly signInsTried: number
  /** Failures caused by the server, not by a wrong password. */
  readonly signInsFailed: number
  readonly reconnects: number
  readonly accepted: number
  readonly refusedBusy: number
  /** Confirmed messages could be lost with the settings that the operator has allowed [O19]. Left out otherwise, and in earlier records. */
  readonly unsafe?: true
}

/** What devices say directly to the sentinel: how many different ones in the last 30 s, and whether they are connected to the messenger [F7]. */
export interface DevicesSample {
  readonly at: number
  readonly live: number
  /** Of the live ones, those heard as lately as every one that is not live. The others may have left the front. Missing in earlier records. */
  readonly liveLately?: number
  readonly notLive: number
}

/** What devices reported after an outage: how many accounts could not do what they wanted in a span of time. */
export interface ReportsSample {
  readonly at: number
  readonly from: number
  readonly to: number
  /** Accounts that were active in the span. */
  readonly activeUsers: number
  /** Accounts that reported at least one outage of more than 5 s within it. */
  readonly affectedUsers: number
  /** Affected accounts that could not sign in, and those that could not reach the server. An account can be in both. */
  readonly signInUsers: number
  readonly connectionUsers: number
  /** Messages that waited in outboxes during the outages. */
  readonly unsent: number
}
