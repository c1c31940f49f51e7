import { domainToASCII } from 'node:url'

/** RFC 5321, 4.5.3.1: the whole, and the part before the @. */
export const ADDRESS_BOUNDS = { charsMax: 254, localCharsMax: 64 } as const

/** RFC 5322's dot-atom. Quoted parts and comments are legal, unused by people, and loved by those who smuggle headers. */
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * A mail address as it may be written to; null when it is none, or of a kind that is not supported (quoted, with comments, letters other than
 * ASCII before the @, an IP address as its host). Domains of other letters come out as ASCII.
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

/** By which two spellings are known as one. */
export function foldAddress(address: string): string {
  return address.toLowerCase()
}

function asciiDomain(typed: string): string | null {
  // domainToASCII forgives much that a domain may not hold; what comes out is looked at again.
  const domain = /^[^\s@/\\?#:[\]%]+$/.test(typed) ? domainToASCII(typed) : ''
  const labels = domain.split('.')
  const last = labels.at(-1) ?? ''
  return labels.length >= 2 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(last) ? domain : null
}
