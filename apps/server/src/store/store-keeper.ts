/** What an operator does to a data directory from outside the server. Each operation works on one kind of store and throws a sentence when it cannot. */
export interface StoreKeeper {
  /** The database in a data directory. Throws when there is none. */
  fileIn(directory: string): string
  /** Checks everything that SPEC.md promises of a stored history, beside a running server too [A6]. */
  verify(file: string, watcher: VerifyWatcher): Verified
  /** Copies one moment of the history into a new file and checks the copy. */
  backup(from: string, to: string, watcher: VerifyWatcher): Verified
  /** Puts a backup in place while the server is stopped. @param replace keeps the database that is there aside. @param now epoch ms. */
  restore(file: string, directory: string, replace: boolean, now: number, watcher: VerifyWatcher): Restored
  /** Did it fail because the disk is full? */
  isFull(cause: unknown): boolean
}

/** Something that must not be, and where. It never holds contents of conversations. */
export type Report = (where: string, what: string) => void

export interface VerifyWatcher {
  readonly violation: Report
  readonly progress?: (sentence: string) => void
  /** The running hash of each conversation, as the frame `audit` makes it [A1]. */
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
  /** Folders that hold what was there before: several after an interruption, none when there was nothing. */
  readonly keptIn: readonly string[]
}
