import type { AccountId, ClientMessageId, ConversationId, Entry } from '@bongsu/protocol'
import type { Ability, PromiseId } from './abilities.ts'
import { judge, type Accepted, type Holding, type Invoked } from './checker.ts'
import type { DrivenClient } from './driven-client.ts'
import type { FaultProxy } from './fault-proxy.ts'
import { isEntry, isLoading, numberIn, shownIn, stringIn, type Shown, type ShownEntry, type ShownUnsent } from './line-protocol.ts'
import type { Logged, Middleman } from './middleman.ts'
import type { OwnServer } from './own-server.ts'
import type { Person } from './person.ts'
import { comes } from './until.ts'
import { flawsIn, flawsOnWire, isGoodRefusal, promiseOf } from './flaws.ts'

/** Longest time until everything has arrived, once nothing is in the way: twice the longest wait between two tries to connect [O3]. */
const settleMsMax = 60_000
/** Most pages of history that a trial asks for. */
const pagesMax = 100

export interface StageParts {
  readonly client: DrivenClient
  readonly claimed: ReadonlySet<Ability>
  /** The client's account, and somebody else in the conversation. */
  readonly subject: Person
  readonly peer: Person
  readonly room: string
  readonly server: OwnServer
  /** Between the client and the middleman: what happens to bytes. */
  readonly wire: FaultProxy
  /** Between the wire and the server: what happens to frames. */
  readonly line: Middleman
}

export interface Fault {
  readonly promise: PromiseId
  readonly sentence: string
}

/** One trial's client, server and conversation, and what was found out. */
export class Stage {
  readonly client: DrivenClient
  readonly claimed: ReadonlySet<Ability>
  readonly subject: Person
  readonly peer: Person
  readonly room: string
  readonly server: OwnServer
  readonly wire: FaultProxy
  readonly line: Middleman
  readonly #faults = new Map<string, Fault>()
  readonly #invoked: Invoked[] = []
  /** Connections from before a restore say nothing about the present history. */
  #passagesForgotten = 0

  constructor(parts: StageParts) {
    this.client = parts.client
    this.claimed = parts.claimed
    this.subject = parts.subject
    this.peer = parts.peer
    this.room = parts.room
    this.server = parts.server
    this.wire = parts.wire
    this.line = parts.line
  }

  get faults(): readonly Fault[] {
    return [...this.#faults.values()]
  }

  /** Notes a fault unless `good`. */
  check(promise: PromiseId, good: boolean, sentence: string): void {
    if (!good) this.#faults.set(`${promise} ${sentence}`, { promise, sentence })
  }

  /** Waits for something that the client owes. @param owed ends the sentence "The client did not …". @returns false when it did not. */
  async owes(promise: PromiseId, owed: string, look: () => boolean | Promise<boolean>, withinMs = settleMsMax): Promise<boolean> {
    const good = await comes(look, withinMs)
    this.check(promise, good, `the client did not ${owed} within ${withinMs} ms`)
    return good
  }

  /** The person of the client writes. @returns the id of the text. */
  async write(text: string): Promise<string> {
    const id = stringIn(await this.client.ask({ do: 'send', conversation: this.room, text }), 'id')
    this.#note(id, 'client', this.subject, text)
    return id
  }

  /** Somebody else writes. */
  async hear(text: string): Promise<{ readonly id: string; readonly seq: number }> {
    const said = await this.peer.say(this.room, text)
    this.#note(said.id, 'peer', this.peer, text)
    return said
  }

  /** What the client shows now. Whatever it shows is true, also in the middle of trouble. */
  async look(): Promise<Shown> {
    const shown = shownIn(await this.client.ask({ do: 'show', conversation: this.room }))
    for (const { promise, sentence } of flawsIn(shown, this.wireLog())) this.check(promise, false, sentence)
    return shown
  }

  async entries(): Promise<readonly ShownEntry[]> {
    return (await this.look()).items.filter(isEntry)
  }

  async unsent(id: string): Promise<ShownUnsent | undefined> {
    return (await this.look()).unsent.find((one) => one.id === id)
  }

  async unread(): Promise<number> {
    return numberIn(await this.client.ask({ do: 'unread', conversation: this.room }), 'count')
  }

  async state(): Promise<string> {
    return stringIn(await this.client.ask({ do: 'state' }), 'state')
  }

  /** No connection is possible from now on, and those that stand are cut. */
  async unplug(): Promise<void> {
    await this.wire.door('shut')
    this.wire.cut()
  }

  async plug(): Promise<void> {
    await this.wire.door('open')
  }

  async restartServer(between: () => Promise<void> = async () => undefined): Promise<void> {
    await this.server.kill()
    await between()
    await this.server.start()
  }

  /** The history of the server has gone back: these texts are not there any more unless somebody puts them back. */
  forget(texts: ReadonlySet<string>): void {
    this.#passagesForgotten = this.line.passages.length
    for (const lost of this.#invoked.filter(({ text }) => texts.has(text))) this.#invoked.splice(this.#invoked.indexOf(lost), 1)
  }

  wireLog(): readonly Logged[] {
    return this.line.passages.slice(this.#passagesForgotten).flatMap(({ log }) => log)
  }

  /** Frames of a type that the client has said or heard so far. */
  frames(way: Logged['way'], type: string): readonly Logged[] {
    return this.wireLog().filter((logged) => logged.way === way && logged.frame.t === type)
  }

  /** Waits until the client shows all that the server has, and judges what it shows then. */
  async settle(withinMs = settleMsMax): Promise<void> {
    const look = async (): Promise<boolean> => {
      const { items, unsent } = await this.look()
      const last = items.findLast(isEntry)
      const truth = await this.peer.entries(this.room)
      return unsent.every(({ state }) => state === 'refused') && last?.seq === truth.at(-1)?.seq
    }
    const good = await comes(look, withinMs)
    if (!good) {
      const { unsent } = await this.look()
      for (const { id, state } of unsent.filter((one) => one.state !== 'refused')) {
        this.check('C2', false, `after ${withinMs} ms without trouble, ${id} is still ${state}`)
      }
    }
    await this.#judge()
  }

  /** Asks for older entries until the client says that there are none. */
  async loadAll(): Promise<void> {
    for (let page = 0; page < pagesMax; page++) {
      const { items } = await this.look()
      if (items[0] === undefined || !items.some(isLoading)) return
      await this.client.ask({ do: 'older', conversation: this.room })
    }
    this.check('D10', false, `after ${pagesMax} pages of history the client still shows a loading line`)
  }

  async #judge(): Promise<void> {
    if (this.claimed.has('history')) await this.loadAll()
    const { items } = await this.look()
    const whole = items.slice(items.findLastIndex(isLoading) + 1).filter(isEntry)
    const truth = await this.peer.entries(this.room)
    const conversationId = this.room as ConversationId
    const first = whole[0]?.seq ?? 1
    const isCut = items.some(isLoading)
    const client: Holding = { holder: 'the client', conversationId, from: isCut ? first : 1, entries: whole.map(entryOf) }
    const server: Holding = { holder: 'the server', conversationId, from: 1, entries: truth.map(plain) }
    const answers = this.wireLog().filter(({ way }) => way === 'down')
    const accepted = answers.filter(({ frame }) => frame.t === 'accepted').map(({ frame }) => frame as unknown as Accepted)
    const refused = answers.filter(({ frame }) => isGoodRefusal(frame)).map(({ frame }) => frame['id'] as ClientMessageId)
    const ledger = { invoked: this.#invoked, accepted, refused }
    for (const { promise, sentence } of judge({ ledger, holdings: [server, client], rest: 'answered' })) {
      this.check(promiseOf(promise), false, sentence)
    }
    for (const { promise, sentence } of flawsOnWire(this.line.passages)) this.check(promise, false, sentence)
  }

  #note(id: string, device: string, { accountId }: Person, text: string): void {
    const entry = { id: id as ClientMessageId, device, author: accountId as AccountId, conversationId: this.room as ConversationId, text }
    this.#invoked.push(entry)
  }
}

function entryOf({ seq, id, author, acceptedAt, kind, text }: ShownEntry): Entry {
  return { seq, id, author, acceptedAt, body: kind === 'text' ? { kind, text } : { kind } } as Entry
}

/** What is compared of an entry. */
function plain({ seq, id, author, acceptedAt, body }: Entry): Entry {
  return { seq, id, author, acceptedAt, body: body.kind === 'text' ? { kind: body.kind, text: body.text } : { kind: body.kind } } as Entry
}
