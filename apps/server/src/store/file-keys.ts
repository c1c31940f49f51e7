import { join } from 'node:path'
import { loadKeyFile } from '../accounts/key-file.ts'
import type { KeyStore } from './store.ts'

const FILES = {
  token: { file: 'token.key', advice: 'Restore it from a backup; without it every device must sign in again.' },
  sentinel: { file: 'sentinel-key', advice: 'Delete it: the next start creates a new key, which the sentinel needs.' },
} as const

export type KeyName = keyof typeof FILES
export const KEY_NAMES = Object.keys(FILES) as readonly KeyName[]

export function keyFileIn(directory: string, name: KeyName): string {
  return join(directory, FILES[name].file)
}

/** Keys in files beside the database. */
export function fileKeys(directory: string): KeyStore {
  return { load: (name) => loadKeyFile(keyFileIn(directory, name), FILES[name].advice) }
}
