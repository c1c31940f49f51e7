import { hash } from 'node:crypto'

/**
 * The hash before the first entry: 32 zero bytes, in hex.
 *
 * Each entry: `bodyHash = SHA-256(canonical JSON of the body)`, and `hash = SHA-256(hash before + "\n" +
 * {"at":…,"body":"<bodyHash>","kind":"…","seq":…})`, all texts in UTF-8, all hashes in lower-case hex. The chain covers the hash of the body instead
 * of the body, so that it can still be checked after the body was dropped.
 */
export const GENESIS = '0'.repeat(64)

export interface Link {
  readonly seq: number
  readonly at: number
  readonly kind: string
  readonly bodyHash: string
}

export function hashOfBody(canonical: string): string {
  return hash('sha256', canonical, 'hex')
}

export function hashOfEntry(previous: string, { seq, at, kind, bodyHash }: Link): string {
  return hash('sha256', `${previous}\n{"at":${at},"body":"${bodyHash}","kind":${JSON.stringify(kind)},"seq":${seq}}`, 'hex')
}
