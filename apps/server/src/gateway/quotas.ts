import type { AccountId, ConversationId, LimitName, Refusal } from '@bongsu/protocol'
import { LIMITS } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import type { Limits } from '../ops/limits.ts'

export const QUOTA_BOUNDS = {
  windowMs: 3_600_000,
  /** What is stored with each text and act besides its contents, in bytes. */
  entryBytes: 256,
  /** Bytes are counted in the store in this many parts of the bound: nobody who writes as people do causes a write there. */
  parts: 100,
  /** A conversation may take as much as this many accounts. */
  accountsPerRoom: 10,
  /** While the disk is down to its reserve, a byte counts as this many. */
  shortFactor: 10,
  /** Most accounts and most conversations remembered by a process between two counts. */
  keysMax: 20_000,
  /** Wait of a request that exceeds the bound only because others of the same account are under way, and of one that needs room on the disk. */
  underWayRetryMs: 1_000,
  shortRetryMs: 60_000,
} as const

type Refused = Refusal & { readonly ok: false }

/** A request that may be made. `end` says what came of it, exactly once. */
export interface Begun {
  readonly ok: true
  end(made: number, joins: number): Promise<void>
}

/** How much one account may add in an hour, with all its devices and through all processes [B23]. */
export interface Quotas {
  /** Counts a text or an act. Null: it may be written. */
  write(accountId: AccountId, conversationId: ConversationId, bytes: number): Refusal | null
  /** @param made conversations that the request may make. @param joins people whom it may put into one. */
  begin(accountId: AccountId, made: number, joins: number): Promise<Begun | Refused>
  /** Counts a report [B64]. Null: it may be written. */
  report(accountId: AccountId): Promise<Refused | null>
  /** Whether what is not needed for running conversations must wait for room on the disk [B25]. */
  short(): Refused | null
}

export interface QuotaParts {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly limits: Limits
  readonly bytesPerHour: number
  readonly isDiskShort: () => boolean
  readonly failed: (cause: unknown) => void
}

interface Used {
  bytes: number
  asking: boolean
  /** Monotonic ms. */
  fullUntil: number
}

/** Bytes of one kind of key. The store is told of whole parts, and answers for all processes together. */
class Bytes {
  readonly #parts: QuotaParts
  readonly #name: string
  readonly #partBytes: number
  /** Oldest first. */
  readonly #used = new Map<string, Used>()

  constructor(parts: QuotaParts, name: string, max: number) {
    this.#parts = parts
    this.#name = name
    this.#partBytes = Math.max(1, Math.floor(max / QUOTA_BOUNDS.parts))
  }

  /** @returns the wait until there is room. */
  waitMs(key: string): number {
    return Math.max(0, (this.#used.get(key)?.fullUntil ?? 0) - this.#parts.clock.monotonic())
  }

  take(key: string, bytes: number): void {
    let mine = this.#used.get(key)
    if (mine === undefined) {
      if (this.#used.size >= QUOTA_BOUNDS.keysMax) for (const oldest of this.#used.keys().take(1)) this.#used.delete(oldest)
      this.#used.set(key, (mine = { bytes: 0, asking: false, fullUntil: 0 }))
    }
    mine.bytes += bytes
    if (mine.bytes >= this.#partBytes && !mine.asking) void this.#tell(key, mine).catch(this.#parts.failed)
  }

  async #tell(key: string, mine: Used): Promise<void> {
    const { limits, clock } = this.#parts
    const count = Math.floor(mine.bytes / this.#partBytes)
    mine.bytes -= count * this.#partBytes
    mine.asking = true
    try {
      const spent = await limits.spend(`${this.#name}:${key}`, QUOTA_BOUNDS.parts, QUOTA_BOUNDS.windowMs, count)
      if (!spent.ok) mine.fullUntil = clock.monotonic() + spent.retryAfterMs
    } finally {
      mine.asking = false
    }
  }
}

export function createQuotas(parts: QuotaParts): Quotas {
  const { limits, isDiskShort } = parts
  const byAccount = new Bytes(parts, 'bytes', parts.bytesPerHour)
  const byRoom = new Bytes(parts, 'room', parts.bytesPerHour * QUOTA_BOUNDS.accountsPerRoom)
  /** Bounded by the requests of the account that are under way. */
  const underWay = new Map<AccountId, { made: number; joins: number }>()

  function add(accountId: AccountId, made: number, joins: number): { made: number; joins: number } {
    const mine = underWay.get(accountId) ?? { made: 0, joins: 0 }
    mine.made += made
    mine.joins += joins
    if (mine.made + mine.joins === 0) underWay.delete(accountId)
    else underWay.set(accountId, mine)
    return mine
  }

  const refused = (limit: LimitName, retryAfterMs: number): Refused => ({
    ok: false,
    code: 'rate-limited',
    retryAfterMs: retryAfterMs || QUOTA_BOUNDS.underWayRetryMs,
    limit,
  })

  async function look(accountId: AccountId, made: number, joins: number, mine: { made: number; joins: number }): Promise<Refused | null> {
    const rooms = await limits.look(`made:${accountId}`, LIMITS.conversationsPerHourMax)
    if (made > 0 && mine.made > rooms.points) return refused('conversationsPerHourMax', rooms.windowMs)
    const people = await limits.look(`joins:${accountId}`, LIMITS.joinsPerHourMax)
    return joins > 0 && mine.joins > people.points ? refused('joinsPerHourMax', people.windowMs) : null
  }

  const short = (): Refused | null => (isDiskShort() ? { ok: false, code: 'unavailable', retryAfterMs: QUOTA_BOUNDS.shortRetryMs } : null)

  return {
    write(accountId, conversationId, bytes) {
      const accountMs = byAccount.waitMs(accountId)
      if (accountMs > 0) return { code: 'rate-limited', retryAfterMs: accountMs, limit: 'textBytesPerHourMax' }
      const roomMs = byRoom.waitMs(conversationId)
      if (roomMs > 0) return { code: 'rate-limited', retryAfterMs: roomMs, limit: 'roomBytesPerHourMax' }
      const weight = (QUOTA_BOUNDS.entryBytes + bytes) * (isDiskShort() ? QUOTA_BOUNDS.shortFactor : 1)
      byAccount.take(accountId, weight)
      byRoom.take(conversationId, weight)
      return null
    },

    async begin(accountId, made, joins) {
      const no = short()
      if (no !== null) return no
      const mine = add(accountId, made, joins)
      const over = (): unknown => add(accountId, -made, -joins)
      const refusal = await look(accountId, made, joins, { ...mine }).catch((cause: unknown) => {
        over()
        throw cause
      })
      if (refusal !== null) {
        over()
        return refusal
      }
      return {
        ok: true,
        async end(wasMade, haveJoined) {
          try {
            if (wasMade > 0) await limits.spend(`made:${accountId}`, LIMITS.conversationsPerHourMax, QUOTA_BOUNDS.windowMs, wasMade)
            if (haveJoined > 0) await limits.spend(`joins:${accountId}`, LIMITS.joinsPerHourMax, QUOTA_BOUNDS.windowMs, haveJoined)
          } finally {
            over()
          }
        },
      }
    },

    async report(accountId) {
      const no = short()
      if (no !== null) return no
      const spent = await limits.spend(`reports:${accountId}`, LIMITS.reportsPerHourMax, QUOTA_BOUNDS.windowMs)
      return spent.ok ? null : refused('reportsPerHourMax', spent.retryAfterMs)
    },

    short,
  }
}

/** No quotas, for a server without people, such as that of a bench. */
export const NO_QUOTAS: Quotas = {
  write: () => null,
  begin: async () => ({ ok: true, async end() {} }),
  report: async () => null,
  short: () => null,
}
