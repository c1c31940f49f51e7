import { parseArgs } from 'node:util'
import { planOf } from './plan.ts'
import type { Outcome } from './run-plan.ts'

/** What a worker says, one JSON line each: an outcome for each seed. */
export type Said = Outcome & { readonly realMs: number; readonly cpuMs: number }

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    step: { type: 'string', default: '1' },
    /** Ends at the first seed that breaks a promise; with a breakage, one of the promises that it must be caught by. */
    first: { type: 'boolean', default: false },
    /** Real seconds after which no further seed is begun. */
    seconds: { type: 'string', default: '86400' },
    /** Name of a breakage to make before the code is loaded. */
    breakage: { type: 'string' },
  },
})

let decisive = (_promise: string): boolean => true
if (values.breakage !== undefined) {
  const { BREAKAGES } = await import('./breakages/breakages.ts')
  const { replaceAtSeams } = await import('../seams/replace-at-seams.ts')
  const breakage = BREAKAGES.find((one) => one.name === values.breakage)
  if (breakage === undefined) throw new Error(`there is no breakage called ${values.breakage}`)
  replaceAtSeams(breakage.changes)
  decisive = (promise) => breakage.promises.includes(promise)
}
// Loaded only now, so that a breakage finds it unread.
const { runPlan } = await import('./run-plan.ts')
if (values.breakage !== undefined) (await import('../seams/replace-at-seams.ts')).assertAllReplaced()

const until = performance.now() + Number(values.seconds) * 1_000
for (let done = 0, seed = Number(values.from); done < Number(values.count) && performance.now() < until; done++, seed += Number(values.step)) {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const outcome = await runPlan(planOf(seed))
  const { user, system } = process.cpuUsage(cpuBefore)
  const said: Said = { ...outcome, realMs: Math.round(performance.now() - startedAt), cpuMs: (user + system) / 1_000 }
  process.stdout.write(`${JSON.stringify(said)}\n`)
  if (values.first && outcome.breaches.some(({ promise }) => decisive(promise))) break
}
