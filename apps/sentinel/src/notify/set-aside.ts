import { renameSync } from 'node:fs'
import { faultOf } from '../record/unavailable.ts'

/**
 * Opens a file beside the record. A damaged file is kept under a dated name and a new one is created: a status page that starts is worth more than
 * the subscriptions, and the damaged file is not thrown away.
 */
export function openOrSetAside<Store>(
  file: string,
  now: number,
  open: (file: string, now: number) => Store,
  warn: (sentence: string, cause?: unknown) => void,
): Store {
  try {
    return open(file, now)
  } catch (error) {
    if (faultOf(error) !== 'damaged') throw error
    const aside = `${file}.damaged-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`
    for (const part of ['', '-wal', '-shm']) moveIfThere(`${file}${part}`, `${aside}${part}`)
    warn(`${file} is damaged. It is kept as ${aside}, and a new file is created.`, error)
    return open(file, now)
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
