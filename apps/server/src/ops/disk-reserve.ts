import { statfs } from 'node:fs/promises'

export const DISK_BOUNDS = {
  /** The reserve is at most this part of the disk. */
  partMax: 0.1,
  /** Room that must be there beyond the reserve before it counts as restored, as a part of the reserve. */
  slack: 0.1,
  lookMs: 5_000,
} as const

export interface Room {
  readonly freeBytes: number
  readonly sizeBytes: number
}

/** A part of the disk that only running conversations may use [B25]. */
export interface DiskReserve {
  readonly isShort: () => boolean
  look(): Promise<void>
}

/** Room on the disk of this folder. */
export async function roomOn(folder: string): Promise<Room> {
  const { bavail, bsize, blocks } = await statfs(folder)
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize }
}

/**
 * @param reserveBytes as configured.
 * @param read the room, of the disk or of a database with a bound.
 * @param told called when the reserve is reached and when it is free again.
 */
export function createDiskReserve(
  reserveBytes: number,
  read: () => Promise<Room>,
  told: (isShort: boolean, room: Room & { readonly reserveBytes: number }) => void,
): DiskReserve {
  let isShort = false
  return {
    isShort: () => isShort,
    async look() {
      const room = await read()
      const reserve = Math.min(reserveBytes, room.sizeBytes * DISK_BOUNDS.partMax)
      const now = room.freeBytes < Math.floor(reserve * (isShort ? 1 + DISK_BOUNDS.slack : 1))
      if (now === isShort) return
      isShort = now
      told(isShort, { ...room, reserveBytes: reserve })
    },
  }
}
