import { domainToASCII } from 'node:url'

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
