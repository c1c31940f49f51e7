import { mkdirSync, openSync, closeSync, fsyncSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { faultOf, RecordLocked, RecordUnavailable, RecordUnusable, unavailable } from './unavailable.ts'

/** Free bytes required before files are opened again after a full disk: each of the files needs some at once. */
export const ROOM_BYTES = 1_048_576
/** Time between two checks whether a disk that took nothing takes something. */
export const ROOM_EVERY_MS = 5_000

/** No room, or a file system that cannot be written: causes that someone can remove while the program runs. */
const WANTS = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']

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

/**
 * Does something that writes into a folder. On a disk that takes nothing it says so once, and does it as soon as there is room.
 * @throws what `run` throws for another reason, also later, from a timer. @returns a function that ends the waiting.
 */
export function whenRoom(directory: string, clock: Pick<Clock, 'every'>, { warn, note }: Log, words: string, run: () => void): () => void {
  const forWant = (cause: unknown): boolean =>
    cause instanceof RecordUnavailable || (!(cause instanceof RecordLocked) && wantOfRoom(directory) !== null)
  try {
    run()
    return () => undefined
  } catch (cause) {
    if (!forWant(cause)) throw cause
    warn(words, cause)
  }
  const stop = clock.every(ROOM_EVERY_MS, () => {
    // Asked before opening: a database that failed to open keeps its handles until the garbage collector runs.
    if (wantOfRoom(directory) !== null) return
    try {
      run()
      stop()
      note('The disk can be written again.')
    } catch (cause) {
      if (!forWant(cause)) throw cause
    }
  })
  return stop
}

/**
 * Opens a file in a folder. On a disk that takes nothing it stands for the file until a use finds room, asked at most every ROOM_EVERY_MS.
 * @param meanwhile what is used until then. Without it, each use throws as the disk does.
 */
export function openWhenRoom<File extends object>(
  directory: string,
  clock: Pick<Clock, 'monotonic'>,
  open: () => File,
  meanwhile: () => (File & { close(): void }) | null = () => null,
): File {
  try {
    return open()
  } catch (cause) {
    if (cause instanceof RecordUnusable || wantOfRoom(directory) === null) throw cause
  }
  let file: File | null = null
  let stand = meanwhile()
  let lookFrom = clock.monotonic() + ROOM_EVERY_MS
  function openNow(): void {
    lookFrom = clock.monotonic() + ROOM_EVERY_MS
    // Asked before opening: a database that failed to open keeps its handles until the garbage collector runs.
    if (wantOfRoom(directory) !== null) return
    // Closed first: it may exclude all other connections.
    stand?.close()
    try {
      file = open()
    } catch (cause) {
      stand = meanwhile()
      if (stand === null || faultOf(cause) === null) throw cause
    }
  }
  return new Proxy({} as File, {
    get(_nothing, name) {
      if (file === null && clock.monotonic() >= lookFrom) openNow()
      const used = file ?? stand
      if (used === null) throw unavailable('full')
      const value: unknown = Reflect.get(used, name)
      return typeof value === 'function' ? (value.bind(used) as unknown) : value
    },
  })
}
