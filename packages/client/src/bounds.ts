/** Bounds of what a device keeps of a conversation in memory. */
export const DEVICE_BOUNDS = {
  /** Entries kept of a room that is not open; it is cut when it has twice as many. */
  tailEntries: 40,
} as const
