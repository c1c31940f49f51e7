import { readFileSync } from 'node:fs'
import { DOCTOR_BOUNDS } from './bounds.ts'
import { fault, judged, warning, type Check, type Finding } from './finding.ts'

// https://patroni.readthedocs.io/en/latest/rest_api.html

interface Cluster {
  readonly members: readonly { readonly name: string; readonly role: string; readonly state: string; readonly api_url: string }[]
  readonly pause?: boolean
}

interface Config {
  readonly synchronous_mode?: boolean | string | null
  readonly synchronous_mode_strict?: boolean | null
  readonly failsafe_mode?: boolean | null
}

const EDIT = 'Change it with patronictl edit-config, as in deploy/patroni.yml.'

async function ask(url: string): Promise<unknown> {
  // A member that is not healthy answers 503, with the same body.
  const response = await fetch(url, { signal: AbortSignal.timeout(DOCTOR_BOUNDS.askMs) })
  return response.json()
}

/** Members whose Patroni says that a required watchdog does not work, and members that do not answer. */
async function askMembers({ members }: Cluster): Promise<{ readonly unguarded: readonly string[]; readonly silent: readonly string[] }> {
  const unguarded: string[] = []
  const silent: string[] = []
  const one = async ({ name, api_url: url }: Cluster['members'][number]): Promise<void> => {
    try {
      const status = (await ask(url)) as { readonly watchdog_failed?: boolean }
      if (status.watchdog_failed === true) unguarded.push(name)
    } catch {
      silent.push(name)
    }
  }
  await Promise.all(members.slice(0, DOCTOR_BOUNDS.membersMax).map(one))
  return { unguarded, silent }
}

async function examine(address: string): Promise<readonly Finding[]> {
  let cluster: Cluster
  let config: Config
  try {
    cluster = (await ask(`${address}/cluster`)) as Cluster
    config = (await ask(`${address}/config`)) as Config
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    return [
      fault(
        'patroni/reached',
        `Patroni at ${address} cannot be asked: ${said}`,
        'Nobody can say whether a failover is safe.',
        'Start Patroni there.',
      ),
    ]
  }
  const { unguarded, silent } = await askMembers(cluster)
  const running = cluster.members.filter(({ state }) => state === 'running' || state === 'streaming').length
  const mode = config.synchronous_mode
  return [
    judged(
      mode === true || mode === 'on' || mode === 'quorum',
      fault('patroni/synchronous_mode', `synchronous_mode is ${String(mode ?? false)}.`, 'A failover loses what only the primary had.', EDIT),
    ),
    judged(
      config.synchronous_mode_strict === true,
      fault(
        'patroni/synchronous_mode_strict',
        `synchronous_mode_strict is ${String(config.synchronous_mode_strict ?? false)}.`,
        'Without a standby the primary accepts messages alone, and they are lost with it.',
        EDIT,
      ),
    ),
    judged(
      config.failsafe_mode === true,
      warning(
        'patroni/failsafe_mode',
        `failsafe_mode is ${String(config.failsafe_mode ?? false)}.`,
        'When etcd fails, the primary stops: nobody can send a message.',
        EDIT,
      ),
    ),
    judged(
      unguarded.length === 0,
      fault(
        'patroni/watchdog-works',
        unguarded.length === 0 ? 'No member says that its watchdog fails.' : `The watchdog does not work on ${unguarded.join(', ')}.`,
        'These members cannot become the primary: when the present one fails, nobody can send a message.',
        'Load the kernel module of the watchdog (softdog, if there is no device) and give /dev/watchdog to the user of Patroni.',
      ),
    ),
    judged(
      running >= DOCTOR_BOUNDS.nodesLeast && silent.length === 0,
      warning(
        'patroni/members',
        `${running} data nodes run${silent.length === 0 ? '' : `; Patroni does not answer on ${silent.join(', ')}`}.`,
        `With fewer than ${DOCTOR_BOUNDS.nodesLeast}, writes wait as soon as one more fails.`,
        'Start the missing nodes, or add one.',
      ),
    ),
    judged(
      cluster.pause !== true,
      warning(
        'patroni/pause',
        cluster.pause === true ? 'The cluster is paused.' : 'Patroni watches over the cluster.',
        'Nobody takes over when the primary fails: nobody can send a message.',
        'Run patronictl resume when the maintenance is over.',
      ),
    ),
  ]
}

/** The mode of the watchdog is in the file of a node only: Patroni does not tell it. */
function watchdogIn(file: string): Finding {
  // The section ends at the next line that begins at the margin.
  const section = /^watchdog:(.*(?:\n(?:[ \t#].*)?)*)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? ''
  const mode = /^[ \t]+mode:[ \t]*['"]?(\w+)/m.exec(section)?.[1] ?? 'automatic'
  return judged(
    mode === 'required',
    fault(
      'patroni/watchdog',
      `The mode of the watchdog in ${file} is ${mode}.`,
      'A primary whose Patroni hangs goes on beside a new one, and what it accepts is lost.',
      'Set watchdog: mode: required in that file, as in deploy/patroni.yml, and reload Patroni.',
    ),
  )
}

const UNSEEN = warning(
  'patroni/watchdog',
  'Patroni does not tell whether it requires a watchdog.',
  'Without one, a primary whose Patroni hangs goes on beside a new one, and what it accepts is lost.',
  'Run the command on each data node with --patroni-config and the file of that node.',
)

export const patroniCheck: Check = {
  area: 'patroni',
  look: async ({ patroni, patroniConfigs }) => [
    ...(await Promise.all(patroni.map((address) => examine(address.replace(/\/$/, ''))))).flat(),
    ...(patroni.length > 0 && patroniConfigs.length === 0 ? [UNSEEN] : patroniConfigs.map(watchdogIn)),
  ],
}
