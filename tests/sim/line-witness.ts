import type { AccountId, ConversationId, DeviceId, DownFrame, DownFrameOf, UpFrame } from '@bongsu/protocol'
import { CLOSE_CODES, LIMITS } from '@bongsu/protocol'
import { DELIVERY_BOUNDS } from '../../apps/server/src/delivery/bounds.ts'
import { ADMISSION_BOUNDS } from '../../apps/server/src/gateway/admission.ts'
import { BadWordsWitness } from './bad-words-witness.ts'
import type { BadWord } from './bad-words.ts'
import type { Disk } from './disk.ts'
import type { Host } from './host.ts'
import { ItemsWitness, type ItemsWitnessParts } from './items-witness.ts'
import type { JudgedKind } from './judged.ts'
import { owedTo, type Owed } from './owed.ts'
import type { Turns } from './turns.ts'

export interface WitnessParts {
  readonly disk: Disk
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly now: () => number
  readonly broken: (promise: string, sentence: string) => void
  /** Was this entry ever written down on the device? */
  readonly wasStored: (id: string) => boolean
  readonly sent: (id: string) => void
  readonly accepted: (answer: DownFrameOf<'accepted'>) => void
  readonly judged: (kind: JudgedKind) => void
  readonly actOf: ItemsWitnessParts['actOf']
  readonly actSent: (request: UpFrame & { readonly t: 'set' }) => void
  readonly actAccepted: (answer: DownFrameOf<'set-accepted'>) => void
  /** Was it given up by the person? Then nothing waits for its answer any more. */
  readonly wasDropped: (id: string) => boolean
  /** Such an answer has reached the device. */
  readonly heard: () => void
  /** Of the device whose line it is. */
  readonly turns: Turns
  /** The process that let the device in last, by which of its hellos and when; and how often it has said hello. */
  readonly served: { by: Host | null; hello: number; at: number; hellos: number }
  /** No server's clock has jumped: which of two connections began later is known. */
  readonly clocksAgree: () => boolean
}

/** A device that says hello too often is told this at most, and keeps the place it has. */
const ASKED_TOO_OFTEN_MS = 1_000
/** Sends of one id on one connection in ten seconds; the shortest wait for an answer is longer than that. */
const SENDS_OF_ONE_ID_MAX = 12
/** After a revocation, or the beginning of an epoch, is durable, every process has seen so within this many heartbeats. */
const REVOKED_BEATS = 3
const EPOCH_BEATS = 2

/** Reads every frame of one connection as it is handed to the network, and holds it against what must be true at that moment. */
export class LineWitness {
  readonly #parts: WitnessParts
  /** When this device may come, by a word of the server that it says hello to. */
  #turnAt: number | null = null
  #server: Host | null = null
  readonly #cursors = new Map<ConversationId, number>()
  /** Conversations of which it was told that its account is not in them any more: they count in no total. */
  readonly #left = new Set<ConversationId>()
  #account = 0
  #welcomed = false
  /** A device is silent while it waits for its turn [O11]. */
  #welcomedAt = 0
  #caughtUp = 0
  caughtUpAt = Number.POSITIVE_INFINITY
  /** What was durable when the device said hello. */
  #owed: Owed | null = null
  /** Another process has let the device in before [D8]. */
  #movedHere = false
  /** Conversations that the device has asked for anew. */
  readonly #refreshed = new Set<ConversationId>()
  #heartbeatMs = 0
  readonly #sends = new Map<string, number[]>()
  /** What waits for its answer, by conversation [M6]. */
  readonly #unanswered = new Map<ConversationId, string>()
  readonly #items: ItemsWitness
  readonly #bad: BadWordsWitness
  closedWith: number | null = null

  #helloEpoch: string | null = null
  #epoch = ''
  /** Which of the hellos of its device it has carried last. */
  #hello = 0

  constructor(parts: WitnessParts) {
    this.#parts = parts
    this.#items = new ItemsWitness({ ...parts, expect: (...held) => this.#expect(...held) })
    this.#bad = new BadWordsWitness((...held) => this.#expect(...held))
  }

  /** @param server that is to hear it. */
  up(text: string, server: Host | null): void {
    const frame = JSON.parse(text) as UpFrame
    if (frame.t === 'hello') {
      this.#server = server
      this.#hello = ++this.#parts.served.hellos
      this.#helloEpoch = frame.epoch
      if (server !== null) this.#turnAt = this.#parts.turns.take(server)
      this.#owed = owedTo(this.#parts)
      this.#items.hello(frame, frame.epoch === this.#parts.disk.epoch)
      // [D7] Cursors of another history are none.
      if (frame.epoch === this.#parts.disk.epoch) {
        this.#account = frame.account
        for (const [conversationId, cursor] of frame.cursors) this.#cursors.set(conversationId, cursor)
      }
    }
    if (frame.t === 'refresh') this.#refreshed.add(frame.conversationId)
    if (frame.t === 'send' || frame.t === 'set') {
      this.#parts.sent(frame.id)
      const before = this.#unanswered.get(frame.conversationId)
      const mayFollow = before === undefined || before === frame.id || this.#isOver(frame.conversationId, before)
      this.#expect(mayFollow, 'M6', `${frame.id} is sent while ${before} waits for its answer`)
      this.#unanswered.set(frame.conversationId, frame.id)
      if (frame.t === 'set') this.#parts.actSent(frame)
      this.#expect(frame.t === 'send' || this.#items.knows, 'W3', `${frame.id} is set at a server that does not know items`)
      this.#expect(this.#parts.wasStored(frame.id), 'C1', `${frame.id} is sent and was never stored on the device`)
      const now = this.#parts.now()
      const lately = [...(this.#sends.get(frame.id) ?? []), now].filter((at) => at > now - 10_000)
      this.#sends.set(frame.id, lately)
      this.#expect(lately.length <= SENDS_OF_ONE_ID_MAX, 'C2', `${frame.id} is sent ${lately.length} times in ten seconds`)
    }
  }

  /** The device was let in on a newer connection since, at this time. */
  get replacedAt(): number | null {
    const { served, clocksAgree } = this.#parts
    const isReplaced = served.hello > this.#hello && served.hello === served.hellos && served.at > this.#welcomedAt
    return this.#welcomed && isReplaced && clocksAgree() ? served.at : null
  }

  /** How far the account log was sent. */
  get account(): number {
    return this.#account
  }

  /** How far a conversation was sent; its changes are null for a device that does not know items. */
  sentOf(conversationId: ConversationId): { readonly seq: number; readonly change: number | null } {
    return { seq: this.#cursors.get(conversationId) ?? 0, change: this.#items.cursor(conversationId) }
  }

  /** [A7] The hello was the proof: its cursors are those of another history now. */
  #beginsAnew(): void {
    this.#account = 0
    this.#cursors.clear()
    this.#items.beginsAnew()
  }

  /** @param server that sends it. */
  down(text: string, server: Host): void {
    const frame = JSON.parse(text) as DownFrame
    this.#expect(this.closedWith === null, 'W1', `${frame.t} is sent after the connection was closed`)
    if (this.#welcomed) this.#mayGoOn(frame, server)
    this.#bad.heard(server, this.#parts.now())
    switch (frame.t) {
      case 'welcome':
        this.#expect(!this.#welcomed, 'W2', 'a connection is welcomed twice')
        this.#welcomed = true
        this.#welcomedAt = this.#parts.now()
        this.#heartbeatMs = frame.heartbeatMs
        this.#epoch = frame.epoch
        this.#movedHere = this.#parts.served.by !== null && this.#parts.served.by !== server
        Object.assign(this.#parts.served, { by: server, hello: this.#hello, at: this.#welcomedAt })
        this.#expect(frame.epoch === this.#parts.disk.epoch, 'D7', `a device is welcomed to ${frame.epoch}, which is over`)
        if (frame.epoch !== this.#helloEpoch) this.#beginsAnew()
        return
      case 'accepted':
        return this.#accepted(frame)
      case 'entries':
        return this.#entries(frame)
      case 'reset':
        // Held against where the device stood before.
        this.#reset(frame)
        return this.#items.reset(frame)
      case 'items':
        return this.#items.items(frame)
      case 'set-accepted':
        this.#items.accepted(frame)
        return this.#parts.actAccepted(frame)
      case 'account':
        this.#expect(
          frame.from <= this.#account && frame.to > frame.from,
          'D9',
          `account items ${frame.from}-${frame.to} do not follow #${this.#account}`,
        )
        this.#expect(frame.items.length <= LIMITS.itemsPerFrameMax, 'O1', `${frame.items.length} items in a frame`)
        this.#account = frame.to
        for (const item of frame.items) if (item.kind === 'membership' && item.value === null) this.#left.add(item.key)
        return
      case 'caught-up':
        this.#caughtUp++
        this.caughtUpAt = this.#parts.now()
        this.#expect(this.#caughtUp === 1, 'D7', 'caught-up is said twice in a connection')
        this.#isComplete()
        return this.#stands(frame.account, frame.total)
      case 'beat':
        if (frame.total !== null) this.#stands(frame.account, frame.total)
        return
      case 'unread':
        return this.#mayHear(frame.conversationId, 'unread numbers')
      case 'typing':
      case 'heads':
        return
      case 'audit':
        return this.#parts.judged('audit: answered')
      case 'refused':
        return this.#refused(frame, server)
      case 'pong':
      case 'drain':
      case 'turn':
    }
  }

  /** [W4, A7] A connection ends with its device's token and with its epoch, on every process. */
  #mayGoOn({ t }: DownFrame, server: Host): void {
    const { disk, deviceId, now } = this.#parts
    const isRecent = (beats: number, ...times: number[]): boolean => now() - Math.max(server.thawedAt, ...times) <= beats * this.#heartbeatMs
    const revokedAt = disk.revoked.get(deviceId)
    // A process that could not ask its store could not know.
    const isRevoked = revokedAt !== undefined && !isRecent(REVOKED_BEATS, revokedAt, disk.revokedUnreadAt.get(server) ?? 0)
    this.#expect(!isRevoked, 'W4', `a revoked device is still sent ${t}`)
    const isOver = this.#epoch !== disk.epoch && !isRecent(EPOCH_BEATS, disk.epochBeganAt)
    this.#expect(!isOver, 'A7', `${t} is sent in ${this.#epoch}, which is over`)
  }

  /** It has reached the device. */
  arrived(text: string): void {
    if (/^\{"t":"(?:accepted|set-accepted|refused)"/.test(text))
      this.#answered(JSON.parse(text) as DownFrameOf<'accepted' | 'set-accepted' | 'refused'>)
    if (text.startsWith('{"t":"accepted"')) this.#parts.heard()
    if (!text.startsWith('{"t":"refused","re":"hello"')) return
    const { retryAfterMs } = JSON.parse(text) as DownFrameOf<'refused'>
    if (retryAfterMs !== undefined) this.#parts.turns.hear(retryAfterMs)
  }

  /** It is done, whether the device has heard so by its answer or by the entry itself, or it was given up. */
  #isOver(conversationId: ConversationId, id: string): boolean {
    const { disk, accountId, wasDropped } = this.#parts
    return wasDropped(id) || disk.has(accountId, id, conversationId) || disk.knowsAct(accountId, id)
  }

  #answered({ id }: { readonly id?: string | undefined }): void {
    for (const [conversationId, waiting] of this.#unanswered) if (waiting === id) this.#unanswered.delete(conversationId)
  }

  /** The device was told something of a newer version. @param open it has not ended its connection for it. */
  newerWord(open: boolean): void {
    this.#expect(open, 'W3', 'a device ends its connection because of a frame that it does not know')
  }

  /** [W1] It has reached the server. */
  says(word: BadWord): void {
    this.#bad.said(word, this.#parts.now())
  }

  #refused(frame: DownFrameOf<'refused'>, server: Host): void {
    const { re, id, code, retryAfterMs } = frame
    if (re === 'hello' && code === 'busy') this.#putOff(server, retryAfterMs)
    // The stores of this world are never behind by their bound.
    this.#expect(re !== 'send' || code !== 'busy', 'O2', `${id} is refused as busy, though the store is not behind`)
    if (code !== 'frame-malformed' && code !== 'frame-unknown') return
    this.#bad.refused(frame)
    this.#parts.judged('bad frame: refused')
  }

  /** [O3] A turn is given once and kept. */
  #putOff(server: Host, retryAfterMs: number | undefined): void {
    if (retryAfterMs === undefined) return this.#parts.broken('O3', 'a hello is put off without a time')
    const now = this.#parts.now()
    const kept = this.#server === server && retryAfterMs > ASKED_TOO_OFTEN_MS ? this.#turnAt : null
    // Let in at its turn, it turned out not to be one that can continue: it is given one more.
    const paysMore = kept !== null && now >= kept && this.#needsResets()
    if (kept !== null && now <= kept + ADMISSION_BOUNDS.keepMs && !paysMore) {
      const isSame = now < kept && Math.abs(now + retryAfterMs - kept) < 10
      this.#expect(isSame, 'O3', `a device whose turn is ${Math.round(kept - now)} ms away is told to come in ${retryAfterMs} ms`)
    }
    this.#parts.turns.give(server, now + retryAfterMs)
  }

  /** [C4] A server that still sends has heard nothing on this line for so long. */
  hearsNothing(ms: number, server: Host): void {
    // One that was itself stopped could not hear.
    const deafMs = Math.min(ms, this.#parts.now() - Math.max(server.thawedAt, this.#welcomedAt))
    const longestMs = 2.5 * this.#heartbeatMs + 2_000
    if (this.#welcomed) this.#expect(deafMs <= longestMs, 'C4', `a line that has been silent for ${Math.round(deafMs)} ms is still served`)
  }

  /** [D3] Bytes have waited for this long without becoming fewer. */
  waits(ms: number, server: Host): void {
    // One that was itself stopped has had no time to see it.
    if (server.thawedAt > this.#parts.now() - DELIVERY_BOUNDS.stallMs - 2_000) return
    this.#expect(ms <= DELIVERY_BOUNDS.stallMs + 2_000, 'D3', `a device that has taken nothing for ${Math.round(ms)} ms is not cut`)
  }

  closedByServer(code: number): void {
    const isNewest = this.#hello === this.#parts.served.hellos && this.#parts.clocksAgree()
    this.#expect(code !== CLOSE_CODES.superseded.code || !isNewest, 'D8', 'a connection is closed for a newer one of its device, which has none')
    if (this.closedWith === null && code === CLOSE_CODES.tooSlow.code) this.#parts.judged('slow reader: cut')
    this.closedWith ??= code
  }

  /** [M1, M5] What is acknowledged is durable at that moment, at that place. */
  #accepted(frame: DownFrameOf<'accepted'>): void {
    const { disk, accountId } = this.#parts
    const entry = disk.truth.entries(frame.conversationId)[frame.seq - 1]
    const there = entry?.id === frame.id && entry.author === accountId && entry.acceptedAt === frame.acceptedAt
    this.#expect(there, 'M5', `${frame.id} is accepted at #${frame.seq} of ${frame.conversationId}, where it is not durable`)
    this.#parts.accepted(frame)
  }

  #entries({ conversationId, after, entries }: DownFrameOf<'entries'>): void {
    const cursor = this.#cursors.get(conversationId)
    this.#expect(cursor === after, 'D2', `entries after #${after} of ${conversationId} are sent to a device at #${cursor ?? 'nothing'}`)
    this.#check(conversationId, after, entries)
    if (this.#caughtUp === 0) this.#parts.judged(this.#movedHere ? 'resume: continued by another process' : 'resume: continued from a cursor')
    this.#cursors.set(conversationId, after + entries.length)
    if (entries.some(({ author, body }) => body.kind === 'left' && author === this.#parts.accountId)) this.#left.add(conversationId)
  }

  #reset({ conversationId, head, entries }: DownFrameOf<'reset'>): void {
    this.#check(conversationId, head - entries.length, entries)
    this.#parts.judged('resume: a conversation sent anew')
    this.#expect(
      this.#caughtUp > 0 || !this.#couldContinue(conversationId, head),
      this.#movedHere ? 'D8' : 'D7',
      `${conversationId} is sent anew up to #${head} to a device that could continue it from #${this.#cursors.get(conversationId)}`,
    )
    this.#expect(head <= this.#parts.disk.truth.entries(conversationId).length, 'M1', `the reset of ${conversationId} is ahead of what is durable`)
    this.#cursors.set(conversationId, head)
    this.#left.delete(conversationId)
  }

  /** [D7, D8] The device has named a cursor of this history that is not too old, and its account has been in the conversation ever since the hello. */
  #couldContinue(conversationId: ConversationId, head: number): boolean {
    const { disk, accountId } = this.#parts
    const cursor = this.#cursors.get(conversationId)
    const joinedSeq = this.#owed?.rooms.find((room) => room.conversationId === conversationId)?.joinedSeq ?? null
    if (cursor === undefined || joinedSeq === null || joinedSeq !== disk.joinedSeq(conversationId, accountId)) return false
    if (this.#items.isFarBehind(conversationId)) return false
    return !this.#refreshed.has(conversationId) && cursor >= joinedSeq - 1 && cursor <= head && head - cursor <= LIMITS.backfillEntriesMax
  }

  /** [O3] It is to pay like one that brings no cursors. */
  #needsResets(): boolean {
    const rooms = owedTo(this.#parts).rooms
    const resets = rooms.filter(({ conversationId, head }) => !this.#couldContinue(conversationId, head)).length
    return resets >= ADMISSION_BOUNDS.resetsMin && resets > rooms.length / 2
  }

  /** [M1, D2, W4] */
  #check(conversationId: ConversationId, after: number, entries: DownFrameOf<'entries'>['entries']): void {
    const { disk, accountId } = this.#parts
    const log = disk.truth.entries(conversationId)
    entries.forEach((entry, index) => {
      const at = `${conversationId}#${entry.seq}`
      this.#expect(entry.seq === after + 1 + index, 'D2', `${at} stands where #${after + 1 + index} belongs`)
      const durable = log[entry.seq - 1]
      this.#expect(durable?.id === entry.id && durable.author === entry.author, 'M1', `${at} is sent and is not what is durable there`)
      this.#expect(disk.maySee(accountId, conversationId, entry.seq), 'W4', `${at} is sent to ${accountId}, who is not in it there`)
    })
    this.#expect(entries.length <= LIMITS.entriesPerPageMax, 'O1', `${entries.length} entries in a frame`)
  }

  /** Who was never in a conversation is told nothing of it. */
  #mayHear(conversationId: ConversationId, what: string): void {
    const { disk, accountId } = this.#parts
    this.#expect(disk.stays(conversationId, accountId).length > 0, 'W4', `${what} of ${conversationId} are sent to ${accountId}, who never was in it`)
  }

  /** [D7] Caught up is who was sent all that was there at the hello, in conversations that were not left since. */
  #isComplete(): void {
    const { disk, accountId } = this.#parts
    if (this.#owed === null) return
    this.#parts.judged('resume: held against what was durable at its hello')
    this.#expect(
      this.#account >= this.#owed.account,
      'D7',
      `caught-up is said at #${this.#account} of an account log that had #${this.#owed.account}`,
    )
    for (const { conversationId, joinedSeq, head } of this.#owed.rooms) {
      const cursor = this.#cursors.get(conversationId) ?? 0
      const isMember = disk.joinedSeq(conversationId, accountId) === joinedSeq
      this.#expect(cursor >= head || !isMember, 'D7', `caught-up is said at #${cursor} of ${conversationId}, which had #${head}`)
      this.#items.isComplete(conversationId, isMember)
    }
  }

  /** [D6] The server may not believe that the device has more than it was sent. */
  #stands(account: number, total: number): void {
    const sent = [...this.#cursors].reduce(
      (sum, [conversationId, cursor]) => (this.#left.has(conversationId) ? sum : sum + cursor),
      this.#items.sum(this.#left),
    )
    this.#expect(account === this.#account, 'D6', `change #${account} of the account log is told to a device that has #${this.#account}`)
    this.#expect(total <= sent, 'D6', `a total of ${total} is told to a device that has ${sent}`)
  }

  #expect(held: boolean, promise: string, sentence: string): void {
    if (!held) this.#parts.broken(promise, sentence)
  }
}
