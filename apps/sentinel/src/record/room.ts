import { mkdirSync, openSync, closeSync, fsyncSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** So much must be free before files are opened that were refused for want of it: each of them needs some at once. */
export const ROOM_BYTES = 1_048_576

/** No room, or none that may be written: what somebody else can mend while the program runs. */
const WANTS = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']

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
    return WANTS.includes(code) ? code : null
  }
}
