import { after } from 'node:test'

/** Where things that one file's tests share are put, to be ended when the last of them is over: newest first, each even if another fails. */
export function untilOver(): { after(run: () => void | Promise<void>): void } {
  const ends: (() => void | Promise<void>)[] = []
  after(async () => {
    const failures: unknown[] = []
    for (const end of ends.toReversed()) await Promise.resolve(end()).catch((cause: unknown) => failures.push(cause))
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be ended')
  })
  return { after: (run) => void ends.push(run) }
}
