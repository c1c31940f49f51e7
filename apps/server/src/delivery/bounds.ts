/** Bounds of delivery, for one device each. */
export const DELIVERY_BOUNDS = {
  /** Above this, live entries are no longer pushed: the stream reads them from the log when the device has read what it was sent. */
  bufferedBytesSoft: 65_536,
  /**
   * Above this the device is cut and told to resume [D3]. More than the soft bound and the largest frame together, a `reset` with the longest texts,
   * all of them edited, and the most marks.
   */
  bufferedBytesHard: 3_145_728,
  /** A device that reads nothing for this long while data waits is cut [D3]. */
  stallMs: 20_000,
  /** Entries read from the log at a time. */
  pageEntries: 200,
  /**
   * Most text in one page, in UTF-16 units, or one entry when it is longer. A frame counts only when its last byte has arrived, so on a slow network
   * a page of long texts would never arrive before the device is given up.
   */
  pageChars: 65_536,
  /** Pages of missed entries kept for the next device that lacks the same ones, and their bytes; each for one to two heartbeats. */
  sharedPagesMax: 20_000,
  sharedBytesMax: 8_388_608,
  /** Conversations read at a time, when a device is behind in many. They share a page. */
  roomsPerRead: 8,
  /** Account items read at a time. */
  pageItems: 200,
  /** Conversations listened to for devices that are being admitted. Beyond it, the sweep finds missed changes. */
  awaitedMax: 100_000,
  /** Least time between two typing signals of one account; in a room with more watchers than `typingCrowd`, of all typists together. */
  typingEveryMs: 1_000,
  typingCrowd: 100,
  /** Accounts remembered as typing. */
  typistsMax: 10_000,
  /** Conversations or accounts asked about at a time by the sweep. */
  sweepBatch: 1_000,
  /** Time between two looks into the store while hints may be lost, and every how many of them numbers in view are counted again [D13]. */
  lookMs: 700,
  looksPerCount: 7,
} as const
