import { readFileSync } from 'node:fs'

/** What the kernel counts time in here, in µs: 1/100 s on every Linux that people run. */
export const TICK_MICROS = 10_000

/** User and system time of this process, all threads. */
export function ownCpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Time all processors of the machine were busy since it started: how much others disturb a measurement is told from it. */
export function machineBusyMicros(): number {
  return busyTicks(readFileSync('/proc/stat', 'utf8')) * TICK_MICROS
}

/** From the first line of /proc/stat: all but idle, waiting for disks, and guests, who are in user time already. */
export function busyTicks(stat: string): number {
  const line = /^cpu +(.*)$/m.exec(stat)?.[1]
  if (line === undefined) throw new Error('/proc/stat has no line for all processors.')
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).map(Number)
  return user + nice + system + irq + softirq + steal
}
