import { after } from 'node:test'

type Ends = { after(run: () => void | Promise<void>): void }

/** Where things that one file's tests share are put, to be ended when the last of them is over. */
export function untilOver(): Ends {
  return newestFirst({ after })
}

/** Ends what is put there in the other order, newest first, each even if another fails: the runner's own way is oldest first, which takes a server's disk before the server. */
export function newestFirst(t: { after(run: () => Promise<void>): void }): Ends {
  const ends: (() => void | Promise<void>)[] = []
  t.after(async () => {
    const failures: unknown[] = []
    for (const end of ends.toReversed()) await Promise.resolve(end()).catch((cause: unknown) => failures.push(cause))
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be ended')
  })
  return { after: (run) => void ends.push(run) }
}
