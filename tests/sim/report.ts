import { FAULT_KINDS, type FaultKind } from './faults.ts'
import { JUDGED_KINDS, type JudgedKind } from './judged.ts'
import type { Happening, Plan } from './plan.ts'
import type { Outcome } from './run-plan.ts'
import type { Shrunk } from './shrink.ts'

/** Adds up runs. */
export class Tally {
  seeds = 0
  entries = 0
  events = 0
  simulatedMs = 0
  realMs = 0
  /** Of one processor. */
  cpuMs = 0
  readonly judged = Object.fromEntries(JUDGED_KINDS.map((kind) => [kind, 0])) as Record<JudgedKind, number>
  readonly met = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>

  add(outcome: Outcome & { readonly realMs: number; readonly cpuMs: number }): void {
    this.seeds++
    this.entries += outcome.entries
    this.events += outcome.events
    this.simulatedMs += outcome.simulatedMs
    this.realMs += outcome.realMs
    this.cpuMs += outcome.cpuMs
    for (const kind of FAULT_KINDS) this.met[kind] += outcome.met[kind]
    for (const kind of JUDGED_KINDS) this.judged[kind] += outcome.judged[kind]
  }

  lines(): readonly string[] {
    const hours = (this.simulatedMs / 3_600_000).toFixed(1)
    const head = `${this.seeds} seeds, ${hours} simulated hours, ${this.entries} entries, ${this.events} events, ${Math.round(this.cpuMs / Math.max(1, this.seeds))} ms of a processor a seed`
    const counted = [...Object.entries(this.met), ...Object.entries(this.judged)]
    return [head, ...counted.map(([kind, count]) => `${String(count).padStart(8)}  ${kind}`)]
  }
}

/** Whom a happening concerned is worked out modulo the devices there are, so only its numbers are told. */
function line({ at, kind, who, x, y, forMs }: Happening): string {
  return `  ${String(at).padStart(6)} ms  ${kind}${forMs > 0 ? ` for ${forMs} ms` : ''}  (who ${who}, x ${x}, y ${y})`
}

/** What a person needs to see of a broken promise, and how to see it again. */
export function story(plan: Plan, { plan: shorter, kept, breaches, runs }: Shrunk): string {
  return [
    `seed ${plan.seed} breaks promises; of ${plan.happenings.length} happenings these ${kept.length} are enough (${runs} runs to find out):`,
    `  ${shorter.accounts} accounts, ${shorter.devices} devices, ${shorter.gateways} server processes, ${shorter.smallBounds ? 'small' : 'real'} bounds${shorter.noHintsAtEnd ? ', no hint in the end' : ''}`,
    ...shorter.happenings.map(line),
    ...breaches.slice(0, 8).map(({ promise, sentence }) => `  [${promise}] ${sentence}`),
    `again: npm run sim -- --seed ${plan.seed} --keep ${kept.length === 0 ? 'none' : kept.join(',')}`,
  ].join('\n')
}
