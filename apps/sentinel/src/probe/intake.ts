import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Component, Observation, ObservationBatch } from '../vocabulary/observation.ts'
import { postedAgeMsMax, readPosted, type Posted } from './posted.ts'
import { MEASURE_BOUNDS } from './rhythm.ts'

/** How many try numbers below a post's highest are remembered. The last outcome of a try comes within a minute. */
export const rememberedIds = 2_000
/** Observations that one post may send at once, and per second after that: a post that was cut off has hours to report. */
export const broughtBurst = 10_000
export const broughtPerSecond = 50

/** The HTTP answer to one request. */
export type IntakeAnswer =
  | { readonly status: 200; readonly body: { readonly taken: number; readonly measure?: readonly Component[] } }
  | { readonly status: 400 | 401 | 403 | 503; readonly body: { readonly code: 'body-invalid' | 'unauthenticated' | 'forbidden' | 'unavailable' } }
  | { readonly status: 429; readonly body: { readonly code: 'rate-limited'; readonly retryAfterMs: number } }

export type Intake = ReturnType<typeof createIntake>

interface Post {
  readonly name: string
  readonly keyHash: Buffer
  highestId: number
  /** Outcomes already reported, by their names, with the id of their try. */
  readonly told: Map<string, number>
  allowance: number
  allowedAt: number
}

/** Accepts the observations of other posts into this sentinel's record. @param posts the key of each post by its name. */
export function createIntake(options: {
  readonly clock: Clock
  readonly posts: ReadonlyMap<string, string>
  /** Records a batch. If it throws, nothing counts as accepted and the post sends the batch again. */
  readonly report: (batch: ObservationBatch) => void
}) {
  const { clock } = options
  const posts = [...options.posts].map(([name, key]): Post => ({
    name,
    keyHash: hashOf(key),
    highestId: 0,
    told: new Map(),
    allowance: broughtBurst,
    allowedAt: clock.monotonic(),
  }))

  /** Until when a component is to be measured, in monotonic ms. */
  const wanted = new Map<Component, number>()

  /** Every key is compared in constant time, so that the duration reveals nothing. */
  function postOf(authorization: string | undefined): Post | undefined {
    const given = hashOf(/^Bearer ([\x21-\x7e]{1,256})$/.exec(authorization ?? '')?.[1] ?? '')
    let found: Post | undefined
    for (const post of posts) if (timingSafeEqual(post.keyHash, given)) found = post
    return found
  }

  /** @returns ms to wait; 0 when that many observations may come now. */
  function waitMs(post: Post, count: number): number {
    const now = clock.monotonic()
    post.allowance = Math.min(broughtBurst, post.allowance + ((now - post.allowedAt) / 1_000) * broughtPerSecond)
    post.allowedAt = now
    if (post.allowance < count) return Math.ceil(((count - post.allowance) / broughtPerSecond) * 1_000)
    post.allowance -= count
    return 0
  }

  /** A try may have several outcomes, such as undelivered and late. Each is new once. */
  function newOnes(post: Post, observations: readonly Observation[]): readonly Observation[] {
    const fresh = observations.filter((each) => each.id > post.highestId - rememberedIds && !post.told.has(nameOf(each)))
    return [...new Map(fresh.map((each) => [nameOf(each), each])).values()]
  }

  function mark(post: Post, observations: readonly Observation[]): void {
    for (const each of observations) {
      post.highestId = Math.max(post.highestId, each.id)
      post.told.set(nameOf(each), each.id)
    }
    if (post.told.size <= 2 * rememberedIds) return
    for (const [name, id] of post.told) if (id <= post.highestId - rememberedIds) post.told.delete(name)
  }

  /** Times by this clock: the post's clock may be wrong by years. No observation is later than now. */
  function rebased(posted: Posted): readonly Observation[] {
    const now = clock.now()
    return posted.observations.flatMap((observation) => {
      const agoMs = Math.max(0, posted.sentAt - observation.knownAt)
      if (agoMs > postedAgeMsMax) return []
      const knownAt = now - agoMs
      return [{ ...observation, at: knownAt - (observation.knownAt - observation.at), knownAt }]
    })
  }

  return {
    /** @param authorization the header. @param body the parsed JSON. Never throws. */
    accept(authorization: string | undefined, body: unknown): IntakeAnswer {
      const post = postOf(authorization)
      if (post === undefined) return { status: 401, body: { code: 'unauthenticated' } }
      const posted = readPosted(body)
      if (posted === null) return { status: 400, body: { code: 'body-invalid' } }
      if (posted.post !== post.name) return { status: 403, body: { code: 'forbidden' } }
      const retryAfterMs = waitMs(post, posted.observations.length)
      if (retryAfterMs > 0) return { status: 429, body: { code: 'rate-limited', retryAfterMs } }
      const fresh = newOnes(post, rebased(posted))
      if (fresh.length > 0) {
        try {
          options.report({ post: post.name, online: posted.online, observations: fresh })
        } catch {
          return { status: 503, body: { code: 'unavailable' } }
        }
        mark(post, fresh)
      }
      const measure = [...wanted].flatMap(([component, untilMs]) => (clock.monotonic() < untilMs ? [component] : []))
      return { status: 200, body: { taken: fresh.length, ...(measure.length === 0 ? {} : { measure }) } }
    },
    /** Tells every post with its next answer to try this component as often as allowed. */
    measure: (component: Component): void => void wanted.set(component, clock.monotonic() + MEASURE_BOUNDS.heldMs),
    /** Remembers what the record already has from a post, so that observations sent again after a restart are not recorded twice. */
    remember(batch: ObservationBatch): void {
      const post = posts.find(({ name }) => name === batch.post)
      if (post !== undefined) mark(post, batch.observations)
    },
  }
}

function nameOf({ id, outcome }: Observation): string {
  return `${id} ${outcome}`
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
