/** The bounds of one server process towards PostgreSQL. */
export const POSTGRES_BOUNDS = {
  /** Oldest version in use, as in `server_version_num`. */
  versionMin: 150_000,
  /** Connections for reading. With the writer and the one for accounts, a process has two more. */
  readersMax: 4,
  /** Most of them that read for devices that are coming back, and only while nothing else waits to be read [O2]. */
  readersOfNewcomersMax: 1,
  /** They go first when they have waited for this long: whoever comes back is kept out by nobody. */
  newcomerMsWaiting: 1_000,
  /** Statements sent ahead on one reading connection. */
  readsAheadMax: 8,
  /** Longest wait for a row that another process holds. */
  lockMsMax: 5_000,
  /** How long a process that stopped between two statements may hold its locks. */
  idleInTransactionMsMax: 10_000,
  /** Longest read. */
  readMsMax: 10_000,
  connectMsMax: 5_000,
  /** A new connection is given up when its first commit is not confirmed within this time: another one is tried. */
  firstCommitMsMax: 10_000,
  /** Longest opening of a connection, with everything that it is asked first. */
  openMsMax: 20_000,
  /** What accounts ask for, such as a sign-in, is refused when it could not begin within this time: who asked has gone. */
  accountMsWaiting: 10_000,
  /** An idle connection is probed after this time. */
  keepAliveMs: 10_000,
  /** A transaction that takes longer is told by health: no standby may confirm it. */
  commitMsSlow: 5_000,
  /** When nobody has seen the server work on a transaction for so long, its connection is dead. */
  commitMsUnseen: 15_000,
  /** Time between two looks at a slow transaction. */
  watchMs: 1_000,
  /** Pause between two tries to connect. Requests meanwhile are refused for now. */
  reconnectMs: 500,
  /** Tries of one transaction that lost against another: a deadlock, or the same id elsewhere. */
  triesMax: 5,
  /** Tries of a transaction that waited `lockMsMax` for a row: a minute in all. Whoever holds it may wait for a standby that is coming back. */
  lockTriesMax: 12,
  /** Conversations whose first write by this start is remembered. */
  notedRoomsMax: 100_000,
  /** Longest wait of a migration for a lock, for which everybody queues behind it; its tries, and the pause between two. */
  migrationLockMsMax: 500,
  migrationTriesMax: 120,
  migrationPauseMs: 500,
} as const
