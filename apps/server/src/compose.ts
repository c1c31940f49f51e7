import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { DeviceId } from '@bongsu/protocol'
import { createBuilder } from './accounts/builder.ts'
import { createCanaries } from './accounts/canaries.ts'
import { revokedDevices } from './accounts/devices.ts'
import { inviteFirstAdmin } from './accounts/invites.ts'
import { readKnownTime, writeKnownTime } from './accounts/known-time.ts'
import { createKnownDevices } from './accounts/known-devices.ts'
import type { AccountsParts } from './accounts/parts.ts'
import { createPasswords } from './accounts/passwords.ts'
import { createSignInGuard, SIGN_IN_WINDOW_MS } from './accounts/sign-in-guard.ts'
import { loadTokenKey } from './accounts/token-key.ts'
import { createTokens, type Tokens } from './accounts/tokens.ts'
import { createMemoryBus } from './adapters/memory/bus.ts'
import { createMemoryLimits } from './adapters/memory/limits.ts'
import { systemClock } from './adapters/system/clock.ts'
import { systemRandom } from './adapters/system/random.ts'
import type { Config } from './config.ts'
import { Unavailable } from './conversation/log-store.ts'
import { createTides } from './delivery/tides.ts'
import { createActivity } from './figures/activity.ts'
import { FIGURES_BOUNDS } from './figures/bounds.ts'
import { createFigures } from './figures/figures.ts'
import { forgetOldReports } from './figures/outage-reports.ts'
import { createAddressOf, createIsProxy } from './gateway/addresses.ts'
import { GATEWAY_BOUNDS } from './gateway/bounds.ts'
import { addDocs } from './gateway/docs/add-docs.ts'
import { createHttp } from './gateway/http.ts'
import { createKeyCheck, loadSentinelKey } from './gateway/sentinel-key.ts'
import { addSecurityHeaders, addSite } from './gateway/site.ts'
import { acceptWebSockets } from './gateway/websocket.ts'
import { createKernel } from './kernel.ts'
import { createFailed } from './ops/faults.ts'
import { addHealth } from './ops/health.ts'
import type { Logger } from './ops/logger.ts'
import { createMetrics } from './ops/metrics.ts'
import { watchOverload } from './ops/overload.ts'
import { createServerTime } from './ops/server-time.ts'
import { watchClock } from './ops/watch-clock.ts'
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
  /** Code of the invite for the first administrator. Null when there are accounts. */
  readonly firstAdminCode: string | null
  /**
   * First half of handing over to another process: accepts no more connections and no more writes, finishes running work, and closes the store.
   * Connections stay open, and what they ask for is refused for now [O5].
   */
  release(): Promise<void>
  /** Second half, when the other process listens: moves the devices there. */
  move(): Promise<void>
  /** Stops without another process: ends all connections, finishes running work, closes the store. */
  stop(): Promise<void>
}

/** Time in ms between two checks of an unwritable store, so that the server recovers without a send. */
const PROBE_MS = 1_000
/** Longest wait for connections to close before the store is closed. A slow reader has longer for its close code. */
const CLOSE_MS = 6_000

const WENT_BACK =
  'The database has gone back to an older state: a device was told of more than it has. A new epoch has begun, and devices put their own messages back.'

/** Puts the server together: the only place that knows both modules and adapters. */
export async function startServer({ config, logger, version, site, fatal }: ServerOptions): Promise<RunningServer> {
  const clock = systemClock
  const random = systemRandom
  const store = await openStore({ directory: config.data, logger, onFatal: fatal })
  const hasSentinelKey = createKeyCheck(await loadSentinelKey(config.data, config.sentinelKey))
  const addressOf = createAddressOf(config.trustedProxies)

  const db = createBuilder(store.sql.dialect)
  const time = createServerTime(clock, config.clock === 'trust' ? null : await readKnownTime({ sql: store.sql, db }))
  const tokenKey = await loadTokenKey(config.data)
  const signed = createTokens(tokenKey, { now: () => time.forExpiry() })
  const tokens: Tokens = { ...signed, issue: async (accountId, deviceId) => signed.issue(accountId, deviceId, time.forIssue()) } // [O8]
  const canaries = createCanaries({ sql: store.sql, db })
  const accounts: AccountsParts = {
    sql: store.sql,
    db,
    clock,
    random,
    tokens,
    passwords: createPasswords(),
    rose: (accountIds) => kernel.announce.accounts(accountIds),
    revoked: (deviceIds) => deviceIds.forEach(kernel.announce.revoked),
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
  })
  const failed = createFailed({ logger, clock, counted: metrics.failed, fatal, isOperating: (cause) => cause instanceof Unavailable })
  const readRevoked = (): Promise<readonly DeviceId[]> => revokedDevices({ ...accounts, clock: { ...clock, now: () => time.forExpiry() } })
  const kernel = createKernel(
    {
      store,
      bus: createMemoryBus(),
      clock,
      tokens,
      tides: createTides(tokenKey, store),
      begunEpoch({ lastCommonStart }, epoch) {
        metrics.epochBegun()
        logger.error({ epoch, lastCommonStart }, WENT_BACK)
      },
      overload,
      figures,
      metrics,
      revokedDevices: readRevoked,
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
        createMemoryLimits(clock),
        clock,
      ),
      nameLimits: createMemoryLimits(clock),
      log: store.log,
      opened: (opened) => kernel.announce.accounts(opened.accounts),
      name: config.name,
      registration: config.registration,
      statusUrl: config.statusUrl,
      figures,
      activity,
    },
    tokens,
    isSignedIn: (caller) => !kernel.isRevoked(caller.deviceId) && isKnown(caller),
    hasSentinelKey,
    addressOf,
    clock,
    isProxy: createIsProxy(config.trustedProxies),
    connectionsMax: config.connectionsMax + GATEWAY_BOUNDS.plainConnectionsMax,
    // Each kind of limit counts on its own: filling one kind must not push out the counts of another.
    limits: createMemoryLimits(clock),
    requestsPerMinute: config.requestsPerMinute,
    openRequestsPerMinute: config.openRequestsPerMinute,
    overload,
    counted: metrics.request,
    failed,
  })
  // Origins contain the port, which may be known only after listening. The set is completed then.
  const origins = new Set(config.origins.length > 0 ? config.origins : loopbackOrigins(config.port))
  await addSecurityHeaders(app, origins, config.statusUrl)
  addHealth(app, { metrics, store: () => store.health(), draining: () => draining, overload, clockOffMs: () => clockWatch.offMs() })
  const built = site !== undefined && existsSync(site) ? site : null
  const publicOrigin = (): string => config.origins[0] ?? `http://localhost:${(server.address() as AddressInfo).port}`
  addDocs(app, { version, origin: publicOrigin, settings: config, site: built })
  if (built !== null) await addSite(app, built)
  acceptWebSockets(server, kernel, { path: '/v1/socket', origins, addressOf })

  const canaryWatch = clock.every(config.heartbeatMs, () => {
    canaries.learn().catch(failed)
  })
  const look = clock.every(FIGURES_BOUNDS.lookMs, () => figures.look((tell) => kernel.connections.tellTroubles(clock.monotonic(), tell)))
  const noting = clock.every(FIGURES_BOUNDS.activityEveryMs, () => {
    activity.write(0).catch(failed)
    keepTime().catch(failed)
    forgetOldReports(accounts).catch(failed)
  })
  const probe = clock.every(PROBE_MS, () => {
    if (!store.health().writable) store.probe().catch(failed)
  })
  await keepTime().catch(failed)
  // A disk that takes nothing keeps nobody from reading [O4].
  const firstAdminCode = await inviteFirstAdmin(accounts).catch((cause: unknown) => {
    if (!(cause instanceof Unavailable)) throw cause
    logger.warn({ fault: cause.message }, 'No link for the first administrator could be made. Start the server again when its disk can be written.')
    return null
  })
  await app.listen({ host: config.host, port: config.port })
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
      await store.close()
    },
    async move() {
      await kernel.move()
      await app.close()
    },
    async stop() {
      const quieted = quiet()
      kernel.stop()
      await quieted
      await Promise.race([app.close(), new Promise<void>((resolve) => clock.after(CLOSE_MS, resolve))])
      await store.close()
    },
  }

  /** Nothing happens by itself any more. */
  async function quiet(): Promise<void> {
    draining = true
    for (const cancel of [canaryWatch, probe, look, noting]) cancel()
    overload.stop()
    clockWatch.stop()
    await activity.write(0).catch(failed)
    await keepTime().catch(failed)
  }
}

function loopbackOrigins(port: number): readonly string[] {
  return port === 0 ? [] : [`http://localhost:${port}`, `http://127.0.0.1:${port}`, `http://[::1]:${port}`]
}
