import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
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
  const { all, found } = trees(roots)
  let ticks = 0
  let rssBytes = 0
  for (const pid of found) {
    ticks += all.get(pid)?.ticks ?? 0
    rssBytes += memoryOf(pid)
  }
  return { cpuMicros: ticks * TICK_MICROS, rssBytes }
}

/** Does one of the processes that come from `root` listen on this port? */
export function listensIn(root: number, port: number): boolean {
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeners(read(file), port)).map((inode) => `socket:[${inode}]`))
  return (
    sockets.size > 0 &&
    trees([root])
      .found.values()
      .some((pid) => openFiles(pid).some((file) => sockets.has(file)))
  )
}

/** From /proc/net/tcp: the inodes of sockets that listen (state 0A) on the port, which stands behind the address in hexadecimal. */
export function listeners(table: string, port: number): string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
    return state === '0A' && local?.endsWith(end) === true && inode !== undefined ? [inode] : []
  })
}

/** All that come from the roots, the roots among them. */
function trees(roots: readonly number[]): { readonly all: ReadonlyMap<number, Stat>; readonly found: ReadonlySet<number> } {
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
  return { all, found }
}

/** What the process has open; nothing when it is gone meanwhile. */
function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`)
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
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
