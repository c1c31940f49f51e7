/** Why the record cannot be written or read now. The next try may succeed. */
export type RecordFault = 'full' | 'locked' | 'gone' | 'damaged' | 'unwritable'

/** The environment failed, not the program: nothing of the request is in the record. Appends work again when the cause is gone. */
export class RecordUnavailable extends Error {
  override readonly name = 'RecordUnavailable'
  readonly fault: RecordFault
  constructor(fault: RecordFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}

/** The record cannot be used as it is and was left untouched. The message says what to do. */
export class RecordUnusable extends Error {
  override readonly name = 'RecordUnusable'
}

/** Another sentinel works over this record. */
export class RecordLocked extends Error {
  override readonly name = 'RecordLocked'
}

/** Codes of the environment: SQLite's primary result codes (https://sqlite.org/rescode.html; the others mean a fault in this program), and of files. */
const FAULTS = new Map<unknown, RecordFault>([
  [5, 'locked'],
  [6, 'locked'],
  [7, 'unwritable'],
  [8, 'unwritable'],
  [10, 'unwritable'],
  [11, 'damaged'],
  [13, 'full'],
  [14, 'gone'],
  [15, 'locked'],
  [26, 'damaged'],
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EROFS', 'unwritable'],
  ['EIO', 'unwritable'],
])

const SENTENCES: Readonly<Record<RecordFault, string>> = {
  full: 'The disk of the record is full. Free some space; nothing was written.',
  locked: 'Another program has locked the record for too long; nothing was written. Try again.',
  gone: 'The record file is missing; nothing was written.',
  damaged: 'The record file is damaged. See "npx bongsu record verify".',
  unwritable: 'The record cannot be written; nothing was written. Check the disk and the owner of the folder.',
}

/** @returns null when the program is at fault, or something else than a file or SQLite. */
export function faultOf(error: unknown): RecordFault | null {
  if (error instanceof RecordUnavailable) return error.fault
  if (!(error instanceof Error)) return null
  const { errcode, code } = error as { errcode?: unknown; code?: unknown }
  return FAULTS.get(typeof errcode === 'number' ? errcode & 0xff : code) ?? null
}

export function unavailable(fault: RecordFault, cause?: unknown): RecordUnavailable {
  const detail = cause instanceof Error ? ` (${cause.message})` : ''
  return new RecordUnavailable(fault, `${SENTENCES[fault]}${detail}`, { cause })
}

/** Runs a function that uses SQLite. Failures of the environment are thrown as RecordUnavailable. */
export function translated<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    const fault = faultOf(error)
    throw fault === null ? error : unavailable(fault, error)
  }
}
