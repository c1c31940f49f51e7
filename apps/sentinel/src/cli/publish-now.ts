import { join } from 'node:path'
import type { Config } from '../config.ts'
import { createJudge } from '../judge/judge.ts'
import { Desk } from '../present/desk.ts'
import { writeFolder } from '../publish/folder.ts'
import { isStale } from '../publish/headline.ts'
import { createRender, type Files } from '../publish/render.ts'
import { targetsOf } from '../targets-of.ts'
import { openRecord } from '../record/open-record.ts'
import type { PublishNow } from './terminal.ts'

/** A target that does not take the pages in this time is reported. The other targets have them. */
const pushMs = 60_000
const dayMs = 86_400_000

/** Renders the pages from the record alone, and writes them to the folder and to the targets in the settings. */
export function publishNowBy(config: Config): PublishNow {
  return async (directory) => {
    const files = renderRecord(directory, config)
    // A data folder other than the one in the settings has its own pages, unless a folder for pages is set.
    const folder = config.folder === '' ? join(directory, 'public') : config.folder
    const problems: string[] = []
    const { failed } = await writeFolder(folder, files)
    for (const { path, cause } of failed) problems.push(`${path}: ${messageOf(cause)}`)
    const places = failed.length === 0 ? [folder] : []
    await Promise.all(
      targetsOf(config, folder).map(async (target) => {
        try {
          await target.push(files, AbortSignal.timeout(pushMs))
          places.push(target.name)
        } catch (cause) {
          problems.push(`${target.name}: ${messageOf(cause)}`)
        }
      }),
    )
    return { places, problems }
  }
}

/** Nothing is observed here, so nothing is judged: the components are unknown, and the page shows the age of its evidence [S2]. */
function renderRecord(directory: string, config: Config): Files {
  const now = Date.now()
  const pageUrl = config.url === '' ? `http://localhost:${config.port}` : config.url
  const desk = new Desk({ name: config.name, serverUrl: config.server, pageUrl, contact: config.contact, timeZone: config.timeZone })
  const record = openRecord(directory, { create: false })
  try {
    for (const entry of record.each({ kinds: ['incident', 'maintenance', 'day', 'sentinel'] })) desk.hear(entry)
    for (const entry of record.each({ fromSeq: record.seqAt(now - dayMs), kinds: ['observations', 'figures'] })) desk.hear(entry)
  } finally {
    record.close()
  }
  const snapshot = desk.snapshot(createJudge().judgements(), now)
  const render = createRender({ subscribeUrl: config.smtp === '' ? null : `${pageUrl}/subscribe`, apiLanguage: config.language })
  return render(snapshot, isStale(snapshot.measuredAt, now))
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
