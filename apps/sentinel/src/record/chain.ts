import { hash } from 'node:crypto'

/**
 * The hash before the first entry: SHA-256 of nothing would say nothing, so it is 32 zero bytes, in hex.
 *
 * Each entry: `bodyHash = SHA-256(canonical JSON of the body)`, and
 * `hash = SHA-256(hash before + "\n" + {"at":…,"body":"<bodyHash>","kind":"…","seq":…})`, all texts in UTF-8, all hashes in lower-case hex.
 * The body goes in by its own hash, so that the chain can still be checked after a body was let go.
 */
export const GENESIS = '0'.repeat(64)

/** What of an entry goes into its hash. */
export interface Link {
  readonly seq: number
  readonly at: number
  readonly kind: string
  readonly bodyHash: string
}

/** @param canonical the canonical JSON of a body. */
export function hashOfBody(canonical: string): string {
  return hash('sha256', canonical, 'hex')
}

export function hashOfEntry(previous: string, { seq, at, kind, bodyHash }: Link): string {
  return hash('sha256', `${previous}\n{"at":${at},"body":"${bodyHash}","kind":${JSON.stringify(kind)},"seq":${seq}}`, 'hex')
}
