import { createHash, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { loadKeyFile } from '../accounts/key-file.ts'

/** The key by which the sentinel asks: the one that was set, or the one that is kept beside the data [F1]. */
export async function loadSentinelKey(directory: string, set: string | null): Promise<string> {
  if (set !== null) return set
  const path = join(directory, 'sentinel-key')
  return Buffer.from(await loadKeyFile(path, 'Delete it: another is made at the next start, which the sentinel has to be given.')).toString(
    'base64url',
  )
}

/** Does this header carry the key? The time it takes tells nothing of how much of it was right. */
export function createKeyCheck(key: string): (authorization: string | undefined) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const expected = digest(`Bearer ${key}`)
  // Digests, because only what is equally long can be compared in constant time.
  return (authorization) => authorization !== undefined && timingSafeEqual(digest(authorization), expected)
}
