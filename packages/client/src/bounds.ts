/** Bounds of a device. */
export const DEVICE_BOUNDS = {
  /** Entries kept of a room that is not open. It is cut when it has twice as many. */
  tailEntries: 40,
  /** How long an announced head of the account log may take to arrive before the device resumes. */
  expectMs: 2_000,
} as const
