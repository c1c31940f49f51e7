/** Bounds of delivery, for one device each. */
export const DELIVERY_BOUNDS = {
  /** Above this, live entries are no longer pushed: the stream reads from the log when the device has taken what it was sent. */
  bufferedBytesSoft: 65_536,
  /** Above this the device is cut and told to resume [D3]. More than the soft bound and the largest frame together, a `reset` of the longest texts. */
  bufferedBytesHard: 2_097_152,
  /** A device that takes nothing for this long while something waits is cut [D3]. */
  stallMs: 20_000,
  /** Entries read from the log at a time. */
  pageEntries: 200,
  /**
   * Text in one page, in UTF-16 units, or one entry where that is longer. A frame counts for nothing until its last byte has come, so that
   * on a slow line a page of long texts would never arrive before the device is given up.
   */
  pageChars: 65_536,
  /** Conversations that are read from at a time, when a device is behind in many. They share a page. */
  roomsPerRead: 8,
  /** Account items read at a time. */
  pageItems: 200,
  /** Conversations listened to for devices that are being let in; beyond it the sweep finds what was missed. */
  awaitedMax: 100_000,
  /** One account is shown as typing once in this time at most; in a room with more watchers than `typingCrowd`, one of all those who type. */
  typingEveryMs: 1_000,
  typingCrowd: 100,
  /** Accounts remembered as typing. */
  typistsMax: 10_000,
  /** Conversations or accounts asked about at a time by the sweep. */
  sweepBatch: 1_000,
} as const
