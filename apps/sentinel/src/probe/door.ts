import { PATHS } from '@bongsu/protocol'
import type { Clock } from '../clock.ts'
import type { Stage } from '../record/observation.ts'
import { isText, isWhole, readObject, type Ask, type Asked } from './ask.ts'
import { systemNetwork, type Network, type Target } from './online.ts'

/** Longest wait for the door: one lost packet is sent again after a second. */
export const doorWithinMs = 1_200
/** How long an answer stays valid. */
export const doorHoldsMs = 1_000
/** A try that failed within this time of a failed look failed there, although the door is open again: a try takes up to 5 s. */
export const doorRemembersMs = 6_000
const answerBytesMax = 65_536

/** Finds out where tries fail that were not answered by our server [S1]. Never rejects. */
export interface Door {
  look(): Promise<Stage>
}

/** Asks for the public information of the server, and beside that for a bare TCP connection. One look at a time. */
export function createDoor(options: {
  readonly clock: Clock
  readonly serverUrl: string
  readonly key: () => string
  readonly ask: Ask
  readonly network?: Pick<Network, 'connect'>
}): Door {
  const { clock, network = systemNetwork } = options
  const target = targetOf(new URL(options.serverUrl))
  let known: { readonly at: number; readonly stage: Stage } | null = null
  /** The last look that our server did not answer well. */
  let failed: { readonly at: number; readonly stage: Stage } | null = null
  let looking: Promise<Stage> | null = null

  async function look(): Promise<Stage> {
    const url = options.serverUrl + PATHS.server.path
    const headers = { authorization: `Bearer ${options.key()}` }
    const [connected, answer] = await Promise.all([
      network.connect(target, doorWithinMs).catch(() => 'none'),
      options.ask({ url, headers, timeoutMs: doorWithinMs, bytesMax: answerBytesMax }),
    ])
    if (answer.kind !== 'answer') return connected === 'none' ? 'way' : 'door'
    return stageOf(answer)
  }

  return {
    look() {
      if (known !== null && clock.monotonic() - known.at < doorHoldsMs) return Promise.resolve(known.stage)
      looking ??= look()
        .then((seen) => {
          const at = clock.monotonic()
          if (seen !== 'component') failed = { at, stage: seen }
          const stage = failed !== null && at - failed.at <= doorRemembersMs ? failed.stage : seen
          known = { at, stage }
          return stage
        })
        .finally(() => {
          looking = null
        })
      return looking
    },
  }
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
