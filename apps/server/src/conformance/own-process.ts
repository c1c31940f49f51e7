import { spawn, type ChildProcess } from 'node:child_process'

/** Limits for strangers on the internet, widened for one who is everybody at once. */
export const WIDE: Readonly<Record<string, string>> = {
  BONGSU_LOG: 'warn',
  BONGSU_REQUESTS_PER_MINUTE: '1000000',
  BONGSU_OPEN_REQUESTS_PER_MINUTE: '1000000',
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface OwnProcess {
  readonly child: ChildProcess
  /** Resolves when it has ended and all that it wrote was heard. */
  readonly exited: Promise<Exit>
}

/** An environment without the settings of Bongsu and of Node. */
export function withoutSettings(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('BONGSU_') && name !== 'NODE_OPTIONS'))
}

/**
 * Starts Node with these arguments.
 * @param options.channel the process ends when this one is gone. @param heard called with everything it writes.
 */
export function startProcess(
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string | undefined>>; readonly cwd?: string; readonly channel?: boolean },
  heard: (text: string) => void,
): OwnProcess {
  const { channel, ...place } = options
  const child = spawn(process.execPath, args, { ...place, stdio: ['ignore', 'pipe', 'pipe', ...(channel === true ? (['ipc'] as const) : [])] })
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', heard)
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, exited }
}
