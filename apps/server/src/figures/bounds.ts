import { LIMITS } from '@bongsu/protocol'

/** Bounds of the figures. */
export const FIGURES_BOUNDS = {
  /** A device that leaves a beat unanswered or its data untaken for longer than this is silent, and an unanswered request has failed [F2]. */
  patienceMs: 5_000,
  /** Time between two checks of all connections. */
  lookMs: 1_000,
  /** An account not heard from for this long counts as gone. */
  forgottenMs: LIMITS.silentSliceMs * LIMITS.silentSlicesMax,
  /** Most accounts remembered as having lost their connection. Beyond it, those lost longest ago are forgotten. */
  lostMax: 100_000,
  /** An account that the server failed counts for this long, unless it is served before. */
  failedMs: 30_000,
  /** Most accounts remembered as failed. Beyond it, those failed longest ago are forgotten. */
  failedMax: 100_000,
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
