/** The bounds of `npx bongsu doctor`. */
export const DOCTOR_BOUNDS = {
  /** Longest time for one question to PostgreSQL, Patroni, NATS or a public address. */
  askMs: 5_000,
  /** A message from one NATS server to another arrives within this time. */
  natsHearMs: 1_000,
  /** From this difference of two clocks on, records are dated wrongly and tokens may count as expired. */
  clocksApartMs: 60_000,
  /** Free share of a disk, of bytes or of files. */
  freeShareLow: 0.1,
  freeShareLeast: 0.02,
  /** A certificate that is renewed by itself has at least this long to go. */
  certificateMsLeast: 14 * 86_400_000,
  /** A daily backup, and an hour in which it is made. */
  backupMsMax: 25 * 3_600_000,
  /** Data nodes of PostgreSQL, and NATS servers, of which one may fail without consequences. */
  nodesLeast: 3,
  /** Most members of a Patroni cluster that are asked. */
  membersMax: 16,
} as const
