import { LIMITS, countCodePoints, type RefusalCode } from '@bongsu/protocol'
import { hash, verify } from '@node-rs/argon2'

/** argon2id with 19 MiB and two passes: the first choice of the OWASP Password Storage Cheat Sheet. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
/** Simultaneous hash computations. Each takes a core and 19 MiB for some tens of milliseconds. */
const AT_A_TIME = 2
/** Most waiting computations. Beyond it a sign-in is refused as busy. */
const WAITING_MAX = 100

export interface Passwords {
  /** Null when too many are waiting. */
  hash(password: string): Promise<string | null>
  /** With `stored` null the same work is done in vain, so that the duration does not reveal whether the handle exists. */
  matches(password: string, stored: string | null): Promise<boolean | 'busy'>
}

export function faultInPassword(password: string): RefusalCode | null {
  if (!password.isWellFormed()) return 'text-malformed'
  const length = countCodePoints(normal(password))
  if (length < LIMITS.passwordCodePointsMin) return 'body-invalid'
  return length > LIMITS.passwordCodePointsMax ? 'text-too-long' : null
}

export function createPasswords(): Passwords {
  let running = 0
  const waiting: (() => void)[] = []
  // Computed at the start: a wait for the first unknown handle would reveal that the handle is unknown.
  const dummy = hash('nobody has this password', COST)

  async function inTurn<T>(work: () => Promise<T>): Promise<T | 'busy'> {
    if (running >= AT_A_TIME) {
      if (waiting.length >= WAITING_MAX) return 'busy'
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      // The place is handed to the next waiter directly, so that nobody slips in between.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }

  return {
    async hash(password) {
      const made = await inTurn(() => hash(normal(password), COST))
      return made === 'busy' ? null : made
    },
    async matches(password, stored) {
      if (!password.isWellFormed() || countCodePoints(normal(password)) > LIMITS.passwordCodePointsMax) return false
      return inTurn(async () => {
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
