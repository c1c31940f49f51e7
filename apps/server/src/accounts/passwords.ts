import { availableParallelism } from 'node:os'
import { LIMITS, countCodePoints, type RefusalCode } from '@bongsu/protocol'
import { hash, verify } from '@node-rs/argon2'

/** argon2id with 19 MiB and two passes: the first choice of the OWASP Password Storage Cheat Sheet. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
export const PASSWORD_BOUNDS = {
  /**
   * Most simultaneous hash computations. Each takes a core and 19 MiB for some tens of milliseconds. One core stays free of them, for the messages of
   * people who have signed in [B77].
   */
  atATime: Math.max(1, Math.min(2, availableParallelism() - 1)),
  /** Most waiting computations of strangers, and of those known here. */
  waitingMax: 100,
} as const

/** For whom a password is checked. Those known here come first, whatever strangers do [B21]. */
export interface For {
  readonly known: boolean
  /** Where a stranger comes from. When too many wait, the last one of the network with the most is refused. */
  readonly network: string
}

export interface Passwords {
  /** Null when too many are waiting. */
  hash(password: string, whom: For): Promise<string | null>
  /** With `stored` null the same work is done in vain, so that the duration does not reveal whether the handle exists. */
  matches(password: string, stored: string | null, whom: For): Promise<boolean | 'busy'>
}

/** The network of a visitor: the first 48 bits of IPv6, which one subscriber may have, and the first 24 of IPv4. */
export function networkOf(visitor: string): string {
  return visitor.includes(':') ? visitor.split(':').slice(0, 3).join(':') : visitor.split('.').slice(0, 3).join('.')
}

/** Blanks, digits or letters in order, a row of keys, or the handle itself: what is tried first. */
function isGuessedFirst(password: string, handle: string | undefined): boolean {
  const lower = password.toLowerCase()
  if (lower.trim() === '') return true
  if (handle !== undefined && lower.replaceAll(handle.toLowerCase(), '').trim().length < 4) return true
  return RUNS.some((run) => run.includes(lower) || Array.from(run).toReversed().join('').includes(lower))
}

const RUNS = ['01234567890'.repeat(3), 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm', '1234567890-=qwertyuiop[]', 'password1234567890']

/** @param handle of the account, when it is known. */
export function faultInPassword(password: string, handle?: string): RefusalCode | null {
  if (!password.isWellFormed()) return 'text-malformed'
  const length = countCodePoints(normal(password))
  if (length < LIMITS.passwordCodePointsMin || isGuessedFirst(normal(password), handle)) return 'body-invalid'
  return length > LIMITS.passwordCodePointsMax ? 'text-too-long' : null
}

interface Waiter {
  readonly network: string
  readonly end: (isTurn: boolean) => void
}

/** Waiting strangers, first come, first served. Many from one network keep nobody of another one out. */
class Strangers {
  readonly #waiting: Waiter[] = []

  add(waiter: Waiter): void {
    this.#waiting.push(waiter)
    if (this.#waiting.length <= PASSWORD_BOUNDS.waitingMax) return
    const most = this.#mostOf()
    const last = this.#waiting.findLastIndex(({ network }) => network === most)
    for (const { end } of this.#waiting.splice(last, 1)) end(false)
  }

  shift(): Waiter | undefined {
    return this.#waiting.shift()
  }

  #mostOf(): string {
    const counts = new Map<string, number>()
    for (const { network } of this.#waiting) counts.set(network, (counts.get(network) ?? 0) + 1)
    let most = { network: '', count: 0 }
    for (const [network, count] of counts) if (count >= most.count) most = { network, count }
    return most.network
  }
}

/** @param late resolves when a refusal may be told: later, so that whoever tries again at once gains nothing [B78]. */
export function createPasswords(late: () => Promise<void> = async () => undefined): Passwords {
  let running = 0
  const known: Waiter[] = []
  const strangers = new Strangers()
  // Computed at the start: a wait for the first unknown handle would reveal that the handle is unknown.
  const dummy = hash('nobody has this password', COST)

  function enqueue(whom: For, end: (isTurn: boolean) => void): void {
    if (!whom.known) return strangers.add({ network: whom.network, end })
    if (known.length >= PASSWORD_BOUNDS.waitingMax) return end(false)
    known.push({ network: whom.network, end })
  }

  async function inTurn<T>(whom: For, work: () => Promise<T>): Promise<T | 'busy'> {
    if (running >= PASSWORD_BOUNDS.atATime) {
      if (!(await new Promise<boolean>((resolve) => enqueue(whom, resolve)))) {
        await late()
        return 'busy'
      }
    } else running++
    try {
      return await work()
    } finally {
      // The place is handed to the next waiter directly, so that nobody slips in between.
      const next = known.shift() ?? strangers.shift()
      if (next === undefined) running--
      else next.end(true)
    }
  }

  return {
    async hash(password, whom) {
      const made = await inTurn(whom, () => hash(normal(password), COST))
      return made === 'busy' ? null : made
    },
    async matches(password, stored, whom) {
      if (!password.isWellFormed() || countCodePoints(normal(password)) > LIMITS.passwordCodePointsMax) return false
      return inTurn(whom, async () => {
        const same = await verify(stored ?? (await dummy), normal(password))
        return same && stored !== null
      })
    },
  }
}

/** Hangul typed on a Mac may be decomposed. Both forms are the same password. */
function normal(password: string): string {
  return password.normalize('NFC')
}
