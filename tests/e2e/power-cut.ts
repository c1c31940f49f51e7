import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('./power-cut.c', import.meta.url))
/** Of `struct record` in power-cut.c: five numbers of 8 bytes. */
const HEAD_BYTES = 40

/** A disk whose unsynced writes can be taken back after its server was killed. */
export interface Disk {
  /** For the environment of the server's process. */
  readonly env: Readonly<Record<string, string>>
  /**
   * What a power cut leaves of the database in this directory: whatever was fsynced, and of the rest nothing, or the first part of it with the last
   * write torn, or any of it. Call it while no server runs.
   */
  cutPower(directory: string, random: () => number, rest?: Rest): Cut
}

type Rest = 'nothing' | 'first' | 'any'
const RESTS = ['nothing', 'first', 'any'] as const

export interface Cut {
  readonly rest: Rest
  /** Writes that had not been fsynced, and how many of them are gone. */
  readonly unsynced: number
  readonly lost: number
}

/** Builds the watcher of writes, or says why it cannot be built here. */
export function makeDisk(t: { after(run: () => void): void }): Disk | { readonly cannot: string } {
  if (process.platform !== 'linux') return { cannot: 'writes can be watched on Linux only' }
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-power-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const library = join(folder, 'power-cut.so')
  const built = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, SOURCE, '-lpthread'], { encoding: 'utf8' })
  if (built.status !== 0) return { cannot: `there is no C compiler (${built.error?.message ?? built.stderr.trim()})` }
  const journal = join(folder, 'journal')
  mkdirSync(journal)
  return {
    env: { LD_PRELOAD: library, POWER_CUT_JOURNAL: journal },
    cutPower(directory, random, rest = RESTS[Math.floor(random() * RESTS.length)] ?? 'nothing') {
      const cut = { rest, unsynced: 0, lost: 0 }
      for (const name of readdirSync(journal)) {
        const file = join(directory, name.slice(0, name.lastIndexOf('.')))
        // One that was deleted since, and perhaps made anew, has nothing to lose.
        const lives = existsSync(file) && String(statSync(file).ino) === name.slice(name.lastIndexOf('.') + 1)
        if (lives) takeBack(file, readRecords(readFileSync(join(journal, name))), random, cut)
        rmSync(join(journal, name))
      }
      // Shared memory is whatever it is after a crash; SQLite must make it anew.
      const memory = join(directory, 'bongsu.db-shm')
      if (existsSync(memory)) writeFileSync(memory, randomBytes(statSync(memory).size))
      return cut
    },
  }
}

interface Change {
  readonly kind: 'write' | 'truncate'
  readonly offset: number
  readonly was: Buffer
  readonly came: Buffer
  readonly wasSize: number
}

/** The records of one file, oldest first. The last may have been cut off by the kill: what it speaks of had not been done yet. */
function readRecords(bytes: Buffer): readonly Change[] {
  const changes: Change[] = []
  for (let at = 0; at + HEAD_BYTES <= bytes.length;) {
    const [kind, offset, wasLength, cameLength, wasSize] = [0, 8, 16, 24, 32].map((place) => Number(bytes.readBigUInt64LE(at + place))) as [
      number,
      number,
      number,
      number,
      number,
    ]
    const wasAt = at + HEAD_BYTES
    const cameAt = wasAt + wasLength
    at = cameAt + cameLength
    if (at > bytes.length) break
    changes.push({ kind: kind === 1 ? 'write' : 'truncate', offset, was: bytes.subarray(wasAt, cameAt), came: bytes.subarray(cameAt, at), wasSize })
  }
  return changes
}

function takeBack(
  file: string,
  changes: readonly Change[],
  random: () => number,
  cut: { readonly rest: Rest; unsynced: number; lost: number },
): void {
  const handle = openSync(file, 'r+')
  try {
    for (const { offset, was, wasSize } of changes.toReversed()) {
      if (was.length > 0) writeSync(handle, was, 0, was.length, offset)
      ftruncateSync(handle, wasSize)
    }
    const first = Math.floor(random() * (changes.length + 1))
    for (const [index, change] of changes.entries()) {
      const kept = cut.rest === 'any' ? random() < 0.5 : cut.rest === 'first' && index < first
      cut.unsynced++
      if (!kept) cut.lost++
      else if (change.kind === 'truncate') ftruncateSync(handle, change.offset)
      else {
        const torn = cut.rest === 'first' && index === first - 1 ? Math.floor(random() * change.came.length) : change.came.length
        writeSync(handle, change.came, 0, torn, change.offset)
      }
    }
  } finally {
    closeSync(handle)
  }
}
