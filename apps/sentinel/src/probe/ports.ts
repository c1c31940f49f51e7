import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'

/** Chance, as a port. Tests and replays bring their own. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** A UUID in lower case. */
  uuid(): string
}

export const systemRandom: Random = { next: Math.random, uuid: randomUUID }

/** What everything that observes the messenger needs. */
export interface ProbeParts {
  readonly clock: Clock
  readonly random: Random
  /** Of the public door, without a trailing slash. */
  readonly serverUrl: string
  /** The server's current BONGSU_SENTINEL_KEY: a server that lost its data directory makes a new key. */
  readonly key: () => string
  readonly log: Log['note']
}
