import { createHash } from 'node:crypto'
import { Feed } from 'feed'
import type { Update } from '../acts/desk.ts'
import { calendarOf, type Language } from '../vocabulary/numbers.ts'
import type { Snapshot } from '../present/snapshot.ts'
import { componentNames, incidentPath, maintenanceTime, prose } from './timeline.ts'
import { CORRECTION, MAINTENANCE_NAMES, STATUS_NAMES } from '../vocabulary/words.ts'

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
export function feedsOf(snapshot: Snapshot, language: Language): { readonly atom: string; readonly rss: string; readonly json: string } {
  const { pageUrl } = snapshot
  const statements = statementsOf(snapshot, language).slice(0, FEED_ENTRIES_MAX)
  const title = `${snapshot.name} ${language === 'ko' ? '상태' : 'status'}`
  const feed = new Feed({
    id: permanentId(`feed ${snapshot.components[0]?.createdAt ?? 0}`),
    title: plain(title),
    description: plain(language === 'ko' ? '장애와 점검 소식' : 'Incidents and maintenance'),
    link: `${pageUrl}/`,
    language,
    // A feed without statements gets a fixed time, so that its bytes do not change at each rendering.
    updated: new Date(statements[0]?.at ?? 0),
    generator: 'Bongsu',
    author: { name: plain(snapshot.name) },
    feedLinks: { atom: `${pageUrl}/history.atom`, rss: `${pageUrl}/history.rss`, json: `${pageUrl}/history.json` },
  })
  for (const { id, link, title: name, content, by, at } of statements) {
    feed.addItem({
      id,
      guid: id,
      link,
      // Readers treat titles as HTML. The library puts them into CDATA sections without escaping the end mark, so they must not contain '>'.
      title: escapeMarkup(plain(name)),
      content: plain(content),
      description: plain(content),
      date: new Date(at),
      ...(by === null ? {} : { author: [{ name: plain(by) }] }),
    })
  }
  // The author of RSS is a mail address, and a creator is a name. Texts cannot contain the tag: they are escaped.
  const rss = feed.rss2().replaceAll(/<(\/?)author>/g, '<$1dc:creator>')
  const json = feed.json1()
  feed.options = { ...feed.options, feed: `${pageUrl}/history.atom` }
  return { atom: feed.atom1(), rss, json }
}

/** A name that stays when the pages move to another address: readers take a new id for news. */
function permanentId(name: string): string {
  const hex = createHash('sha256').update(`bongsu ${name}`).digest('hex')
  // RFC 9562, version 8: a UUID by a rule of its maker.
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function statementsOf(snapshot: Snapshot, language: Language): readonly Statement[] {
  const { pageUrl } = snapshot
  const calendar = calendarOf(snapshot.timeZone, language)
  const statement = (update: Update, name: string, path: string, kind: string, content: string): Statement => ({
    id: permanentId(name),
    link: `${pageUrl}/${path}`,
    title: `[${kind}] ${update.title[language]}`,
    content: prose(content),
    by: update.by.kind === 'person' ? update.by.name : null,
    at: update.at,
  })
  const ofIncidents = snapshot.incidents.flatMap(({ incidentId, updates }) =>
    updates.map((update) => {
      const { number, status, body, correction } = update
      const kind = correction === null ? STATUS_NAMES[status][language] : CORRECTION[language]
      const words = correction === null ? body[language] : `${body[language]}\n${correction[language]}`
      return statement(update, `incident ${incidentId} ${number}`, incidentPath(incidentId), kind, words)
    }),
  )
  const ofMaintenances = snapshot.maintenances.flatMap(({ maintenanceId, updates }) =>
    updates.map((update) => {
      const words = `${maintenanceTime(calendar, update)} · ${componentNames(language, update.components)}\n${update.body[language]}`
      const path = `history.html#maintenance-${maintenanceId}`
      return statement(update, `maintenance ${maintenanceId} ${update.number}`, path, MAINTENANCE_NAMES[update.status][language], words)
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
