import { ACTS } from './acts.ts'
import { setBounds } from './bounds.ts'
import type { FaultCounts } from './faults.ts'
import { finish } from './finish.ts'
import type { Breach } from './history.ts'
import type { JudgedCounts } from './judged.ts'
import { watchLag } from './lag.ts'
import type { Happening, Plan } from './plan.ts'
import { TROUBLES } from './troubles.ts'
import { World } from './world.ts'

export interface Outcome {
  readonly seed: number
  readonly breaches: readonly Breach[]
  readonly met: FaultCounts
  readonly judged: JudgedCounts
  /** Of every frame that arrived anywhere, and when. */
  readonly hash: string
  readonly events: number
  readonly simulatedMs: number
  /** Entries that are durable at the end. */
  readonly entries: number
  readonly bufferedMax: number
}

/** The world that runs now: what goes wrong outside of any call is its fault. */
let current: World | null = null
process.on('unhandledRejection', (cause) => current?.bug(cause))

/** Runs one history to its end and judges it. A pure function of the plan; one at a time in a process. */
export async function runPlan(plan: Plan): Promise<Outcome> {
  setBounds(plan.smallBounds)
  const world = new World(plan)
  current = world
  try {
    await world.furnish()
    watchLag(world)
    for (const happening of plan.happenings) world.queue.add(happening.at, () => happen(world, happening))
    await world.queue.pass(plan.forMs)
    await finish(world)
  } catch (cause) {
    // Thrown by an event: in a real process that would have been its end.
    world.bug(cause)
  }
  // What the last events left behind may still be rejected.
  await new Promise((resolve) => setImmediate(resolve))
  current = null
  return {
    seed: plan.seed,
    breaches: world.history.breaches,
    met: world.met.counts,
    judged: world.history.judged.counts,
    hash: world.traceHash(),
    events: world.queue.events,
    simulatedMs: Math.round(world.queue.now),
    entries: world.disk.rooms.reduce((sum, room) => sum + world.entriesOf(room).length, 0),
    bufferedMax: world.bufferedMax,
  }
}

function happen(world: World, happening: Happening): void {
  if (Object.hasOwn(TROUBLES, happening.kind)) {
    const over = TROUBLES[happening.kind as keyof typeof TROUBLES](world, happening)
    if (over !== undefined) world.queue.add(Math.min(happening.forMs, world.plan.forMs - happening.at), () => over())
    return
  }
  const phone = world.phones[happening.who % world.phones.length]!
  if (!phone.off && !phone.host.frozen && phone.view().loaded) ACTS[happening.kind as keyof typeof ACTS](world, phone, happening)
}
