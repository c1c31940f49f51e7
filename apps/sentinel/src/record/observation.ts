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

/** One sample of the server's counts of its users, without names or ids. See `GET /v1/figures` in the protocol. */
export interface FiguresSample {
  /** Time of the reading, epoch ms of the sentinel. */
  readonly at: number
  /** Null when the server gave no figures (unreachable, or refused). The other fields are then 0. */
  readonly process: string | null
  readonly cell: string
  /** Accounts with a connection, and accounts that lost their connection without a farewell within the last 10 minutes. Canaries are not counted. */
  readonly activeUsers: number
  /** Active accounts without a connection for more than 5 s, or with an entry undelivered for more than 5 s. */
  readonly affectedUsers: number
  /** Since the start of the server process. */
  readonly signInsTried: number
  /** Failures caused by the server, not by a wrong password. */
  readonly signInsFailed: number
  readonly reconnects: number
  readonly accepted: number
  readonly refusedBusy: number
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
