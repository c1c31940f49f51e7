import type { Clock } from '../clock.ts'
import { writeFolder } from './folder.ts'
import { isStale, STALE_AFTER_MS } from './headline.ts'
import type { Pages } from './pages.ts'
import { CONFIRMATION, createRender, hearing, type Files, type RenderOptions } from './render.ts'
import type { Snapshot } from '../present/snapshot.ts'
import { statusDocument } from './statuspage.ts'
import { createPusher, type Failed, type Target } from './target.ts'
import { confirmationPath } from './view.ts'

/** Time between two checks whether the published files have grown old. Each request for a page checks as well. */
const LOOK_MS = 1_000

export interface PublisherParts {
  readonly clock: Clock
  readonly options: RenderOptions
  readonly pages: Pages
  readonly folder: string
  readonly targets: readonly Target[]
  readonly failed: Failed
  readonly everyMs?: number
}

export function createPublisher({ clock, options, pages, folder, targets, failed, everyMs }: PublisherParts) {
  const render = createRender(options)
  const freshness = createFreshness(clock)
  const pushers = targets.map((target) => createPusher({ target, clock, failed, ...(everyMs === undefined ? {} : { everyMs }) }))
  /** Times of measuring that are not old yet. */
  const confirmations = new Set<number>()
  let last: { readonly snapshot: Snapshot; readonly stale: boolean } | null = null
  let waiting: { readonly files: Files; readonly urgent: boolean } | null = null
  let writing: Promise<void> | null = null
  let said = ''

  function show(snapshot: Snapshot, stale: boolean): void {
    last = { snapshot, stale }
    const files = render(snapshot, stale)
    pages.show(onlyHere(files, snapshot, stale))
    const now = essenceOf(files, snapshot, stale)
    waiting = { files, urgent: now !== said || waiting?.urgent === true }
    said = now
    writing ??= write().finally(() => {
      writing = null
    })
  }

  /** The files for the server, which alone confirms that a page is of the present [S15] and hears what devices tell [F7]. */
  function onlyHere(files: Files, snapshot: Snapshot, stale: boolean): Files {
    const { measuredAt } = snapshot
    if (measuredAt !== null && !stale) confirmations.add(measuredAt)
    for (const at of confirmations) if (stale || isStale(at, clock.now())) confirmations.delete(at)
    const confirmed = [...confirmations].map((at) => [confirmationPath(at), CONFIRMATION] as const)
    return new Map([...files, ['status.json', hearing(statusDocument(snapshot, stale))], ...confirmed])
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
      try {
        const written = await writeFolder(folder, files)
        for (const { cause } of written.failed) failed(folder, cause)
      } catch (cause) {
        failed(folder, cause)
      }
      for (const pusher of pushers) pusher.offer(files, urgent)
    }
  }

  pages.beforeAnswer(look)
  const endLook = clock.every(LOOK_MS, look)

  return {
    /** Publishes a snapshot: on the server at once, in the folder and at the targets soon after. Newer snapshots replace waiting ones. */
    publish(snapshot: Snapshot): void {
      freshness.saw(snapshot.measuredAt)
      show(snapshot, freshness.isStale())
    },
    /** Resolves when folder and targets have the last published snapshot, or have failed. */
    async idle(): Promise<void> {
      for (let job = writing; job !== null; job = writing) await job
      await Promise.all(pushers.map((pusher) => pusher.idle()))
    },
    async stop(): Promise<void> {
      endLook()
      for (let job = writing; job !== null; job = writing) await job
      await Promise.all(pushers.map((pusher) => pusher.stop()))
    },
  }
}

/** What is said, without its age. */
function essenceOf(files: Files, { components, record }: Snapshot, stale: boolean): string {
  return [files.get('history.atom')?.hash, record, stale, ...components.map(({ judgement }) => judgement.condition)].join()
}

/**
 * Age of the newest evidence by both clocks: the wall clock may be set back, and the monotonic clock knows nothing of the time before the start [S2].
 */
function createFreshness(clock: Clock) {
  let newest: number | null = null
  let changedAt = clock.monotonic()
  return {
    /** To be called when a snapshot with this newest evidence was made. */
    saw(measuredAt: number | null): void {
      if (measuredAt === newest) return
      newest = measuredAt
      changedAt = clock.monotonic()
    },
    // Evidence that has not changed for this long is old, whatever the wall clock says.
    isStale: (): boolean => newest !== null && (isStale(newest, clock.now()) || clock.monotonic() - changedAt > STALE_AFTER_MS),
  }
}
