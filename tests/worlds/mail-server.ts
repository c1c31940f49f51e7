import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { simpleParser, type ParsedMail } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

// A real mail server on this machine, for tests.

export interface Received {
  readonly to: readonly string[]
  readonly from: string
  readonly raw: string
  readonly mail: ParsedMail
}

export interface TestMailServer {
  readonly url: string
  readonly port: number
  readonly received: readonly Received[]
  readonly connections: () => number
  /** The server's answer to a recipient, or to the end of a mail. Null accepts it. */
  answer: { recipient: ((address: string) => Refusal | null) | null; mail: ((raw: string) => Refusal | null) | null }
  stop(): Promise<void>
}

export interface Refusal {
  readonly code: number
  readonly text: string
}

export async function startMailServer(options: SMTPServerOptions = {}, port = 0): Promise<TestMailServer> {
  const received: Received[] = []
  let connections = 0
  const answer: TestMailServer['answer'] = { recipient: null, mail: null }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    // Reverse look-ups of loopback addresses take time and tell nothing.
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect(_session, done) {
      connections++
      done()
    },
    onRcptTo({ address }, _session, done) {
      done(errorOf(answer.recipient?.(address) ?? null))
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8')
        const refusal = answer.mail?.(raw) ?? null
        if (refusal !== null) return done(errorOf(refusal))
        const { mailFrom, rcptTo } = session.envelope
        simpleParser(raw, (fault: Error | null, mail) => {
          received.push({ to: rcptTo.map(({ address }) => address), from: mailFrom === false ? '' : mailFrom.address, raw, mail })
          done(fault)
        })
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const bound = (server.server.address() as AddressInfo).port
  return {
    url: `smtp://127.0.0.1:${bound}`,
    port: bound,
    received,
    connections: () => connections,
    answer,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}

function errorOf(refusal: Refusal | null): Error | null {
  return refusal === null ? null : Object.assign(new Error(refusal.text), { responseCode: refusal.code })
}

export interface ScriptedServer {
  readonly url: string
  /** Everything received, over all connections. */
  readonly heard: () => string
  stop(): Promise<void>
}

/** A server that answers as told, line by line. Null: it says nothing. HANG_UP: it closes the connection. The line after a mail is its dot. */
export const HANG_UP = 'hang up'

export async function startScriptedServer(answers: (line: string) => string | null): Promise<ScriptedServer> {
  let heard = ''
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    const say = (line: string): void => {
      const reply = answers(line)
      if (reply === HANG_UP) socket.destroy()
      else if (reply !== null) socket.write(`${reply}\r\n`)
    }
    let inData = false
    let rest = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text
      rest += text
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        if (!inData) {
          say(line)
          inData = line.toUpperCase() === 'DATA' && answers(line)?.startsWith('354') === true
        } else if (line === '.') {
          inData = false
          say('.')
        }
      }
    })
    say('')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => heard,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
