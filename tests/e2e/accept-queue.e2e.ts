import { connect } from 'node:net'
import { test } from 'node:test'
import { startServerProcess } from './server-process.ts'

/** More than the 511 that Node asks for by itself, and fewer than any Linux of the last years allows. */
const CONNECTIONS = 700

test('[O11] connections that a busy process has not accepted yet wait in the kernel', { timeout: 30_000 }, async (t) => {
  const server = await startServerProcess(t)
  server.signal('SIGSTOP')
  const made = Array.from({ length: CONNECTIONS }, async () => {
    const socket = connect({ port: server.port, host: '127.0.0.1' })
    t.after(() => socket.destroy())
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).on('error', reject))
  })
  // A connection that the kernel drops is tried again by it, and never made while the process stands still.
  await Promise.all(made)
  server.signal('SIGCONT')
})
