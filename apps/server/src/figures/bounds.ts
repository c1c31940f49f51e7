/** Bounds of the figures. */
export const FIGURES_BOUNDS = {
  /** Without a connection, or with something that does not go out, for longer than this somebody is affected [F2]. */
  patienceMs: 5_000,
  /** How often it is looked at who is late. */
  lookMs: 1_000,
  /** Whoever lost their connection and is not back after so long has gone. */
  forgottenMs: 600_000,
  /** Accounts remembered as having lost their connection; beyond it those lost longest ago are forgotten. */
  lostMax: 100_000,
  /** How often it is written down who was there. */
  activityEveryMs: 300_000,
  /** Asking for reports writes it too, but not sooner than this after the last time. */
  activityAgainMs: 10_000,
  /** Since when somebody was there is written to this. */
  activityStepMs: 10_000,
  /** Accounts written in one transaction. */
  activityBatch: 500,
  /** Accounts remembered between two writes besides those that are there. */
  activeMax: 200_000,
  /** Whoever is away for longer has begun anew when they come back. */
  activityPauseMs: 1_800_000,
  /** Reports kept of one account, the newest; and how long. */
  reportsPerAccountMax: 200,
  reportsKeptMs: 90 * 86_400_000,
} as const
