import { spawn } from 'node:child_process'
import { MANIFEST } from './folder.ts'
import type { Target } from './target.ts'

export const RSYNC_BOUNDS = {
  /** Without a byte from the other side for longer, rsync gives up. */
  silentSeconds: 10,
  /** The whole transfer; then it is killed. */
  wholeMs: 60_000,
  /** Of what rsync says when it fails, this much is reported. */
  complaintBytesMax: 2_000,
} as const

/**
 * A host reached by rsync, over ssh or a daemon, or another folder: `user@host:/var/www/status`. The folder is sent as it is; files of others at
 * the destination stay, for a destination that is wrong by one letter must not be emptied.
 */
export function rsyncTarget(options: {
  /** The folder that `writeFolder` fills. */
  readonly folder: string
  readonly destination: string
  /** Command line of the remote shell, as rsync has it: `ssh -p 2222 -i /etc/bongsu/key`. */
  readonly remoteShell?: string
  readonly wholeMs?: number
  readonly program?: string
}): Target {
  const { folder, destination, remoteShell, wholeMs = RSYNC_BOUNDS.wholeMs, program = 'rsync' } = options
  if (destination.startsWith('-') || destination.includes('\0')) throw new Error('This is no destination of rsync.')
  const args = [
    '--archive',
    '--checksum',
    // All files change places at the end of the transfer, close together.
    '--delay-updates',
    `--timeout=${RSYNC_BOUNDS.silentSeconds}`,
    `--exclude=/${MANIFEST}`,
    '--exclude=.bongsu-*.tmp',
    ...(remoteShell === undefined ? [] : [`--rsh=${remoteShell}`]),
    '--',
    `${folder.replace(/\/+$/, '')}/`,
    destination,
  ]
  return { name: `rsync ${destination}`, push: (_files, cancelled) => run(program, args, wholeMs, cancelled) }
}

function run(program: string, args: readonly string[], wholeMs: number, cancelled: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.any([cancelled, AbortSignal.timeout(wholeMs)])
    // Arguments are an array and there is no shell: a name with a space or a quote in it is a name and nothing else.
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], shell: false, signal, killSignal: 'SIGKILL' })
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-RSYNC_BOUNDS.complaintBytesMax)
    })
    child.on('error', reject)
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve()
      else reject(new Error(`rsync ended with ${code ?? killedBy ?? 'nothing'}: ${complaint.trim()}`))
    })
  })
}
