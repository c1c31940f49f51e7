import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Free bytes required before a database is opened for writing after a full disk: it needs the index of its write-ahead log at once. */
export const roomBytes = 1_048_576

/** Causes that someone can remove while the program runs. */
const WANTS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EIO: 'the disk fails',
}

/** Why the disk of this folder takes nothing; null when it takes something, or when the disk is not the cause. */
export function wantOfRoom(directory: string): string | null {
  const file = join(directory, `room.${process.pid}`)
  try {
    const handle = openSync(file, 'w', 0o600)
    try {
      const bytes = Buffer.alloc(roomBytes)
      for (let written = 0; written < bytes.length;) written += writeSync(handle, bytes, written)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
      rmSync(file, { force: true })
    }
    return null
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    return WANTS[code] ?? null
  }
}
