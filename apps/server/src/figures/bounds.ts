/** Bounds of the figures. */
export const FIGURES_BOUNDS = {
  /** An account without a connection, or with undelivered data, for longer than this is affected [F2]. */
  patienceMs: 5_000,
  /** Time between two checks for late accounts. */
  lookMs: 1_000,
  /** An account that lost its connection and is not back after this long counts as gone. */
  forgottenMs: 600_000,
  /** Most accounts remembered as having lost their connection. Beyond it, those lost longest ago are forgotten. */
  lostMax: 100_000,
  /** Time between two writes of activity. */
  activityEveryMs: 300_000,
  /** Asking for reports writes activity too, but not sooner than this after the last write. */
  activityAgainMs: 10_000,
  /** Precision of the recorded start of an account's activity. */
  activityStepMs: 10_000,
  /** Accounts written in one transaction. */
  activityBatch: 500,
  /** Most accounts remembered between two writes besides the connected ones. */
  activeMax: 200_000,
  /** A longer absence starts a new period of activity. */
  activityPauseMs: 1_800_000,
  /** Most reports kept of one account (the newest), and how long. */
  reportsPerAccountMax: 200,
  reportsKeptMs: 90 * 86_400_000,
} as const
