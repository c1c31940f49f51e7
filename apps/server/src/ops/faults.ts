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

/** Handles a failure that is not a refusal. */
export function createFailed({ logger, clock, counted, fatal, isOperating }: FaultParts): (cause: unknown) => void {
  let saidAt = -Infinity
  let unsaid = 0
  return (cause) => {
    counted()
    // An invariant does not hold, and continuing could make it worse. Devices resume with the next process [O4].
    if (cause instanceof AssertionError) fatal(cause)
    if (isOperating(cause)) {
      unsaid++
      if (clock.monotonic() - saidAt < FAILED_LINE_MS) return
      logger.warn({ fault: cause.message, requests: unsaid }, 'The store could not carry out a request.')
      saidAt = clock.monotonic()
      unsaid = 0
    } else logger.error({ err: cause }, 'A fault.')
  }
}
