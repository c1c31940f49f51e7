import type { DatabaseSync } from 'node:sqlite'
import type { MessagePort } from 'node:worker_threads'
import type { FromThread, ThreadReply } from './thread-lane.ts'

/** The thread's side of a lane: does one message of jobs after the other until it is told to close. A bug ends the thread. */
export function serveJobs(
  port: MessagePort,
  db: DatabaseSync,
  work: (jobs: readonly never[]) => ThreadReply,
  close: () => void = () => db.close(),
): void {
  const tell = (message: FromThread): void => port.postMessage(message)
  port.on('message', (jobs: readonly never[] | 'close') => {
    if (jobs === 'close') {
      close()
      port.close()
      return
    }
    const startedAt = performance.now()
    try {
      tell({ ...work(jobs), busyMs: performance.now() - startedAt })
    } catch (error) {
      // The thread reports its error itself too: sometimes its end arrives without the error, and nobody would know the reason.
      tell({ t: 'bug', sentence: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      throw error
    }
  })
  tell({ t: 'ready' })
}
