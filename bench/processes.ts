import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** What the machine does not have or allow: for a person to read, and no bug of ours. */
export class Impossible extends Error {
  override readonly name = 'Impossible'
}
export const NO_PORT = 'There is no free port on this machine for another server.'

/** Each child and the signal that ends it with all that it started. */
const children = new Map<ChildProcess, NodeJS.Signals>()
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

/**
 * The child is ended with this process.
 * @param endedBy for a program with processes of its own, which SIGKILL would leave behind.
 */
export function adopt(child: ChildProcess, endedBy: NodeJS.Signals = 'SIGKILL'): ChildProcess {
  children.set(child, endedBy)
  child.once('exit', () => children.delete(child))
  // What was on its way when the interruption came would otherwise begin after it.
  if (interrupted) child.kill(endedBy)
  return child
}

/** Resolves when the child is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}

function cleanUp(): void {
  for (const child of children.keys()) child.kill('SIGKILL')
  // A killed child may still be writing while its folder is removed, hence the tries.
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
}

/** Exit codes of a shell for a program ended by a signal. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
/** A program that has not ended by its signal after this is killed. */
const END_MS = 4_000

let interrupted = false
/** What is ended in another way than by a signal of ours. */
const endings = new Set<() => Promise<void>>()

/** @returns what takes it back, when it has ended by itself. */
export function whenInterrupted(ending: () => Promise<void>): () => void {
  endings.add(ending)
  return () => void endings.delete(ending)
}

/** For whoever sees something end that the interruption ended: that is no failure of its own. */
export function isInterrupted(): boolean {
  return interrupted
}

export function cleanUpAtEnd(): void {
  process.on('exit', cleanUp)
  for (const [signal, code] of Object.entries(SIGNALS)) {
    // Every time, or the second one of an impatient person would end this process before it has cleaned up.
    process.on(signal, () => {
      if (interrupted) return
      interrupted = true
      const left = [...[...children].map(([child, endedBy]) => end(child, endedBy)), ...[...endings].map((ending) => ending())]
      void Promise.race([Promise.allSettled(left), new Promise((resolve) => setTimeout(resolve, END_MS))]).then(() => {
        process.stderr.write(`\nThe bench was interrupted (${signal}); everything it started is ended and nothing was written.\n`)
        process.exit(code)
      })
    })
  }
}

/** BONGSU_ settings and options of Node in the caller's environment are not for what is measured. */
export function cleanEnvironment(settings: Readonly<Record<string, string>> = {}): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('BONGSU_') && name !== 'NODE_OPTIONS')
  return { ...Object.fromEntries(inherited), ...settings }
}
