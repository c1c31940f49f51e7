import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Said } from './worker.ts'

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url))

export interface WorkerRequest {
  readonly from: number
  readonly count: number
  readonly step?: number
  /** Ends at the first seed that breaks a promise. */
  readonly first?: boolean
  /** Begins no seed after so many real seconds. */
  readonly seconds?: number
  readonly breakage?: string
}

/** Runs seeds in a process of their own. Rejects when the process fails, which is never a broken promise but a fault of the simulation or a breakage gone stale. */
export async function runSeeds(request: WorkerRequest, said: (outcome: Said) => void): Promise<void> {
  const { first = false, ...numbers } = request
  const args = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn(process.execPath, [WORKER, ...args, ...(first ? ['--first'] : [])], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  for await (const line of createInterface({ input: child.stdout })) said(JSON.parse(line) as Said)
  const status = await ended
  if (status !== 0) throw new Error(`a worker ended with ${status}: ${complaint}`)
}
