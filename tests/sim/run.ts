import { planOf } from './plan.ts'
import { runPlan } from './run-plan.ts'
const from = Number(process.argv[2] ?? 1), to = Number(process.argv[3] ?? from)
const t0 = performance.now()
for (let seed = from; seed <= to; seed++) {
  const t = performance.now()
  const o = await runPlan(planOf(seed))
  console.log(seed, (performance.now()-t).toFixed(0)+'ms', 'ev', o.events, 'sim', o.simulatedMs, 'entries', o.entries, 'buf', o.bufferedMax, o.hash.slice(0,8), o.breaches.length)
  for (const b of o.breaches.slice(0, 6)) console.log('   ', b.promise, b.sentence)
}
console.log(((performance.now()-t0)/(to-from+1)).toFixed(0),'ms/seed')
