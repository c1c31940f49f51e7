import { randomUUID } from 'node:crypto'
import type { MovingBounds } from './bounds.ts'
import { compareRooms, copyRound, type Copying } from './copy-round.ts'
import type { Mark, MoveSource, MoveTarget } from './move-side.ts'
import { CONVERSATIONS, ENTRIES, META, TABLES } from './tables.ts'

export interface MoveParts {
  readonly source: MoveSource
  readonly target: MoveTarget
  readonly bounds: MovingBounds
  /** Checks the history: in the source before anything is copied, or in the target when the first copy is whole. Throws when it is not sound. */
  readonly verify: { readonly source?: () => void; readonly target?: () => void }
  readonly progress: (sentence: string) => void
}

export interface Moved {
  readonly conversations: number
  readonly entries: number
  /** How long nobody could write. 0 when an earlier run had closed the source. */
  readonly readOnlyMs: number
}

/** The writes were held for too long. */
class TooLong extends Error {}

/**
 * Moves a history to another database [A12]. It is copied beside the running server, round by round. Then all writes are held, the rest is copied and
 * everything compared; the source is closed for good, and only then is the target opened. Killed at any point, the source is either as before, or closed
 * with an unfinished target; the same move continues from there.
 */
export async function move(parts: MoveParts): Promise<Moved> {
  const { source, target, bounds, verify, progress } = parts
  const left = await source.left()
  const mark = await target.begin({ id: randomUUID(), epoch: await source.epoch() })
  if (left !== null && left.id !== mark.id) throw new Error(`The history of ${source.name} has moved to another database than ${target.name}.`)
  if (left === null) verify.source?.()
  const copying: Copying = { source, target, bounds, step: told(progress) }
  progress(`Copying ${source.name} to ${target.name}`)
  await copyBeside(parts, copying)
  const readOnlyMs = left === null ? await close(parts, copying, mark) : 0
  if (left !== null) await compareCounts(copying)
  progress(`Waiting until no server uses ${source.name}`)
  await source.ended()
  await target.putKeys(await source.keys())
  const moved = { conversations: await target.count(CONVERSATIONS), entries: await target.count(ENTRIES), readOnlyMs }
  await target.finish()
  return moved
}

/** Copies until little is left, and compares every conversation: all of them once, and those that changed again. */
async function copyBeside({ target, bounds, verify, progress }: MoveParts, copying: Copying): Promise<void> {
  for (let round = 1; round <= bounds.roundsMax; round++) {
    const begun = performance.now()
    const rooms = await copyRound(copying)
    await copying.target.look()
    await expectSame(copying, round === 1 ? allRooms(copying) : each(rooms))
    if (round === 1) {
      await target.settle()
      verify.target?.()
    }
    const ms = performance.now() - begun
    progress(`Round ${round}: ${rooms.length.toLocaleString('en')} conversations copied and compared, ${(ms / 1_000).toFixed(1)} s`)
    if (ms <= bounds.calmRoundMs) return
  }
}

/**
 * Holds all writes, copies the rest and closes the source. When that takes too long, whatever it is that hangs, the writes go on at once: nothing of the
 * source has changed by then. @returns how long nobody could write.
 */
async function close({ source, target, bounds, progress }: MoveParts, copying: Copying, mark: Mark): Promise<number> {
  for (let tries = 1; ; tries++) {
    progress('Nobody writes from now on')
    await source.hold()
    const heldAt = performance.now()
    const held = (): number => performance.now() - heldAt
    const limit = Promise.withResolvers<never>()
    const timer = setTimeout(() => limit.reject(new TooLong()), bounds.readOnlyMsMax)
    const inTime = (): void => {
      if (held() >= bounds.readOnlyMsMax) throw new TooLong()
    }
    const rest = copyRest({ ...copying, source: whileTrue(source, inTime), target: whileTrue(target, inTime) })
    try {
      await Promise.race([rest, limit.promise])
      inTime()
      clearTimeout(timer)
      await source.seal(mark)
      return held()
    } catch (error) {
      clearTimeout(timer)
      await source.letGo()
      if (!(error instanceof TooLong)) throw error
      progress('It takes too long. The server goes on')
      // What was being read or written ends before anything else is asked of the two.
      await rest.catch((cause: unknown) => {
        if (!(cause instanceof TooLong)) throw cause
      })
      if (tries === bounds.triesMax)
        throw new Error(
          `The rest could not be copied in ${bounds.readOnlyMsMax / 1_000} s. The server goes on as before. Try again at a quieter hour.`,
          { cause: error },
        )
      progress('The move tries again')
      await copyRound(copying)
    }
  }
}

async function copyRest(copying: Copying): Promise<void> {
  const rooms = await copyRound(copying)
  await copying.target.look()
  await expectSame(copying, each(rooms))
  await compareCounts(copying)
}

/** The same side, of which nothing can be asked any more once the check throws. */
function whileTrue<Side extends object>(side: Side, check: () => void): Side {
  return new Proxy(side, {
    get(real, name) {
      check()
      const value: unknown = Reflect.get(real, name)
      return typeof value === 'function' ? value.bind(real) : value
    },
  })
}

async function expectSame(copying: Copying, rooms: AsyncIterable<number>): Promise<void> {
  const wrong = await compareRooms(copying, rooms)
  if (wrong.length > 0)
    throw new Error(`${copying.source.name} and ${copying.target.name} differ; nothing was closed.\n${wrong.slice(0, 20).join('\n')}`)
}

async function compareCounts({ source, target }: Copying): Promise<void> {
  for (const table of TABLES) {
    if (table === META) continue
    const [here, there] = await Promise.all([source.count(table), target.count(table)])
    if (here !== there) throw new Error(`${source.name} has ${here} ${table.name}, and ${target.name} has ${there}; nothing was closed.`)
  }
}

async function* allRooms({ source }: Copying): AsyncGenerator<number> {
  for await (const page of source.rows(CONVERSATIONS)) for (const row of page) yield row['conversation_key'] as number
}

async function* each(keys: readonly number[]): AsyncGenerator<number> {
  yield* keys
}

/** Rows between two sentences of progress. */
const TOLD_ROWS = 100_000

function told(progress: (sentence: string) => void): (rows: number) => void {
  let sum = 0
  return (rows) => {
    const before = sum
    sum += rows
    if (Math.floor(before / TOLD_ROWS) !== Math.floor(sum / TOLD_ROWS)) progress(`${sum.toLocaleString('en')} rows`)
  }
}
