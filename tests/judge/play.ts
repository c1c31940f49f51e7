import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRecord } from '../../apps/sentinel/src/record/open-record.ts'
import { isOpen } from '../../apps/sentinel/src/incident/updates.ts'
import type { IncidentUpdate } from '../../apps/sentinel/src/vocabulary/incident.ts'
import { createSimulatedClock } from '../worlds/simulated-clock.ts'
import { watchOver } from '../worlds/watch-over.ts'
import { People } from './people.ts'
import { Post } from './posts.ts'
import { Random } from './random.ts'
import { during, type Trouble } from './trouble.ts'
import type { World } from './worlds.ts'

const FIGURES_MS = 2_000
const STEP_MS = 500
const QUIET_STEP_MS = 8_000
/** Quiet is shortened only when nothing happens and nothing is open for so long. */
const QUIET_AFTER_MS = 120_000
const DEVICES_MS = 5_000
/** A file system in memory: a week writes a million entries, and no world ends in a power cut. */
const MEMORY = '/dev/shm'

/** What was really so, and what was said. */
export interface Played {
  readonly world: World
  readonly said: readonly IncidentUpdate[]
  /** By trouble: the people hit, of those active. */
  readonly hit: ReadonlyMap<Trouble, { readonly users: number; readonly active: number }>
  readonly warned: readonly string[]
}

/** Lets the whole sentinel, from evidence to words, live through a world in simulated time. */
export async function play(world: World): Promise<Played> {
  const clock = createSimulatedClock(world.from)
  const directory = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'bongsu-world-'))
  const record = openRecord(directory, { clock })
  const random = new Random(world.seed)
  const people = new People(world.town, random, world.from)
  const posts = world.posts.map((name, index) => new Post(name, index, new Random(world.seed * 31 + index), world.from))
  const said: IncidentUpdate[] = []
  const { watch, desk, warned } = watchOver(record, {
    clock,
    readReports: async (from, to) => people.reports(clock.now(), from, to),
    alarm: () => posts[0]?.alarm(clock.now()),
    measure: (component) => posts[0]?.measure(component, clock.now()),
  })
  let quietSince = world.from
  let nextFigures = world.from
  let nextDevices = world.from
  let next = 0
  let now: Trouble[] = []
  try {
    for (let at = world.from; at < world.to;) {
      const open = desk.incidents.some(isOpen)
      const upcoming = world.troubles[next]
      if (open || now.length > 0) quietSince = at
      const isQuiet = at - quietSince > QUIET_AFTER_MS && (upcoming === undefined || upcoming.from - at > 2 * QUIET_STEP_MS)
      const until = at + (isQuiet ? QUIET_STEP_MS : STEP_MS)
      while (world.troubles[next] !== undefined && (world.troubles[next] as Trouble).from < until) now.push(world.troubles[next++] as Trouble)
      now = now.filter(({ to }) => to + 60_000 > at)
      if (now.some((trouble) => trouble.kind === 'asleep' && during(trouble, at))) {
        // Nothing runs on a machine that sleeps; afterwards its clock has moved on.
        const { to } = now.find(({ kind }) => kind === 'asleep') as Trouble
        clock.jump(to - at)
        at = to
        nextFigures = at
        continue
      }
      for (const [index, post] of posts.entries())
        for (const { at: toldAt, batch } of post.live(at, until, now, isQuiet)) {
          clock.advance(Math.max(0, Math.floor(toldAt) - clock.now()))
          if (index === 0 || batch.online) watch.hearBatch(batch)
        }
      for (; nextFigures < until; nextFigures += FIGURES_MS) {
        people.live(nextFigures, now)
        const blind = now.some(
          (trouble) => (trouble.kind === 'way' || trouble.kind === 'offline') && (trouble.post ?? 0) === 0 && during(trouble, nextFigures),
        )
        watch.hearFigures(blind ? people.nothing(nextFigures) : people.figures(nextFigures, now))
      }
      if (world.asks && until >= nextDevices && !isQuiet) {
        nextDevices = until + DEVICES_MS
        const words = people.devices(until)
        if (words !== null) watch.hearDevices(words)
      }
      clock.advance(Math.max(0, until - clock.now()))
      at = until
      // Reports are read by promises.
      await Promise.resolve()
    }
    for (const entry of record.each({ kinds: ['incident'] })) if (entry.kind === 'incident') said.push(entry.body)
    return { world, said, hit: people.hit, warned }
  } finally {
    watch.stop('1')
    record.close()
    rmSync(directory, { recursive: true })
  }
}
