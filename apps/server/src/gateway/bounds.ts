/** Bounds of the gateway. */
export const GATEWAY_BOUNDS = {
  /** A connection that has not said hello by then is closed. */
  helloMs: 10_000,
  /** Most connections that have not shown a good token. */
  strangersMax: 2_000,
  /** Most of them from one address; of IPv6, its first 64 bits. */
  strangersPerAddressMax: 500,
  /** From so many on, of all and of one address, the one that has said nothing for longest is ended for each that comes … */
  strangersCrowd: 1_000,
  strangersPerAddressCrowd: 250,
  /** … if it has had so long to say hello, which is enough for one on a slow line. */
  strangerMs: 2_000,
  /** Connections for plain requests, or for nothing yet, besides those that BONGSU_CONNECTIONS_MAX lets in. Together they bound open files. */
  plainConnectionsMax: 2_000,
  /** From this part of all connections on, the one that was kept for a next request for longest is closed for each that comes. */
  idleCrowd: 0.9,
  /** A request that has not told its headers by then is ended, and a connection that had one is kept for the next for so long. */
  headersMs: 10_000,
  keepAliveMs: 10_000,
  /** Sends of one connection that wait for the store; beyond it they are refused as busy. */
  sendsInFlightMax: 64,
  /** How often those are looked at that came faster than they may, in ms. */
  lateStepMs: 100,
  /** Text of them that waits at most, in UTF-16 units: what may have been read in one piece, twice over. Each counts so much more for itself. */
  lateCharsMax: 524_288,
  lateFrameChars: 64,
  /**
   * A device that was made to wait over and over for so long says too much, and is closed. As long as one that puts back all it may after a restore
   * takes at the default rate, and some more.
   */
  lateMsMax: 120_000,
  /** Not made to wait for so long, it begins anew. */
  lateCalmMs: 10_000,
  /** Refused frames after which the connection is closed. */
  badFramesMax: 20,
  /** Nothing heard for this many heartbeats: closed. */
  silentHeartbeats: 2.5,
  /** Beats are spread over a heartbeat in this many steps, so that there is one timer for all connections. */
  beatSteps: 25,
  /** What a device is told to wait when it was refused as busy, in ms. */
  busyRetryMs: 1_000,
  /** What a device is told to wait for a page of history while the server is overloaded, in ms: some windows of its measurement. */
  historyRetryMs: 3_000,
  /** Hashes one device may ask for in a second on average, and at once [A1]. */
  auditsPerSecond: 5,
  auditsBurst: 10,
  /** Hashes that are being made at a time, for all devices together: sending and resuming never wait behind many [O2]. */
  auditsInFlightMax: 4,
  /** The token is replaced when it is older than this, in ms. */
  tokenRenewMs: 7 * 86_400_000,
} as const
