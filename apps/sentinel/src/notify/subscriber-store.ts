import type { DatabaseSync } from 'node:sqlite'
import { domainToASCII } from 'node:url'
import type { Language } from '../vocabulary/numbers.ts'
import { atomically } from './atomic-store.ts'

const HOUR_MS = 3_600_000

export const SUBSCRIBER_BOUNDS = {
  confirmedMax: 10_000,
  /** Most people who were asked to confirm and have not confirmed yet. */
  pendingMax: 1_000,
  /** How long a confirmation link is valid, and how long letters are counted. */
  confirmMs: 24 * 3_600_000,
  /** Most letters to one address in that time because someone entered it. */
  lettersMax: 3,
  /** Most letters to all addresses within an hour: nobody can have floods of mail sent. */
  lettersPerHourMax: 300,
} as const

export interface Subscriber {
  readonly id: number
  readonly address: string
  readonly language: Language
  readonly confirmedAt: number | null
  readonly expiresAt: number | null
  readonly spentUntil: number
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

export function createSubscriberStore(db: DatabaseSync) {
  const sql = db.createTagStore()
  const counts = (): { readonly confirmed: number; readonly pending: number } => {
    const row = sql.get`SELECT count(confirmed_at) AS confirmed, count(*) - count(confirmed_at) AS pending FROM subscribers`
    return { ...(row as { confirmed: number; pending: number }) }
  }
  /** Deletes people who did not confirm in time. @returns how many. */
  const tidy = (now: number): number => Number(sql.run`DELETE FROM subscribers WHERE confirmed_at IS NULL AND expires_at <= ${now}`.changes)

  return {
    /**
     * Handles an address entered into the form. Plans a letter that asks to confirm, or says that the subscription already exists.
     * - enough: the address has had so many letters that none is sent now.
     * - full: no more people can be added now. Decided before the address is looked up, so that the answer reveals nothing about it.
     */
    ask: (address: string, language: Language, now: number): 'planned' | 'enough' | 'full' =>
      atomically(db, () => {
        tidy(now)
        const { confirmed, pending } = counts()
        const { count: letters } = sql.get`SELECT count(*) AS count FROM deliveries
          WHERE channel = 'mail' AND subject = 'letter' AND planned_at > ${now - HOUR_MS}` as { count: number }
        if (letters >= SUBSCRIBER_BOUNDS.lettersPerHourMax) return 'full'
        if (confirmed >= SUBSCRIBER_BOUNDS.confirmedMax || pending >= SUBSCRIBER_BOUNDS.pendingMax) return 'full'
        sql.run`INSERT INTO subscribers (address, folded_address, language, asked_at)
          VALUES (${address}, ${foldAddress(address)}, ${language}, ${now}) ON CONFLICT (folded_address) DO NOTHING`
        const row = sql.get`SELECT * FROM subscribers WHERE folded_address = ${foldAddress(address)}` as unknown as Row
        const fresh = Math.abs(now - row.letters_from) >= SUBSCRIBER_BOUNDS.confirmMs
        const own = (fresh ? 0 : row.letters) + 1
        if (own > SUBSCRIBER_BOUNDS.lettersMax) return 'enough'
        const from = fresh ? now : row.letters_from
        // A confirmed subscriber chose the language. A stranger at the form does not change it.
        sql.run`UPDATE subscribers SET language = CASE WHEN confirmed_at IS NULL THEN ${language} ELSE language END,
            expires_at = CASE WHEN confirmed_at IS NULL THEN ${now + SUBSCRIBER_BOUNDS.confirmMs} END, letters = ${own}, letters_from = ${from}
          WHERE id = ${row.id}`
        sql.run`UPDATE deliveries SET state = 'folded', ended_at = ${now}
          WHERE channel = 'mail' AND target = ${row.id} AND subject = 'letter' AND state = 'waiting'`
        sql.run`INSERT INTO deliveries (channel, target, notice_key, subject, state, planned_at, due_at)
          VALUES ('mail', ${row.id}, ${`letter:${from}:${own}`}, 'letter', 'waiting', ${now}, ${now})`
        return 'planned'
      }),
    /** @returns false when the person does not exist any more. Confirming twice is fine. */
    confirm: (id: number, now: number): boolean =>
      sql.run`UPDATE subscribers SET confirmed_at = coalesce(confirmed_at, ${now}), expires_at = NULL WHERE id = ${id}`.changes > 0,
    /** Deletes the person and their deliveries. @returns false when they were already gone. */
    forget: (id: number): boolean => sql.run`DELETE FROM subscribers WHERE id = ${id}`.changes > 0,
    find(id: number): Subscriber | null {
      const row = sql.get`SELECT * FROM subscribers WHERE id = ${id}` as unknown as Row | undefined
      if (row === undefined) return null
      const { address, language, confirmed_at: confirmedAt, expires_at: expiresAt, spent_until: spentUntil } = row
      return { id, address, language, confirmedAt, expiresAt, spentUntil }
    },
    counts,
    /** The mail server refused this address for good. @returns how many times in a row. */
    refused(id: number): number {
      const row = sql.get`UPDATE subscribers SET refusals = refusals + 1 WHERE id = ${id} RETURNING refusals`
      return (row as { refusals: number } | undefined)?.refusals ?? 0
    },
    reached: (id: number): void => void sql.run`UPDATE subscribers SET refusals = 0 WHERE id = ${id} AND refusals > 0`,
    tidy,
  }
}

/** RFC 5321, 4.5.3.1: the whole address, and the part before the @. */
export const ADDRESS_BOUNDS = { charsMax: 254, localCharsMax: 64 } as const

/** RFC 5322's dot-atom. Quoted parts and comments are legal, but people do not use them and header smugglers do. */
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * A mail address that can be written to. Null when it is invalid or unsupported (quoted, with comments, letters other than ASCII before the @, an IP
 * address as its host). International domains are converted to ASCII.
 */
export function readMailAddress(typed: string): string | null {
  const text = typed.trim()
  if (text.length > ADDRESS_BOUNDS.charsMax) return null
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  if (at < 1 || local.length > ADDRESS_BOUNDS.localCharsMax || !LOCAL.test(local)) return null
  const domain = asciiDomain(text.slice(at + 1))
  const address = `${local}@${domain ?? ''}`
  return domain === null || address.length > ADDRESS_BOUNDS.charsMax ? null : address
}

/** The form in which two spellings of one address are equal. */
export function foldAddress(address: string): string {
  return address.toLowerCase()
}

function asciiDomain(typed: string): string | null {
  // domainToASCII accepts much that a domain may not contain, so its result is checked again.
  const domain = /^[^\s@/\\?#:[\]%]+$/.test(typed) ? domainToASCII(typed) : ''
  const labels = domain.split('.')
  const last = labels.at(-1) ?? ''
  return labels.length >= 2 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(last) ? domain : null
}
