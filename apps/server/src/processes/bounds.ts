/** Bounds of what server processes know of each other. */
export const PROCESSES_BOUNDS = {
  /** Time between two signs of life of a process in the store, and the silence there after which it counts as gone. */
  beatMs: 2_000,
  goneMs: 10_000,
  /** Most processes read, and how long a row of one that is gone is kept. */
  processesMax: 256,
  keptMs: 3_600_000,
  /** Time between two signs of life on the bus, and missed ones of a process after which this one counts as deaf. */
  runningMs: 400,
  unheardMax: 3,
  /** For so long it counts as deaf when another process has lost hints: longer than the time between two looks. */
  lostMs: 1_000,
  /** A bus that is deaf for this long is told in the health. */
  tellDeafMs: 2_000,
  /** Arrivals of devices that are kept in memory, for how long, and how long in the store. */
  arrivalsMax: 20_000,
  arrivalsMs: 5_000,
  arrivalsKeptMs: 60_000,
  /** Arrivals written in one statement, and read at a time. */
  arrivalsBatch: 500,
  arrivalsReadMax: 5_000,
  /** Limits of one kind counted in the store. Beyond it those that end first are forgotten. */
  limitsMax: 100_000,
  /** Time between two tidyings of them, and most limits that one transaction deletes. */
  tidyMs: 60_000,
  tidyBatch: 1_000,
  /** Longest question for the database's clock of which the answer counts. */
  askMsMax: 500,
  /** How far the clocks of two processes may differ. */
  clocksApartMs: 60_000,
} as const
