import { COMPONENTS, OUTCOMES, PROFILES, STAGES, type Observation } from '../vocabulary/observation.ts'
import { isText, isWhole } from './ask.ts'

/** Path at which the main sentinel accepts the observations of other posts. */
export const OBSERVATIONS_PATH = '/v1/observations'
/** Most observations in one request, and the longest body in bytes. One observation takes about 200 bytes. */
export const postedMax = 500
export const postedBytesMax = 262_144
/** Observations older than this are no longer accepted. */
export const postedAgeMsMax = 6 * 3_600_000
/** Longest duration that an observation may state. */
const durationMsMax = 600_000

/** The request of a post: a batch, and the post's clock at the time of sending, so that the receiver can convert the times. */
export interface Posted {
  readonly post: string
  readonly sentAt: number
  readonly online: boolean
  readonly observations: readonly Observation[]
}

/** Parses the body of a request. Null when any part of it is wrong; nothing of it is used then [W1]. */
export function readPosted(value: unknown): Posted | null {
  if (!hasOnly(value, ['post', 'sentAt', 'online', 'observations'])) return null
  const { post, sentAt, online, observations } = value
  if (!isText(post, 1, 64) || !isWhole(sentAt) || typeof online !== 'boolean') return null
  if (!Array.isArray(observations) || observations.length === 0 || observations.length > postedMax) return null
  return observations.every(isObservation) ? { post, sentAt, online, observations } : null
}

const FIELDS = ['id', 'at', 'knownAt', 'component', 'profile', 'outcome', 'acceptedMs', 'deliveredMs', 'readMs'] as const

function isObservation(value: unknown): value is Observation {
  if (typeof value !== 'object' || value === null) return false
  const { stage, light, ...rest } = value as Record<string, unknown>
  if (!hasOnly(rest, FIELDS)) return false
  const { id, at, knownAt, component, profile, outcome, acceptedMs, deliveredMs, readMs } = rest
  if (Object.hasOwn(value, 'stage') && (!isOneOf(STAGES, stage) || outcome === 'ok' || outcome === 'late')) return false
  if (Object.hasOwn(value, 'light') && (light !== true || component === 'web' || deliveredMs !== null || readMs !== null)) return false
  if (!isWhole(id, 1) || !isWhole(at) || !isWhole(knownAt, at, at + durationMsMax)) return false
  if (!isOneOf(COMPONENTS, component) || !isOneOf(PROFILES, profile) || !isOneOf(OUTCOMES, outcome)) return false
  if (![acceptedMs, deliveredMs, readMs].every(isDuration)) return false
  if (component !== 'messaging' && (deliveredMs !== null || readMs !== null)) return false
  // A success must state all its durations.
  return outcome !== 'ok' || (acceptedMs !== null && (component !== 'messaging' || deliveredMs !== null || light === true))
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
