import { join } from 'node:path'
import { loadKeyFile } from './key-file.ts'

/** Loads the key that signs tokens. */
export async function loadTokenKey(directory: string): Promise<Uint8Array> {
  return loadKeyFile(join(directory, 'token.key'), 'Restore it from a backup; without it every device must sign in again.')
}
