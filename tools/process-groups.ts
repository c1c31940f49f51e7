const running = new Set<number>()
/** What a file that is told to end may take for it: closing a browser, unmounting a disk. */
const END_MS = 1_500

/** Whatever of the group still runs is of no use any more; none left is as good. */
export function killGroup(pid: number | undefined, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** From now on this group ends with this process, when that is interrupted. A group of its own hears nothing of Ctrl-C. @returns call it when the group has ended. */
export function endWithThis(pid: number | undefined): () => void {
  if (pid === undefined) return () => undefined
  running.add(pid)
  return () => void running.delete(pid)
}

let ending = false
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.on(signal, () => {
    // Twice is impatience.
    if (ending) endNow(number)
    ending = true
    for (const pid of running) killGroup(pid, 'SIGTERM')
    setTimeout(endNow, running.size > 0 ? END_MS : 0, number)
  })
}

function endNow(number: number): never {
  for (const pid of running) killGroup(pid)
  process.exit(128 + number)
}
