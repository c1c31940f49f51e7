import { chownSync, closeSync, fsyncSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** While this file is there, the data directory is between two databases: a restore is under way or was interrupted. */
export function restoreMark(directory: string): string {
  return join(directory, 'restore-under-way')
}

/** An administrator restores as root, the server runs as the owner of its directory and must be able to read what was restored. */
export function giveToOwner(directory: string, name: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(directory)
  chownSync(join(directory, name), uid, gid)
}

export function syncFile(file: string): void {
  const handle = openSync(file, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** A new or renamed file is only there after a power cut if its directory was written too. */
export function syncDirectory(directory: string): void {
  syncFile(directory)
}
