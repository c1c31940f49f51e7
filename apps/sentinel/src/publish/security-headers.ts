/**
 * Permissions of our pages in the browser: load from this origin, send forms to this origin, nothing else. One table for the fast path and for the
 * plug-in.
 */
export type Policy = Readonly<Record<string, readonly string[]>>

/** @param formOrigin an additional origin for forms: the address people know, for visitors who came by another one. */
export function policyOf(formOrigin: string | null): Policy {
  return {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    // A policy cannot name an IPv6 address. There, 'self' must suffice.
    'form-action': formOrigin === null || formOrigin.includes('[') ? ["'self'"] : ["'self'", formOrigin],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
  }
}

const STRICT_TRANSPORT = 'max-age=31536000'

export function securityHeadersOf(policy: Policy, secure: boolean): Readonly<Record<string, string>> {
  return {
    'content-security-policy': Object.entries(policy)
      .map(([name, sources]) => `${name} ${sources.join(' ')}`)
      .join(';'),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(secure ? { 'strict-transport-security': STRICT_TRANSPORT } : {}),
  }
}
