import { canonicalJson } from './canonical.ts'
import type { FiguresSample, Observation, ObservationBatch } from './observation.ts'

// How a body is stored in the file. Observations and figures are written every second for ever and are stored as bare arrays. All other bodies, and
// bodies that do not fit an array exactly, are stored as canonical JSON. Packing concerns the file alone: hashes, readers and exports use the whole
// body.

// Positions in these lists are part of the file format: append new values at the end only.
const COMPONENTS: readonly string[] = ['messaging', 'sign-in', 'web']
const PROFILES: readonly string[] = ['pc', 'phone']
const OUTCOMES: readonly string[] = ['ok', 'unreachable', 'unaccepted', 'undelivered', 'late', 'lost', 'doubled', 'reordered', 'refused']
/** Reserves room for new outcomes in the number that encodes component, profile and outcome. */
const outcomesMax = 16

/**
 * Numbers of one observation, in this order: difference of the id to the previous one, ms from its start to the time of the entry, ms until known,
 * code, three durations.
 */
const numbersOfObservation = 7
/** Stands for a missing duration. */
const NONE = -1

/** @param at time of the entry. @returns the text that is stored. */
export function packBody(kind: string, body: unknown, canonical: string, at: number): string {
  const packed = packedOf(kind, body, at)
  if (packed === null) return canonical
  const text = JSON.stringify(packed)
  // A body is packed only if it unpacks to exactly the same body. Bodies with added fields, fractions or unknown words are stored whole.
  return canonicalJson(unpackBody(kind, text, at)) === canonical && canonicalJson(packed) === text ? text : canonical
}

/** @throws SyntaxError when the text is not JSON; TypeError when packing cannot have produced it. */
export function unpackBody(kind: string, text: string, at: number): unknown {
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value)) return value
  if (kind === 'observations') return unpackObservations(value, at)
  if (kind === 'figures') return unpackFigures(value, at)
  return value
}

function packedOf(kind: string, body: unknown, at: number): unknown[] | null {
  if (kind === 'observations') return packObservations(body as ObservationBatch, at)
  if (kind === 'figures') return packFigures(body as FiguresSample, at)
  return null
}

function packObservations({ post, online, observations }: ObservationBatch, at: number): unknown[] | null {
  const packed: unknown[] = [post, online ? 1 : 0]
  let before = 0
  for (const one of observations) {
    const [component, profile, outcome] = [COMPONENTS.indexOf(one.component), PROFILES.indexOf(one.profile), OUTCOMES.indexOf(one.outcome)]
    if (component < 0 || profile < 0 || outcome < 0) return null
    const code = (component * PROFILES.length + profile) * outcomesMax + outcome
    packed.push(one.id - before, at - one.at, one.knownAt - one.at, code, one.acceptedMs ?? NONE, one.deliveredMs ?? NONE, one.readMs ?? NONE)
    before = one.id
  }
  return packed
}

function unpackObservations(packed: readonly unknown[], at: number): ObservationBatch {
  const [post, online, ...rest] = packed
  if (typeof post !== 'string' || rest.length % numbersOfObservation !== 0) throw new TypeError('it is not a batch of observations')
  const numbers = rest.map(asNumber)
  const observations: Observation[] = []
  let id = 0
  for (let from = 0; from < numbers.length; from += numbersOfObservation) {
    const [idAfter, ago, knownMs, code, acceptedMs, deliveredMs, readMs] = numbers.slice(from) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    id += idAfter
    const place = Math.floor(code / outcomesMax)
    observations.push({
      id,
      at: at - ago,
      knownAt: at - ago + knownMs,
      component: wordOf(COMPONENTS, Math.floor(place / PROFILES.length)) as Observation['component'],
      profile: wordOf(PROFILES, place % PROFILES.length) as Observation['profile'],
      outcome: wordOf(OUTCOMES, code % outcomesMax) as Observation['outcome'],
      acceptedMs: durationOf(acceptedMs),
      deliveredMs: durationOf(deliveredMs),
      readMs: durationOf(readMs),
    })
  }
  return { post, online: online === 1, observations }
}

function packFigures(sample: FiguresSample, at: number): unknown[] {
  const { activeUsers, affectedUsers, signInsTried, signInsFailed, reconnects, accepted, refusedBusy } = sample
  const counts = [activeUsers, affectedUsers, signInsTried, signInsFailed, reconnects, accepted, refusedBusy]
  return [sample.process, sample.cell, at - sample.at, ...counts]
}

function unpackFigures(packed: readonly unknown[], at: number): FiguresSample {
  const [process, cell, ...rest] = packed
  if ((process !== null && typeof process !== 'string') || typeof cell !== 'string' || rest.length !== 8) throw new TypeError('it is not a sample')
  const [ago, activeUsers, affectedUsers, signInsTried, signInsFailed, reconnects, accepted, refusedBusy] = rest.map(asNumber) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return { at: at - ago, process, cell, activeUsers, affectedUsers, signInsTried, signInsFailed, reconnects, accepted, refusedBusy }
}

function asNumber(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('it contains a value that is not a number')
  return value
}

/** An index without a word means that the text was edited. */
function wordOf(words: readonly string[], index: number): string {
  const word = words[index]
  if (word === undefined) throw new TypeError(`it refers to word ${index} of ${words.length}`)
  return word
}

function durationOf(packed: number): number | null {
  return packed === NONE ? null : packed
}
