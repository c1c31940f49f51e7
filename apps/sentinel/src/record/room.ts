import { mkdirSync, openSync, closeSync, fsyncSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { RecordLocked } from './lock.ts'
import { RecordUnusable } from './unavailable.ts'

/** So much must be free before files are opened that were refused for want of it: each of them needs some at once. */
export const ROOM_BYTES = 1_048_576
/** How often it is looked whether a disk that took nothing takes something. */
export const ROOM_EVERY_MS = 5_000

/** No room, or none that may be written: what somebody else can mend while the program runs. */
const WANTS = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']

/** Whether it is for the disk alone that files could not be opened: not those that are damaged, nor another's. */
export function wantsRoom(cause: unknown, directory: string): boolean {
  return !(cause instanceof RecordUnusable) && !(cause instanceof RecordLocked) && wantOfRoom(directory) !== null
}

/**
 * Whether the disk of a folder takes anything. Asked with a plain file, because a database that could not be opened leaves handles behind until they are collected.
 *
 * @returns why it takes nothing; null when it does, or when it is not the disk that is at fault.
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
    // Where a folder may not be made, Node says of one that it is to make with those above it only that it is not there.
    if (code === 'ENOENT' && dirname(directory) !== directory) return wantOfRoom(dirname(directory))
    return WANTS.includes(code) ? code : null
  }
}
