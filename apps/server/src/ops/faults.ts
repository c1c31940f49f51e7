import { AssertionError } from 'node:assert'
import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'

export interface FaultParts {
  readonly logger: Pick<Logger, 'warn' | 'error'>
  readonly clock: Pick<Clock, 'monotonic'>
  readonly counted: () => void
  /** Ends the process. */
  readonly fatal: (cause: unknown) => void
  /** Whether it is an operating failure, such as a full disk. */
  readonly isOperating: (cause: unknown) => cause is Error
}

/** Least time between two log lines about operating failures. During a full disk every send fails, and the log may be on that disk. */
export const FAILED_LINE_MS = 1_000

/**
 * Tells of the first failure at once, and of those that follow once in a while, with their number.
 * @param say gets the newest failure, and how many there were since the last time.
 */
export function spaced<Failure>(
  clock: Pick<Clock, 'monotonic'>,
  everyMs: number,
  say: (failure: Failure, times: number) => void,
): (failure: Failure) => void {
  let saidAt = -Infinity
  let unsaid = 0
  return (failure) => {
    unsaid++
    if (clock.monotonic() - saidAt < everyMs) return
    say(failure, unsaid)
    saidAt = clock.monotonic()
    unsaid = 0
  }
}

/** Handles a failure that is not a refusal. */
export function createFailed({ logger, clock, counted, fatal, isOperating }: FaultParts): (cause: unknown) => void {
  const tell = spaced(clock, FAILED_LINE_MS, ({ message }: Error, requests) =>
    logger.warn({ fault: message, requests }, 'The store could not carry out a request.'),
  )
  return (cause) => {
    counted()
    // An invariant does not hold, and continuing could make it worse. Devices resume with the next process [O4].
    if (cause instanceof AssertionError) fatal(cause)
    if (isOperating(cause)) tell(cause)
    else logger.error({ err: cause }, 'A fault.')
  }
}
