import { chownSync, closeSync, fsyncSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** This file marks a restore that is running or was interrupted: the data directory is between two databases. */
export function restoreMark(directory: string): string {
  return join(directory, 'restore-under-way')
}

/** An administrator restores as root. The server runs as the owner of its directory and must be able to read the restored files. */
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

/** A new or renamed file survives a power cut only if its directory was synced too. */
export function syncDirectory(directory: string): void {
  syncFile(directory)
}
