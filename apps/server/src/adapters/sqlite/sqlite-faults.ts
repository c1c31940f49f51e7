/** An error as sent from a worker thread: plain data, because cloning an error loses fields. */
export interface Fault {
  readonly message: string
  /** SQLite's extended result code, when the error comes from SQLite. */
  readonly errcode: number | null
  /** The environment failed (disk, locks, memory), not the program: a retry may help. */
  readonly operating: boolean
}

/**
 * Primary result codes that describe the machine: BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, AUTH, NOTADB.
 * The other codes (CONSTRAINT, MISMATCH, MISUSE, RANGE, ERROR …) mean a fault in this program. https://sqlite.org/rescode.html
 */
const OPERATING = new Set([5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 23, 26])

/** CONSTRAINT_PRIMARYKEY, CONSTRAINT_UNIQUE, CONSTRAINT_ROWID. */
const UNIQUE = new Set([1555, 2067, 2579])

export function faultOf(error: unknown): Fault {
  const errcode = errcodeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  return { message, errcode, operating: errcode !== null && OPERATING.has(errcode & 0xff) }
}

export function isUniqueViolation(error: unknown): boolean {
  const errcode = errcodeOf(error)
  return errcode !== null && UNIQUE.has(errcode)
}

function errcodeOf(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null
}
