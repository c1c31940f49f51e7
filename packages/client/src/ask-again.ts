import { REFUSALS } from '@bongsu/protocol'
import type { ApiResult } from './api.ts'
import { baseMs, capMs } from './back-off.ts'
import type { Clock, Random } from './ports.ts'

/** A longer requested wait counts as the refusal: nobody watches a line that loads for so long. */
export const askAgainMsMax = 60_000
/** A second try is spread over up to this time after the requested one: requests refused together do not return together. */
export const askAgainSpreadMsMax = 5_000

type Failure = Extract<ApiResult<unknown>, { ok: false }>

export interface AskAgain<T> {
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly ask: () => Promise<ApiResult<T>>
  /** Number of requests in all. */
  readonly triesMax: number
  /** Whether an unreachable server is asked again too. */
  readonly offlineToo: boolean
  /** The request was refused for now and is repeated at this time of the device's clock. */
  readonly putOff?: (failure: Failure, askAt: number) => void
}

/**
 * Asks the server until it has time [O2]. A request refused for now is repeated unchanged after the stated time or longer. A final refusal is not
 * repeated.
 */
export function askAgain<T>(options: AskAgain<T>): { readonly answer: Promise<ApiResult<T>>; readonly stop: () => void } {
  const { clock, random } = options
  let stopped = false
  let endWait: (() => void) | null = null
  const isStopped = (): boolean => stopped

  async function run(): Promise<ApiResult<T>> {
    for (let tries = 1; ; tries++) {
      const answer = await options.ask()
      if (answer.ok || isStopped() || tries >= options.triesMax || !isPutOff(answer, options.offlineToo)) return answer
      const waitMs = Math.max(answer.refusal.retryAfterMs ?? 0, Math.min(capMs, baseMs * 2 ** (tries - 1)))
      if (waitMs > askAgainMsMax) return answer
      const spreadMs = Math.floor(random.next() * Math.min(waitMs, askAgainSpreadMsMax))
      options.putOff?.(answer, clock.now() + waitMs + spreadMs)
      await wait(waitMs + spreadMs)
      if (isStopped()) return answer
    }
  }

  function wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(delayMs, resolve)
      endWait = () => {
        cancel()
        resolve()
      }
    })
  }

  return {
    answer: run(),
    stop() {
      stopped = true
      endWait?.()
    },
  }
}

function isPutOff({ refusal, offline }: Failure, offlineToo: boolean): boolean {
  return offline === true ? offlineToo : REFUSALS[refusal.code].retry === 'later'
}
