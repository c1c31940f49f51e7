import type { AccountId, ConversationId, DeviceId, Entry } from '@bongsu/protocol'
import type { Holding } from '../../apps/server/src/conformance/checker.ts'
import { startPostgres, type PostgresServer } from '../contract/postgres-server.ts'
import { startBalancer, type Balancer } from '../e2e/balancer.ts'
import { freePort } from '../e2e/free-port.ts'
import { startNatsServer, type NatsServer } from '../e2e/nats-server.ts'
import { startServerProcess, type ServerProcess } from '../e2e/server-process.ts'
import { forgeToken } from '../e2e/tokens.ts'
import { waitFor } from '../e2e/wait-for.ts'

type Later = { after(run: () => void | Promise<void>): void }

/** What was done to the cluster, and when it was done: epoch ms at the beginning and at the end of it. */
export interface Injected {
  readonly what: string
  readonly from: number
  readonly to: number
}

/** Someone of the town: an account with one device. */
export interface Villager {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly token: string
}

/** A whole installation on this machine, whose parts can be killed. */
export interface Cluster {
  /** Of the balancer, where people connect. */
  readonly url: string
  readonly standby: PostgresServer
  readonly nats: readonly NatsServer[]
  readonly servers: readonly ServerProcess[]
  readonly balancer: Balancer
  /** The truth, oldest first. */
  readonly timeline: readonly Injected[]
  /** Does something to the cluster, and writes it down. */
  readonly inject: (what: string, run: () => void | Promise<void>) => Promise<Injected>
  /** Every server process is ready, knows of all others and hears them. */
  readonly untilWhole: () => Promise<void>
  /** Puts accounts into the database: hashing the passwords of thousands would take minutes. */
  readonly settle: (count: number) => Promise<readonly Villager[]>
  /** What the standby holds of every conversation, read without any code of the server. */
  readonly stored: () => Promise<readonly Holding[]>
}

const SERVERS = 3
const NATS_SERVERS = 3
const WHOLE_MS = 60_000

/**
 * A PostgreSQL primary and its synchronous standby, three NATS servers, three server processes and a balancer.
 * @param root folder of the program of the server processes; this checkout when left out.
 */
export async function startCluster(t: Later, root?: string): Promise<Cluster> {
  const primary = await startPostgres()
  t.after(() => primary.remove())
  const standby = await startPostgres({}, primary)
  t.after(() => standby.remove())
  const database = await primary.makeDatabase()
  await primary.run(database, "ALTER SYSTEM SET synchronous_standby_names = '*'")
  await primary.run(database, 'SELECT pg_reload_conf()')
  const nats = await startNats(t)
  const env = { BONGSU_DATABASE: database, BONGSU_NATS: nats.map(({ url }) => url).join() }
  const servers: ServerProcess[] = []
  for (let count = 0; count < SERVERS; count++) servers.push(await startServerProcess(t, { env, ...(root === undefined ? {} : { root }) }))
  const ports = servers.map(({ port }) => port)
  const balancer = await startBalancer(t, ports)
  const timeline: Injected[] = []

  async function untilWhole(): Promise<void> {
    const isWhole = async (server: ServerProcess): Promise<boolean> => {
      const { status, body } = await server.ready()
      const { bus } = body as { bus: { deaf: boolean; others: number } }
      return status === 200 && bus.others === SERVERS - 1 && !bus.deaf
    }
    for (const server of servers) await waitFor('a whole cluster', () => isWhole(server).catch(() => false), { withinMs: WHOLE_MS })
  }

  await untilWhole()
  return {
    url: balancer.url,
    standby,
    nats,
    servers,
    balancer,
    timeline,
    async inject(what, run) {
      const from = Date.now()
      await run()
      const injected = { what, from, to: Date.now() }
      timeline.push(injected)
      return injected
    },
    untilWhole,
    async settle(count) {
      await primary.run(
        database,
        `INSERT INTO accounts (account_id, handle, display_name, password_hash, role, created_at, password_changed_at)
         SELECT gen_random_uuid()::text, 'villager' || n, '주민 ' || n, '-', 'member', 0, 0 FROM generate_series(1, ${count}) n`,
      )
      await primary.run(
        database,
        `INSERT INTO devices (device_id, account_key, name, created_at, last_seen_at)
         SELECT gen_random_uuid()::text, account_key, '시험', 0, 0 FROM accounts WHERE password_hash = '-'`,
      )
      const secrets = await primary.run(database, "SELECT value FROM secrets WHERE name = 'token'")
      const key = secrets[0]?.['value'] as Uint8Array
      const rows = await primary.run(
        database,
        `SELECT account_id, device_id FROM accounts JOIN devices USING (account_key) WHERE password_hash = '-' ORDER BY account_key`,
      )
      return (rows as unknown as readonly { account_id: AccountId; device_id: DeviceId }[]).map(({ account_id: accountId, device_id: deviceId }) => ({
        accountId,
        deviceId,
        token: forgeToken({ accountId, deviceId, key, expiresInS: 3_600 }),
      }))
    },
    async stored() {
      const rows = await standby.run(
        standby.url(new URL(database).pathname.slice(1)),
        `SELECT conversation_id, seq, accepted_at, account_id, id, body FROM entries JOIN conversations USING (conversation_key)
         JOIN accounts ON account_key = author_key ORDER BY conversation_key, seq`,
      )
      return [...Map.groupBy(rows, (row) => row['conversation_id'] as ConversationId)].map(([conversationId, found]) => ({
        holder: 'standby',
        conversationId,
        from: 1,
        entries: found.map((row) => ({
          seq: row['seq'] as number,
          acceptedAt: row['accepted_at'] as number,
          author: row['account_id'] as AccountId,
          id: row['id'] as Entry['id'],
          body: JSON.parse(row['body'] as string) as Entry['body'],
        })),
      }))
    },
  }
}

/** Each knows the ways to all others. */
async function startNats(t: Later): Promise<readonly NatsServer[]> {
  const ports: number[] = []
  for (let count = 0; count < NATS_SERVERS; count++) ports.push(await freePort())
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`)
  const start = (index: number): Promise<NatsServer> =>
    startNatsServer(t, ['--cluster_name', 'drill', '--cluster', routes[index]!, '--routes', routes.join()])
  return Promise.all(ports.map((_, index) => start(index)))
}
