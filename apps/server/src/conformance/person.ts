import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { REFUSALS, SUBPROTOCOL, type Entry, type RefusalCode } from '@bongsu/protocol'
import { WebSocket } from 'ws'
import type { Frame } from './middleman.ts'
import { OwnTrouble, until } from './until.ts'

const answerMsMax = 20_000
/** The server of a busy machine asks to come later. */
const triesMax = 20
const retryMs = 500
const PASSWORD = 'correct horse battery staple'

interface SignedIn {
  readonly token: string
  readonly profile: { readonly accountId: string; readonly handle: string }
}

/**
 * Somebody else in the conversation, with a connection of their own past the middleman. It is no client: it says frames and waits for the answers.
 * What it reads from the history is what the server has.
 */
export class Person {
  readonly handle: string
  readonly password = PASSWORD
  readonly accountId: string
  readonly #url: () => string
  readonly #token: string
  readonly #frames: Frame[] = []
  readonly #waiting = new Map<string, (answer: Frame) => void>()
  #socket: WebSocket | null = null

  private constructor(url: () => string, { token, profile }: SignedIn) {
    this.#url = url
    this.#token = token
    this.handle = profile.handle
    this.accountId = profile.accountId
  }

  static async signUp(url: () => string, handle: string): Promise<Person> {
    const body = { handle, displayName: handle, password: PASSWORD, deviceName: 'conformance' }
    return new Person(url, await call<SignedIn>(url(), null, 'POST', '/v1/accounts', body))
  }

  /** Another device of the same account. */
  async signInAgain(): Promise<Person> {
    const body = { handle: this.handle, password: PASSWORD, deviceName: 'conformance' }
    return new Person(this.#url, await call<SignedIn>(this.#url(), null, 'POST', '/v1/sessions', body))
  }

  async makeGroup(title: string, others: readonly Person[]): Promise<string> {
    const body = { id: randomUUID(), title, accounts: others.map(({ accountId }) => accountId) }
    return (await call<{ conversationId: string }>(this.#url(), this.#token, 'POST', '/v1/groups', body)).conversationId
  }

  /** Everything the server has of the conversation, oldest first. */
  async entries(conversation: string): Promise<readonly Entry[]> {
    const all: Entry[] = []
    for (;;) {
      const before = all[0] === undefined ? '' : `&before=${all[0].seq}`
      const path = `/v1/conversations/${conversation}/entries?limit=200${before}`
      const page = await call<{ entries: readonly Entry[]; joinedSeq: number }>(this.#url(), this.#token, 'GET', path)
      all.unshift(...page.entries)
      if (page.entries.length === 0 || (all[0]?.seq ?? 0) <= page.joinedSeq) return all
    }
  }

  /** Writes a text. @returns its id and seq. */
  async say(conversation: string, text: string): Promise<{ readonly id: string; readonly seq: number }> {
    const id = randomUUID()
    const answer = await this.#answered(id, { t: 'send', id, conversationId: conversation, body: { kind: 'text', text } })
    return { id, seq: answer['seq'] as number }
  }

  /** Sets a mark of an entry, or takes it back with the value null. */
  async act(
    conversation: string,
    { seq, id: subject }: { readonly seq: number; readonly id: string },
    kind: string,
    value: object | null,
  ): Promise<void> {
    const id = randomUUID()
    await this.#answered(id, { t: 'set', id, conversationId: conversation, seq, subject, act: { kind, value } })
  }

  async read(conversation: string, seq: number): Promise<void> {
    ;(await this.#connected()).send(JSON.stringify({ t: 'read', conversationId: conversation, seq }))
  }

  /** How far this account has read, as the server has told this device. */
  async watermark(conversation: string): Promise<number> {
    await this.#connected()
    const told = this.#frames.flatMap((frame): number[] => {
      if (frame.t === 'reset' && frame['conversationId'] === conversation) return [frame['readSeq'] as number]
      if (frame.t !== 'account') return []
      const items = frame['items'] as readonly { kind: string; key: string; value: { seq: number } }[]
      return items.filter(({ kind, key }) => kind === 'read' && key === conversation).map(({ value }) => value.seq)
    })
    return told.at(-1) ?? 0
  }

  disconnect(): void {
    this.#socket?.terminate()
    this.#socket = null
  }

  /** Sends a request until it is answered with something else than *later*. */
  async #answered(id: string, frame: Frame): Promise<Frame> {
    for (let tries = 0; tries < triesMax; tries++) {
      const socket = await this.#connected()
      const answer = await new Promise<Frame>((resolve, reject) => {
        const timer = setTimeout(() => reject(new OwnTrouble(`the server of the kit did not answer ${frame.t}`)), answerMsMax)
        this.#waiting.set(id, (answered) => {
          clearTimeout(timer)
          this.#waiting.delete(id)
          resolve(answered)
        })
        socket.send(JSON.stringify(frame))
      })
      if (answer.t !== 'refused') return answer
      if (!isLater(answer['code'])) throw new OwnTrouble(`the server of the kit refused ${frame.t}: ${String(answer['code'])}`)
      await pause((answer['retryAfterMs'] as number | undefined) ?? retryMs)
    }
    throw new OwnTrouble(`the server of the kit is too busy for ${frame.t}`)
  }

  /** The connection; a new one where the last one is gone, as after the end of the server. */
  async #connected(): Promise<WebSocket> {
    if (this.#socket?.readyState === WebSocket.OPEN) return this.#socket
    for (let tries = 0; tries < triesMax; tries++) {
      const socket = this.#connect()
      const isThere = (): boolean => this.#frames.some(({ t }) => t === 'caught-up')
      await until(
        () => 'another person of the kit to be connected',
        () => isThere() || socket.readyState === WebSocket.CLOSED,
        answerMsMax,
      )
      if (isThere()) return socket
      await pause((this.#frames.at(-1)?.['retryAfterMs'] as number | undefined) ?? retryMs)
    }
    throw new OwnTrouble('another person of the kit cannot connect')
  }

  #connect(): WebSocket {
    const socket = new WebSocket(`${this.#url().replace('http', 'ws')}/v1/socket`, SUBPROTOCOL)
    this.#socket = socket
    this.#frames.length = 0
    socket.on('error', () => socket.terminate())
    socket.on('open', () => {
      socket.send(JSON.stringify({ t: 'hello', token: this.#token, epoch: null, account: 0, cursors: [], features: ['items'] }))
    })
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame
      this.#frames.push(frame)
      this.#waiting.get(frame['id'] as string)?.(frame)
    })
    return socket
  }
}

function isLater(code: unknown): boolean {
  const { retry } = REFUSALS[code as RefusalCode] ?? {}
  return retry === 'later'
}

async function call<T>(url: string, token: string | null, method: string, path: string, body?: object): Promise<T> {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  for (let tries = 0; tries < triesMax; tries++) {
    const answer = await fetch(url + path, {
      method,
      headers: { ...authorization, ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerMsMax),
    }).catch((cause: unknown) => {
      throw new OwnTrouble(`the server of the kit did not answer ${method} ${path}: ${String(cause)}`)
    })
    if (answer.ok) return (await answer.json()) as T
    const refusal = (await answer.json()) as { readonly code: string; readonly retryAfterMs?: number }
    if (!isLater(refusal.code)) throw new OwnTrouble(`the server of the kit refused ${method} ${path}: ${refusal.code}`)
    await pause(refusal.retryAfterMs ?? retryMs)
  }
  throw new OwnTrouble(`the server of the kit is too busy for ${method} ${path}`)
}
