import { mkdirSync, openSync, closeSync, fsyncSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { RecordLocked } from './lock.ts'
import { RecordUnusable } from './unavailable.ts'

/** Free bytes required before files are opened again after a full disk: each of the files needs some at once. */
export const ROOM_BYTES = 1_048_576
/** Time between two checks whether a disk that took nothing takes something. */
export const ROOM_EVERY_MS = 5_000

/** No room, or a file system that cannot be written: causes that someone can remove while the program runs. */
const WANTS = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']

/** Whether the disk alone is the reason why files could not be opened, rather than damage or another owner. */
export function wantsRoom(cause: unknown, directory: string): boolean {
  return !(cause instanceof RecordUnusable) && !(cause instanceof RecordLocked) && wantOfRoom(directory) !== null
}

/**
 * Whether the disk of a folder can be written. Tested with a plain file, because a database that failed to open keeps its handles until the garbage
 * collector runs.
 *
 * @returns why it cannot be written; null when it can, or when the disk is not the cause.
 */
export function wantOfRoom(directory: string): string | null {
  const file = join(directory, `room.${process.pid}`)
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const handle = openSync(file, 'w', 0o600)
    try {
      const bytes = Buffer.alloc(ROOM_BYTES)
      for (let written = 0; written < bytes.length;) written += writeSync(handle, bytes, written)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
      rmSync(file, { force: true })
    }
    return null
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    // When a folder and its parents cannot be created, Node reports only that the folder is missing.
    if (code === 'ENOENT' && dirname(directory) !== directory) return wantOfRoom(dirname(directory))
    return WANTS.includes(code) ? code : null
  }
}
