import { createHash, timingSafeEqual } from 'node:crypto'

interface Keys {
  readonly load: (name: 'sentinel') => Promise<Uint8Array>
}

/** The sentinel's key: the configured one, or the one kept with the data [F1]. */
export async function loadSentinelKey(keys: Keys, set: string | null): Promise<string> {
  return set ?? Buffer.from(await keys.load('sentinel')).toString('base64url')
}

/** Whether this header has the key. The duration does not reveal how much of it was right. */
export function createKeyCheck(key: string): (authorization: string | undefined) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const expected = digest(`Bearer ${key}`)
  // Digests, because only values of equal length can be compared in constant time.
  return (authorization) => authorization !== undefined && timingSafeEqual(digest(authorization), expected)
}
