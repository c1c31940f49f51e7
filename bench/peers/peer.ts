import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { adopt, end, Impossible, NO_PORT } from '../processes.ts'
import { listensIn, readTrees, type TreeReading } from './process-tree.ts'

/** How the load speaks to a peer. */
export type Wire = 'xmpp' | 'mqtt' | 'socket.io'

/** Another messenger or broker that is measured beside Bongsu. */
export interface Peer {
  readonly name: string
  readonly wire: Wire
  /** What an acknowledged message survives there, honestly. */
  readonly durability: string
  /** @returns what must be installed, or null when it can run. */
  missing(): string | null
  /** @param folder its own, empty. @param users how many will sign in: u0, u1, … */
  start(folder: string, users: number): Promise<RunningPeer>
}

export interface RunningPeer {
  readonly port: number
  /** All its processes, its database's among them. */
  read(): TreeReading
  /** Where its history is part of its durability: copies of messages that are in it. */
  archived?(): Promise<number>
  /** Collects its garbage, where it can be asked to. */
  collect?(): Promise<void>
  stop(): Promise<void>
}

/** The domain of XMPP peers. */
export const DOMAIN = 'bench.local'

const START_MS = 60_000
const LAST_WORDS_MS = 1_000
const SAID_CHARS_MAX = 4_000

export function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)))
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new Impossible(NO_PORT, { cause })))
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export interface Started {
  readonly child: ChildProcess
  readonly endedBy: NodeJS.Signals
  /** What it has said so far, the last of it. */
  said(): string
}

/** Starts a program that is ended with the bench, and waits until it listens on `port`. */
export async function startProgram(
  program: string,
  args: readonly string[],
  port: number,
  options: SpawnOptions & { readonly endedBy?: NodeJS.Signals } = {},
): Promise<Started> {
  let said = ''
  // A group of its own: the terminal's Ctrl-C goes to the bench alone, which then ends everything in the right way.
  const child = adopt(spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }), options.endedBy)
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-SAID_CHARS_MAX)))
  }
  child.on('error', (error) => (said += error.message))
  const closed = new Promise((resolve) => child.once('close', resolve))
  const until = performance.now() + START_MS
  // Somebody else may listen there; only its own socket counts.
  do {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const ended = child.pid === undefined || child.exitCode !== null || child.signalCode !== null
    if (ended || performance.now() > until) {
      await end(child, 'SIGKILL')
      // Its last words may come after its end.
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))])
      throw new Impossible(`${program} did not start. It said: ${said}`)
    }
  } while (child.pid === undefined || !listensIn(child.pid, port))
  return { child, endedBy: options.endedBy ?? 'SIGTERM', said: () => said }
}

/** Runs a program to its end; like all else it is gone when the bench is interrupted. @returns what it said, the last of it. */
export async function runProgram(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  let said = ''
  const child = adopt(spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }), 'SIGTERM')
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-SAID_CHARS_MAX)))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${program} failed. It said: ${said}`)
  return said
}

/** A peer of these processes; the first is ended first. */
export function runningPeer(port: number, all: readonly Started[]): RunningPeer {
  return {
    port,
    read: () => readTrees(all.flatMap(({ child }) => child.pid ?? [])),
    async stop() {
      for (const { child, endedBy } of all) await end(child, endedBy)
    },
  }
}
