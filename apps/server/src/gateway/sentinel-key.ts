import { createHash, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { loadKeyFile } from '../accounts/key-file.ts'

/** The sentinel's key: the configured one, or the one kept beside the data [F1]. */
export async function loadSentinelKey(directory: string, set: string | null): Promise<string> {
  if (set !== null) return set
  const path = join(directory, 'sentinel-key')
  return Buffer.from(await loadKeyFile(path, 'Delete it: the next start creates a new key, which the sentinel needs.')).toString('base64url')
}

/** Whether this header has the key. The duration does not reveal how much of it was right. */
export function createKeyCheck(key: string): (authorization: string | undefined) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const expected = digest(`Bearer ${key}`)
  // Digests, because only values of equal length can be compared in constant time.
  return (authorization) => authorization !== undefined && timingSafeEqual(digest(authorization), expected)
}
