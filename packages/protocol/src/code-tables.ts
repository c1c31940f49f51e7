import { CLOSE_ADVICE, REFUSAL_ADVICE } from './advice.ts'
import { LIMIT_TEXTS } from './limit-texts.ts'
import { LIMITS } from './limits.ts'
import { CLOSE_CODES, REFUSALS, type RefusalCode, type Retry } from './refusals.ts'

/** A bound as data. */
export interface PublishedLimit {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly about: string
}

/** The bounds that are the same on every server of this version. */
export function wireLimits(): readonly PublishedLimit[] {
  return (Object.keys(LIMITS) as (keyof typeof LIMITS)[]).map((name) => ({ name, value: LIMITS[name], ...LIMIT_TEXTS[name] }))
}

export interface PublishedRefusal {
  readonly code: RefusalCode
  readonly status: number
  readonly retry: Retry
  readonly about: string
  readonly advice: string
}

export function refusalTable(): readonly PublishedRefusal[] {
  return (Object.keys(REFUSALS) as RefusalCode[]).map((code) => {
    const { status, retry, about } = REFUSALS[code]
    return { code, status, retry, about, advice: REFUSAL_ADVICE[code] }
  })
}

export interface PublishedCloseCode {
  readonly code: number
  readonly name: string
  /** Whether the device comes back with this token and this program [W3]. */
  readonly comeBack: boolean
  readonly about: string
  readonly advice: string
}

export function closeCodeTable(): readonly PublishedCloseCode[] {
  return (Object.keys(CLOSE_CODES) as (keyof typeof CLOSE_CODES)[]).map((name) => {
    const { code, about } = CLOSE_CODES[name]
    return { code, name, comeBack: code < 4_100, about, advice: CLOSE_ADVICE[name] }
  })
}
