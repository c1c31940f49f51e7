import { AssertionError } from 'node:assert'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { DeviceId } from '@bongsu/protocol'
import { createBuilder } from './accounts/builder.ts'
import { createCanaries } from './accounts/canaries.ts'
import { revokedDevices } from './accounts/devices.ts'
import { inviteFirstAdmin } from './accounts/invites.ts'
import { createKnownDevices } from './accounts/known-devices.ts'
import type { AccountsParts } from './accounts/parts.ts'
import { createPasswords } from './accounts/passwords.ts'
import { createNameLimit } from './accounts/people.ts'
import { createSignInGuard } from './accounts/sign-in-guard.ts'
import { loadTokenKey } from './accounts/token-key.ts'
import { createTokens } from './accounts/tokens.ts'
import { createMemoryBus } from './adapters/memory/bus.ts'
import { openSqliteStore } from './adapters/sqlite/open-store.ts'
import { systemClock } from './adapters/system/clock.ts'
import { systemRandom } from './adapters/system/random.ts'
import type { Config } from './config.ts'
import { append } from './conversation/append.ts'
import { Unavailable } from './conversation/log-store.ts'
import { createAnnounce } from './delivery/announce.ts'
import { Hub } from './delivery/hub.ts'
import { createUnreadNumbers } from './delivery/unread-push.ts'
import { createActivity } from './figures/activity.ts'
import { FIGURES_BOUNDS } from './figures/bounds.ts'
import { createFigures } from './figures/figures.ts'
import { forgetOldReports } from './figures/outage-reports.ts'
import { createAddressOf } from './gateway/addresses.ts'
import { Admission } from './gateway/admission.ts'
import { GATEWAY_BOUNDS } from './gateway/bounds.ts'
import { Connections } from './gateway/connections.ts'
import { addDocs } from './gateway/docs-page.ts'
import { createHttp } from './gateway/http.ts'
import type { GatewayParts } from './gateway/parts.ts'
import { createKeyCheck, loadSentinelKey } from './gateway/sentinel-key.ts'
import { addSecurityHeaders, addSite } from './gateway/site.ts'
import { acceptWebSockets } from './gateway/websocket.ts'
import { addHealth } from './ops/health.ts'
import type { Logger } from './ops/logger.ts'
import { createMetrics } from './ops/metrics.ts'
import { watchOverload } from './ops/overload.ts'
import { createMarkRead } from './receipts/mark-read.ts'

export interface ServerOptions {
  readonly config: Config
  readonly logger: Logger
  readonly version: string
  /** Folder of the built web app; left out, or not there, only the API is served. */
  readonly site?: string
  /** Something happened after which the process must not go on. */
  readonly fatal: (cause: unknown) => void
}

export interface RunningServer {
  readonly port: number
  /** The origin people are told, such as http://localhost:8080. */
  readonly origin: string
  /** Code of the invite for the first administrator; null when there are accounts. */
  readonly firstAdminCode: string | null
  /** Moves connections away, finishes what is under way, closes the store [O5]. */
  stop(): Promise<void>
}

/** How often a store that cannot be written is tried again, so that it comes back without anybody sending, in ms. */
const PROBE_MS = 1_000

/** Puts the server together: the only place that knows modules and adapters both. */
export async function startServer({ config, logger, version, site, fatal }: ServerOptions): Promise<RunningServer> {
  const clock = systemClock
  const random = systemRandom
  const bus = createMemoryBus()
  const announce = createAnnounce(bus)
  const store = await openSqliteStore({ directory: config.data, logger, onFatal: fatal })
  const tokens = createTokens(await loadTokenKey(config.data), clock)
  const hasSentinelKey = createKeyCheck(await loadSentinelKey(config.data, config.sentinelKey))
  const addressOf = createAddressOf(config.trustedProxies)

  const db = createBuilder(store.sql.dialect)
  const canaries = createCanaries({ sql: store.sql, db })
  const accounts: AccountsParts = {
    sql: store.sql,
    db,
    clock,
    random,
    tokens,
    passwords: createPasswords(),
    rose: announce.accounts,
    revoked: (deviceIds) => deviceIds.forEach(announce.revoked),
    canaryJoined: canaries.add,
  }
  await canaries.learn()
  const figures = createFigures({
    clock,
    process: random.uuid(),
    cell: config.cell,
    isCanary: canaries.has,
    isCanaryHandle: canaries.hasHandle,
  })
  const activity = createActivity(accounts, figures)
  const revoked = new Set<DeviceId>(await revokedDevices(accounts))
  const isKnown = createKnownDevices(accounts)
  const isRevoked = (deviceId: DeviceId): boolean => revoked.has(deviceId)

  function revoke(deviceId: DeviceId): void {
    revoked.add(deviceId)
    connections.revoked(deviceId)
  }
  /** For the hints of other processes that were lost: a device once revoked stays so everywhere. */
  async function learnRevoked(): Promise<void> {
    for (const deviceId of await revokedDevices(accounts)) if (!revoked.has(deviceId)) revoke(deviceId)
  }

  const connections = new Connections(clock, config.heartbeatMs, config)
  // The writer first: its queue is what a send waits for.
  const overload = watchOverload({ clock, queues: [() => store.stats().writer, () => store.stats().reader] })
  const admission = new Admission(clock, config.hellosPerSecond, overload)
  const metrics = createMetrics({
    connections: () => connections.size,
    waitingBytesMax: () => connections.waitingBytesMax(),
    liveRooms: () => hub.stats().rooms,
    storeWritable: () => store.health().writable,
    overloadLevel: () => overload.level,
    queueingMs: () => overload.queueingMs,
    hellosHeld: () => admission.held,
  })
  function failed(cause: unknown): void {
    metrics.failed()
    // An invariant that does not hold: going on could make it worse. Devices resume with the next process [O4].
    if (cause instanceof AssertionError) fatal(cause)
    if (cause instanceof Unavailable) logger.warn({ fault: cause.message }, 'The store could not do what was asked.')
    else logger.error({ err: cause }, 'A fault.')
  }

  const unread = createUnreadNumbers({ receipts: store.receipts, clock, overload, failed })
  const hub = new Hub({
    log: store.log,
    resume: store.resume,
    bus,
    clock,
    unread,
    failed,
    revoked: revoke,
  })
  const appendParts = { log: store.log, clock, announce: announce.appended }
  const gateway: GatewayParts = {
    clock,
    epoch: store.epoch,
    heartbeatMs: config.heartbeatMs,
    hub,
    unread,
    connections,
    admission,
    overload,
    tokens,
    isRevoked,
    append: (request, answer) => append(appendParts, request, answer),
    markRead: createMarkRead({
      receipts: store.receipts,
      clock,
      announce(accountIds, conversationIds) {
        announce.accounts(accountIds)
        announce.reads(conversationIds)
      },
    }),
    audit: store.audit,
    typing: announce.typing,
    metrics,
    figures,
    limits: config,
    failed,
  }

  let draining = false
  const { app, server } = createHttp({
    parts: {
      accounts,
      guard: createSignInGuard(
        {
          failuresPerHandle: config.signInFailuresPerHandle,
          failuresPerAddress: config.signInFailuresPerAddress,
          windowMs: 900_000,
        },
        clock,
      ),
      nameLimit: createNameLimit(),
      log: store.log,
      opened: (opened) => announce.accounts(opened.accounts),
      name: config.name,
      registration: config.registration,
      statusUrl: config.statusUrl,
      figures,
      activity,
    },
    tokens,
    isSignedIn: (caller) => !isRevoked(caller.deviceId) && isKnown(caller),
    hasSentinelKey,
    addressOf,
    connectionsMax: config.connectionsMax + GATEWAY_BOUNDS.plainConnectionsMax,
    requestsPerMinute: config.requestsPerMinute,
    openRequestsPerMinute: config.openRequestsPerMinute,
    overload,
    counted: metrics.request,
    failed,
  })
  // Origins depend on the port, which may be known only after listening; the set is filled then.
  const origins = new Set(config.origins.length > 0 ? config.origins : loopbackOrigins(config.port))
  await addSecurityHeaders(app, origins, config.statusUrl)
  addHealth(app, { metrics, store: () => store.health(), draining: () => draining, overload })
  addDocs(app, version)
  if (site !== undefined && existsSync(site)) await addSite(app, site)
  acceptWebSockets(server, gateway, { path: '/v1/socket', origins, addressOf })

  const sweep = clock.every(config.heartbeatMs, () => {
    hub.sweep().catch(failed)
    learnRevoked().catch(failed)
    canaries.learn().catch(failed)
  })
  const look = clock.every(FIGURES_BOUNDS.lookMs, () => figures.look((tell) => connections.tellTroubles(clock.monotonic(), tell)))
  const noting = clock.every(FIGURES_BOUNDS.activityEveryMs, () => {
    activity.write(0).catch(failed)
    forgetOldReports(accounts).catch(failed)
  })
  const probe = clock.every(PROBE_MS, () => {
    if (!store.health().writable) store.probe().catch(failed)
  })
  const firstAdminCode = await inviteFirstAdmin(accounts)
  await app.listen({ host: config.host, port: config.port })
  const { port } = server.address() as AddressInfo
  if (config.origins.length === 0) for (const origin of loopbackOrigins(port)) origins.add(origin)

  return {
    port,
    origin: config.origins[0] ?? `http://localhost:${port}`,
    firstAdminCode,
    async stop() {
      draining = true
      sweep()
      probe()
      look()
      noting()
      overload.stop()
      connections.drain()
      hub.stop()
      await activity.write(0).catch(failed)
      await app.close()
      await store.close()
    },
  }
}

function loopbackOrigins(port: number): readonly string[] {
  return port === 0 ? [] : [`http://localhost:${port}`, `http://127.0.0.1:${port}`, `http://[::1]:${port}`]
}
