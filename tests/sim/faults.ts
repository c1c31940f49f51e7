/** Every kind of trouble the world can make. A kind counts as met when something was really changed by it. */
export const FAULT_KINDS = [
  'network: frame late',
  'network: frame doubled',
  'network: frame swallowed',
  'network: frames lost in a cut',
  'network: connections overtake one another',
  'network: cut',
  'network: half-open',
  'network: slow reader',
  'network: cannot connect',
  'network: no answer to connecting',
  'network: words of a newer server',
  'network: no frame of this protocol',
  'network: server without items',
  'http: request lost',
  'http: answer lost',
  'http: request doubled',
  'bus: hint lost',
  'bus: hint doubled',
  'bus: hint late',
  'bus: hints reordered',
  'bus: every hint lost to the end',
  'bus: no hint from one process to another',
  'disk: slow',
  'disk: full',
  'disk: unavailable',
  'disk: written, answer lost',
  'disk: written late, after no answer',
  'disk: away from one process',
  'disk: not fsynced, lost in a crash',
  'disk: fsynced, answer lost in a crash',
  'server: killed',
  'server: stopped for a while',
  'server: overloaded',
  'server: all without power',
  'server: drained',
  'server: replaced by another version',
  'server: told to come later',
  'server: restored from a backup',
  'server: put back to an older state without a word',
  'device: killed',
  'device: killed between the answer and the entry',
  'device: commit lost in a crash',
  'device: disk full',
  'device: disk slow',
  'device: asleep',
  'clock: device jumps',
  'clock: server jumps',
  'device: revoked',
  'device: new',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export type FaultCounts = Readonly<Record<FaultKind, number>>

/** Counts faults that were met. */
export class Met {
  readonly counts: Record<FaultKind, number>

  constructor() {
    this.counts = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>
  }

  add(kind: FaultKind): void {
    this.counts[kind]++
  }
}
