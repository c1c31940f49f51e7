import { createHash } from 'node:crypto'

/** A row of the journal as it is stored [B50]. */
export interface JournalRow {
  readonly seq: number
  /** Epoch ms, by the clock of the process that wrote it. */
  readonly at: number
  readonly kind: string
  readonly actor: string
  readonly account_id: string | null
  /** JSON. */
  readonly details: string
  /** SHA-256, in hexadecimal digits. */
  readonly hash: string
}

/** Hash of the first row, before which there is none. */
export const GENESIS = '0'.repeat(64)

export type JournalContents = Pick<JournalRow, 'at' | 'kind' | 'actor' | 'account_id' | 'details'>

/** The contents of a row as they are hashed. */
export function canonical({ at, kind, actor, account_id, details }: JournalContents): string {
  return JSON.stringify([at, kind, actor, account_id, details])
}

/** SHA-256 over the hash before, the number of the row and its contents. The stores compute the same in SQL while they insert a row. */
export function hashOfRow(before: string, seq: number, contents: JournalContents): string {
  return createHash('sha256')
    .update(`${before}\n${seq}\n${canonical(contents)}`)
    .digest('hex')
}

/** What a row says about the rows that were removed at the end of their time: the first one left, and the hash before it. */
export interface Trimmed {
  readonly first: number
  readonly before: string
}

/**
 * Checks a journal row by row, in their order: a row that was changed, added or removed does not follow from the row before. The rows after it are judged
 * by the hash that it states, so that each damage is one finding.
 * @param trimmed what the journal says about its beginning: the newest row of kind `trimmed`.
 * @returns a function that says what is wrong with the next row; null when nothing is.
 */
export function createChainCheck(trimmed: Trimmed | null): (row: JournalRow) => string | null {
  let last: { readonly seq: number; readonly hash: string } | null = null

  function faultIn(row: JournalRow): string | null {
    const { seq, hash } = row
    if (last === null && seq === 0) return hash === GENESIS ? null : 'is not the beginning of a journal'
    if (last === null && trimmed?.first !== seq) return 'is the first one, and no row says that earlier ones were removed'
    if (last !== null && seq !== last.seq + 1) return `comes after row ${last.seq}: rows are missing`
    const before = last?.hash ?? trimmed?.before ?? GENESIS
    return hash === hashOfRow(before, seq, row) ? null : 'was changed: its hash does not follow from the row before'
  }

  return (row) => {
    const fault = faultIn(row)
    last = { seq: row.seq, hash: row.hash }
    return fault
  }
}

/** What a row of kind `trimmed` says. Null when it cannot be read. */
export function trimmedIn(details: string | undefined): Trimmed | null {
  if (details === undefined) return null
  try {
    const { first, before } = JSON.parse(details) as Partial<Trimmed>
    return typeof first === 'number' && typeof before === 'string' ? { first, before } : null
  } catch {
    return null
  }
}
