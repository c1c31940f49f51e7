/** Bounds of the gateway. */
export const GATEWAY_BOUNDS = {
  /** A connection that has not said hello by then is closed. */
  helloMs: 10_000,
  /** Most connections that have not shown a good token. */
  strangersMax: 2_000,
  /** Most of them from one address; of IPv6, its first 64 bits. */
  strangersPerAddressMax: 500,
  /** Sends of one connection that wait for the store; beyond it they are refused as busy. */
  sendsInFlightMax: 64,
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
