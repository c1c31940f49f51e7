import { spawn } from 'node:child_process'
import { MANIFEST } from './folder.ts'
import type { Target } from './target.ts'

export const RSYNC_BOUNDS = {
  /** rsync gives up after this long without a byte from the other side. */
  silentSeconds: 10,
  /** Limit for the whole transfer. The process is then killed. */
  wholeMs: 60_000,
  /** Bytes of rsync's error output that are reported. */
  complaintBytesMax: 2_000,
} as const

/**
 * A host reached by rsync, over ssh or a daemon, or another folder: `user@host:/var/www/status`. Files of others at the destination stay: a mistyped
 * destination must not be emptied.
 */
export function rsyncTarget(options: {
  /** The folder that `writeFolder` fills. */
  readonly folder: string
  readonly destination: string
  readonly wholeMs?: number
  readonly program?: string
}): Target {
  const { folder, destination, wholeMs = RSYNC_BOUNDS.wholeMs, program = 'rsync' } = options
  if (destination.startsWith('-') || destination.includes('\0')) throw new Error('This is no destination of rsync.')
  const args = [
    '--archive',
    '--checksum',
    // All files are renamed into place together at the end of the transfer.
    '--delay-updates',
    `--timeout=${RSYNC_BOUNDS.silentSeconds}`,
    `--exclude=/${MANIFEST}`,
    '--exclude=.bongsu-*.tmp',
    '--',
    `${folder.replace(/\/+$/, '')}/`,
    destination,
  ]
  return { name: `rsync ${destination}`, push: (_files, cancelled) => run(program, args, wholeMs, cancelled) }
}

function run(program: string, args: readonly string[], wholeMs: number, cancelled: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.any([cancelled, AbortSignal.timeout(wholeMs)])
    // The arguments are an array and there is no shell, so spaces and quotes in names are harmless.
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
