import { PATHS } from '@bongsu/protocol'
import type { Stage } from '../vocabulary/observation.ts'
import { isText, isWhole, readObject, type Ask, type Asked } from './ask.ts'
import { held } from './held.ts'
import { systemNetwork, type Network, type Target } from './online.ts'
import type { ProbeParts } from './ports.ts'

/** Longest wait for the door: one lost packet is sent again after a second. */
export const doorWithinMs = 1_200
/** How long an answer stays valid. */
export const doorHoldsMs = 1_000
/** A try that failed within this time of a failed look failed there, although the door is open again: a try takes up to 5 s. */
export const doorRemembersMs = 6_000
const answerBytesMax = 65_536

/**
 * Finds out where tries fail that were not answered by our server [S1]: asks for the public information of the server, and beside that for a bare TCP
 * connection. One look at a time.
 */
export function createDoor(
  options: Pick<ProbeParts, 'clock' | 'serverUrl' | 'key'> & { readonly ask: Ask; readonly network?: Pick<Network, 'connect'> },
) {
  const { clock, network = systemNetwork } = options
  const target = targetOf(new URL(options.serverUrl))
  /** The last look that our server did not answer well. */
  let failed: { readonly at: number; readonly stage: Stage } | null = null

  async function see(): Promise<Stage> {
    const url = options.serverUrl + PATHS.server.path
    const headers = { authorization: `Bearer ${options.key()}` }
    const [connected, answer] = await Promise.all([
      network.connect(target, doorWithinMs).catch(() => 'none'),
      options.ask({ url, headers, timeoutMs: doorWithinMs, bytesMax: answerBytesMax }),
    ])
    if (answer.kind !== 'answer') return connected === 'none' ? 'way' : 'door'
    return stageOf(answer)
  }

  async function look(): Promise<Stage> {
    const seen = await see()
    const at = clock.monotonic()
    if (seen !== 'component') failed = { at, stage: seen }
    return failed !== null && at - failed.at <= doorRemembersMs ? failed.stage : seen
  }

  /** Never rejects. */
  return { look: held(clock, doorHoldsMs, look) }
}

/** Our server is known by the shape of what it says. */
function stageOf({ status, text }: Asked & { kind: 'answer' }): Stage {
  const told = readObject(text) ?? {}
  if (status === 200 && isText(told['name'], 0, 1_000) && isWhole(told['protocolVersion'], 1)) return 'component'
  return status !== 200 && isText(told['code'], 1, 64) ? 'server' : 'door'
}

function targetOf({ hostname, port, protocol }: URL): Target {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) }
}
