import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSentinelProcess } from '../e2e/sentinel-process.ts'
import { startServerProcess } from '../e2e/server-process.ts'
import { waitFor } from '../e2e/wait-for.ts'
import type { PageLoadResult } from './page-load.ts'

// The messenger is dead, and everybody wants to know: how fast is the status page, and does it say so?

const PER_SECOND = Number(process.env['PER_SECOND'] ?? '2000')
const SECONDS = Number(process.env['SECONDS'] ?? '20')
const GOAL_P99_MS = 50

const ends: (() => void | Promise<void>)[] = []
const later = { after: (run: () => void | Promise<void>): void => void ends.push(run) }

try {
  const server = await startServerProcess(later, { env: { BONGSU_SENTINEL_KEY: 'drill'.repeat(9) } })
  const sentinel = await startSentinelProcess(later, { BONGSU_STATUS_SERVER: server.url, BONGSU_SENTINEL_KEY: 'drill'.repeat(9) })
  const page = async (): Promise<string> => (await sentinel.get('/status.json')).text
  await waitFor('all to be green', async () => /"condition":"operational"/.test(await page()), { withinMs: 60_000 })
  await sleep(5_000)
  await server.kill()
  await waitFor('the incident', async () => /"condition":"major_outage"/.test(await page()), { withinMs: 30_000 })
  const load = await readers(sentinel.url)
  const dead = /"condition":"major_outage"/.test(await page())
  const reached = load.failed === 0 && load.answered === load.asked && load.ms.p99 <= GOAL_P99_MS && dead
  process.stdout.write(`${JSON.stringify({ perSecond: PER_SECOND, ...load, saysSo: dead, reached })}\n`)
  if (!reached) process.exitCode = 1
} finally {
  for (const end of ends.splice(0).toReversed()) await end()
}

/** In a process of their own, so that they slow only themselves. */
async function readers(url: string): Promise<PageLoadResult> {
  const program = fileURLToPath(new URL('page-load.ts', import.meta.url))
  const child = spawn(process.execPath, [program, url, String(PER_SECOND), String(SECONDS)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  await new Promise((resolve) => child.once('close', resolve))
  return JSON.parse(text) as PageLoadResult
}
