import type { DatabaseSync } from 'node:sqlite'
import type { Language } from '../publish/numbers.ts'
import { atomically } from './atomic-store.ts'
import { foldAddress } from './mail-address.ts'

export const SUBSCRIBER_BOUNDS = {
  confirmedMax: 10_000,
  /** Most people who were asked to confirm and have not confirmed yet. */
  pendingMax: 1_000,
  /** How long a confirmation link is valid, and how long letters are counted. */
  confirmMs: 24 * 3_600_000,
  /** Most letters to one address in that time because someone entered it. */
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
   * Handles an address entered into the form. Plans a letter that asks to confirm, or says that the subscription already exists.
   * - enough: the address has had so many letters that none is sent now.
   * - full: no more people can be added now. Decided before the address is looked up, so that the answer reveals nothing about it.
   */
  ask(address: string, language: Language, now: number): 'planned' | 'enough' | 'full'
  /** @returns false when the person does not exist any more. Confirming twice is fine. */
  confirm(id: number, now: number): boolean
  /** Deletes the person and their deliveries. @returns false when they were already gone. */
  forget(id: number): boolean
  find(id: number): Subscriber | null
  counts(): { readonly confirmed: number; readonly pending: number }
  /** The mail server refused this address for good. @returns how many times in a row. */
  refused(id: number): number
  reached(id: number): void
  /** Deletes people who did not confirm in time. @returns how many. */
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
        // A confirmed subscriber chose the language. A stranger at the form does not change it.
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
