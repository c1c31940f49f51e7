import type { AccountId, ConversationId, DeviceId, Entry } from '@bongsu/protocol'
import type { AuditStore } from '../../apps/server/src/conversation/audit-store.ts'
import { Unavailable, type LogStore } from '../../apps/server/src/conversation/log-store.ts'
import type { ResumeStore } from '../../apps/server/src/delivery/resume-store.ts'
import type { ReceiptStore } from '../../apps/server/src/receipts/receipt-store.ts'
import { unreadNumbers, type MemberMark } from '../../apps/server/src/receipts/unread-numbers.ts'
import type { Store } from '../../apps/server/src/store/store.ts'
import { startAnew } from '../worlds/memory-starts.ts'
import { createMemoryStore, type MemoryStore } from '../worlds/memory-store.ts'
import type { Chance } from './chance.ts'
import type { EventQueue } from './event-queue.ts'
import type { Met } from './faults.ts'
import type { Host } from './host.ts'

/** What is wrong with the disk at the moment. */
export interface DiskTrouble {
  slow: boolean
  full: boolean
  /** Probability that a call is refused before anything is done. */
  unavailable: number
  /** Probability that a write is done and its answer lost. */
  unknown: number
  /** Probability that a write is under way for seconds after the process was told that the store cannot say, and is done then. */
  late: number
}

export const NO_DISK_TROUBLE: DiskTrouble = { slow: false, full: false, unavailable: 0, unknown: 0, late: 0 }

interface Pending {
  readonly host: Host
  /** Makes it durable. */
  readonly commit: () => void
  open: boolean
  /** It has left its process, whose end does not concern it. */
  isLate: boolean
}

export interface StorePorts {
  readonly audit: AuditStore
  readonly log: LogStore
  readonly resume: ResumeStore
  readonly receipts: ReceiptStore
}

/** So long a write is under way at most after its process has given it up. */
const LATE_MS_MAX = 4_000

/** A copy of the store, to be restored once. */
export interface Backup {
  /** Of the history it was made of. */
  readonly epoch: string
  readonly truth: MemoryStore
  readonly rooms: readonly ConversationId[]
}

/** When the account was in the conversation: from the entry that brought it in to the one by which it left, both included. */
export interface Stay {
  readonly from: number
  to: number
}

/**
 * The store that all server processes use. What is durable is one plain store; what was written and is not yet durable is a list that nobody
 * can read and that a crash takes away, as a whole or in part.
 */
export class Disk {
  truth: MemoryStore = createMemoryStore()
  /** The name of this history; a restore begins another. */
  epoch = 'one'
  epochBeganAt = 0
  /** It has gone back to an older state, and no server knows yet: devices of this epoch may hold what is lost. */
  undecided = false
  /** Epochs that were begun by a proof of what an earlier one had told already. */
  begunAgain = 0
  readonly trouble: DiskTrouble = { ...NO_DISK_TROUBLE }
  /** Names of processes that do not reach it. */
  readonly awayFrom = new Set<string>()
  readonly revoked = new Map<DeviceId, number>()
  /** When a process last asked in vain who is revoked. */
  readonly revokedUnreadAt = new Map<Host, number>()
  rooms: ConversationId[] = []
  /** Called once, when the next write begins: the worst moment for a crash. */
  onWrite: (() => void) | null = null
  /** When something last became durable. */
  changedAt = 0
  readonly #queue: EventQueue
  readonly #chance: Chance
  readonly #met: Met
  #pending: Pending[] = []
  #epochs = 1
  #stays = new Map<ConversationId, { seq: number; readonly of: Map<AccountId, Stay[]> }>()

  constructor(queue: EventQueue, chance: Chance, met: Met) {
    this.#queue = queue
    this.#chance = chance
    this.#met = met
  }

  watermark(conversationId: ConversationId, accountId: AccountId): number {
    return (this.#members(conversationId).get(accountId) as unknown as { watermark: number } | undefined)?.watermark ?? 0
  }

  joinedSeq(conversationId: ConversationId, accountId: AccountId): number | null {
    return this.#members(conversationId).get(accountId)?.joinedSeq ?? null
  }

  has(author: AccountId, id: string, conversationId: ConversationId): boolean {
    return this.truth.entries(conversationId).some((entry) => entry.id === id && entry.author === author)
  }

  knowsAct(author: AccountId, id: string): boolean {
    return this.truth.kept.acts.has(author + id)
  }

  /** Seqs of the entries that an account has erased for itself. */
  hidden(accountId: AccountId, conversationId: ConversationId): readonly number[] {
    const items = [...(this.truth.kept.accounts.get(accountId)?.items.values() ?? [])].map(({ item }) => item)
    return items.flatMap(({ kind, key }) => (kind === 'hidden' && key.startsWith(`${conversationId}:`) ? [Number(key.split(':')[1])] : []))
  }

  /** How far this history is told to go back to the ones that were given up [A4]. */
  restoredHead(conversationId: ConversationId): number {
    return this.truth.kept.restoredHeads.get(conversationId)?.head ?? 0
  }

  /** May this account see this entry [W4]? By what the log says, not by the store's list of members. */
  maySee(accountId: AccountId, conversationId: ConversationId, seq: number): boolean {
    return this.stays(conversationId, accountId).some((stay) => stay.from <= seq && seq <= stay.to)
  }

  stays(conversationId: ConversationId, accountId: AccountId): readonly Stay[] {
    const known = this.#stays.get(conversationId) ?? { seq: 0, of: new Map<AccountId, Stay[]>() }
    this.#stays.set(conversationId, known)
    const entries = this.truth.entries(conversationId)
    for (; known.seq < entries.length; known.seq++) follow(known.of, entries[known.seq]!)
    return known.of.get(accountId) ?? []
  }

  /** A process dies: what it had not yet made durable is gone, or became durable without anybody hearing of it. @param all the machine lost power. */
  crash(host: Host, all: boolean): void {
    for (const write of this.#pending) {
      if (write.host !== host || !write.open || (write.isLate && !all)) continue
      write.open = false
      if (!all && this.#chance.may(0.7)) {
        this.#met.add('disk: fsynced, answer lost in a crash')
        write.commit()
      } else this.#met.add('disk: not fsynced, lost in a crash')
    }
    this.#pending = this.#pending.filter((write) => write.open)
  }

  /** All that is durable now. */
  backUp(): Backup {
    return { epoch: this.epoch, truth: this.truth.copy(), rooms: [...this.rooms] }
  }

  /** Gives up what is durable for a backup. No process may be alive. */
  restore(backup: Backup): void {
    this.#takeUp(backup)
    this.#beginEpoch('now')
  }

  /** The same, and nobody tells the servers: they find it out [A7]. */
  putBack(backup: Backup): void {
    this.#takeUp(backup)
    startAnew(this.truth.kept, `put-back ${++this.#epochs}`)
    this.undecided = true
  }

  /** Whether what a device of this epoch holds is to be what is durable. */
  counts(epoch: string | null): boolean {
    return epoch === this.epoch && !this.undecided
  }

  #takeUp({ epoch, truth, rooms }: Backup): void {
    this.truth = truth
    this.rooms = [...rooms]
    this.#stays = new Map()
    this.epoch = epoch
    this.changedAt = this.#queue.now
  }

  /** The store as one process sees it. */
  portsFor(host: Host): StorePorts {
    const { truth } = this
    const reads = truth // [seam: sim-reads-of-process]
    const { log } = truth
    return {
      audit: {
        // Answered to the dead as well: how many are under way is counted for all processes of this one.
        hash: (...request) => new Promise((resolve) => this.#queue.add(this.#latency(), () => resolve(reads.audit.hash(...request)))),
        restoredHeads: (...request) => this.#read(host, () => reads.audit.restoredHeads(...request)),
      },
      log: {
        append: (batch, now) => this.#write(host, () => log.append(batch, now)), // [seam: sim-append-of-process]
        set: (batch, now) => this.#write(host, () => log.set(batch, now)),
        items: (...request) => this.#read(host, () => reads.log.items(...request)),
        marks: (...request) => this.#read(host, () => reads.log.marks(...request)),
        openDirect: (...request) => this.#write(host, () => this.#noting(log.openDirect(...request))),
        createGroup: (...request) => this.#write(host, () => this.#noting(log.createGroup(...request))),
        read: (conversationId, after, limit, charsMax) =>
          this.#read(host, async () => page(await reads.log.read(conversationId, after, limit), charsMax)),
        heads: (ids) => this.#read(host, () => reads.log.heads(ids)),
      },
      resume: {
        position: (...request) => this.#read(host, () => reads.resume.position(...request)),
        items: (...request) => this.#read(host, () => reads.resume.items(...request)),
        accountHeads: (ids) => this.#read(host, () => reads.resume.accountHeads(ids)),
        snapshot: (...request) => this.#read(host, () => reads.resume.snapshot(...request)),
      },
      receipts: {
        raise: (batch) => this.#write(host, () => truth.receipts.raise(batch)),
        unread: (conversationId, from, to) => this.#read(host, async () => this.#unread(conversationId, from, to)),
      },
    }
  }

  /** The name of the history, and how far it has come, as one process sees it. */
  pastFor(host: Host): Pick<Store, 'epoch' | 'starts' | 'current' | 'beginEpoch' | 'look'> {
    const past = {
      epoch: this.epoch,
      starts: () => this.truth.starts(),
      current: () => this.truth.current(),
      look: async () => undefined,
      beginEpoch: (ended: string, lastCommonStart: number | null) =>
        this.#write(host, async () => {
          if (ended !== this.epoch) return // [seam: sim-epoch-ends-once]
          if (!this.undecided) this.begunAgain++
          this.#beginEpoch(lastCommonStart)
        }),
    }
    return Object.defineProperty(past, 'epoch', { get: () => this.epoch })
  }

  #beginEpoch(lastCommonStart: number | null | 'now'): void {
    this.undecided = false
    this.truth.beginHistory(this.epoch, lastCommonStart)
    this.epoch = `${++this.#epochs}, after ${this.epoch}`
    this.epochBeganAt = this.#queue.now
  }

  readJoinedSeq(host: Host, conversationId: ConversationId, accountId: AccountId): Promise<number | null> {
    return this.#read(host, async () => this.joinedSeq(conversationId, accountId))
  }

  readDirect(host: Host, one: string, other: string): Promise<ConversationId | undefined> {
    return this.#read(host, async () => this.truth.kept.direct.get([one, other].toSorted().join()))
  }

  /** Reads the ids of revoked devices. */
  readRevoked(host: Host): Promise<readonly DeviceId[]> {
    return this.#read(host, async () => [...this.revoked.keys()]).catch((cause: unknown) => {
      this.revokedUnreadAt.set(host, this.#queue.now)
      throw cause
    })
  }

  revoke(host: Host, deviceId: DeviceId): Promise<void> {
    return this.#write(host, async () => void this.revoked.set(deviceId, this.#queue.now))
  }

  /** As the real store does it: the members' marks through the real function. */
  #unread(conversationId: ConversationId, from: number, to: number): readonly number[] {
    const entries = this.truth.entries(conversationId).slice(from - 1, to)
    const marks = [...this.#members(conversationId)].map(([account, member]) => ({ ...member, account }) as unknown as MemberMark)
    return unreadNumbers(
      marks,
      from,
      entries.map((entry) => entry.author),
    )
  }

  #members(conversationId: ConversationId): ReturnType<MemoryStore['membersOf']> {
    return this.truth.membersOf(conversationId)
  }

  #noting<T>(made: Promise<T>): Promise<T> {
    return made.then((result) => {
      const { conversationId, existed } = result as { conversationId?: ConversationId; existed?: boolean }
      if (conversationId !== undefined && existed === false) this.rooms.push(conversationId)
      return result
    })
  }

  #latency(): number {
    const chance = this.#chance
    if (this.trouble.slow) {
      this.#met.add('disk: slow')
      return chance.between(300, 4_000)
    }
    return chance.may(0.05) ? chance.between(10, 80) : chance.between(1, 6)
  }

  #refuses(host: Host): boolean {
    if (this.awayFrom.has(host.name)) {
      this.#met.add('disk: away from one process')
      return true
    }
    if (!this.#chance.may(this.trouble.unavailable)) return false
    this.#met.add('disk: unavailable')
    return true
  }

  /** Looked up at some moment between the call and the answer. */
  #read<T>(host: Host, look: () => Promise<T>): Promise<T> {
    const latencyMs = this.#latency()
    const lookMs = this.#chance.below(latencyMs + 1)
    const refuses = this.#refuses(host)
    return new Promise((resolve, reject) => {
      if (refuses) return host.hear(latencyMs, () => reject(new Unavailable('the store is away', { retryAfterMs: 500 })))
      this.#queue.add(lookMs, () => {
        if (host.alive) void look().then((value) => host.hear(latencyMs - lookMs, () => resolve(value)))
      })
    })
  }

  #write<T>(host: Host, apply: () => Promise<T>): Promise<T> {
    const latencyMs = this.#latency()
    const refuses = this.#refuses(host)
    const isLate = this.trouble.late > 0 && this.#chance.may(this.trouble.late)
    return new Promise((resolve, reject) => {
      const fail = (): void => host.hear(this.#chance.between(0, 5), () => reject(new Unavailable('the store cannot say', { retryAfterMs: 1_000 })))
      if (refuses) return fail()
      const write: Pending = {
        host,
        open: true,
        isLate,
        commit: () => {
          this.changedAt = this.#queue.now
          void apply()
        },
      }
      this.#pending.push(write)
      const called = this.onWrite
      this.onWrite = null
      called?.()
      if (isLate) {
        this.#met.add('disk: written late, after no answer')
        this.#queue.add(latencyMs, fail)
      }
      this.#queue.add(isLate ? latencyMs + this.#chance.between(50, LATE_MS_MAX) : latencyMs, () => {
        if (!write.open) return
        write.open = false
        this.#pending.splice(this.#pending.indexOf(write), 1)
        if (this.trouble.full) {
          this.#met.add('disk: full')
          return isLate ? undefined : fail()
        }
        this.changedAt = this.#queue.now
        if (isLate) return void apply()
        const unknown = this.#chance.may(this.trouble.unknown)
        if (unknown) this.#met.add('disk: written, answer lost')
        const answerMs = this.#chance.between(0, 10)
        void apply().then((value) => (unknown ? fail() : host.hear(answerMs, () => resolve(value))))
      })
    })
  }
}

function follow(stays: Map<AccountId, Stay[]>, { seq, author, body }: Entry): void {
  const come = body.kind === 'created' ? [author, ...body.accounts] : body.kind === 'invited' ? body.accounts : []
  for (const accountId of come) stays.set(accountId, [...(stays.get(accountId) ?? []), { from: seq, to: Number.POSITIVE_INFINITY }])
  const gone = body.kind === 'left' ? author : body.kind === 'removed' ? body.accountId : undefined
  const last = gone === undefined ? undefined : stays.get(gone)?.at(-1)
  if (last !== undefined) last.to = seq
}

/** The bound on a page's text, as the port tells it. */
function page(entries: readonly Entry[], charsMax: number = Number.POSITIVE_INFINITY): readonly Entry[] {
  let chars = 0
  const end = entries.findIndex((entry, index) => (chars += JSON.stringify(entry.body).length) > charsMax && index > 0)
  return end === -1 ? entries : entries.slice(0, end)
}
