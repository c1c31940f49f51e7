/** What people use, judged apart: one can fail while the others stand. */
export const COMPONENTS = ['messaging', 'sign-in', 'web'] as const
export type Component = (typeof COMPONENTS)[number]

/** As what a canary comes: a browser on a PC, or one on a phone. */
export const PROFILES = ['pc', 'phone'] as const
export type Profile = (typeof PROFILES)[number]

/**
 * How a try ended, as a user would say it.
 * - ok: everything came, once, in order, within its time.
 * - unreachable: no connection, or it broke, and was not back within the time of the try.
 * - unaccepted: connected, but the message was not accepted in time.
 * - undelivered: accepted, but not delivered to the other side in time. Whether it came later is told by a second observation of the same try.
 * - late: the second observation of an undelivered try, when it came after all.
 * - lost: the second observation, when it had not come after a minute.
 * - doubled, reordered: it came twice, or before one that was accepted earlier. Told besides whatever else was told.
 * - refused: the server answered, with a refusal.
 */
export const OUTCOMES = ['ok', 'unreachable', 'unaccepted', 'undelivered', 'late', 'lost', 'doubled', 'reordered', 'refused'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** One try of a canary at the users' door. Times are epoch ms of the observing post; durations are ms of its monotonic clock. */
export interface Observation {
  /** Names the try within its post, rising. */
  readonly id: number
  /** When the try began. */
  readonly at: number
  /** When its outcome was known. */
  readonly knownAt: number
  readonly component: Component
  readonly profile: Profile
  readonly outcome: Outcome
  /** From the beginning to `accepted`, to a token, or to the whole page; null when that did not happen. */
  readonly acceptedMs: number | null
  /** From the beginning to the other canary's having it. */
  readonly deliveredMs: number | null
  /** From the beginning to the sender's seeing that it was read. */
  readonly readMs: number | null
}

/**
 * What was seen in one place, by one program, in one interval. `online`: whether this place itself had a network, asked of others than the
 * messenger; when false nothing is concluded about the messenger.
 */
export interface ObservationBatch {
  /** Name of the place, such as `home`. */
  readonly post: string
  readonly online: boolean
  readonly observations: readonly Observation[]
}

/** What the server counts of its users, without names or ids: see `GET /v1/figures` of the protocol. One sample. */
export interface FiguresSample {
  /** Epoch ms of the sentinel when it was read. */
  readonly at: number
  /** Null: the server gave no figures (gone, or refused); the other fields are then 0. */
  readonly process: string | null
  readonly cell: string
  /** Accounts with a connection, or whose connection was lost within the last 10 minutes without a farewell. Canaries are not counted. */
  readonly activeUsers: number
  /** Of them: without a connection for more than 5 s, or with an entry that has not been delivered for more than 5 s. */
  readonly affectedUsers: number
  /** Since the process began. */
  readonly signInsTried: number
  /** Failed by the server's fault, not by a wrong password. */
  readonly signInsFailed: number
  readonly reconnects: number
  readonly accepted: number
  readonly refusedBusy: number
}

/** What people's devices told after they were back: how many accounts could not do what they wanted in a span of time. */
export interface ReportsSample {
  readonly at: number
  readonly from: number
  readonly to: number
  /** Accounts that were active in the span. */
  readonly activeUsers: number
  /** Accounts that reported at least one outage of more than 5 s within it. */
  readonly affectedUsers: number
  /** Of those, the ones that could not sign in, and those that could not reach the server. One account can be in both. */
  readonly signInUsers: number
  readonly connectionUsers: number
  /** Messages that waited in outboxes meanwhile. */
  readonly unsent: number
}
