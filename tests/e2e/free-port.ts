import { createServer } from 'node:net'

/**
 * Ports that systems do not hand out by themselves (those begin at 32,768 or later). A server that is started again on the same port must
 * find it free, and a client that tries a closed port of the other kind can even be connected to itself.
 */
const FIRST = 18_000
const LAST = 31_999
const TRIES_MAX = 100

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1))
    if (await isFree(port)) return port
  }
  throw new Error(`none of ${TRIES_MAX} ports was free`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
