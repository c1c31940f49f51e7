import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { DeviceId } from '@bongsu/protocol'
import { tellLiftedBars } from './accounts/bars.ts'
import { createBuilder, statement } from './accounts/builder.ts'
import { createCanaries } from './accounts/canaries.ts'
import { forgetRevoked, REVOKED_BOUNDS, revokedDevices, wasRevoked } from './accounts/devices.ts'
import { inviteFirstAdmin } from './accounts/invites.ts'
import { createJournal, JOURNAL_BOUNDS, trimJournal } from './accounts/journal.ts'
import { createLookups } from './accounts/lookups.ts'
import { readKnownTime, writeKnownTime } from './accounts/known-time.ts'
import { createKnownDevices } from './accounts/known-devices.ts'
import type { AccountsParts } from './accounts/parts.ts'
import { mayTitle, tellStaff } from './accounts/people.ts'
import { forgetOldCases } from './accounts/report.ts'
import { createPasswords } from './accounts/passwords.ts'
import { createSignInGuard, GUARD_BOUNDS, SIGN_IN_WINDOW_MS } from './accounts/sign-in-guard.ts'
import { endSuspensions, readSuspended } from './accounts/suspensions.ts'
import { createTokens, type Claims, type Tokens } from './accounts/tokens.ts'
import { createMemoryBus } from './adapters/memory/bus.ts'
import { createMemoryLimits } from './adapters/memory/limits.ts'
import { NatsBus } from './adapters/nats/bus.ts'
import { systemClock } from './adapters/system/clock.ts'
import { systemRandom } from './adapters/system/random.ts'
import type { Config } from './config.ts'
import { createActsOfStaff } from './conversation/acts-of-staff.ts'
import { Unavailable } from './conversation/log-store.ts'
import { createTides } from './delivery/tides.ts'
import { createActivity } from './figures/activity.ts'
import { FIGURES_BOUNDS } from './figures/bounds.ts'
import { createFigures } from './figures/figures.ts'
import { forgetOldReports } from './figures/outage-reports.ts'
import { createAddressOf, createIsProxy, createProxyWatch } from './gateway/addresses.ts'
import { GATEWAY_BOUNDS } from './gateway/bounds.ts'
import { addDocs } from './gateway/docs/add-docs.ts'
import { createHttp } from './gateway/http.ts'
import { createQuotas } from './gateway/quotas.ts'
import { createKeyCheck, loadSentinelKey } from './gateway/sentinel-key.ts'
import { addSecurityHeaders, addSite } from './gateway/site.ts'
import { acceptWebSockets } from './gateway/websocket.ts'
import { createKernel } from './kernel.ts'
import { createDiskReserve, DISK_BOUNDS, roomOn, type Room } from './ops/disk-reserve.ts'
import { createFailed, spaced } from './ops/faults.ts'
import { addHealth } from './ops/health.ts'
import type { Limits } from './ops/limits.ts'
import type { Logger } from './ops/logger.ts'
import { createMetrics } from './ops/metrics.ts'
import { watchOverload } from './ops/overload.ts'
import { createServerTime } from './ops/server-time.ts'
import { watchClock } from './ops/watch-clock.ts'
import { openCommonClock } from './processes/common-clock.ts'
import { joinProcesses } from './processes/join.ts'
import type { LimitKind } from './processes/shared-limits.ts'
import { openStore } from './storage.ts'

export interface ServerOptions {
  readonly config: Config
  readonly logger: Logger
  readonly version: string
  /** Folder of the built web app. Without it, or when it is missing, only the API is served. */
  readonly site?: string
  /** Called after a fault that the process must not survive. */
  readonly fatal: (cause: unknown) => void
}

export interface RunningServer {
  readonly port: number
  /** The public origin, such as http://localhost:8080. */
  readonly origin: string
  /** Code of the invite for the first administrator. Null when there is one. */
  readonly firstAdminCode: string | null
  /**
   * First half of handing over to another process: accepts no more connections and no more writes, finishes running work, and closes the store.
   * Connections stay open, and what they ask for is refused for now [O5].
   */
  release(): Promise<void>
  /** Second half, when the other process listens: moves the devices there. */
  move(): Promise<void>
  /** Sends the devices to other processes, where there are any [O15]. Then ends all connections, finishes running work, closes the store. */
  stop(): Promise<void>
  /** Longest time of a stop. */
  stopMsMax(): number
}

/** Time in ms between two checks of an unwritable store, so that the server recovers without a send. */
const PROBE_MS = 1_000
/** Least time between two log lines about NATS. */
const NATS_LINE_MS = 60_000
/** Longest time of a stop, alone and with other processes: the latter is more than notice, proof, all moves and their grace together. */
const STOP_MS = { alone: 10_000, withOthers: 45_000 }
/** Longest wait for connections to close before the store is closed. A slow reader has longer for its close code. */
const CLOSE_MS = 6_000

const WENT_BACK =
  'The database has gone back to an older state: a device was told of more than it has. A new epoch has begun, and devices put their own messages back.'

/** Puts the server together: the only place that knows both modules and adapters. */
export async function startServer({ config, logger, version, site, fatal }: ServerOptions): Promise<RunningServer> {
  const clock = systemClock
  const random = systemRandom
  const store = await openStore({ directory: config.data, database: config.database, unsafe: config.databaseUnsafe, logger, onFatal: fatal })
  const hasSentinelKey = createKeyCheck(await loadSentinelKey(store.keys, config.sentinelKey))
  const addressOf = createAddressOf(config.trustedProxies)

  const db = createBuilder(store.sql.dialect)
  const time = createServerTime(clock, config.clock === 'trust' ? null : await readKnownTime({ sql: store.sql, db }))
  const tokenKey = await store.keys.load('token')
  const signed = createTokens(tokenKey, { now: () => time.forExpiry() })
  const tokens: Tokens = { ...signed, issue: async (accountId, deviceId) => signed.issue(accountId, deviceId, time.forIssue()) } // [O8]
  const canaries = createCanaries({ sql: store.sql, db })
  const common = await openCommonClock({ sql: store.sql, db, clock })
  // What one process writes, others read [O14].
  const commonClock = { ...clock, now: common.now }
  const accounts: AccountsParts = {
    sql: store.sql,
    db,
    clock: commonClock,
    random,
    tokens,
    journal: createJournal({ sql: store.sql, db, clock: commonClock }),
    knownNow: () => time.forExpiry(),
    passwords: createPasswords(() => new Promise((resolve) => clock.after(GATEWAY_BOUNDS.lateRefusalMs, resolve))),
    reach: config.reach,
    rose: (accountIds) => kernel.announce.accounts(accountIds),
    revoked: (deviceIds) => deviceIds.forEach(kernel.announce.revoked),
    // What cannot be read now is read in the next heartbeat.
    suspended: (_accountId, deviceIds) => kernel.suspensionsChanged(deviceIds).catch(failed),
    canaryJoined: canaries.add,
  }
  await canaries.learn()
  const process = random.uuid()
  const figures = createFigures({
    clock,
    process,
    cell: config.cell,
    isCanary: canaries.has,
    isCanaryHandle: canaries.hasHandle,
    unsafe: () => (store.health().unsafe ?? []).map(({ setting }) => setting),
  })
  const clockWatch = watchClock(time, clock, logger)
  const keepTime = (): Promise<void> => writeKnownTime(accounts, time.forIssue())
  const activity = createActivity(accounts, figures)
  const isKnown = createKnownDevices(accounts)
  const overload = watchOverload({ clock, queues: store.load })
  const metrics = createMetrics({
    connections: () => kernel.connections.size,
    waitingBytesMax: () => kernel.connections.waitingBytesMax(),
    liveRooms: () => kernel.hub.stats().rooms,
    storeWritable: () => store.health().writable,
    overloadLevel: () => overload.level,
    queueingMs: () => overload.queueingMs,
    hellosHeld: () => kernel.admission.held,
    clockOffMs: () => clockWatch.offMs(),
    hellosRate: () => kernel.admission.perSecond,
    busDeaf: () => others?.bus.isDeafForLong() === true,
    hintsDropped: () => nats?.dropped() ?? { unreadable: 0, unsent: 0 },
    otherProcesses: () => others?.others() ?? 0,
  })
  const failed = createFailed({ logger, clock, counted: metrics.failed, fatal, isOperating: (cause) => cause instanceof Unavailable })
  const readRevoked = (withinMs?: number): Promise<readonly DeviceId[]> =>
    revokedDevices(withinMs === undefined ? { ...accounts, clock: { ...clock, now: () => time.forExpiry() } } : accounts, withinMs)
  const nats =
    config.nats.length === 0
      ? null
      : new NatsBus({
          servers: config.nats,
          credentials: config.natsCredentials,
          name: `bongsu ${process}`,
          clock,
          random,
          // A server without permissions refuses each of the subjects by itself.
          failed: spaced(clock, NATS_LINE_MS, (cause, times) =>
            logger.warn({ err: cause, times }, 'The NATS servers cannot be used. Messages are read from the store meanwhile.'),
          ),
        })
  // [D13]
  const bus = nats ?? createMemoryBus()
  // A database server may serve other processes, whether this one was given NATS servers or not.
  const others =
    store.sql.dialect === 'sqlite' && nats === null ? null : await joinProcesses({ ...accounts, common, process, secret: tokenKey, bus, failed })
  /** Limits that hold for all processes together. Each kind counts on its own: filling one kind must not push out the counts of another. */
  const shared = (kind: LimitKind, keysMax?: number): Limits => others?.limits(kind, keysMax) ?? createMemoryLimits(clock, keysMax)
  /** The account of a new token may be a canary that another process has made since the last heartbeat [F3]. Nobody waits for a store that fails. */
  let learning: Promise<void> | null = null
  async function learnCanary({ issuedAt }: Claims): Promise<void> {
    if (clock.now() - issuedAt >= 2 * config.heartbeatMs) return
    await (learning ??= canaries
      .learn()
      .catch(failed)
      .finally(() => (learning = null)))
  }
  const processes = (): number => 1 + (others?.others() ?? 0)
  const reserve = createDiskReserve(config.diskReserveBytes, await roomOf(config, accounts), (isShort, room) => {
    if (isShort)
      logger.error({ ...room }, 'The disk is down to its reserve. Running conversations go on; new groups, invites and accounts are refused.')
    else logger.info({ ...room }, 'There is room on the disk again.')
  })
  const quotas = createQuotas({ clock, limits: shared('quotas'), bytesPerHour: config.textBytesPerHour, isDiskShort: reserve.isShort, failed })
  const reserveWatch = clock.every(DISK_BOUNDS.lookMs, () => void reserve.look().catch(failed))
  await reserve.look().catch(failed)
  const kernel = createKernel(
    {
      store,
      bus: others?.bus ?? bus,
      ...(others === null ? {} : { arrivals: others.arrivals, commonNow: common.now, admitting: learnCanary }),
      clock,
      tokens,
      tides: createTides(tokenKey, store),
      begunEpoch({ lastCommonStart }, epoch) {
        metrics.epochBegun()
        logger.error({ epoch, lastCommonStart }, WENT_BACK)
      },
      overload,
      quotas,
      figures,
      metrics,
      revokedDevices: readRevoked,
      wasRevoked: (deviceId) => wasRevoked(accounts, deviceId),
      suspended: { readSuspended: () => readSuspended(accounts), knownNow: accounts.knownNow },
      mayTitle: (accountId, title) => mayTitle(accounts, accountId, title),
      failed,
    },
    {
      ...config,
      process,
      revoked: await readRevoked(),
      observed: {
        append: (append) => async (request, answer) => {
          time.heard(request.author, request.id)
          return append(request, answer)
        },
        setMark: (setMark) => setMark,
      },
    },
  )

  await kernel.suspensionsChanged([])
  let draining = false
  const { app, server } = createHttp({
    parts: {
      accounts,
      guard: createSignInGuard(
        {
          failuresPerHandle: config.signInFailuresPerHandle,
          failuresPerAddress: config.signInFailuresPerAddress,
          windowMs: SIGN_IN_WINDOW_MS,
        },
        shared('failures'),
        shared('familiar', GUARD_BOUNDS.familiarMax),
        processes,
      ),
      nameLimits: shared('names'),
      lookups: createLookups(accounts, shared('lookups')),
      quotas,
      log: store.log,
      acts: createActsOfStaff({ log: store.log, clock, random, announce: kernel.announce }),
      opened: (opened) => kernel.announce.accounts(opened.accounts),
      appended: (request, result) => kernel.announce.appended(request, result),
      name: config.name,
      registration: config.registration,
      statusUrl: config.statusUrl,
      figures,
      activity,
    },
    tokens,
    isSignedIn: (caller) => kernel.isSignedIn(caller, isKnown),
    isSuspended: kernel.isSuspended,
    hasSentinelKey,
    addressOf,
    clock,
    isProxy: createIsProxy(config.trustedProxies),
    connectionsMax: config.connectionsMax + GATEWAY_BOUNDS.plainConnectionsMax,
    limits: createMemoryLimits(clock),
    processes,
    requestsPerMinute: config.requestsPerMinute,
    openRequestsPerMinute: config.openRequestsPerMinute,
    overload,
    counted: metrics.request,
    failed,
  })
  // Origins contain the port, which may be known only after listening. The set is completed then.
  const origins = new Set(config.origins.length > 0 ? config.origins : loopbackOrigins(config.port))
  await addSecurityHeaders(app, origins, config.statusUrl)
  addHealth(app, {
    metrics,
    store: () => store.health(),
    draining: () => draining,
    overload,
    clockOffMs: () => clockWatch.offMs(),
    bus: () => ({ deaf: others?.bus.isDeafForLong() === true, others: others?.others() ?? 0 }),
  })
  const built = site !== undefined && existsSync(site) ? site : null
  const publicOrigin = (): string => config.origins[0] ?? `http://localhost:${(server.address() as AddressInfo).port}`
  addDocs(app, { version, origin: publicOrigin, settings: config, site: built })
  if (built !== null) await addSite(app, built)
  const watchProxy = createProxyWatch(config.trustedProxies, (address) =>
    logger.warn({ address }, 'A proxy forwards visitors, but BONGSU_TRUSTED_PROXIES does not name it: all its visitors count as one.'),
  )
  server.on('request', watchProxy)
  server.on('upgrade', watchProxy)
  acceptWebSockets(server, kernel, { path: '/v1/socket', origins, addressOf })

  const canaryWatch = clock.every(config.heartbeatMs, () => {
    canaries.learn().catch(failed)
    endSuspensions(accounts).catch(failed)
    tellLiftedBars(accounts).catch(failed)
  })
  const look = clock.every(FIGURES_BOUNDS.lookMs, () => figures.look((tell) => kernel.connections.tellTroubles(clock.monotonic(), tell)))
  const noting = clock.every(FIGURES_BOUNDS.activityEveryMs, () => {
    activity.write(0).catch(failed)
    keepTime().catch(failed)
    forgetOldReports(accounts).catch(failed)
    trimJournal(accounts).catch(failed)
    forgetOldCases(accounts).catch(failed)
  })
  const counting = clock.every(JOURNAL_BOUNDS.windowMs, () => void accounts.journal.flush().catch(failed))
  const forgetting = clock.every(REVOKED_BOUNDS.everyMs, () => void forgetRevoked(accounts).catch(failed))
  const probe = clock.every(PROBE_MS, () => {
    if (!store.health().writable) store.probe().catch(failed)
  })
  await keepTime().catch(failed)
  await tellStaff(accounts).catch(failed)
  // A disk that takes nothing keeps nobody from reading [O4].
  const firstAdminCode = await inviteFirstAdmin(accounts, tokenKey).catch((cause: unknown) => {
    if (!(cause instanceof Unavailable)) throw cause
    logger.warn({ fault: cause.message }, 'No link for the first administrator could be made. Start the server again when its disk can be written.')
    return null
  })
  await app.listen({ host: config.host, port: config.port, backlog: GATEWAY_BOUNDS.acceptQueueMax })
  const { port } = server.address() as AddressInfo
  if (config.origins.length === 0) for (const origin of loopbackOrigins(port)) origins.add(origin)

  return {
    port,
    origin: publicOrigin(),
    firstAdminCode,
    async release() {
      await quiet()
      kernel.release()
      server.close()
      server.closeIdleConnections()
      await others?.leave().catch(failed)
      await store.close()
    },
    async move() {
      await kernel.move()
      await nats?.close()
      await app.close()
    },
    stopMsMax: () => (others !== null && others.others() > 0 ? STOP_MS.withOthers : STOP_MS.alone),
    async stop() {
      if (others !== null && others.others() > 0) await sendDevicesAway()
      const quieted = quiet()
      kernel.stop()
      await quieted
      await Promise.race([app.close(), new Promise<void>((resolve) => clock.after(CLOSE_MS, resolve))])
      await others?.leave().catch(failed)
      await nats?.close()
      await store.close()
    },
  }

  /** Devices connect to other processes before their connection here ends. */
  async function sendDevicesAway(): Promise<void> {
    draining = true
    await new Promise<void>((resolve) => clock.after(GATEWAY_BOUNDS.noticeMs, resolve))
    if (!(await kernel.leave())) logger.warn({ left: kernel.connections.size }, 'No other process takes the devices. They are told to come back.')
  }

  /** Nothing happens by itself any more. */
  async function quiet(): Promise<void> {
    draining = true
    for (const cancel of [canaryWatch, probe, look, noting, counting, forgetting, reserveWatch]) cancel()
    overload.stop()
    clockWatch.stop()
    await activity.write(0).catch(failed)
    await accounts.journal.flush().catch(failed)
    await keepTime().catch(failed)
  }
}

/** How the room for the history is read: on the disk of the data folder, or within the bound of a PostgreSQL database. */
async function roomOf(config: Config, { sql, db }: Pick<AccountsParts, 'sql' | 'db'>): Promise<() => Promise<Room>> {
  const { databaseBytesMax } = config
  if (sql.dialect === 'sqlite') return () => roomOn(config.data)
  if (databaseBytesMax === 0) return async () => ({ freeBytes: 1, sizeBytes: 1 })
  const size = statement(db.selectNoFrom(({ fn }) => fn<number>('pg_database_size', [fn<string>('current_database', [])]).as('bytes')))
  return async () => {
    const [row] = await sql.read<{ bytes: number }>(size)
    return { freeBytes: databaseBytesMax - (row?.bytes ?? 0), sizeBytes: databaseBytesMax }
  }
}

function loopbackOrigins(port: number): readonly string[] {
  return port === 0 ? [] : [`http://localhost:${port}`, `http://127.0.0.1:${port}`, `http://[::1]:${port}`]
}
