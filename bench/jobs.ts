import type { Offered } from './open-loop.ts'
import type { Wire } from './peers/peer.ts'

/** What a device of the generator is and has, so that it can resume. */
export interface DevicePlan {
  readonly token: string
  readonly account: number
  /** Each conversation and the last seq the device has. */
  readonly cursors: readonly (readonly [conversationId: string, seq: number])[]
}

/** Where the server is and which history its devices hold. */
export interface Target {
  readonly url: string
  readonly epoch: string
}

/** One device that sends into one conversation. */
export interface Talker {
  /** Place of the device in the list of those connected. */
  readonly device: number
  readonly conversationId: string
}

/** What a generator process may be asked. Each is answered by one `Reply`. */
export type Job =
  /** Connect and stay; answered when all are caught up. */
  | { readonly t: 'connect'; readonly target: Target; readonly devices: readonly DevicePlan[]; readonly atOnce: number }
  /** Begin to talk: `inFlight` sends each at a time, or `perSecond` sends in all at an even pace. Answered when begun. */
  | { readonly t: 'talk'; readonly talkers: readonly Talker[]; readonly pace: Pace; readonly text: string }
  /** Nobody says anything more; answered when all that is under way is accepted. */
  | { readonly t: 'hush' }
  /** What has been counted so far; latencies are kept from the first mark on, and given up to this one. */
  | { readonly t: 'mark' }
  /** Stop talking, wait until everything has arrived, and say whether it did. */
  | { readonly t: 'finish' }
  /** Each device connects, gets what it missed, and leaves; `missed` entries must come to each. Answered with the time each took. */
  | { readonly t: 'resume'; readonly target: Target; readonly devices: readonly DevicePlan[]; readonly atOnce: number; readonly missed: number }
  /** Connections to the echo peer that send one frame, get it back, and close. */
  | { readonly t: 'churn'; readonly url: string; readonly connections: number; readonly atOnce: number }
  /** Connections to the echo peer, `inFlight` frames each at a time, until `finish`. */
  | { readonly t: 'echo'; readonly url: string; readonly connections: number; readonly inFlight: number; readonly frame: string }

  /** The devices of a storm connect and stay; then from `freeze` on they take nothing; some speak; all are cut at once and come back. */
  | { readonly t: 'storm-connect'; readonly target: Target; readonly devices: readonly DevicePlan[]; readonly atOnce: number }
  | { readonly t: 'storm-freeze' }
  | { readonly t: 'storm-say'; readonly talkers: readonly Talker[]; readonly text: string }
  | { readonly t: 'storm-cut'; readonly missed: number }
  /** Users of a peer sign in, in pairs; then `peer-talk` as `talk`, and `mark` and `finish` as ever. */
  | { readonly t: 'peer-connect'; readonly wire: Wire; readonly port: number; readonly pairs: number }
  | { readonly t: 'peer-talk'; readonly pace: PeerPace; readonly text: string }
  /** Users `first`, `first` + 1, … of a peer sign in, and join the rooms of their place. Answered when they are in them. */
  | { readonly t: 'peer-rooms'; readonly wire: Wire; readonly port: number; readonly first: number; readonly rooms: readonly (readonly number[])[] }
  /** The members of a room connect and stay; then the first says something, and `count` of them react to it. Answered when all have all of it. */
  | { readonly t: 'react-connect'; readonly target: Target; readonly devices: readonly DevicePlan[]; readonly atOnce: number }
  | { readonly t: 'react'; readonly count: number }
  /** Pages of `limit` entries before random places, `atOnce` at a time; their texts are checked. Answered with the time each took. */
  | { readonly t: 'pages'; readonly url: string; readonly places: readonly PagePlace[]; readonly limit: number; readonly atOnce: number }

/** Where a page of history ends, and whose device asks for it. */
export interface PagePlace {
  readonly token: string
  readonly conversationId: string
  readonly before: number
}

export type PeerPace = { readonly inFlight: number } | { readonly perSecond: number }
/** `wantedPerSecond`: so many are newly wanted whatever becomes of them, by devices that obey the client's rules. */
export type Pace = PeerPace | { readonly wantedPerSecond: number }

export interface Mark {
  readonly accepted: number
  readonly received: number
  /** Milliseconds from sending to the other device having it. Only those since the mark before. */
  readonly deliveredMs: readonly number[]
  /** 99th percentile of how late the generator's own event loop was since the mark before: what it adds to the latencies. */
  readonly ownDelayP99Ms: number
  /** User and system time of the generator so far. */
  readonly ownCpuMicros: number
  /** Sends that were told to come back later, so far. */
  readonly told: number
  /** Of an open loop: what was wanted so far. */
  readonly offered?: Offered
}

export interface StormReply {
  readonly t: 'stormed'
  /** For each device that came back: milliseconds from the cut to its being complete. */
  readonly backMs: readonly number[]
  /** Connections that each device made for it. */
  readonly attempts: readonly number[]
  readonly faults: readonly string[]
}

export type Reply =
  | StormReply
  | { readonly t: 'done' }
  | ({ readonly t: 'mark' } & Mark)
  | { readonly t: 'finished'; readonly faults: readonly string[]; readonly accepted: number; readonly received: number; readonly givenUp?: number }
  | { readonly t: 'reacted'; readonly copies: number; readonly faults: readonly string[] }
  | { readonly t: 'resumed'; readonly tookMs: readonly number[]; readonly faults: readonly string[] }

/** As they cross between the processes. A job that cannot be done is answered with the reason. */
export interface AskedJob {
  readonly n: number
  readonly job: Job
}
export interface Answer {
  readonly n: number
  readonly reply?: Reply
  readonly error?: string
}
