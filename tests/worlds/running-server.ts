import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { PATHS, SUBPROTOCOL, type AccountId, type DownFrame, type RouteName, type SignedIn, type UpFrame } from '@bongsu/protocol'
import { WebSocket } from 'ws'
import { startServer, type RunningServer } from '../../apps/server/src/compose.ts'
import { readConfig } from '../../apps/server/src/config.ts'
import type { Logger } from '../../apps/server/src/ops/logger.ts'

export const PASSWORD = '봉수대의 불빛 하나'

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- what came is what is being tested
  readonly body: any
}

export interface Asking {
  readonly token?: string | undefined
  readonly body?: unknown
  readonly params?: Readonly<Record<string, string>>
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Person extends SignedIn {
  readonly accountId: AccountId
  readonly password: string
}

export interface LiveSocket {
  readonly frames: DownFrame[]
  readonly socket: WebSocket
  /** The close code, once it is closed. */
  code: number | null
  readonly say: (frame: UpFrame | string) => void
}

/** The whole server in this process, on a free port and a folder of its own, with real sockets and a real database. */
export interface TestServer {
  readonly running: RunningServer
  readonly base: string
  readonly directory: string
  /** Every line that was logged, as JSON. */
  readonly logged: string[]
  /** Run before the server is stopped, so that it need not wait for sockets that do not answer. */
  readonly closers: (() => void)[]
  ask(route: RouteName, asking?: Asking): Promise<Answered>
  raw(path: string, init?: RequestInit): Promise<Answered>
  /** Signs a new person up; the first is the administrator, the others come by an invite of theirs. */
  person(handle: string): Promise<Person>
  signIn(person: Person, deviceName?: string): Promise<SignedIn>
  connect(token: string, features?: readonly string[]): Promise<LiveSocket>
}

export async function startTestServer(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-server-'))
  const logged: string[] = []
  const log = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    const readable = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? String(value.stack) : value]))
    logged.push(JSON.stringify({ ...readable, message }))
  }
  const logger: Logger = { info: log, warn: log, error: log }
  const generous = { BONGSU_OPEN_REQUESTS_PER_MINUTE: '10000', BONGSU_REQUESTS_PER_MINUTE: '10000', BONGSU_REACH: 'everyone' }
  const settings = readConfig({ BONGSU_PORT: '0', BONGSU_DATA: directory, ...generous, ...env })
  if (!settings.ok) throw new Error(settings.problems.join(' '))
  const running = await startServer({
    config: settings.config,
    logger,
    version: '0.0.0',
    fatal(cause) {
      throw cause
    },
  })
  const closers: (() => void)[] = []
  t.after(async () => {
    for (const close of closers) close()
    await running.stop()
    rmSync(directory, { recursive: true, force: true })
  })
  const base = `http://127.0.0.1:${running.port}`
  let admin: Person | null = null

  async function raw(path: string, init?: RequestInit): Promise<Answered> {
    const response = await fetch(base + path, init)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { status: response.status, headers: response.headers, text, body: isJson && text !== '' ? JSON.parse(text) : undefined }
  }

  const server: TestServer = {
    running,
    base,
    directory,
    logged,
    closers,
    raw,
    ask(name, { token, body, params = {}, query = '', headers = {} } = {}) {
      const { method, path } = PATHS[name]
      const filled = path.replaceAll(/:(\w+)/g, (_, key: string) => params[key] ?? `:${key}`)
      return raw(filled + query, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
    },
    async person(handle) {
      const code =
        admin === null
          ? running.firstAdminCode
          : ((await server.ask('createInvite', { token: admin.token, body: { validMs: 60_000, uses: 1 } })).body as { code: string }).code
      const made = await server.ask('signUp', { body: { code, handle, displayName: handle, password: PASSWORD, deviceName: '시험' } })
      if (made.status !== 200) throw new Error(`${handle} could not sign up: ${made.text}`)
      const signedIn = made.body as SignedIn
      const person = { ...signedIn, accountId: signedIn.profile.accountId, password: PASSWORD }
      admin ??= person
      return person
    },
    async signIn(person, deviceName = '둘째') {
      const made = await server.ask('signIn', { body: { handle: person.profile.handle, password: person.password, deviceName } })
      if (made.status !== 200) throw new Error(`${person.profile.handle} could not sign in: ${made.text}`)
      return made.body as SignedIn
    },
    connect(token, features) {
      const socket = new WebSocket(`ws://127.0.0.1:${running.port}/v1/socket`, SUBPROTOCOL)
      closers.push(() => socket.terminate())
      const live: LiveSocket = {
        frames: [],
        socket,
        code: null,
        say: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
      }
      return new Promise((resolve, reject) => {
        socket.on('open', () =>
          live.say({ t: 'hello', token, epoch: null, account: 0, cursors: [], ...(features === undefined ? {} : { features: [...features] }) }),
        )
        socket.on('message', (data: Buffer) => {
          const frame = JSON.parse(data.toString()) as DownFrame
          live.frames.push(frame)
          if (frame.t === 'caught-up') resolve(live)
        })
        socket.on('close', (code) => {
          live.code = code
          resolve(live)
        })
        socket.on('error', reject)
      })
    },
  }
  return server
}
