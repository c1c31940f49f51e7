import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { DOCTOR_BOUNDS } from './bounds.ts'
import { good, judged, warning, type Check, type Finding, type Installation } from './finding.ts'

// NATS carries hints only: without it messages still arrive, from the database. So nothing here is a fault.

const SLOW = 'Nothing is lost. Messages may arrive up to two seconds later.'

interface Reached {
  readonly address: string
  readonly connection: NatsConnection
}

async function reach(address: string, credentials: string | null): Promise<Reached> {
  const [user = '', ...pass] = credentials?.split(':') ?? []
  const connection = await connect({
    servers: address.replace(/^[a-z]+:\/\//, ''),
    ...(address.startsWith('tls:') ? { tls: {} } : {}),
    ...(credentials === null ? {} : pass.length === 0 ? { token: user } : { user, pass: pass.join(':') }),
    name: 'bongsu doctor',
    // This server, and no other of its cluster.
    ignoreClusterUpdates: true,
    reconnect: false,
    timeout: DOCTOR_BOUNDS.askMs,
  })
  return { address, connection }
}

/** Servers that do not hear what is said on the first one. */
async function deafTo([first, ...others]: readonly Reached[]): Promise<readonly string[]> {
  if (first === undefined) return []
  const subject = `bongsu.doctor.${randomUUID()}`
  const heard = new Set<string>()
  for (const { address, connection } of others) connection.subscribe(subject, { callback: (fault) => void (fault === null && heard.add(address)) })
  await Promise.all(others.map(({ connection }) => connection.flush()))
  // A new subscription takes a moment to be known to all servers, so the word is repeated.
  for (let waitedMs = 0; waitedMs < DOCTOR_BOUNDS.natsHearMs && heard.size < others.length; waitedMs += 50) {
    first.connection.publish(subject)
    await pause(50)
  }
  return others.filter(({ address }) => !heard.has(address)).map(({ address }) => address)
}

async function examine({ nats, natsCredentials }: Installation): Promise<readonly Finding[]> {
  const tries = await Promise.allSettled(nats.map((address) => reach(address, natsCredentials)))
  const reached = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  try {
    const missing = tries.flatMap((one, index) =>
      one.status === 'rejected' ? [`${nats[index]} (${one.reason instanceof Error ? one.reason.message : String(one.reason)})`] : [],
    )
    const infos = reached.flatMap(({ connection }) => (connection.info === undefined ? [] : [connection.info]))
    const servers = new Set(infos.map(({ server_id: id }) => id)).size
    const versions = [...new Set(infos.map(({ version }) => version))]
    const names = new Map(infos.map(({ server_id: id, server_name: name }) => [id, name]))
    const deaf = await deafTo(reached)
    return [
      judged(
        missing.length === 0,
        warning(
          'nats/reached',
          missing.length === 0 ? 'Every NATS server answers.' : `Not reached: ${missing.join(', ')}.`,
          SLOW,
          'See docs/runbooks/deaf.md.',
        ),
      ),
      judged(
        servers >= DOCTOR_BOUNDS.nodesLeast,
        warning('nats/size', `${servers} NATS servers are named and answer.`, SLOW, `Run ${DOCTOR_BOUNDS.nodesLeast}, and name all in BONGSU_NATS.`),
      ),
      judged(
        deaf.length === 0,
        warning(
          'nats/cluster',
          deaf.length === 0 ? 'All of them hear each other.' : `${deaf.join(', ')} does not hear ${reached[0]?.address}.`,
          SLOW,
          'Make them one cluster: routes and the cluster name in deploy/nats.conf, and port 6222 between the machines.',
        ),
      ),
      judged(
        versions.length <= 1,
        warning(
          'nats/versions',
          `Versions: ${versions.join(', ')}.`,
          'Nothing now. A difference was never tested for long.',
          'Upgrade the older ones.',
        ),
      ),
      new Set(names.values()).size === names.size
        ? good('nats/names', 'Each has a name of its own.')
        : warning('nats/names', 'Two NATS servers have one name.', 'A cluster may refuse one of them.', 'Give each a server_name of its own.'),
    ]
  } finally {
    await Promise.allSettled(reached.map(({ connection }) => connection.close()))
  }
}

export const natsCheck: Check = {
  area: 'nats',
  look: async (installation) => (installation.nats.length === 0 ? [] : examine(installation)),
}
