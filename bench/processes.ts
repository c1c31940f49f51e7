import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../', import.meta.url))

const children = new Set<ChildProcess>()
const folders = new Set<string>()

/** A folder that is gone when this process is, however it ends short of SIGKILL. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-bench-'))
  folders.add(folder)
  return folder
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
}

/** The child is ended with this process. */
export function adopt(child: ChildProcess): ChildProcess {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** Resolves when the child is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}

function cleanUp(): void {
  for (const child of children) child.kill('SIGKILL')
  // A killed child may still be writing while its folder is removed, hence the tries.
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

/** Exit codes of a shell for a program ended by a signal. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

export function cleanUpAtEnd(): void {
  process.on('exit', cleanUp)
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      process.stderr.write(`\nThe bench was interrupted (${signal}); everything it started is ended and nothing was written.\n`)
      process.exit(code)
    })
  }
}

/** BONGSU_ settings and options of Node in the caller's environment are not for what is measured. */
export function cleanEnvironment(settings: Readonly<Record<string, string>> = {}): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('BONGSU_') && name !== 'NODE_OPTIONS')
  return { ...Object.fromEntries(inherited), ...settings }
}
