import { connect, createServer, type AddressInfo } from 'node:net'

/** What happens to the next commit that passes. */
export type Fate =
  /** The connection is cut before the server has heard of it. */
  | 'lost'
  /** The server does it, and the connection is cut before it can say so. */
  | 'unheard'
  /** The server does it, and nobody hears anything any more on this connection, which stays open. */
  | 'silent'

export interface CommitProxy {
  readonly port: number
  /** @returns resolves when a commit has met its fate. */
  next(fate: Fate): Promise<void>
  close(): void
}

/** BackendKeyData and its length, before the number of the server process. */
const KEY_DATA = Buffer.from([0x4b, 0, 0, 0, 12])

/** A TCP proxy in front of PostgreSQL that knows two words of its protocol. @param pools it names a server process of its own, as a connection pooler does. */
export async function startCommitProxy(serverPort: number, { pools = false } = {}): Promise<CommitProxy> {
  let planned: { readonly fate: Fate; readonly met: () => void } | null = null
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    const cut = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) socket.on('error', cut).on('close', cut)
    let isDeaf = false
    let isCut = false
    client.on('data', (bytes) => {
      // 'COMMIT' as a whole query: other statements of a batch are longer.
      const plan = bytes.includes('COMMIT\0') ? planned : null
      if (plan === null) return void upstream.write(bytes)
      planned = null
      if (plan.fate === 'lost') {
        cut()
        return plan.met()
      }
      isDeaf = true
      isCut = plan.fate === 'unheard'
      upstream.write(bytes)
    })
    upstream.on('data', (bytes: Buffer) => {
      const key = pools ? bytes.indexOf(KEY_DATA) : -1
      if (key !== -1) bytes.writeUInt32BE(1, key + KEY_DATA.length)
      if (!isDeaf) return void client.write(bytes)
      // The answer to the commit ends with its command.
      if (!bytes.includes('COMMIT\0')) return
      if (isCut) cut()
      met()
    })
  })
  let met = (): void => undefined
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    next: (fate) =>
      new Promise((resolve) => {
        met = resolve
        planned = { fate, met: resolve }
      }),
    close: () => server.close(),
  }
}
