import { COMPONENTS, OUTCOMES, PROFILES, type Observation } from '../record/observation.ts'
import { isText, isWhole } from './ask.ts'

/** Where the main sentinel takes what other posts saw. */
export const OBSERVATIONS_PATH = '/v1/observations'
/** Most observations in one request, and the longest body, in bytes: each takes some 200. */
export const postedMax = 500
export const postedBytesMax = 262_144
/** An observation older than this is not taken any more. */
export const postedAgeMsMax = 6 * 3_600_000
/** Longest duration that an observation may tell. */
const durationMsMax = 600_000

/** What a post sends: a batch, and its own clock as it sends, so that the receiver places the times by its own. */
export interface Posted {
  readonly post: string
  readonly sentAt: number
  readonly online: boolean
  readonly observations: readonly Observation[]
}

/** Reads one request's body; null when anything of it is not as it should be. Nothing is read from it then [W1]. */
export function readPosted(value: unknown): Posted | null {
  if (!hasOnly(value, ['post', 'sentAt', 'online', 'observations'])) return null
  const { post, sentAt, online, observations } = value
  if (!isText(post, 1, 64) || !isWhole(sentAt) || typeof online !== 'boolean') return null
  if (!Array.isArray(observations) || observations.length === 0 || observations.length > postedMax) return null
  return observations.every(isObservation) ? { post, sentAt, online, observations } : null
}

const FIELDS = ['id', 'at', 'knownAt', 'component', 'profile', 'outcome', 'acceptedMs', 'deliveredMs', 'readMs'] as const

function isObservation(value: unknown): value is Observation {
  if (!hasOnly(value, FIELDS)) return false
  const { id, at, knownAt, component, profile, outcome, acceptedMs, deliveredMs, readMs } = value
  if (!isWhole(id, 1) || !isWhole(at) || !isWhole(knownAt, at, at + durationMsMax)) return false
  if (!isOneOf(COMPONENTS, component) || !isOneOf(PROFILES, profile) || !isOneOf(OUTCOMES, outcome)) return false
  if (![acceptedMs, deliveredMs, readMs].every(isDuration)) return false
  if (component !== 'messaging' && (deliveredMs !== null || readMs !== null)) return false
  // Good news has to be whole.
  return outcome !== 'ok' || (acceptedMs !== null && (component !== 'messaging' || deliveredMs !== null))
}

function isDuration(value: unknown): boolean {
  return value === null || isWhole(value, 0, durationMsMax)
}

function isOneOf(words: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && words.includes(value)
}

function hasOnly<K extends string>(value: unknown, names: readonly K[]): value is Readonly<Record<K, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const own = Object.keys(value)
  return own.length === names.length && names.every((name) => Object.hasOwn(value, name))
}
