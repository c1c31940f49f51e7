import assert from 'node:assert/strict'
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

const DISK_KIB = 16_384

export interface SmallDisk {
  readonly path: string
  /** @param how options of mount, as `ro` or `nr_inodes=2`. */
  remount(how: string): void
}

/**
 * A disk of its own. Where none can be mounted the test is skipped with the sentence why, which on CI is a failure.
 * @param later takes it away, where that is not the test itself. @param kib its size, 16 MiB unless told.
 */
export function smallDisk(t: TestContext, later: { after(run: () => void): void } = t, kib = DISK_KIB): SmallDisk | null {
  const path = mkdtempSync(join(tmpdir(), 'bongsu-disk-'))
  const mount = (options: string, ...what: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync('mount', [...what, '-o', options, ...(what.length > 0 ? ['bongsu-test'] : []), path], { encoding: 'utf8' })
  const mounted = mount(`size=${kib}k,mode=0700`, '-t', 'tmpfs')
  if (mounted.status !== 0) {
    rmdirSync(path)
    const cannot = `a small disk cannot be mounted here (${mounted.error?.message ?? mounted.stderr.trim()})`
    assert.notEqual(process.env['CI'], 'true', `${cannot}; on CI it must be`)
    t.skip(cannot)
    return null
  }
  later.after(() => {
    spawnSync('umount', ['--lazy', path])
    rmSync(path, { recursive: true, force: true })
  })
  return { path, remount: (how) => assert.equal(mount(`remount,${how}`).stderr, '') }
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
