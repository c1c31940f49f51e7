import { countCodePoints } from '@bongsu/protocol'
import { hash, verify } from '@node-rs/argon2'

export const PASSWORD_BOUNDS = {
  codePointsMin: 12,
  codePointsMax: 256,
  /** Simultaneous password checks: the pages must stay quick while someone tries passwords. */
  atATime: 1,
  waitingMax: 10,
} as const

/** argon2id with 19 MiB and two passes: the first choice of the OWASP Password Storage Cheat Sheet. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

export type Passwords = ReturnType<typeof createPasswords>

export function isUsablePassword(password: string): boolean {
  const length = countCodePoints(normal(password))
  return password.isWellFormed() && length >= PASSWORD_BOUNDS.codePointsMin && length <= PASSWORD_BOUNDS.codePointsMax
}

export function createPasswords() {
  let running = 0
  const waiting: (() => void)[] = []
  // Computed at the start: a wait for the first unknown name would reveal that the name is unknown.
  const dummy = hash('nobody has this password', COST)

  async function inTurn<T>(work: () => Promise<T>, first = false): Promise<T | 'busy'> {
    if (running >= PASSWORD_BOUNDS.atATime) {
      if (waiting.length >= PASSWORD_BOUNDS.waitingMax && !first) return 'busy'
      await new Promise<void>((resolve) => (first ? waiting.unshift(resolve) : waiting.push(resolve)))
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
    /** Null when too many checks are waiting. */
    async hash(password: string): Promise<string | null> {
      const made = await inTurn(() => hash(normal(password), COST))
      return made === 'busy' ? null : made
    },
    /**
     * With `stored` null the same work is done in vain, so that the duration does not reveal whether the name exists.
     * @param first before all that wait, also when too many do: for a browser that is known.
     */
    async matches(password: string, stored: string | null, first = false): Promise<boolean | 'busy'> {
      if (!password.isWellFormed() || countCodePoints(password) > PASSWORD_BOUNDS.codePointsMax) return false
      return inTurn(async () => (await verify(stored ?? (await dummy), normal(password))) && stored !== null, first)
    },
  }
}

/** Hangul typed on a Mac may be decomposed. Both forms are the same password. */
function normal(password: string): string {
  return password.normalize('NFC')
}
