import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { planOf, type Plan } from './plan.ts'
import { story, Tally } from './report.ts'
import { runPlan } from './run-plan.ts'
import { keep, shrink } from './shrink.ts'
import { runSeeds } from './workers.ts'

const HELP = `npm run sim -- --minutes 60        new seeds until the time is over
npm run sim -- --seed 4711         one seed; when it breaks a promise, its history is shrunk
npm run sim -- --seed 4711 --keep 3,17,20 --plan
                                   only these of its happenings; --plan prints the plan as JSON`

/** Real time that may go into making a history shorter. */
const SHRINK_MS = 30_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    keep: { type: 'string' },
    plan: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) say(HELP)
else process.exitCode = values.seed === undefined ? await runOn(Number(values.minutes)) : await runOne(Number(values.seed), values.keep)

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function runOne(seed: number, kept: string | undefined): Promise<number> {
  const whole = planOf(seed)
  const plan = kept === undefined ? whole : keep(whole, kept === 'none' ? [] : kept.split(',').map(Number))
  if (values.plan) say(JSON.stringify(plan))
  const outcome = await runPlan(plan)
  say(`seed ${seed}: ${outcome.events} events, ${outcome.entries} entries, trace ${outcome.hash}`)
  for (const { promise, sentence } of outcome.breaches) say(`  [${promise}] ${sentence}`)
  if (outcome.breaches.length === 0) return 0
  if (kept === undefined) await tell(plan, outcome.breaches[0]!.promise)
  return 1
}

async function tell(plan: Plan, promise: string): Promise<void> {
  say(story(plan, await shrink(plan, promise, SHRINK_MS)))
}

/** Seeds nobody has run before, on all processors. */
async function runOn(minutes: number): Promise<number> {
  const from = Math.floor(Date.now() / 1_000) * 1_000
  const step = availableParallelism()
  const tally = new Tally()
  const broken: { readonly seed: number; readonly promise: string }[] = []
  say(`seeds from ${from} on, for ${minutes} minutes`)
  await Promise.all(
    Array.from({ length: step }, (_, worker) =>
      runSeeds({ from: from + worker, count: Number.MAX_SAFE_INTEGER, step, seconds: minutes * 60 }, (outcome) => {
        tally.add(outcome)
        const [first] = outcome.breaches
        if (first === undefined) return
        say(`seed ${outcome.seed}: [${first.promise}] ${first.sentence}`)
        broken.push({ seed: outcome.seed, promise: first.promise })
      }),
    ),
  )
  for (const text of tally.lines()) say(text)
  for (const { seed, promise } of broken.slice(0, 5)) await tell(planOf(seed), promise)
  say(broken.length === 0 ? 'no promise was broken' : `${broken.length} seeds broke promises: ${broken.map(({ seed }) => seed).join(', ')}`)
  return broken.length === 0 ? 0 : 1
}
