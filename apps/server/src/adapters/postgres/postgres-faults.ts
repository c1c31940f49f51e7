import { Unavailable } from '../../conversation/log-store.ts'

export const LOCK_NOT_AVAILABLE = '55P03'
export const TRANSACTION_ROLLBACK = '40000'
/** A statement before it, in the same transaction, has failed. */
export const IN_FAILED_TRANSACTION = '25P02'
/** Said with a COMMIT whose wait for a standby was ended by somebody: it is written here, and perhaps nowhere else. */
export const WAIT_CANCELLED = '01000'
const UNIQUE_VIOLATION = '23505'

/** Another transaction was quicker: serialization_failure, deadlock_detected, and two that made the same thing. */
const LOST_AGAINST = new Set(['40001', '40P01', UNIQUE_VIOLATION])

/**
 * Classes of SQLSTATE that describe the machine or the moment: 01 warning, 08 connection, 25 transaction state (such as a server that became a replica),
 * 40 rollback, 53 resources, 55 not in the needed state, 57 operator intervention, 58 system, XX internal. The other classes mean a fault in this program.
 * https://www.postgresql.org/docs/15/errcodes-appendix.html
 */
const OPERATING = /^(?:01|08|25|28|3D|40|53|55|57|58|XX)/

/** An error of the server or of the connection to it. */
export class DatabaseFault extends Error {
  override readonly name = 'DatabaseFault'
  /** Null: the connection broke, and nobody knows what was done. */
  readonly sqlState: string | null

  constructor(message: string, sqlState: string | null, cause?: unknown) {
    super(message, { cause })
    this.sqlState = sqlState
  }
}

/** This server must not be used, for the reasons given in its sentences. */
export class Unsuitable extends Error {
  override readonly name = 'Unsuitable'
}

/** The error of a client, which has a severity when the server sent it. */
export function faultOf(error: unknown): DatabaseFault | Unsuitable {
  if (error instanceof DatabaseFault || error instanceof Unsuitable) return error
  const { message, code, severity } = error as Error & { code?: string; severity?: string }
  return new DatabaseFault(message, severity === undefined ? null : (code ?? null), error)
}

export function isUniqueViolation(error: unknown): boolean {
  return error instanceof DatabaseFault && error.sqlState === UNIQUE_VIOLATION
}

export function lostAgainst(error: unknown): boolean {
  return error instanceof DatabaseFault && LOST_AGAINST.has(error.sqlState ?? '')
}

/** Another transaction has held a row for longer than this one may wait at a time. */
export function waitedForLock(error: unknown): boolean {
  return error instanceof DatabaseFault && error.sqlState === LOCK_NOT_AVAILABLE
}

/** The environment failed and not the program: a retry may help. */
export function isOperating(error: unknown): boolean {
  return error instanceof Unsuitable || (error instanceof DatabaseFault && (error.sqlState === null || OPERATING.test(error.sqlState)))
}

/** For callers: an operating failure as `Unavailable`, any other error as it is. */
export function toCaller(error: unknown): Error {
  if (isOperating(error)) return new Unavailable(`the database failed: ${(error as Error).message}`, { cause: error })
  return error instanceof Error ? error : new Error(String(error))
}
