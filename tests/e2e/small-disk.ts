import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const DISK_KIB = 16_384

/** A disk of 16 MiB, or the sentence why there is none. */
export function mountSmallDisk(t: { after(run: () => void): void }): { readonly path: string } | { readonly cannot: string } {
  const path = mkdtempSync(join(tmpdir(), 'bongsu-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_KIB}k,mode=0700`, 'bongsu-test', path], { encoding: 'utf8' })
  if (mounted.status !== 0) {
    rmdirSync(path)
    return { cannot: `a small disk cannot be mounted here (${mounted.error?.message ?? mounted.stderr.trim()})` }
  }
  t.after(() => {
    spawnSync('umount', ['--lazy', path])
    rmSync(path, { recursive: true, force: true })
  })
  return { path }
}

/** Fills what is left of the disk, to the last block. */
export function fill(file: string): void {
  const handle = openSync(file, 'w')
  let chunk = Buffer.alloc(65_536, 1)
  while (chunk.length > 0) {
    try {
      if (writeSync(handle, chunk) < chunk.length) throw new Error('no room')
    } catch {
      chunk = chunk.subarray(0, Math.floor(chunk.length / 2))
    }
  }
  closeSync(handle)
}

/** Takes nothing of the disk any more. */
export function empty(file: string): void {
  const handle = openSync(file, 'r+')
  ftruncateSync(handle, 0)
  closeSync(handle)
}
