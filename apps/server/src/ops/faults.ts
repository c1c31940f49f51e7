import { AssertionError } from 'node:assert'
import type { Logger } from './logger.ts'

export interface FaultParts {
  readonly logger: Pick<Logger, 'warn' | 'error'>
  readonly counted: () => void
  /** Ends the process. */
  readonly fatal: (cause: unknown) => void
  /** Whether it is an operating failure, such as a full disk. */
  readonly isOperating: (cause: unknown) => cause is Error
}

/** Handles a failure that is not a refusal. */
export function createFailed({ logger, counted, fatal, isOperating }: FaultParts): (cause: unknown) => void {
  return (cause) => {
    counted()
    // An invariant does not hold, and continuing could make it worse. Devices resume with the next process [O4].
    if (cause instanceof AssertionError) fatal(cause)
    if (isOperating(cause)) logger.warn({ fault: cause.message }, 'The store could not carry out a request.')
    else logger.error({ err: cause }, 'A fault.')
  }
}
