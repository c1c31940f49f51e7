/** Bounds of the gateway. */
export const GATEWAY_BOUNDS = {
  /** A connection that has not said hello by then is closed. */
  helloMs: 10_000,
  /** A device is told a turn that is further away than this; a nearer one comes before it matters to anybody. */
  tellTurnMs: 1_000,
  /** A turn that is this late is told again, as coming in about as long. Less than the time that a device waits after a turn [O11]. */
  turnAgainMs: 5_000,
  /** Most unauthenticated connections. */
  strangersMax: 2_000,
  /** Most of them from one address; with IPv6, from its first 64 bits. */
  strangersPerAddressMax: 500,
  /** From this number on, in total or from one address, the oldest silent unauthenticated connection is closed for each new one … */
  strangersCrowd: 1_000,
  strangersPerAddressCrowd: 250,
  /** … if it had this long to say hello, which is enough on a slow network. */
  strangerMs: 2_000,
  /**
   * New connections that wait in the kernel until the process accepts them, which it does one in a turn of the event loop. Node's own 511 overflow in a
   * storm, and each dropped one comes again seconds later. Linux allows at most `net.core.somaxconn`, 4,096 by default.
   */
  acceptQueueMax: 4_096,
  /** Connections for plain requests, or without a request yet, besides those allowed by BONGSU_CONNECTIONS_MAX. Together they bound open files. */
  plainConnectionsMax: 2_000,
  /**
   * Sockets of one address that wait for an answer or have not asked for anything. From the crowd on, in total or from one address, the oldest is ended
   * for each new one, if it had this long.
   */
  silentPerAddressMax: 500,
  silentPerAddressCrowd: 250,
  silentCrowd: 1_500,
  silentMs: 2_000,
  /** Requests of one address that are under way, their bodies included; behind a trusted proxy too. */
  requestsAtOncePerAddressMax: 300,
  /** Audit faults of one account that are counted in this time. */
  auditFaultsPerAccount: 5,
  auditFaultsWindowMs: 3_600_000,
  /** Accounts remembered for that. */
  auditFaultAccountsMax: 10_000,
  /** From this part of all connections on, the longest idle kept-alive connection is closed for each new one. */
  idleCrowd: 0.9,
  /** Time limit for the headers of a request, and time that an idle connection is kept for the next request. */
  headersMs: 10_000,
  keepAliveMs: 10_000,
  /** Sends and acts of one connection that wait for the store, counted together. Further ones are refused as busy. */
  sendsInFlightMax: 64,
  /** Time in ms between two checks of frames that came too fast. */
  lateStepMs: 100,
  /**
   * Most waiting text of such frames, in UTF-16 units: twice what may have been read in one piece. Each frame counts `lateFrameChars` in addition.
   */
  lateCharsMax: 524_288,
  lateFrameChars: 64,
  /**
   * A device that was slowed down repeatedly for this long sends too much and is closed. The time covers a device that puts back everything allowed
   * after a restore at the default rate.
   */
  lateMsMax: 120_000,
  /** After this long without a delay, the count starts anew. */
  lateCalmMs: 10_000,
  /** A frame counts once more for each of so many UTF-16 units: long texts cost more to store and to deliver. */
  charsPerFrame: 1_024,
  /** All devices of one account together have this many times the frames of one connection. */
  accountPaceFactor: 2,
  /** How long the pace of an account is kept when its last device has gone. */
  accountPaceKeptMs: 120_000,
  /** Conversations of one account sent again in a second on average, and at once. */
  refreshesPerSecond: 5,
  refreshesBurst: 100,
  /** Refused frames after which the connection is closed. */
  badFramesMax: 20,
  /** Connections moved to a new process in a second: this many, or more so that all are moved within the longest time [O5]. */
  movesPerSecond: 300,
  moveStepMs: 50,
  moveMsMax: 20_000,
  /** Time for the proxies in front to see in `/readyz` that a process is about to stop, before it sends devices to others [O15]. */
  noticeMs: 3_000,
  /** Time for a device to connect to another process before its connection here is closed. */
  leaveGraceMs: 3_000,
  /** Devices sent first. When none of them arrives elsewhere in this time, no more are sent. */
  leaveFirst: 50,
  leaveProofMs: 8_000,
  /** Silence in heartbeats after which the connection is closed. */
  silentHeartbeats: 2.5,
  /** Beats are spread over a heartbeat in this many steps, so that one timer serves all connections. */
  beatSteps: 100,
  /** Steps between the beats of two connections that come one after the other: those of one place show soon when their way is cut. Coprime to `beatSteps`. */
  beatStride: 61,
  /**
   * From so many connections, and this part of all, that leave a beat unanswered within 5 s, all are asked for a sign of life, once in a heartbeat.
   * Beyond the most connections that are asked in one go, those whose beats come due are many anyway.
   */
  askFrom: 3,
  askPart: 0.01,
  askMax: 5_000,
  /** Each connection is watched once in this time, give or take a step. The checks are spread over the steps as well. */
  watchMs: 1_000,
  /** Wait in ms for a device that was refused as busy. */
  busyRetryMs: 1_000,
  /** A request beyond the bounds is refused this much later: whoever asks again at once gains nothing [B78]. */
  lateRefusalMs: 1_000,
  /** Wait in ms for a page of history while the server is overloaded: some windows of its measurement. */
  historyRetryMs: 3_000,
  /** Hashes for one device in a second on average, and at once [A1]. */
  auditsPerSecond: 5,
  auditsBurst: 10,
  /** Hashes computed at the same time for all devices: sending and resuming never wait behind many [O2]. */
  auditsInFlightMax: 4,
  /** The token is replaced when it is older than this, in ms. */
  tokenRenewMs: 7 * 86_400_000,
} as const
