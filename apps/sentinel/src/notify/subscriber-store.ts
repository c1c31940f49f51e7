import type { DatabaseSync } from 'node:sqlite'
import type { Language } from '../publish/numbers.ts'
import { atomically } from './atomic-store.ts'
import { foldAddress } from './mail-address.ts'

export const SUBSCRIBER_BOUNDS = {
  confirmedMax: 10_000,
  /** Who was asked to confirm and has not yet. */
  pendingMax: 1_000,
  /** How long a link that confirms is good, and for how long letters are counted. */
  confirmMs: 24 * 3_600_000,
  /** Letters one address is sent in that time because somebody typed it in. */
  lettersMax: 3,
} as const

export interface Subscriber {
  readonly id: number
  readonly address: string
  readonly language: Language
  readonly confirmedAt: number | null
  readonly expiresAt: number | null
  readonly spentUntil: number
}

export interface SubscriberStore {
  /**
   * Somebody typed this address into the form: a letter to it is planned, which asks to confirm, or says that all is well already.
   * - enough: it was sent so many letters that this time there is none.
   * - full: nobody can be taken now; said before the address is looked at, so that it tells nothing of it.
   */
  ask(address: string, language: Language, now: number): 'planned' | 'enough' | 'full'
  /** @returns false when there is no such person any more. Confirming twice is fine. */
  confirm(id: number, now: number): boolean
  /** Forgets the person, and what they were told. @returns false when they were gone already. */
  forget(id: number): boolean
  find(id: number): Subscriber | null
  counts(): { readonly confirmed: number; readonly pending: number }
  /** The mail server refused this address for good. @returns how many times in a row. */
  refused(id: number): number
  reached(id: number): void
  /** Forgets who has not confirmed in time. @returns how many. */
  tidy(now: number): number
}

interface Row {
  readonly id: number
  readonly address: string
  readonly language: Language
  readonly confirmed_at: number | null
  readonly expires_at: number | null
  readonly spent_until: number
  readonly letters: number
  readonly letters_from: number
}

export function createSubscriberStore(db: DatabaseSync): SubscriberStore {
  const byAddress = db.prepare('SELECT * FROM subscribers WHERE folded_address = ?')
  const byId = db.prepare('SELECT * FROM subscribers WHERE id = ?')
  const insert = db.prepare('INSERT INTO subscribers (address, folded_address, language, asked_at) VALUES (?, ?, ?, ?) RETURNING *')
  const touch = db.prepare(
    'UPDATE subscribers SET language = ?, expires_at = CASE WHEN confirmed_at IS NULL THEN ? END, letters = ?, letters_from = ? WHERE id = ?',
  )
  const confirm = db.prepare('UPDATE subscribers SET confirmed_at = coalesce(confirmed_at, ?), expires_at = NULL WHERE id = ?')
  const forget = db.prepare('DELETE FROM subscribers WHERE id = ?')
  const count = db.prepare('SELECT count(confirmed_at) AS confirmed, count(*) - count(confirmed_at) AS pending FROM subscribers')
  const refuse = db.prepare('UPDATE subscribers SET refusals = refusals + 1 WHERE id = ? RETURNING refusals')
  const reach = db.prepare('UPDATE subscribers SET refusals = 0 WHERE id = ? AND refusals > 0')
  const expire = db.prepare('DELETE FROM subscribers WHERE confirmed_at IS NULL AND expires_at <= ?')
  const supersede = db.prepare(
    "UPDATE deliveries SET state = 'folded', ended_at = ? WHERE channel = 'mail' AND target = ? AND subject = 'letter' AND state = 'waiting'",
  )
  const planLetter = db.prepare(
    "INSERT INTO deliveries (channel, target, notice_key, subject, state, planned_at, due_at) VALUES ('mail', ?, ?, 'letter', 'waiting', ?, ?)",
  )

  const counts = (): { readonly confirmed: number; readonly pending: number } => ({ ...(count.get() as { confirmed: number; pending: number }) })

  return {
    ask: (address, language, now) =>
      atomically(db, () => {
        expire.run(now)
        const { confirmed, pending } = counts()
        if (confirmed >= SUBSCRIBER_BOUNDS.confirmedMax || pending >= SUBSCRIBER_BOUNDS.pendingMax) return 'full'
        const known = byAddress.get(foldAddress(address)) as unknown as Row | undefined
        const row = known ?? (insert.get(address, foldAddress(address), language, now) as unknown as Row)
        const fresh = Math.abs(now - row.letters_from) >= SUBSCRIBER_BOUNDS.confirmMs
        const letters = (fresh ? 0 : row.letters) + 1
        if (letters > SUBSCRIBER_BOUNDS.lettersMax) return 'enough'
        const from = fresh ? now : row.letters_from
        // Whoever has confirmed chose their language; a stranger at the form does not change it.
        touch.run(row.confirmed_at === null ? language : row.language, now + SUBSCRIBER_BOUNDS.confirmMs, letters, from, row.id)
        supersede.run(now, row.id)
        planLetter.run(row.id, `letter:${from}:${letters}`, now, now)
        return 'planned'
      }),
    confirm: (id, now) => confirm.run(now, id).changes > 0,
    forget: (id) => forget.run(id).changes > 0,
    find(id) {
      const row = byId.get(id) as unknown as Row | undefined
      if (row === undefined) return null
      const { address, language, confirmed_at: confirmedAt, expires_at: expiresAt, spent_until: spentUntil } = row
      return { id, address, language, confirmedAt, expiresAt, spentUntil }
    },
    counts,
    refused: (id) => (refuse.get(id) as { refusals: number } | undefined)?.refusals ?? 0,
    reached: (id) => void reach.run(id),
    tidy: (now) => Number(expire.run(now).changes),
  }
}
