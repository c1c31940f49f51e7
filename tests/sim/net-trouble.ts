/** What is wrong with the way between one device and the servers. */
export interface NetTrouble {
  /** Longest delay of a frame, ms. */
  lateMs: number
  /** Probabilities for each frame. */
  doubled: number
  /** A frame alone is swallowed, as a faulty proxy does; only frames whose loss is promised to be mended. */
  swallowed: number
  cut: number
  halfOpen: number
  /** Bytes the device takes in a second; null: all of them. */
  bytesPerSecond: number | null
  /** Connecting fails at once, or is never answered. */
  connecting: 'works' | 'refused' | 'silent'
  /** Probability that an HTTP request, or its answer, is lost. */
  httpLost: number
  httpDoubled: number
  /** Probability that the device says something besides that is no frame. */
  babbling: number
  /** The servers are a version older: they know no items, and refuse a hello that names features [W3]. */
  older: boolean
}

export const NO_NET_TROUBLE: NetTrouble = {
  lateMs: 0,
  doubled: 0,
  swallowed: 0,
  cut: 0,
  halfOpen: 0,
  bytesPerSecond: null,
  connecting: 'works',
  httpLost: 0,
  httpDoubled: 0,
  babbling: 0,
  older: false,
}
