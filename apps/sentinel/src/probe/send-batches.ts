import { COMPONENTS, type Component, type Observation, type ObservationBatch } from '../vocabulary/observation.ts'
import { isWhole, readObject, type Ask } from './ask.ts'
import type { ProbeParts } from './ports.ts'
import { OBSERVATIONS_PATH, postedMax } from './posted.ts'

/** Most observations that wait for the main sentinel: an hour during an alarm, five hours in calm times. The oldest are dropped first. */
export const waitingMax = 20_000
/** Wait after a failed request: random below a bound that doubles from `first` to `last`. */
const backOffMs = { first: 1_000, last: 30_000 } as const
const requestMs = 10_000
const answerBytesMax = 4_096

/** Sends the observations of a post to the main sentinel, in order, until they are accepted. The main sentinel ignores repeats. */
export function createBatchSender(
  options: Pick<ProbeParts, 'clock' | 'random' | 'log'> & {
    readonly ask: Ask
    /** Of the main sentinel, without a trailing slash. */
    readonly url: string
    /** Key of this post at the main sentinel. */
    readonly key: string
    /** The main sentinel asks for more tries of this component. */
    readonly measure: (component: Component) => void
  },
) {
  const { clock, random, log } = options
  let queue: ObservationBatch[] = []
  let waiting = 0
  let failures = 0
  let dropping = false
  let sending = false
  let stopped = false
  let cancel: (() => void) | null = null

  function drop(): void {
    let dropped = 0
    while (waiting > waitingMax && queue.length > 1) {
      const oldest = queue.shift()?.observations.length ?? 0
      dropped += oldest
      waiting -= oldest
    }
    if (dropped > 0 && !dropping) log('The main sentinel has been unreachable for so long that the oldest observations are dropped.', { waiting })
    dropping = dropping || dropped > 0
  }

  /** The next request: observations with the same post and the same online flag. */
  function next(): { readonly count: number; readonly batch: ObservationBatch } | null {
    const [first] = queue
    if (first === undefined) return null
    const observations: Observation[] = []
    let count = 0
    for (const batch of queue) {
      if (batch.online !== first.online || batch.post !== first.post) break
      if (count > 0 && observations.length + batch.observations.length > postedMax) break
      observations.push(...batch.observations)
      count++
    }
    return { count, batch: { ...first, observations } }
  }

  async function pump(): Promise<void> {
    if (sending || stopped || cancel !== null) return
    const request = next()
    if (request === null) return
    sending = true
    const sent = queue.slice(0, request.count)
    const { post, online, observations } = request.batch
    const answer = await options.ask({
      url: options.url + OBSERVATIONS_PATH,
      method: 'POST',
      headers: { authorization: `Bearer ${options.key}` },
      body: { post, sentAt: clock.now(), online, observations },
      timeoutMs: requestMs,
      bytesMax: answerBytesMax,
    })
    sending = false
    if (stopped) return
    const status = answer.kind === 'answer' ? answer.status : 0
    const { measure, retryAfterMs: asked } = (answer.kind === 'answer' ? readObject(answer.text) : null) ?? {}
    if (Array.isArray(measure)) for (const component of COMPONENTS) if (measure.includes(component)) options.measure(component)
    // Observations that can never be accepted must not block the later ones.
    const hopeless = status === 400 || status === 413
    if (status === 200 || hopeless) {
      if (hopeless) log('The main sentinel rejects these observations.', { status, count: observations.length })
      forget(sent)
      failures = 0
      dropping = false
      return pump()
    }
    if (failures++ === 0) log('The main sentinel does not accept observations now.', { status })
    const bound = Math.min(backOffMs.last, backOffMs.first * 2 ** Math.min(10, failures))
    const leastMs = isWhole(asked, 0, 600_000) ? asked : 0
    cancel = clock.after(leastMs + Math.floor(random.next() * bound), () => {
      cancel = null
      void pump()
    })
  }

  /** Removes what was accepted. The oldest observations may have been dropped during the request. */
  function forget(sent: readonly ObservationBatch[]): void {
    const gone = new Set(sent)
    queue = queue.filter((batch) => !gone.has(batch))
    waiting = queue.reduce((sum, batch) => sum + batch.observations.length, 0)
  }

  return {
    get waiting(): number {
      return waiting
    },
    send(batch: ObservationBatch): void {
      if (batch.observations.length === 0 || stopped) return
      for (let from = 0; from < batch.observations.length; from += postedMax)
        queue.push({ ...batch, observations: batch.observations.slice(from, from + postedMax) })
      waiting += batch.observations.length
      drop()
      void pump()
    },
    stop(): void {
      stopped = true
      cancel?.()
      cancel = null
    },
  }
}
