import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../apps/server/bin/bongsu.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly note: string
}

/** Runs `bongsu` as an operator does. @param node which Node.js starts it; it finds its own. */
export function bongsu(args: readonly string[], env: Readonly<Record<string, string>> = {}, node = process.execPath): Promise<Ended> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BONGSU_') && name !== 'NODE_OPTIONS'))
  const child = spawn(node, [BIN, ...args], { env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let note = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (note += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, note }))
  })
}
