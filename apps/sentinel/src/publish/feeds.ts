import { Feed } from 'feed'
import type { IncidentUpdate, MaintenanceUpdate } from '../incident/incident.ts'
import type { Language } from './numbers.ts'
import type { Snapshot } from './snapshot.ts'
import { statuspageId } from './statuspage.ts'
import { incidentPath, prose } from './timeline.ts'
import { MAINTENANCE_NAMES, STATUS_NAMES } from './words.ts'

/** Most statements in a feed; the newest are kept. */
export const FEED_ENTRIES_MAX = 50

interface Statement {
  readonly id: string
  readonly link: string
  readonly title: string
  readonly content: string
  readonly by: string | null
  readonly at: number
}

/** All statements, newest first, one entry each, so that a reader is told once about each. */
export function feedsOf(snapshot: Snapshot, language: Language): { readonly atom: string; readonly rss: string } {
  const { pageUrl } = snapshot
  const statements = statementsOf(snapshot, language).slice(0, FEED_ENTRIES_MAX)
  const title = `${snapshot.name} ${language === 'ko' ? '상태' : 'status'}`
  const feed = new Feed({
    id: `${pageUrl}/`,
    title: plain(title),
    description: plain(language === 'ko' ? '장애와 점검 소식' : 'Incidents and maintenance'),
    link: `${pageUrl}/`,
    language,
    // A feed without statements gets a fixed time, so that its bytes do not change at each rendering.
    updated: new Date(statements[0]?.at ?? 0),
    generator: 'Bongsu',
    author: { name: plain(snapshot.name) },
    feedLinks: { atom: `${pageUrl}/history.atom`, rss: `${pageUrl}/history.rss` },
  })
  for (const { id, link, title: name, content, by, at } of statements) {
    feed.addItem({
      id,
      guid: id,
      link,
      // Readers treat titles as HTML. The library puts them into CDATA sections without escaping the end mark, so they must not contain '>'.
      title: escapeMarkup(plain(name)),
      content: plain(content),
      date: new Date(at),
      ...(by === null ? {} : { author: [{ name: plain(by) }] }),
    })
  }
  const rss = feed.rss2()
  feed.options = { ...feed.options, feed: `${pageUrl}/history.atom` }
  return { atom: feed.atom1(), rss }
}

function statementsOf(snapshot: Snapshot, language: Language): readonly Statement[] {
  const { pageUrl } = snapshot
  const ofIncidents = snapshot.incidents.flatMap(({ updates }) =>
    updates.map((update: IncidentUpdate): Statement => {
      const link = `${pageUrl}/${incidentPath(update.incidentId)}`
      const kind = update.correction === null ? STATUS_NAMES[update.status][language] : language === 'ko' ? '바로잡음' : 'Correction'
      return {
        id: `${link}#${statuspageId('update', `${update.incidentId} ${update.number}`)}`,
        link,
        title: `[${kind}] ${update.title[language]}`,
        content: prose(update.body[language]) + (update.correction === null ? '' : prose(update.correction[language])),
        by: update.by.kind === 'person' ? update.by.name : null,
        at: update.at,
      }
    }),
  )
  const ofMaintenances = snapshot.maintenances.flatMap(({ updates }) =>
    updates.map((update: MaintenanceUpdate): Statement => {
      const link = `${pageUrl}/history.html`
      return {
        id: `${link}#${statuspageId('update', `maintenance ${update.maintenanceId} ${update.number}`)}`,
        link,
        title: `[${MAINTENANCE_NAMES[update.status][language]}] ${update.title[language]}`,
        content: prose(update.body[language]),
        by: update.by.kind === 'person' ? update.by.name : null,
        at: update.at,
      }
    }),
  )
  return [...ofIncidents, ...ofMaintenances].toSorted((one, other) => other.at - one.at || (one.id < other.id ? -1 : 1))
}

/** Removes the characters that XML 1.0 cannot contain even when escaped. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.toWellFormed().replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '')
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
