/** Operator commands for a data directory, from outside the server. Each works on one kind of store and throws a sentence when it fails. */
export interface StoreKeeper {
  /** The database in a data directory. Throws when there is none. */
  fileIn(directory: string): string
  /** Checks all promises of SPEC.md about a stored history, also beside a running server [A6]. */
  verify(file: string, watcher: VerifyWatcher): Verified
  /** Copies one moment of the history into a new file and checks the copy. */
  backup(from: string, to: string, watcher: VerifyWatcher): Verified
  /** Restores a backup while the server is stopped. @param now epoch ms. */
  restore(file: string, directory: string, options: RestoreOptions, now: number, watcher: VerifyWatcher): Restored
  /** Whether the failure was a full disk. */
  isFull(cause: unknown): boolean
}

export interface RestoreOptions {
  /** Moves an existing database aside. */
  readonly replace: boolean
  /** Takes a database that was not closed and lacks its log: the log is lost for good. */
  readonly withoutLog: boolean
}

/** A violation and its place. It never contains the contents of conversations. */
export type Report = (where: string, what: string) => void

export interface VerifyWatcher {
  readonly violation: Report
  readonly progress?: (sentence: string) => void
  /** The running hash of each conversation, as defined for the frame `audit` [A1]. */
  readonly hash?: (conversationId: string, head: number, hash: string) => void
}

export interface Verified {
  readonly accounts: number
  readonly conversations: number
  readonly entries: number
  readonly violations: number
  /** One hash over all conversations: two databases with the same hash hold the same history. */
  readonly history: string
}

export interface Restored extends Verified {
  /** The name of the history from now on [D7]. */
  readonly epoch: string
  /** Folders with the previous files: several after an interruption, none when there were no files. */
  readonly keptIn: readonly string[]
}
