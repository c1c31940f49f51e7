import type { Breach } from './history.ts'
import type { Plan } from './plan.ts'
import { runPlan } from './run-plan.ts'

/** A shorter history that breaks the same promise, and which of the plan's happenings are left. */
export interface Shrunk {
  readonly plan: Plan
  readonly kept: readonly number[]
  readonly breaches: readonly Breach[]
  readonly runs: number
}

/** Leaves out users, then halves, quarters, … of what happens, for as long as the same promise is still broken. @param forMs real time it may take. */
export async function shrink(
  plan: Plan,
  promise: string,
  forMs: number,
  run: (plan: Plan) => Promise<{ readonly breaches: readonly Breach[] }> = runPlan,
): Promise<Shrunk> {
  const until = performance.now() + forMs
  let runs = 0
  let kept = plan.happenings.map((_, index) => index)
  let breaches: readonly Breach[] = []

  const fails = async (tried: readonly number[]): Promise<boolean> => {
    runs++
    const outcome = await run(keep(plan, tried))
    const same = outcome.breaches.filter((breach) => breach.promise === promise)
    if (same.length > 0) breaches = same
    return same.length > 0
  }

  for (let who = 0; who < plan.devices && performance.now() < until; who++) {
    const without = kept.filter((index) => plan.happenings[index]!.who % plan.devices !== who)
    if (without.length < kept.length && (await fails(without))) kept = without
  }
  for (let size = Math.ceil(kept.length / 2); size >= 1 && performance.now() < until; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < kept.length && performance.now() < until;) {
      const without = kept.toSpliced(start, size)
      if (await fails(without)) kept = without
      else start += size
    }
  }
  if (breaches.length === 0) await fails(kept)
  return { plan: keep(plan, kept), kept, breaches, runs }
}

/** The same plan with only these of its happenings. */
export function keep(plan: Plan, kept: readonly number[]): Plan {
  return { ...plan, happenings: kept.map((index) => plan.happenings[index]!) }
}
