import type { Table } from './tables.ts'

export type Value = string | number | null
export type Row = Readonly<Record<string, Value>>

/** Rows of several owners: those of each pair whose column is the second number, or above it. */
export interface Part {
  /** Whether the rows come in the order of the key. */
  readonly ordered: boolean
  readonly owner: string
  readonly column: string
  readonly is: '=' | '>'
  readonly pairs: readonly (readonly [owner: number, column: number])[]
}

/** What both databases say alike of the entries of one conversation. */
export interface RoomSum {
  readonly entries: number
  /** The running hash, as defined for the frame `audit` [A1] and printed by `verify`. */
  readonly hash: string
  /** Bytes of all bodies. */
  readonly bytes: number
}

/** What the target of an unfinished move says of it, and its source when the history has left. */
export interface Mark {
  readonly id: string
  readonly epoch: string
}

/** One of the two databases of a move. */
export interface MoveSide {
  /** For people: which database this is. It contains no password. */
  readonly name: string
  /** Everything is read as of this moment, until the next call. */
  look(): Promise<void>
  /** A whole table, ordered by its key, in pages of at most `rowsPerPage`. */
  rows(table: Table, part?: Part): AsyncIterable<readonly Row[]>
  /** The last seq of each conversation that has entries. */
  lastSeqs(conversationKeys: readonly number[]): Promise<ReadonlyMap<number, number>>
  sums(conversationKeys: readonly number[]): Promise<ReadonlyMap<number, RoomSum>>
  count(table: Table): Promise<number>
  epoch(): Promise<string>
  close(): Promise<void>
}

export interface MoveSource extends MoveSide {
  /** The move this history has left by; null while it is served from here. */
  left(): Promise<Mark | null>
  /** Nobody else writes from now on, until `seal` or `letGo`. Requests to write wait, and are refused for now when they waited too long. */
  hold(): Promise<void>
  letGo(): Promise<void>
  /** The history has moved: durably, this database refuses every write for good, whatever program asks, and no server starts on it. */
  seal(mark: Mark): Promise<void>
  /** Resolves when no server uses the sealed database any more. */
  ended(): Promise<void>
  /** The secrets that devices and the sentinel depend on, by name. */
  keys(): Promise<ReadonlyMap<string, Uint8Array>>
}

export interface MoveTarget extends MoveSide {
  /**
   * Makes the target ready for a move of this history, or for going on with it: the mark of a move begun earlier is returned. Refuses a database that
   * holds anything else, or that a server must not use.
   */
  begin(mark: Mark): Promise<Mark>
  /** Adds rows, or replaces those with the same keys. */
  put(table: Table, rows: readonly Row[]): Promise<void>
  remove(table: Table, rows: readonly Row[]): Promise<void>
  putKeys(keys: ReadonlyMap<string, Uint8Array>): Promise<void>
  /** Everything large is there. */
  settle(): Promise<void>
  /** From now on servers start on it, durably. */
  finish(): Promise<void>
}
