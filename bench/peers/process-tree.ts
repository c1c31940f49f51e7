import { readdirSync, readFileSync } from 'node:fs'
import { TICK_MICROS } from '../processor-time.ts'

/** User and system time of a process and all that come from it, in µs, those that have ended and were waited for among them; and their memory. */
export interface TreeReading {
  readonly cpuMicros: number
  /** Memory that is resident and not shared with files, of all of them, in bytes. */
  readonly rssBytes: number
}

interface Stat {
  readonly parent: number
  readonly ticks: number
}

/** Linux only: everything is read from /proc. */
export function readTrees(roots: readonly number[]): TreeReading {
  const all = new Map<number, Stat>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = statOf(Number(name))
    if (stat !== null) all.set(Number(name), stat)
  }
  const found = new Set(roots)
  // Children come later than their parents only mostly, so until nothing new is found.
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const [pid, { parent }] of all) if (found.has(parent)) found.add(pid)
  }
  let ticks = 0
  let rssBytes = 0
  for (const pid of found) {
    ticks += all.get(pid)?.ticks ?? 0
    rssBytes += memoryOf(pid)
  }
  return { cpuMicros: ticks * TICK_MICROS, rssBytes }
}

/** The name stands in parentheses and may hold anything; what follows it are numbers. See proc(5). */
function statOf(pid: number): Stat | null {
  const text = read(`/proc/${pid}/stat`)
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [, parent, , , , , , , , , , user, system, childrenUser, childrenSystem] = fields
  if (parent === undefined || user === undefined) return null
  return { parent, ticks: user + (system ?? 0) + (childrenUser ?? 0) + (childrenSystem ?? 0) }
}

function memoryOf(pid: number): number {
  const status = read(`/proc/${pid}/status`)
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024
}

/** Empty when the process is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
