import type { Clock } from '../clock.ts'
import { writeFolder } from './folder.ts'
import { createFreshness } from './freshness.ts'
import type { Pages } from './pages.ts'
import { createRender, type Files, type RenderOptions } from './render.ts'
import type { Snapshot } from './snapshot.ts'
import { createPusher, type Pusher, type Target, type TargetReport } from './target.ts'

/** Time between two checks whether the published files have grown old. Each request for a page checks as well. */
const LOOK_MS = 1_000

export type PublishProblem =
  | { readonly kind: 'folder'; readonly path: string; readonly cause: unknown }
  | { readonly kind: 'target'; readonly target: string; readonly cause: unknown }

export interface Publisher {
  /** Publishes a snapshot: on the server at once, in the folder and at the targets soon after. Newer snapshots replace waiting ones. */
  publish(snapshot: Snapshot): void
  /** Resolves when folder and targets have the last published snapshot, or have failed. */
  idle(): Promise<void>
  stop(): Promise<void>
}

export interface PublisherParts {
  readonly clock: Clock
  readonly options: RenderOptions
  readonly pages: Pages
  /** Folder for the files; null for none. */
  readonly folder: string | null
  readonly targets: readonly Target[]
  /** Called for each failure, and with a null cause when a target succeeded. */
  readonly report: (problem: PublishProblem) => void
  readonly everyMs?: number
}

export function createPublisher({ clock, options, pages, folder, targets, report, everyMs }: PublisherParts): Publisher {
  const render = createRender(options)
  const freshness = createFreshness(clock)
  const told = ({ target, cause }: TargetReport): void => report({ kind: 'target', target, cause })
  const pushers: readonly Pusher[] = targets.map((target) =>
    createPusher({ target, clock, report: told, ...(everyMs === undefined ? {} : { everyMs }) }),
  )
  let last: { readonly snapshot: Snapshot; readonly stale: boolean } | null = null
  let waiting: { readonly files: Files; readonly urgent: boolean } | null = null
  let writing: Promise<void> | null = null
  let said = ''

  function show(snapshot: Snapshot, stale: boolean): void {
    last = { snapshot, stale }
    const files = render(snapshot, stale)
    pages.show(files)
    const now = essenceOf(files)
    waiting = { files, urgent: now !== said || waiting?.urgent === true }
    said = now
    writing ??= write().finally(() => {
      writing = null
    })
  }

  /** Publishes the stale page when the evidence grows old [S2]. */
  function look(): void {
    const stale = freshness.isStale()
    if (last !== null && last.stale !== stale) show(last.snapshot, stale)
  }

  async function write(): Promise<void> {
    while (waiting !== null) {
      const { files, urgent } = waiting
      waiting = null
      if (folder !== null) {
        try {
          const { failed } = await writeFolder(folder, files)
          for (const { path, cause } of failed) report({ kind: 'folder', path, cause })
        } catch (cause) {
          report({ kind: 'folder', path: folder, cause })
        }
      }
      for (const pusher of pushers) pusher.offer(files, urgent)
    }
  }

  pages.beforeAnswer(look)
  const endLook = clock.every(LOOK_MS, look)

  return {
    publish(snapshot) {
      freshness.saw(snapshot.measuredAt)
      show(snapshot, freshness.isStale())
    },
    async idle() {
      for (let job = writing; job !== null; job = writing) await job
      await Promise.all(pushers.map((pusher) => pusher.idle()))
    },
    async stop() {
      endLook()
      for (let job = writing; job !== null; job = writing) await job
      await Promise.all(pushers.map((pusher) => pusher.stop()))
    },
  }
}

/** The content without its age. The API holds no time of measuring, so it changes only when something happens. */
function essenceOf(files: Files): string {
  return ['api/v2/summary.json', 'api/v2/incidents.json', 'api/v2/scheduled-maintenances.json'].map((path) => files.get(path)?.hash).join()
}
