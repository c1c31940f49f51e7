import { Agent, request } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { spreadOf, type Spread } from '../../bench/percentiles.ts'

/**
 * Readers of the status page, as many as there are, whether they are answered or not: each request is due at its own time, and its wait counts from
 * that time on. A generator that waits for answers before it asks again would not see a page that stalls.
 */
export interface PageLoad {
  readonly url: string
  readonly perSecond: number
  readonly seconds: number
}

export interface PageLoadResult {
  readonly asked: number
  readonly answered: number
  /** Answers other than 200 and 304, and requests without an answer. */
  readonly failed: number
  readonly bytes: number
  /** Milliseconds from when a request was due to the last byte of its answer. */
  readonly ms: Spread
  /** How late the generator itself was, at worst: when it is far from 0, the figures are too high and the page is better than they say. */
  readonly lateMs: number
}

/** What readers ask for: mostly the page, then what programs and the messenger's own app ask for. */
const SHARES = [
  ['/', 70],
  ['/status.json', 20],
  ['/api/v2/summary.json', 10],
] as const

const CONNECTIONS = 200
const GIVE_UP_MS = 5_000
const MIX: readonly string[] = SHARES.flatMap(([path, share]) => Array.from({ length: share }, () => path))

export async function loadPage({ url, perSecond, seconds }: PageLoad): Promise<PageLoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, scheduling: 'lifo' })
  const { hostname, port } = new URL(url)
  const waits: number[] = []
  let [answered, failed, bytes, open] = [0, 0, 0, 0]

  function ask(path: string, due: number): void {
    open += 1
    let over = false
    const end = (good: boolean): void => {
      if (over) return
      over = true
      open -= 1
      if (good) answered += 1
      else failed += 1
      waits.push(performance.now() - due)
    }
    const asking = request({ agent, hostname, port, path, headers: { 'accept-encoding': 'br, gzip' }, timeout: GIVE_UP_MS }, (answer) => {
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length))
      answer.on('end', () => end(answer.statusCode === 200 || answer.statusCode === 304))
    })
    asking.on('timeout', () => asking.destroy(new Error('no answer')))
    asking.on('error', () => end(false))
    asking.end()
  }

  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const total = perSecond * seconds
  const startedAt = performance.now()
  for (let asked = 0; asked < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond) + 1)
    // Odd steps through the mix, so that no kind of request comes in a row.
    for (; asked < due; asked++) ask(MIX[(asked * 37) % MIX.length] ?? '/', startedAt + (asked * 1_000) / perSecond)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await untilNone(() => open)
  delay.disable()
  agent.destroy()
  return { asked: total, answered, failed, bytes, ms: spreadOf(waits), lateMs: delay.max / 1e6 }
}

async function untilNone(count: () => number): Promise<void> {
  while (count() > 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** `node tests/drills/page-load.ts http://127.0.0.1:8090 2000 20` prints the result as JSON: a process of its own, so that it slows only itself. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , url = 'http://127.0.0.1:8090', perSecond = '2000', seconds = '20'] = process.argv
  console.log(JSON.stringify(await loadPage({ url, perSecond: Number(perSecond), seconds: Number(seconds) })))
}
